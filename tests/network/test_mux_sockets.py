"""What one connection sees of a shared socket, on a runtime that is moved by hand."""

import errno
import logging
import socket
from collections.abc import Iterator
from contextvars import ContextVar

import pytest

from purertc import UdpMux
from purertc.mux_sockets import MuxedSocket
from purertc.sansio.types import Address, Datagram, Transmit
from purertc.udp_mux import MuxSource
from purertc.wire.stun import Attribute, MessageClass, StunMessage
from tests.support.fake_runtime import FakeRuntime, FakeUdpSocket

ALICE = ("198.51.100.1", 1000)
BOB = ("198.51.100.2", 2000)
HOST = "127.0.0.1"

tag: ContextVar[str] = ContextVar("tag", default="none")


class Connection:
    """What a driver is to its sockets."""

    def __init__(self, mux: UdpMux, *fragments: str) -> None:
        self.fragments = frozenset(fragments)
        self.received: list[Datagram] = []
        self.errors: list[OSError] = []
        self.tags: list[str] = []
        self.backlog: list[bytes] = []
        self.fault: Exception | None = None
        self.source: MuxSource = mux.source(lambda: self.fragments)
        self.sockets: list[MuxedSocket] = []
        self.open()

    @property
    def socket(self) -> MuxedSocket:
        return self.sockets[0]

    def open(self, besides: tuple[str, ...] = ()) -> None:
        self.sockets += [
            each.open(self.on_datagrams, self.on_writable, self.errors.append)
            for each in self.source.bind(besides)
        ]

    def on_datagrams(self, datagrams: list[Datagram]) -> None:
        self.tags.append(tag.get())
        if self.fault is not None:
            raise self.fault
        self.received += datagrams

    def on_writable(self) -> None:
        while self.backlog and self.send(self.backlog[0]):
            self.backlog.pop(0)

    def send(self, payload: bytes, destination: Address = ALICE) -> bool:
        return self.socket.send(Transmit(payload, destination, self.socket.local))


@pytest.fixture
def runtime() -> FakeRuntime:
    return FakeRuntime()


@pytest.fixture
def mux(runtime: FakeRuntime) -> Iterator[UdpMux]:
    mux = UdpMux(addresses=[HOST], runtime=runtime)
    yield mux
    mux.close()


def request(username: str) -> bytes:
    message = StunMessage(MessageClass.REQUEST, bytes(12), {Attribute.USERNAME: username.encode()})
    return message.to_bytes(b"key")


def arrive(runtime: FakeRuntime, *packets: tuple[bytes, Address], segment_size: int = 0) -> None:
    udp: FakeUdpSocket = runtime.sockets[-1]
    udp.on_datagrams(
        [Datagram(payload, source, udp.local, segment_size) for payload, source in packets]
    )


def test_the_socket_is_bound_once_for_all(runtime: FakeRuntime, mux: UdpMux) -> None:
    assert mux.addresses == []
    one, two = Connection(mux, "one"), Connection(mux, "two")
    assert len(runtime.sockets) == 1
    assert one.socket.local == two.socket.local == mux.addresses[0]
    assert one.source.hosts() == {HOST}
    assert one.source.bind(besides=[HOST]) == []


def test_addresses_may_be_spelled_as_one_likes(runtime: FakeRuntime) -> None:
    mux = UdpMux(addresses=["0:0:0:0:0:0:0:1"], runtime=runtime)
    mux.bind()
    assert [host for host, _ in mux.addresses] == ["::1"]
    mux.close()


