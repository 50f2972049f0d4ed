"""One allocation of a simulated TURN server: its relay socket, permissions and channels."""

from collections.abc import Callable
from dataclasses import dataclass, field

from purertc.sansio.types import Address
from purertc.testing.server_sockets import StreamClient, UdpClient
from purertc.testing.udp import SimulatedSocket
from purertc.wire.turn import pack_channel_data, pack_data_indication

__all__ = ["Allocation", "TurnServerClient"]

TurnServerClient = UdpClient | StreamClient

_PERMISSION_LIFETIME = 300.0
_CHANNEL_LIFETIME = 600.0


@dataclass(slots=True)
class Binding:
    """A channel and until when it is bound."""

    number: int
    peer: Address
    until: float


@dataclass(slots=True, eq=False)
class Allocation:
    """What a client of the server has got (RFC 8656 section 3.2)."""

    client: TurnServerClient
    socket: SimulatedSocket
    username: str
    transaction_id: bytes
    until: float
    now: Callable[[], float]
    permissions: dict[str, float] = field(default_factory=dict)
    channels: dict[int, Binding] = field(default_factory=dict)
    delivered: int = 0
    refused: int = 0

    @property
    def relayed(self) -> Address:
        """The relayed address."""
        return self.socket.local

    def permit(self, host: str) -> None:
        """Install or refresh a permission."""
        self.permissions[host] = self.now() + _PERMISSION_LIFETIME

    def is_permitted(self, host: str) -> bool:
        """Whether there is a permission now."""
        return self.permissions.get(host, 0.0) > self.now()

    def bind(self, number: int, peer: Address) -> bool:
        """Bind or refresh a channel; False when number or peer are bound otherwise."""
        now = self.now()
        for binding in self.channels.values():
            is_same = (binding.number, binding.peer) == (number, peer)
            if binding.until > now and not is_same and number == binding.number:
                return False
            if binding.until > now and not is_same and peer == binding.peer:
                return False
        self.channels[number] = Binding(number, peer, now + _CHANNEL_LIFETIME)
        self.permit(peer[0])
        return True

    def peer_of(self, number: int) -> Address | None:
        """Return who a channel leads to."""
        binding = self.channels.get(number)
        return binding.peer if binding is not None and binding.until > self.now() else None

    def send(self, peer: Address, payload: bytes) -> None:
        """Send from the relayed address, when there is a permission."""
        if self.is_permitted(peer[0]):
            self.socket.sendto(payload, peer)
        else:
            self.refused += 1

    def receive(self, peer: Address, payload: bytes, transaction_id: bytes) -> bytes | None:
        """Return how a peer's datagram is to be passed on; None without permission."""
        if not self.is_permitted(peer[0]):
            self.refused += 1
            return None
        self.delivered += 1
        now = self.now()
        for binding in self.channels.values():
            if binding.peer == peer and binding.until > now:
                return pack_channel_data(binding.number, payload, padded=False)
        return pack_data_indication(transaction_id, peer, payload)
