"""A gatherer of candidates with scripted servers on virtual time."""

import heapq
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from purertc.sansio.config import IceServer
from purertc.sansio.events import (
    IceCandidateFailed,
    LookupWanted,
    StreamOutput,
    StreamUnwanted,
    StreamWanted,
)
from purertc.sansio.ice.gathering import (
    Gatherer,
    GathererEvent,
    GatheringFinished,
    GatheringSettings,
    ReflexiveFound,
    RelayedFound,
    RelayLost,
)
from purertc.sansio.streams import Stream
from purertc.sansio.types import Address, Datagram, IceCandidateError, Transmit
from purertc.wire.stun import (
    Attribute,
    MessageClass,
    StunMessage,
    pack_error_code,
    pack_xor_address,
)
from purertc.wire.turn import TurnStreamSplitter

START = 1000.0
BASE: Address = ("192.0.2.10", 40000)
BASE6: Address = ("2001:db8::10", 40006)
STREAM_LOCAL: Address = ("192.0.2.10", 51000)

Server = Callable[[bytes, Address], list[bytes]]
"""Takes a datagram and the source it seems to have; returns what it sends back."""


def stun_server(data: bytes, source: Address) -> list[bytes]:
    """Tell the source its address, as an honest server does; indications get no answer."""
    request = StunMessage.parse(data)
    if request.message_class is not MessageClass.REQUEST:
        return []
    identity = request.transaction_id
    attributes: dict[int, bytes] = {
        Attribute.XOR_MAPPED_ADDRESS: pack_xor_address(source, identity)
    }
    return [StunMessage(MessageClass.SUCCESS, identity, attributes).to_bytes()]


def refusing_server(code: int, reason: str) -> Server:
    """Return a server that answers every request with an error."""

    def answer(data: bytes, source: Address) -> list[bytes]:
        identity = StunMessage.parse(data).transaction_id
        attributes: dict[int, bytes] = {Attribute.ERROR_CODE: pack_error_code(code, reason)}
        return [StunMessage(MessageClass.ERROR, identity, attributes).to_bytes()]

    return answer


