"""Which incoming Binding requests are authentic (RFC 8445 section 7.3, RFC 8489 section 9.1.3)."""

from dataclasses import dataclass
from typing import Final

from purertc.errors import BadPacket
from purertc.sansio.ice.messages import (
    binding_error,
    binding_success,
    unknown_attributes_error,
)
from purertc.sansio.ice.report import Counters
from purertc.sansio.ice.role import Conflict, Role
from purertc.sansio.types import Address, IceParameters, Transmit
from purertc.wire.stun import Attribute, StunMessage

__all__ = ["ROLE_CONFLICT", "BindingRequest", "EarlyRequests", "RequestDesk"]

ROLE_CONFLICT: Final = 487


@dataclass(slots=True)
class BindingRequest:
    """What an authentic check of the other side says.

    ``wants_our_role``: both sides claim the same role, and the other one keeps it.
    """

    source: Address
    local: Address
    priority: int
    use_candidate: bool
    remote_username_fragment: str
    wants_our_role: bool


class RequestDesk:
    """Authenticates incoming checks and answers them."""

    __slots__ = ("_counters", "_local", "_out", "_password", "_role")

    def __init__(
        self, local: IceParameters, role: Role, out: list[Transmit], counters: Counters
    ) -> None:
        self._local = local
        self._password = local.password.encode()
        self._role = role
        self._out = out
        self._counters = counters

    def answer(
        self,
        message: StunMessage,
        source: Address,
        local: Address,
        remote: IceParameters | None,
    ) -> BindingRequest | None:
        """Queue the response to a request; return the request if it succeeds.

        Raises BadPacket when an authentic request lacks what ICE needs; the error response is
        queued then too.
        """
        if not self._is_authentic(message, remote):
            self._counters.unauthentic += 1
            return None
        unknown = message.not_understood()
        if unknown:
            response = unknown_attributes_error(message, unknown, self._password)
            self._out.append(Transmit(response, source, local))
            return None
        try:
            request = self._read(message, source, local)
        except BadPacket:
            self._refuse(message, 400, "Bad Request", source, local)
            raise
        if request is None:
            self._refuse(message, ROLE_CONFLICT, "Role Conflict", source, local)
        else:
            response = binding_success(message, source, self._password)
            self._out.append(Transmit(response, source, local))
        return request

    def _is_authentic(self, message: StunMessage, remote: IceParameters | None) -> bool:
        """Whether the request was made with the credentials that were signalled.

        Until the other side's parameters are known any name is accepted for it. Strangers get no
        error response, so that nobody can make this agent send to a forged source address.
        """
        username = message.attributes.get(Attribute.USERNAME, b"")
        if remote is None:
            names_match = username.startswith(f"{self._local.username_fragment}:".encode())
        else:
            expected = f"{self._local.username_fragment}:{remote.username_fragment}"
            names_match = username == expected.encode()
        return names_match and message.has_integrity(self._password)

    def _read(self, message: StunMessage, source: Address, local: Address) -> BindingRequest | None:
        """Return the request, or None when its sender must give up its role."""
        priority = message.unsigned(Attribute.PRIORITY, 4)
        username = message.text(Attribute.USERNAME)
        if priority is None or username is None:
            raise BadPacket("a check without PRIORITY")
        conflict = self._role.conflict(message)
        if conflict is Conflict.REJECT:
            return None
        return BindingRequest(
            source=source,
            local=local,
            priority=priority,
            use_candidate=Attribute.USE_CANDIDATE in message.attributes,
            remote_username_fragment=username.partition(":")[2],
            wants_our_role=conflict is Conflict.SWITCH,
        )

    def _refuse(
        self, message: StunMessage, code: int, reason: str, source: Address, local: Address
    ) -> None:
        response = binding_error(message, code, reason, self._password)
        self._out.append(Transmit(response, source, local))


class EarlyRequests:
    """Authentic requests that came before the other side's parameters (RFC 8445 section 7.3).

    They are answered at once, but the checks they trigger have to wait. One is kept for each
    source and socket, and not more than ``limit``.
    """

    __slots__ = ("_limit", "_requests")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._requests: dict[tuple[Address, Address], BindingRequest] = {}

    def keep(self, request: BindingRequest) -> None:
        """Keep the request; its nomination is not lost when a later one has none."""
        key = (request.source, request.local)
        known = self._requests.get(key)
        if known is not None:
            request.use_candidate |= known.use_candidate
        elif len(self._requests) >= self._limit:
            return
        self._requests[key] = request

    def take(self, remote: IceParameters) -> list[BindingRequest]:
        """Return what came from the side with these parameters, and forget all."""
        requests = list(self._requests.values())
        self._requests.clear()
        return [
            request
            for request in requests
            if request.remote_username_fragment == remote.username_fragment
        ]