def test_a_turn_of_the_loop_gives_each_connection_its_own_in_order(
    runtime: FakeRuntime, mux: UdpMux
) -> None:
    one, two = Connection(mux, "one"), Connection(mux, "two")
    arrive(
        runtime,
        (request("one:x"), ALICE),
        (request("two:x"), BOB),
        (b"\x16a", ALICE),
        (b"\x16b", BOB),
        (b"\x16c", ALICE),
        (b"\x16d", ("203.0.113.1", 1)),
    )
    assert [each.payload for each in one.received] == [request("one:x"), b"\x16a", b"\x16c"]
    assert [each.payload for each in two.received] == [request("two:x"), b"\x16b"]
    assert len(one.tags) == len(two.tags) == 1
    assert mux.dropped == 1


def test_a_joined_run_stays_whole(runtime: FakeRuntime, mux: UdpMux) -> None:
    one = Connection(mux, "one")
    arrive(runtime, (request("one:x"), ALICE))
    arrive(runtime, (b"\x17" * 2500, ALICE), segment_size=1000)
    assert one.received[-1] == Datagram(b"\x17" * 2500, ALICE, one.socket.local, 1000)


def test_callbacks_run_in_the_context_of_their_connection(
    runtime: FakeRuntime, mux: UdpMux
) -> None:
    token = tag.set("of one")
    one = Connection(mux, "one")
    tag.reset(token)
    two = Connection(mux, "two")
    arrive(runtime, (request("one:x"), ALICE), (request("two:x"), BOB))
    assert one.tags == ["of one"]
    assert two.tags == ["none"]


def test_a_connection_that_raises_harms_no_other(
    runtime: FakeRuntime, mux: UdpMux, caplog: pytest.LogCaptureFixture
) -> None:
    one, two = Connection(mux, "one"), Connection(mux, "two")
    one.fault = ValueError("a bug")
    with caplog.at_level(logging.ERROR, logger="purertc.network"):
        arrive(runtime, (request("one:x"), ALICE), (request("two:x"), BOB))
    assert len(two.received) == 1
    assert "a bug" in caplog.text


def test_a_closed_socket_receives_nothing_more_and_sends_nothing(
    runtime: FakeRuntime, mux: UdpMux
) -> None:
    one, two = Connection(mux, "one"), Connection(mux, "two")
    arrive(runtime, (request("one:x"), ALICE))
    one.socket.close()
    one.socket.close()
    arrive(runtime, (b"\x16", ALICE), (request("one:x"), ALICE), (request("two:x"), ALICE))
    assert len(one.received) == 1
    assert len(two.received) == 1
    assert mux.dropped == 2
    assert one.send(b"\x16")
    assert runtime.sockets[0].sent == []
    assert mux.connection_count == 1


def test_one_that_was_never_opened_can_be_let_go(mux: UdpMux) -> None:
    source = mux.source(frozenset)
    (bound,) = source.bind()
    assert mux.connection_count == 1
    bound.close()
    assert mux.connection_count == 0


def test_user_names_may_change(runtime: FakeRuntime, mux: UdpMux) -> None:
    one = Connection(mux, "one")
    one.fragments = frozenset(["one", "again"])
    arrive(runtime, (request("again:x"), ALICE))
    assert len(one.received) == 1, "all connections were asked for their names"
    one.fragments = frozenset(["third"])
    arrive(runtime, (request("third:x"), BOB))
    assert len(one.received) == 1, "that is not done for every packet"
    runtime.time += 0.1
    arrive(runtime, (request("third:x"), BOB))
    assert len(one.received) == 2
    arrive(runtime, (request("one:x"), ("203.0.113.1", 1)))
    assert len(one.received) == 2, "a name that is no longer used"


def test_binding_again_tells_new_user_names_at_once(runtime: FakeRuntime, mux: UdpMux) -> None:
    one = Connection(mux, "one")
    arrive(runtime, (request("unknown:x"), BOB))
    one.fragments = frozenset(["again"])
    one.open(besides=(HOST,))
    arrive(runtime, (request("again:x"), ALICE))
    assert len(one.received) == 1