@dataclass
class GatheringBench:
    """Carries datagrams between a gatherer and its servers, ``delay`` seconds each way.

    ``nat`` maps a base to what servers see; what goes to an address without server is lost.
    ``listeners`` take streams, or refuse them for a reason; elsewhere they do not open.
    """

    gatherer: Gatherer
    servers: dict[Address, Server] = field(default_factory=dict)
    nat: dict[Address, Address] = field(default_factory=dict)
    names: dict[str, list[Address] | str] = field(default_factory=dict)
    delay: float = 0.01
    now: float = START
    events: list[tuple[float, GathererEvent]] = field(default_factory=list)
    sent: list[tuple[float, Transmit]] = field(default_factory=list)
    relayed: list[Datagram] = field(default_factory=list)
    listeners: dict[Address, Server | str] = field(default_factory=dict)
    streams: dict[Stream, TurnStreamSplitter] = field(default_factory=dict)
    _in_flight: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _count: int = 0

    @classmethod
    def of(
        cls, *urls: str | IceServer, timeout: float = 5.0, reflexive: bool = True
    ) -> "GatheringBench":
        """Return a bench whose gatherer is to ask these servers."""
        return cls(Gatherer(settings_of(*urls, timeout=timeout, reflexive=reflexive), entropy()))

    def start(self, *bases: Address, end: bool = True) -> None:
        """Start gathering from these bases."""
        self.gatherer.start(self.now)
        for base in bases or (BASE,):
            self.gatherer.add_base(base, self.now)
        if end:
            self.gatherer.end_of_bases(self.now)
        self.drain()

    def run(self, seconds: float) -> None:
        """Let ``seconds`` pass."""
        until = self.now + seconds
        self.drain()
        while self._step(until):
            self.drain()
        self.now = until

    def deliver(self, payload: bytes, source: Address, local: Address = BASE) -> list[Datagram]:
        """Let a datagram come in now; return what a relay delivered in it."""
        delivered = self.gatherer.receive(Datagram(payload, source, local), self.now)
        self.relayed += delivered
        self.drain()
        return delivered

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something later."""
        self._count += 1
        heapq.heappush(self._in_flight, (self.now + seconds, self._count, action))

    def forget_what_is_in_flight(self) -> None:
        """Let nothing more arrive."""
        self._in_flight.clear()

    def drain(self) -> None:
        """Take what the gatherer has to say and to send."""
        for transmit in self.gatherer.transmits():
            self.sent.append((self.now, transmit))
            size = transmit.segment_size or len(transmit.payload)
            for start in range(0, len(transmit.payload), size):
                self._carry(transmit, transmit.payload[start : start + size])
        while (event := self.gatherer.next_event()) is not None:
            self.events.append((self.now, event))
            if isinstance(event, LookupWanted):
                self._look_up(event)
            elif isinstance(event, StreamWanted):
                self._connect(event.stream)
            elif isinstance(event, StreamOutput):
                self._carry_stream(event.stream, event.data)
            elif isinstance(event, StreamUnwanted):
                self.streams.pop(event.stream, None)

    # What has happened.

    @property
    def reflexive(self) -> list[ReflexiveFound]:
        return [event for _, event in self.events if isinstance(event, ReflexiveFound)]

    @property
    def found_relays(self) -> list[RelayedFound]:
        return [event for _, event in self.events if isinstance(event, RelayedFound)]

    @property
    def lost_relays(self) -> list[RelayLost]:
        return [event for _, event in self.events if isinstance(event, RelayLost)]

    @property
    def errors(self) -> list[IceCandidateError]:
        return [event.error for _, event in self.events if isinstance(event, IceCandidateFailed)]

    @property
    def lookups(self) -> list[LookupWanted]:
        return [event for _, event in self.events if isinstance(event, LookupWanted)]

    @property
    def wanted_streams(self) -> list[Stream]:
        return [event.stream for _, event in self.events if isinstance(event, StreamWanted)]

    @property
    def unwanted_streams(self) -> list[Stream]:
        return [event.stream for _, event in self.events if isinstance(event, StreamUnwanted)]

    def time_of(self, kind: type[GathererEvent]) -> float:
        """Return how long after the start the first event of a kind came."""
        return round(next(at for at, event in self.events if isinstance(event, kind)) - START, 6)

    @property
    def finished(self) -> int:
        """How often gathering has finished."""
        return sum(isinstance(event, GatheringFinished) for _, event in self.events)

    def sent_to(self, server: Address) -> list[float]:
        """Return when something was sent to a server, in seconds after the start."""
        return [round(at - START, 6) for at, each in self.sent if each.destination == server]

    # Inside.

    def _step(self, until: float) -> bool:
        due = [self.gatherer.next_deadline(), self._in_flight[0][0] if self._in_flight else None]
        at = min((each for each in due if each is not None), default=None)
        if at is None or at > until:
            return False
        self.now = max(self.now, at)
        while self._in_flight and self._in_flight[0][0] <= self.now:
            heapq.heappop(self._in_flight)[2]()
        deadline = self.gatherer.next_deadline()
        if deadline is not None and deadline <= self.now:
            self.gatherer.handle_timeout(self.now)
        return True

    def _carry(self, transmit: Transmit, data: bytes) -> None:
        server, base = transmit.destination, transmit.local

        def arrive() -> None:
            answering = self.servers.get(server)
            if answering is None:
                return
            for answer in answering(data, self.nat.get(base, base)):
                self.after(self.delay, partial(self._receive, answer, server, base))

        self.after(self.delay, arrive)

    def _receive(self, data: bytes, source: Address, local: Address) -> None:
        if self.gatherer.owns(source, local):
            self.relayed += self.gatherer.receive(Datagram(data, source, local), self.now)

    def _connect(self, stream: Stream) -> None:
        listener = self.listeners.get(stream.remote)
        if isinstance(listener, str):
            reason = listener
            self.after(self.delay, lambda: self.gatherer.stream_closed(stream, reason, self.now))
        elif listener is not None:
            self.streams[stream] = TurnStreamSplitter()
            self.after(
                self.delay, lambda: self.gatherer.stream_opened(stream, STREAM_LOCAL, self.now)
            )

    def _carry_stream(self, stream: Stream, data: bytes) -> None:
        listener = self.listeners[stream.remote]
        assert not isinstance(listener, str)
        for message in self.streams[stream].feed(data):
            for answer in listener(message, STREAM_LOCAL):
                self.after(2 * self.delay, partial(self._receive_stream, stream, answer))

    def _receive_stream(self, stream: Stream, data: bytes) -> None:
        self.relayed += self.gatherer.receive_stream(stream, data, self.now)

    def _look_up(self, wanted: LookupWanted) -> None:
        answer = self.names.get(wanted.host)
        host, port = wanted.host, wanted.port
        if isinstance(answer, str):
            reason = answer
            self.after(
                self.delay, lambda: self.gatherer.lookup_failed(host, port, reason, self.now)
            )
        elif answer is not None:
            found = answer
            self.after(self.delay, lambda: self.gatherer.lookup_done(host, port, found, self.now))


def settings_of(
    *urls: str | IceServer, timeout: float = 5.0, reflexive: bool = True
) -> GatheringSettings:
    """Return settings for servers; a URL alone is a server without credentials."""
    servers: Sequence[IceServer] = [
        IceServer(each) if isinstance(each, str) else each for each in urls
    ]
    return GatheringSettings(servers=servers, timeout=timeout, reflexive=reflexive)


def entropy(seed: int = 1) -> Callable[[int], bytes]:
    """Return randomness that is the same in every run."""
    return random.Random(seed).randbytes
