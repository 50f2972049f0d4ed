"""Which incoming Binding requests are authentic (RFC 8445 section 7.3, RFC 8489 section 9.1.3)."""

from dataclasses import dataclass
from typing import Final

from purertc.errors import BadPacket
from purertc.sansio.ice.checklist import PairKey
from purertc.sansio.ice.messages import (
    binding_error,
    binding_success,
    unknown_attributes_error,
)
from purertc.sansio.ice.report import Counters
from purertc.sansio.ice.role import Conflict, Role
from purertc.sansio.types import IceParameters, Transmit
from purertc.wire.stun import Attribute, StunMessage

__all__ = ["ROLE_CONFLICT", "BindingRequest", "EarlyRequests", "RequestDesk"]

ROLE_CONFLICT: Final = 487


_REMEMBERED: Final = 64
"""So many transaction ids of authentic requests are remembered."""


@dataclass(slots=True)
class BindingRequest:
    """What an authentic check of the other side says; ``key`` is of the pair it came on.

    ``wants_our_role``: both sides claim the same role, and the other one keeps it.
    """

    key: PairKey
    priority: int
    use_candidate: bool
    remote_username_fragment: str
    wants_our_role: bool


class Replays:
    """How often requests came that are authentic, so that copies of them cause little.

    A request belongs to one pair (RFC 8489 section 6.1: its transaction id is new). The same
    one from elsewhere is a copy by somebody who listens on the way, sent to draw an answer to,
    or data from, another address.
    """

    __slots__ = ("_latest", "_limit", "_seen")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._seen: dict[bytes, tuple[PairKey, int]] = {}
        # Shared by all that came once from one place, as those of an idle connection do.
        self._latest: tuple[PairKey, int] | None = None

    def admit(self, transaction_id: bytes, key: PairKey) -> bool:
        """Count a request; return whether it is to be handled."""
        first, count = self._seen.get(transaction_id, (key, 0))
        if first != key or count >= self._limit:
            return False
        if not count and len(self._seen) >= _REMEMBERED:
            del self._seen[next(iter(self._seen))]
        entry = (first, count + 1)
        if self._latest is not None and entry == self._latest:
            entry = self._latest
        self._latest = self._seen[transaction_id] = entry
        return True


class RequestDesk:
    """Authenticates incoming checks and answers them."""

    __slots__ = ("_counters", "_expected", "_local", "_out", "_password", "_replays", "_role")

    def __init__(
        self,
        local: IceParameters,
        role: Role,
        out: list[Transmit],
        counters: Counters,
        max_answers: int,
    ) -> None:
        self._local = local
        self._password = local.password.encode()
        self._expected = b""
        self._role = role
        self._out = out
        self._counters = counters
        self._replays = Replays(max_answers)

    def admit(self, message: StunMessage, key: PairKey, remote: IceParameters | None) -> bool:
        """Whether a request is authentic and not a replay; others are counted.

        Strangers get no error response, so that nobody can make this agent send to a forged
        source address.
        """
        if not self._is_authentic(message, remote):
            self._counters.unauthentic += 1
            return False
        if not self._replays.admit(message.transaction_id, key):
            self._counters.replayed += 1
            return False
        return True

    def answer(self, message: StunMessage, key: PairKey) -> BindingRequest | None:
        """Queue the response to an admitted request; return the request if it succeeds.

        Raises BadPacket when the request lacks what ICE needs; the error response is queued
        then too.
        """
        unknown = message.not_understood()
        if unknown:
            self._send(unknown_attributes_error(message, unknown, self._password), key)
            return None
        try:
            request = self._read(message, key)
        except BadPacket:
            self._send(binding_error(message, 400, "Bad Request", self._password), key)
            raise
        if request is None:
            error = binding_error(message, ROLE_CONFLICT, "Role Conflict", self._password)
            self._send(error, key)
        else:
            self._send(binding_success(message, key[0], self._password), key)
        return request

    def _is_authentic(self, message: StunMessage, remote: IceParameters | None) -> bool:
        """Whether the request was made with the credentials that were signalled.

        Until the other side's parameters are known any name is accepted for it.
        """
        username = message.attributes.get(Attribute.USERNAME, b"")
        if remote is None:
            names_match = username.startswith(f"{self._local.username_fragment}:".encode())
        else:
            if not self._expected:
                # The parameters of a generation never change once they are known.
                expected = f"{self._local.username_fragment}:{remote.username_fragment}"
                self._expected = expected.encode()
            names_match = username == self._expected
        return names_match and message.has_integrity(self._password)

    def _read(self, message: StunMessage, key: PairKey) -> BindingRequest | None:
        """Return the request, or None when its sender must give up its role."""
        priority = message.unsigned(Attribute.PRIORITY, 4)
        username = message.text(Attribute.USERNAME)
        if priority is None or username is None:
            raise BadPacket("a check without PRIORITY")
        conflict = self._role.conflict(message)
        if conflict is Conflict.REJECT:
            return None
        return BindingRequest(
            key=key,
            priority=priority,
            use_candidate=Attribute.USE_CANDIDATE in message.attributes,
            remote_username_fragment=username.partition(":")[2],
            wants_our_role=conflict is Conflict.SWITCH,
        )

    def _send(self, response: bytes, key: PairKey) -> None:
        destination, local, transport = key
        self._out.append(Transmit(response, destination, local, transport=transport))


class EarlyRequests:
    """Authentic requests that came before the other side's parameters (RFC 8445 section 7.3).

    They are answered at once, but the checks they trigger have to wait. One is kept for each
    source and socket, and not more than ``limit``.
    """

    __slots__ = ("_limit", "_requests")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._requests: dict[PairKey, BindingRequest] = {}

    def has_room(self, key: PairKey) -> bool:
        """Whether a request on this pair can be kept."""
        return key in self._requests or len(self._requests) < self._limit

    def keep(self, request: BindingRequest) -> None:
        """Keep the request; its nomination is not lost when a later one has none."""
        known = self._requests.get(request.key)
        if known is not None:
            request.use_candidate |= known.use_candidate
        elif len(self._requests) >= self._limit:
            return
        self._requests[request.key] = request

    def take(self, remote: IceParameters) -> list[BindingRequest]:
        """Return what came from the side with these parameters, and forget all."""
        requests = list(self._requests.values())
        self._requests.clear()
        return [
            request
            for request in requests
            if request.remote_username_fragment == remote.username_fragment
        ]
