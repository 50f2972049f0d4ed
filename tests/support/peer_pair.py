"""Two sans-I/O peers joined by a seeded link on virtual time."""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TypeVar

from purertc.sansio.config import Configuration
from purertc.sansio.datachannel import Channel
from purertc.sansio.dtls import Certificate
from purertc.sansio.events import (
    ChannelAnnounced,
    ChannelReadable,
    ConnectionStateChanged,
    Event,
    GatheringWanted,
    IceCandidateGathered,
)
from purertc.sansio.peer import Peer
from purertc.sansio.types import Address, ConnectionState, Datagram, Fragmentation, Transmit

EventT = TypeVar("EventT")
MTU = 1280 - 40 - 8


@cache
def certificate(name: str) -> Certificate:
    """Return a certificate kept for all tests of the process: making one costs milliseconds."""
    del name
    return Certificate.generate(now_utc=datetime.now(UTC))


@dataclass(eq=False)
class Side:
    """One peer with what it has said so far."""

    peer: Peer
    address: Address
    reads: bool = True
    trickles: bool = True
    events: list[Event] = field(default_factory=list)
    messages: dict[Channel, list[str | bytes]] = field(default_factory=dict)

    def of(self, kind: type[EventT]) -> list[EventT]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def announced(self) -> list[Channel]:
        return [event.channel for event in self.of(ChannelAnnounced)]

    @property
    def states(self) -> list[ConnectionState]:
        return [event.state for event in self.of(ConnectionStateChanged)]


class PeerPair:
    """Drives two peers until they are quiet or a condition holds; never sleeps."""

    def __init__(
        self,
        *,
        seed: int = 1,
        loss: float = 0.0,
        delay: float = 0.01,
        configuration: Configuration | None = None,
    ) -> None:
        self.now = 1000.0
        self.random = random.Random(seed)
        self.loss = loss
        self.delay = delay
        self._in_flight: list[tuple[float, int, Side, Datagram]] = []
        self._sent = 0
        settings = configuration or Configuration()
        self.a, self.b = (
            Side(
                Peer(settings, certificate=certificate(host), entropy=self.random.randbytes),
                (host, 5000),
            )
            for host in ("192.0.2.1", "192.0.2.2")
        )

    def other(self, side: Side) -> Side:
        return self.b if side is self.a else self.a

    def negotiate(self, offerer: Side | None = None) -> None:
        """Exchange an offer and an answer; candidates travel as soon as they are there."""
        offerer = offerer or self.a
        answerer = self.other(offerer)
        offerer.peer.set_local_description(None, self.now)
        self.drain(offerer)
        offer = offerer.peer.local_description
        assert offer is not None
        answerer.peer.set_remote_description(offer, self.now)
        self.drain(answerer)
        answerer.peer.set_local_description(None, self.now)
        self.drain(answerer)
        answer = answerer.peer.local_description
        assert answer is not None
        offerer.peer.set_remote_description(answer, self.now)
        self.drain(offerer)

    def connect(self, *, timeout: float = 60.0) -> Channel:
        """Open a first channel from ``a`` and wait for it."""
        channel = self.a.peer.create_data_channel("first", now=self.now)
        self.negotiate()
        assert self.run(lambda: bool(self.b.announced) and channel.state == "open", timeout)
        return channel

    def drain(self, side: Side) -> None:
        """Take everything the peer wants to send and say."""
        while True:
            batch = side.peer.transmits(self.now)
            for transmit in batch:
                self._send(side, transmit)
            event = side.peer.next_event()
            if event is not None:
                self._react(side, event)
            elif not batch:
                return

    def run(self, until: Callable[[], bool] = lambda: False, timeout: float = 60.0) -> bool:
        """Advance virtual time until ``until()`` holds; False after ``timeout`` seconds."""
        end = self.now + timeout
        self.drain(self.a)
        self.drain(self.b)
        while not until():
            deadlines = [
                at for side in (self.a, self.b) if (at := side.peer.next_deadline()) is not None
            ]
            if self._in_flight:
                deadlines.append(self._in_flight[0][0])
            if not deadlines or min(deadlines) > end:
                self.now = end
                return until()
            self.now = max(self.now, min(deadlines))
            self._step()
        return True

    def _step(self) -> None:
        while self._in_flight and self._in_flight[0][0] <= self.now:
            _, _, side, datagram = heapq.heappop(self._in_flight)
            side.peer.receive([datagram], self.now)
            self.drain(side)
        for side in (self.a, self.b):
            deadline = side.peer.next_deadline()
            if deadline is not None and deadline <= self.now:
                side.peer.handle_timeout(self.now)
                self.drain(side)

    def _send(self, side: Side, transmit: Transmit) -> None:
        size = transmit.segment_size or len(transmit.payload)
        for start in range(0, len(transmit.payload), size):
            segment = transmit.payload[start : start + size]
            if len(segment) > MTU:
                assert transmit.fragmentation is Fragmentation.FORBIDDEN
                continue
            if self.random.random() < self.loss:
                continue
            target = self.other(side)
            if transmit.destination != target.address:
                continue
            datagram = Datagram(segment, transmit.local, transmit.destination)
            self._sent += 1
            heapq.heappush(self._in_flight, (self.now + self.delay, self._sent, target, datagram))

    def _react(self, side: Side, event: Event) -> None:
        side.events.append(event)
        if isinstance(event, GatheringWanted):
            side.peer.add_local_address(side.address, self.now)
            side.peer.end_of_local_addresses(self.now)
        elif isinstance(event, IceCandidateGathered) and side.trickles:
            other = self.other(side).peer
            if other.remote_description is not None:
                other.add_ice_candidate(event.candidate, self.now)
        elif isinstance(event, ChannelReadable) and side.reads:
            self.read_all(side, event.channel)

    def read_all(self, side: Side, channel: Channel) -> None:
        while (message := side.peer.read(channel, self.now)) is not None:
            side.messages.setdefault(channel, []).append(message)
