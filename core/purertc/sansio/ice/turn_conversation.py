"""One attempt at an allocation, over one UDP socket or stream, and its traffic if it succeeds."""

from collections.abc import Sequence
from dataclasses import dataclass

from purertc.sansio.events import StreamOutput, StreamUnwanted, StreamWanted
from purertc.sansio.ice.server_traffic import Relay, ServerTraffic
from purertc.sansio.streams import Stream
from purertc.sansio.turn import TurnClient, TurnCredentials
from purertc.sansio.turn.messages import Family
from purertc.sansio.types import Address, Transmit
from purertc.wire.turn import TurnStreamSplitter

__all__ = ["Conversation", "Way"]


@dataclass(frozen=True, slots=True)
class Way:
    """How to reach a server; ``base`` is None over TCP.

    ``families`` are the IP versions that the relayed address may have, the favourite first.
    ``redirects`` counts how often servers sent us on.
    """

    server: Address
    base: Address | None
    families: Sequence[Family]
    redirects: int = 0


class Conversation:
    """A TURN client with what carries its messages.

    Over UDP it takes the path between server and base, over TCP it has a stream, with TLS when
    ``server_name`` is given. ``open`` says that messages can go out, ``until`` is when the
    server must have given an allocation. ``host`` is where an open stream comes from.
    """

    __slots__ = (
        "_began",
        "_splitter",
        "_stream",
        "_traffic",
        "client",
        "host",
        "open",
        "until",
        "way",
    )

    def __init__(
        self, way: Way, credentials: TurnCredentials, traffic: ServerTraffic, until: float
    ) -> None:
        self.way = way
        self.until = until
        self.open = False
        self.host: str | None = None
        self.client = TurnClient(
            credentials,
            traffic.entropy,
            reliable=way.base is None,
            family=way.families[0],
        )
        self._traffic = traffic
        self._began = 0.0
        self._stream: Stream | None = None
        self._splitter = TurnStreamSplitter()

    @property
    def dropped(self) -> int:
        """How many messages of the server made no sense or were not wanted."""
        return self.client.dropped + self.client.bad_packets

    def begin(self, owner: Relay, server_name: str | None, now: float) -> None:
        """Start, or ask for the stream; what comes in goes to ``owner``."""
        way, traffic = self.way, self._traffic
        self._began = now
        if way.base is not None:
            traffic.path(way.server, way.base).relay = owner
            self.start(now)
            return
        self._stream = Stream(way.server, server_name=server_name)
        traffic.streams[self._stream] = owner
        traffic.events.append(StreamWanted(self._stream))

    def start(self, now: float) -> None:
        """Ask the server; over TCP once the stream is open."""
        if not self.open:
            self.open = True
            self.client.start(now)

    def needs(self, base: Address) -> bool:
        """Whether nothing can be sent any more without a base, or the host it is on."""
        return base == self.way.base or (self.way.base is None and base[0] == self.host)

    def split(self, data: bytes) -> list[bytes]:
        """Return the messages that are complete in the stream; raises BadPacket."""
        return self._splitter.feed(data)

    def flush(self) -> None:
        """Send what the client has to send."""
        way, traffic = self.way, self._traffic
        for payload, segment_size in self.client.transmits():
            if way.base is not None:
                traffic.out.append(Transmit(payload, way.server, way.base, segment_size))
            elif self._stream is not None:
                traffic.events.append(StreamOutput(self._stream, payload))

    def stream_closed(self) -> None:
        """Note that the stream is gone; nothing can be sent any more."""
        if self._stream is not None:
            del self._traffic.streams[self._stream]
            self._stream = None
        self.open = False

    def end(self, now: float) -> None:
        """Say goodbye to the server, if it can still be reached, and leave path or stream."""
        way, traffic = self.way, self._traffic
        traffic.dropped += self.dropped
        if self.open and (way.base is None or way.base in traffic.bases):
            self.client.close(now)
            self.flush()
        if way.base is not None:
            traffic.forget_relay(way.server, way.base)
            traffic.path(way.server, way.base).relay = None
        elif self._stream is not None:
            traffic.events.append(StreamUnwanted(self._stream))
            self.stream_closed()

    def silence(self, now: float) -> str:
        """Return what did not come in time, in words."""
        return f"no {'answer' if self.open else 'connection'} in {now - self._began:.3g} s"
