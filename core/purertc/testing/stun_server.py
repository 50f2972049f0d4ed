"""A STUN server on a simulated host."""

from purertc.errors import BadPacket
from purertc.sansio.types import Address
from purertc.testing.host import SimulatedHost
from purertc.testing.server_sockets import ServerSockets, UdpClient
from purertc.wire.stun import (
    BINDING,
    Attribute,
    MessageClass,
    StunMessage,
    pack_error_code,
    pack_xor_address,
)

__all__ = ["SimulatedStunServer", "binding_response"]


class SimulatedStunServer:
    """Tells who asks over UDP at which address it sees them (RFC 8489), without any task.

    It listens on every address the host has now. What may be changed at any time:

    ``silent``
        Takes requests and answers none.
    ``refuse_with``
        An error code and its reason, to answer with instead.
    ``tells``
        An address to tell everyone instead of the true one.
    """

    def __init__(
        self,
        host: SimulatedHost,
        port: int = 3478,
        *,
        silent: bool = False,
        refuse_with: tuple[int, str] | None = None,
        tells: Address | None = None,
    ) -> None:
        self.silent = silent
        self.refuse_with = refuse_with
        self.tells = tells
        self.requests = 0
        """How many Binding requests have come."""
        self._sockets = ServerSockets(host, port, self._receive)

    @property
    def addresses(self) -> list[Address]:
        """Where it listens."""
        return self._sockets.addresses

    def close(self) -> None:
        """Close its sockets: what comes later finds nobody."""
        self._sockets.close()

    def _receive(self, data: bytes, client: UdpClient) -> None:
        try:
            request = StunMessage.parse(data)
        except BadPacket:
            return
        if request.message_class is not MessageClass.REQUEST or request.method != BINDING:
            return
        self.requests += 1
        if self.silent:
            return
        if self.refuse_with is None:
            client.send(binding_response(request, self.tells or client.remote))
        else:
            attributes: dict[int, bytes] = {
                Attribute.ERROR_CODE: pack_error_code(*self.refuse_with)
            }
            answer = StunMessage(MessageClass.ERROR, request.transaction_id, attributes)
            client.send(answer.to_bytes())


def binding_response(request: StunMessage, mapped: Address) -> bytes:
    """Return the answer that tells a client its address."""
    attributes: dict[int, bytes] = {
        Attribute.XOR_MAPPED_ADDRESS: pack_xor_address(mapped, request.transaction_id)
    }
    return StunMessage(MessageClass.SUCCESS, request.transaction_id, attributes).to_bytes()
