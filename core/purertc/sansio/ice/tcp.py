"""ICE over TCP (RFC 6544): datagrams framed on streams (RFC 4571), and whose streams they are."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from purertc.sansio.events import StreamOutput, StreamUnwanted, StreamWanted
from purertc.sansio.ice.candidates import ACTIVE_PORT
from purertc.sansio.streams import Stream
from purertc.sansio.types import Address, Datagram, Transmit

__all__ = ["IceTcpStreams", "StreamEvent"]

_LENGTH_SIZE: Final = 2
_MAX_FRAME: Final = 13 + 2**14 + 2048
"""The longest DTLS record (RFC 6347 section 4.1); nothing that ICE carries is longer."""
_MAX_STREAMS: Final = 32
_MAX_ACCEPTED: Final = 24
"""So that strangers who connect cannot keep this side from connecting."""
_MAX_WAITING: Final = 65536
_PATIENCE: Final = 10.0

StreamEvent = StreamWanted | StreamOutput | StreamUnwanted


@dataclass(slots=True, eq=False)
class _Path:
    """One stream between a base and a remote address.

    ``waiting`` is what is to be sent once it is open, ``received`` the beginning of a frame.
    ``deadline`` is when it is given up, None once it has proved to be of use.
    """

    base: Address
    remote: Address
    deadline: float | None
    open: bool
    accepted: bool
    waiting: bytearray = field(default_factory=bytearray)
    received: bytes = b""


class IceTcpStreams:
    """The streams of one connection, each the path between a base and a remote address.

    A base with port 9 is active: the first datagram sent from it to a remote address opens a
    stream. Other bases are listeners, and send over what they accepted only. The owner tells
    with :meth:`validated` that an authentic check came over a stream; one that was accepted and
    brings none for 10 s is closed, as one that does not open in that time. ``dropped`` counts
    datagrams that found no stream, or no room while it was being opened.
    """

    __slots__ = ("_by_pair", "_events", "_paths", "dropped")

    def __init__(self) -> None:
        self.dropped = 0
        self._paths: dict[Stream, _Path] = {}
        self._by_pair: dict[tuple[Address, Address], Stream] = {}
        self._events: list[StreamEvent] = []

    def owns(self, stream: Stream) -> bool:
        """Whether the stream is one of these."""
        return stream in self._paths

    def send(self, transmit: Transmit, now: float) -> None:
        """Frame a datagram, or a run of them, and send it over the stream of its pair."""
        pair = (transmit.local, transmit.destination)
        stream = self._by_pair.get(pair) or self._connect(pair, now)
        if stream is None:
            self.dropped += 1
            return
        path = self._paths[stream]
        frames = b"".join(_frames(transmit.payload, transmit.segment_size))
        if path.open:
            self._events.append(StreamOutput(stream, frames))
        elif len(path.waiting) + len(frames) <= _MAX_WAITING:
            path.waiting += frames
        else:
            self.dropped += 1

    def accepted(self, listener: Address, remote: Address, now: float) -> Stream | None:
        """Take a connection to a listener; None when there are too many, and it is to be closed."""
        count = sum(1 for path in self._paths.values() if path.accepted)
        if count >= _MAX_ACCEPTED or len(self._paths) >= _MAX_STREAMS:
            return None
        former = self._by_pair.get((listener, remote))
        if former is not None:
            self._close(former)
        stream = Stream(remote, listener[0])
        path = _Path(listener, remote, now + _PATIENCE, open=True, accepted=True)
        self._add(stream, path)
        return stream

    def opened(self, stream: Stream, local: Address, now: float) -> None:  # noqa: ARG002
        """Note that a stream is connected; what waited is sent."""
        path = self._paths.get(stream)
        if path is None or path.open:
            return
        path.open = True
        path.deadline = None
        if path.waiting:
            self._events.append(StreamOutput(stream, bytes(path.waiting)))
            path.waiting = bytearray()

    def validated(self, stream: Stream) -> None:
        """Note that an authentic check came over the stream."""
        path = self._paths.get(stream)
        if path is not None and path.open:
            path.deadline = None

    def receive(self, stream: Stream, data: bytes, now: float) -> list[Datagram]:  # noqa: ARG002
        """Take in bytes; return the datagrams that are complete, their base in ``local``.

        A frame that is longer than anything ICE carries closes the stream.
        """
        path = self._paths.get(stream)
        if path is None:
            return []
        data = path.received + data if path.received else data
        datagrams: list[Datagram] = []
        position, end = 0, len(data)
        while end - position >= _LENGTH_SIZE:
            start = position + _LENGTH_SIZE
            size = data[position] << 8 | data[position + 1]
            if size > _MAX_FRAME:
                self._close(stream)
                return datagrams
            if start + size > end:
                break
            if size:
                datagrams.append(Datagram(data[start : start + size], path.remote, path.base))
            position = start + size
        path.received = data[position:]
        return datagrams

    def closed(
        self,
        stream: Stream,
        reason: str,  # noqa: ARG002  # as the owner tells it
        now: float,  # noqa: ARG002
    ) -> tuple[Address, Address] | None:
        """Forget a stream that is gone; return its base and remote address."""
        return self._remove(stream)

    def remove_base(self, base: Address) -> None:
        """Close the streams of a base that is gone."""
        for stream in [stream for stream, path in self._paths.items() if path.base == base]:
            self._close(stream)

    @property
    def has_events(self) -> bool:
        """Whether :meth:`next_event` gives something."""
        return bool(self._events)

    def next_event(self) -> StreamEvent | None:
        """Return the next event in order, or None."""
        return self._events.pop(0) if self._events else None

    def handle_timeout(self, now: float) -> None:
        """Close what did not open, and what strangers opened, in time."""
        for stream, path in list(self._paths.items()):
            if path.deadline is not None and path.deadline <= now:
                self._close(stream)

    def next_deadline(self) -> float | None:
        """Return when :meth:`handle_timeout` is due, or None."""
        deadlines = (path.deadline for path in self._paths.values())
        return min((at for at in deadlines if at is not None), default=None)

    def close(self) -> None:
        """Close all streams; what was given to them to send still goes out."""
        for stream in list(self._paths):
            self._close(stream)

    def _connect(self, pair: tuple[Address, Address], now: float) -> Stream | None:
        base, remote = pair
        if base[1] != ACTIVE_PORT or len(self._paths) >= _MAX_STREAMS:
            return None
        stream = Stream(remote, base[0])
        self._add(stream, _Path(base, remote, now + _PATIENCE, open=False, accepted=False))
        self._events.append(StreamWanted(stream))
        return stream

    def _add(self, stream: Stream, path: _Path) -> None:
        self._paths[stream] = path
        self._by_pair[path.base, path.remote] = stream

    def _remove(self, stream: Stream) -> tuple[Address, Address] | None:
        path = self._paths.pop(stream, None)
        if path is None:
            return None
        del self._by_pair[path.base, path.remote]
        return path.base, path.remote

    def _close(self, stream: Stream) -> None:
        if self._remove(stream) is not None:
            self._events.append(StreamUnwanted(stream))


def _frames(payload: bytes, segment_size: int) -> Iterator[bytes]:
    """Yield length and datagram in turn for each datagram of a run (RFC 4571 section 2)."""
    size = segment_size or len(payload)
    for start in range(0, len(payload), size or 1):
        segment = payload[start : start + size]
        yield len(segment).to_bytes(_LENGTH_SIZE, "big")
        yield segment
