"""The first datagram from an active base opens a stream; what follows waits for it, in order."""

from purertc.sansio.events import StreamOutput, StreamUnwanted, StreamWanted
from purertc.sansio.ice.tcp import IceTcpStreams, StreamEvent
from purertc.sansio.streams import Stream
from purertc.sansio.types import Transmit, Transport

BASE = ("192.0.2.1", 9)
REMOTE = ("198.51.100.7", 4444)
NOW = 1000.0


def to_remote(payload: bytes, segment_size: int = 0) -> Transmit:
    return Transmit(payload, REMOTE, BASE, segment_size, Transport.TCP)


def events_of(streams: IceTcpStreams) -> list[StreamEvent]:
    events = []
    while (event := streams.next_event()) is not None:
        events.append(event)
    return events


def opening(streams: IceTcpStreams) -> Stream:
    streams.send(to_remote(b"check"), NOW)
    (wanted,) = events_of(streams)
    assert isinstance(wanted, StreamWanted)
    return wanted.stream


def outputs(streams: IceTcpStreams) -> bytes:
    return b"".join(event.data for event in events_of(streams) if isinstance(event, StreamOutput))


def test_a_stream_is_wanted_once_from_the_host_of_the_base() -> None:
    streams = IceTcpStreams()
    stream = opening(streams)
    assert (stream.remote, stream.local_host) == (REMOTE, "192.0.2.1")
    assert stream.server_name is None
    assert streams.owns(stream)
    streams.send(to_remote(b"again"), NOW)
    assert events_of(streams) == []


def test_what_waited_is_framed_in_order_once_it_is_open() -> None:
    streams = IceTcpStreams()
    stream = opening(streams)
    streams.send(to_remote(b"more"), NOW)
    streams.opened(stream, ("192.0.2.1", 50000), NOW)
    assert outputs(streams) == b"\0\5check\0\4more"


def test_each_datagram_of_a_run_has_a_frame() -> None:
    streams = IceTcpStreams()
    stream = opening(streams)
    streams.opened(stream, ("192.0.2.1", 50000), NOW)
    outputs(streams)
    streams.send(to_remote(b"aaabbbc", 3), NOW)
    assert outputs(streams) == b"\0\3aaa\0\3bbb\0\1c"


def test_little_waits_for_a_stream_that_does_not_open() -> None:
    streams = IceTcpStreams()
    stream = opening(streams)
    for _ in range(200):
        streams.send(to_remote(bytes(1200)), NOW)
    assert streams.dropped > 100
    streams.opened(stream, ("192.0.2.1", 50000), NOW)
    assert len(outputs(streams)) <= 65536


def test_a_stream_that_does_not_open_in_time_is_given_up() -> None:
    streams = IceTcpStreams()
    stream = opening(streams)
    deadline = streams.next_deadline()
    assert deadline == NOW + 10
    streams.handle_timeout(deadline)
    assert events_of(streams) == [StreamUnwanted(stream)]
    assert not streams.owns(stream)
    assert streams.next_deadline() is None


def test_after_a_stream_has_died_the_next_datagram_opens_another() -> None:
    streams = IceTcpStreams()
    stream = opening(streams)
    assert streams.closed(stream, "connection refused", NOW) == (BASE, REMOTE)
    assert streams.closed(stream, "connection refused", NOW) is None
    assert opening(streams) is not stream


def test_no_more_than_32_streams_are_opened() -> None:
    streams = IceTcpStreams()
    for port in range(1, 41):
        streams.send(Transmit(b"check", ("198.51.100.7", port), BASE), NOW)
    assert sum(isinstance(event, StreamWanted) for event in events_of(streams)) == 32
    assert streams.dropped == 8


def test_close_closes_every_stream() -> None:
    streams = IceTcpStreams()
    stream = opening(streams)
    streams.close()
    assert events_of(streams) == [StreamUnwanted(stream)]
    assert not streams.owns(stream)


def test_the_streams_of_a_base_go_with_it() -> None:
    streams = IceTcpStreams()
    stream = opening(streams)
    streams.remove_base(("203.0.113.1", 9))
    assert streams.owns(stream)
    streams.remove_base(BASE)
    assert events_of(streams) == [StreamUnwanted(stream)]
