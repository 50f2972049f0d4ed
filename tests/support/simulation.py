"""Datagrams between simulated hosts, without any protocol."""

from purertc.sansio.types import Address
from purertc.testing import LinkConditions, SimulatedHost, SimulatedNetwork, SimulatedSocket

__all__ = ["Wire", "drain", "received"]


def received(sock: SimulatedSocket) -> list[tuple[bytes, Address]]:
    """Return what has come to a socket, with the sources."""
    datagrams = []
    while sock.has_datagrams:
        payload, source = sock.recvfrom(65535)
        datagrams.append((payload, (source[0], source[1])))
    return datagrams


def drain(network: SimulatedNetwork, seconds: float = 60.0) -> None:
    """Let everything arrive."""
    network.clock.advance(network.now + seconds)


class Wire:
    """Two hosts with a socket each, and when each datagram came to the right one."""

    def __init__(self, conditions: LinkConditions, *, seed: int = 1, v6: bool = False) -> None:
        self.network = SimulatedNetwork(seed=seed, conditions=conditions)
        hosts = ("2001:db8::1", "2001:db8::2") if v6 else ("192.0.2.1", "192.0.2.2")
        self.left: SimulatedHost = self.network.add_host("left", hosts[0])
        self.right: SimulatedHost = self.network.add_host("right", hosts[1])
        self.sender = self.left.bind(hosts[0], 1000)
        self.receiver = self.right.bind(hosts[1], 2000)
        self.arrivals: list[tuple[float, bytes]] = []
        self.receiver.on_readable = self._note

    def _note(self) -> None:
        self.arrivals.extend((self.network.now, payload) for payload, _ in received(self.receiver))

    def send(self, payload: bytes) -> None:
        """Send from left to right."""
        self.sender.sendto(payload, self.receiver.local)

    def run(self, payloads: list[bytes], interval: float = 0.0) -> list[bytes]:
        """Send all, ``interval`` seconds apart; return what came, in order."""
        for payload in payloads:
            self.send(payload)
            self.network.clock.advance(self.network.now + interval)
        drain(self.network)
        return [payload for _, payload in self.arrivals]
