"""Two DTLS transports joined by a simulated link, on a clock that only the test moves."""

import heapq
import random
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

from purertc.sansio.dtls import Certificate, DtlsState, DtlsStateChanged, DtlsTransport

__all__ = ["TODAY", "DtlsPair", "certificate", "connected_pair", "events_of"]

TODAY = datetime(2030, 1, 1, tzinfo=UTC)


@cache
def certificate(number: int) -> Certificate:
    """One of a few certificates that the tests share."""
    return Certificate.generate(now_utc=TODAY, entropy=random.Random(number).randbytes)


def events_of(transport: DtlsTransport) -> list[DtlsStateChanged]:
    """Take all events that wait."""
    events = []
    while (event := transport.next_event()) is not None:
        events.append(event)
    return events


class DtlsPair:
    """A client and a server, and the datagrams between them.

    ``lose`` decides for each datagram, by direction, number and bytes, whether it gets lost.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        loss: float = 0.0,
        jitter: float = 0.0,
        lose: Callable[[str, int, bytes], bool] | None = None,
    ) -> None:
        self.client = DtlsTransport(certificate(1))
        self.server = DtlsTransport(certificate(2))
        self.now = 0.0
        self.received: dict[str, list[bytes]] = {"client": [], "server": []}
        self.sent: dict[str, list[bytes]] = {"client": [], "server": []}
        self._random = random.Random(seed)
        self._loss = loss
        self._jitter = jitter
        self._lose = lose or (lambda _sender, _number, _datagram: False)
        self._in_flight: list[tuple[float, int, str, bytes]] = []
        self._count = 0

    def start(self) -> None:
        """Start both sides with each other's fingerprints."""
        self.server.start(
            client=False, remote_fingerprints=certificate(1).fingerprints, now=self.now
        )
        self.client.start(
            client=True, remote_fingerprints=certificate(2).fingerprints, now=self.now
        )
        self.flush()

    def flush(self) -> None:
        """Put what both sides want to send on the link."""
        for datagram in self.client.transmits():
            self.carry("client", datagram)
        for datagram in self.server.transmits():
            self.carry("server", datagram)

    def carry(self, sender: str, datagram: bytes) -> None:
        """Put one datagram on the link."""
        self.sent[sender].append(datagram)
        lost = self._random.random() < self._loss
        if lost or self._lose(sender, len(self.sent[sender]) - 1, datagram):
            return
        self._count += 1
        arrival = self.now + 0.01 + self._random.random() * self._jitter
        heapq.heappush(self._in_flight, (arrival, self._count, sender, datagram))

    def step(self) -> bool:
        """Go to the next arrival or timeout; False when nothing is left to happen."""
        deadlines = [self.client.next_deadline(), self.server.next_deadline()]
        times = [time for time in deadlines if time is not None]
        if self._in_flight:
            times.append(self._in_flight[0][0])
        if not times:
            return False
        self.now = max(self.now, min(times))
        while self._in_flight and self._in_flight[0][0] <= self.now:
            _, _, sender, datagram = heapq.heappop(self._in_flight)
            name = "server" if sender == "client" else "client"
            receiver = self.server if sender == "client" else self.client
            self.received[name] += receiver.receive([datagram], self.now)
        self.client.handle_timeout(self.now)
        self.server.handle_timeout(self.now)
        self.flush()
        return True

    def run(self, *, until: float = 60.0) -> None:
        """Go on until nothing is left to happen or the time is reached."""
        while self.now < until and self.step():
            pass

    def run_until_connected(self) -> None:
        """Go on until both sides are connected, or nothing can change that any more."""
        while not self.is_connected and self.step():
            pass

    @property
    def is_connected(self) -> bool:
        """Whether both sides are connected."""
        return self.client.state is self.server.state is DtlsState.CONNECTED


def connected_pair() -> DtlsPair:
    """Return a pair that has finished its handshake, with all events taken."""
    pair = DtlsPair()
    pair.start()
    pair.run_until_connected()
    assert pair.is_connected
    events_of(pair.client)
    events_of(pair.server)
    return pair