def test_those_without_room_go_on_in_turn(runtime: FakeRuntime, mux: UdpMux) -> None:
    one, two = Connection(mux, "one"), Connection(mux, "two")
    udp = runtime.sockets[0]
    udp.room = 0
    for number in range(3):
        for connection in (one, two):
            payload = f"\x16{connection.fragments} {number}".encode()
            assert not connection.send(payload)
            connection.backlog.append(payload)
    one_waits, two_waits = list(one.backlog), list(two.backlog)
    for _ in range(6):
        udp.room = 1
        udp.on_writable()
    assert udp.sent == [
        one_waits[0], two_waits[0], one_waits[1], two_waits[1], one_waits[2], two_waits[2],
    ]  # fmt: skip
    udp.room = None
    udp.on_writable()
    assert one.backlog == two.backlog == []


def test_one_that_waits_for_room_may_be_closed(runtime: FakeRuntime, mux: UdpMux) -> None:
    one, two = Connection(mux, "one"), Connection(mux, "two")
    udp = runtime.sockets[0]
    udp.room = 0
    one.send(b"\x16")
    two.send(b"\x16two")
    two.backlog.append(b"\x16two")
    one.socket.close()
    udp.room = None
    udp.on_writable()
    assert udp.sent == [b"\x16two"]


def test_a_socket_that_dies_is_told_to_all_and_bound_again_for_the_next(
    runtime: FakeRuntime, mux: UdpMux, caplog: pytest.LogCaptureFixture
) -> None:
    one, two = Connection(mux, "one"), Connection(mux, "two")
    with caplog.at_level(logging.WARNING, logger="purertc.network"):
        runtime.sockets[0].on_error(OSError(errno.EBADF, "gone"))
    assert [error.errno for error in one.errors + two.errors] == [errno.EBADF] * 2
    assert runtime.sockets[0].closed
    assert mux.addresses == []
    assert mux.connection_count == 0
    assert "gone" in caplog.text
    one.open()
    assert mux.addresses == [one.sockets[1].local]
    arrive(runtime, (request("one:x"), ALICE))
    assert len(one.received) == 1


def test_a_packet_without_a_way_out_is_told_to_its_sender_alone(
    runtime: FakeRuntime, mux: UdpMux
) -> None:
    one, two = Connection(mux, "one"), Connection(mux, "two")
    udp = runtime.sockets[0]
    unreachable = OSError(errno.ENETUNREACH, "no route")
    really_send = udp.send

    def fail_to_send(transmit: Transmit) -> bool:
        udp.on_error(unreachable)
        return really_send(transmit)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(udp, "send", fail_to_send)
        assert two.send(b"\x16")
    assert (one.errors, two.errors) == ([], [unreachable])
    udp.on_error(unreachable)
    assert (one.errors, two.errors) == ([unreachable], [unreachable] * 2), "whose it was is unknown"
    assert not udp.closed
    arrive(runtime, (request("one:x"), ALICE))
    assert len(one.received) == 1


def test_closing_is_told_to_all_but_does_not_close_their_connections(
    runtime: FakeRuntime, mux: UdpMux
) -> None:
    one, two = Connection(mux, "one"), Connection(mux, "two")
    mux.close()
    mux.close()
    assert [error.errno for error in one.errors + two.errors] == [errno.ENETDOWN] * 2
    assert runtime.sockets[0].closed
    assert one.send(b"\x16")
    assert one.source.bind() == []


def test_an_address_that_refuses_is_tried_once(
    runtime: FakeRuntime, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((HOST, 0))
        port = other.getsockname()[1]
        mux = UdpMux(port, addresses=[HOST, "127.0.0.2"], runtime=runtime)
        with caplog.at_level(logging.WARNING, logger="purertc.network"):
            for name in ("one", "two"):
                assert [each.local for each in Connection(mux, name).sockets] == [
                    ("127.0.0.2", port)
                ]
    assert [record.getMessage() for record in caplog.records] == [
        f"port {port} of 127.0.0.1 is taken"
    ]
    mux.close()
