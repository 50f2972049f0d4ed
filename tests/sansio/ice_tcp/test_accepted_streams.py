"""Streams that others open to a listener: answered over, bounded, and closed when useless."""

from purertc.sansio.events import StreamOutput, StreamUnwanted
from purertc.sansio.ice.tcp import IceTcpStreams
from purertc.sansio.streams import Stream
from purertc.sansio.types import Transmit, Transport

LISTENER = ("192.0.2.1", 7000)
REMOTE = ("198.51.100.7", 50123)
NOW = 1000.0


def accept(streams: IceTcpStreams, port: int = REMOTE[1], now: float = NOW) -> Stream:
    stream = streams.accepted(LISTENER, (REMOTE[0], port), now)
    assert stream is not None
    return stream


def answer(streams: IceTcpStreams) -> None:
    streams.send(Transmit(b"answer", REMOTE, LISTENER, 0, Transport.TCP), NOW)


def test_what_comes_over_it_came_to_the_listener() -> None:
    streams = IceTcpStreams()
    stream = accept(streams)
    (datagram,) = streams.receive(stream, b"\0\5check", NOW)
    assert (datagram.payload, datagram.source, datagram.local) == (b"check", REMOTE, LISTENER)


def test_answers_go_over_it() -> None:
    streams = IceTcpStreams()
    stream = accept(streams)
    answer(streams)
    event = streams.next_event()
    assert isinstance(event, StreamOutput)
    assert (event.stream, event.data) == (stream, b"\0\6answer")


def test_a_listener_opens_no_stream() -> None:
    streams = IceTcpStreams()
    answer(streams)
    assert streams.next_event() is None
    assert streams.dropped == 1


def test_without_an_authentic_check_it_is_closed_after_ten_seconds() -> None:
    streams = IceTcpStreams()
    useless, useful = accept(streams, 1), accept(streams, 2)
    streams.receive(useless, b"\0\1x", NOW + 9)
    streams.validated(useful)
    assert streams.next_deadline() == NOW + 10
    streams.handle_timeout(NOW + 10)
    assert streams.next_event() == StreamUnwanted(useless)
    assert streams.next_event() is None
    assert streams.owns(useful)
    assert streams.next_deadline() is None


def test_strangers_leave_room_for_streams_of_our_own() -> None:
    streams = IceTcpStreams()
    accepted = [streams.accepted(LISTENER, (REMOTE[0], port), NOW) for port in range(1, 41)]
    assert sum(stream is not None for stream in accepted) == 24
    streams.send(Transmit(b"check", ("203.0.113.9", 80), ("192.0.2.1", 9)), NOW)
    assert streams.next_event() is not None


def test_room_comes_back_when_one_is_closed() -> None:
    streams = IceTcpStreams()
    accepted = [accept(streams, port) for port in range(1, 25)]
    assert streams.accepted(LISTENER, REMOTE, NOW) is None
    streams.closed(accepted[0], "connection reset", NOW)
    assert streams.accepted(LISTENER, REMOTE, NOW) is not None


def test_a_new_connection_replaces_one_of_the_same_address() -> None:
    streams = IceTcpStreams()
    former, latter = accept(streams), accept(streams)
    assert streams.next_event() == StreamUnwanted(former)
    answer(streams)
    event = streams.next_event()
    assert isinstance(event, StreamOutput)
    assert event.stream is latter
