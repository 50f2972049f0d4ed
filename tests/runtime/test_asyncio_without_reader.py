"""A loop that cannot watch a descriptor, such as Windows' proactor loop, still runs connections."""

import asyncio
import os
import socket
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from purertc.data_channel import DataChannel
from purertc.handler import PeerConnectionHandler
from purertc.peer_connection import PeerConnection
from purertc.runtime.asyncio import AsyncioRuntime
from purertc.runtime.base import UdpSocket
from purertc.runtime.datagram_transport import TransportUdpSocket
from purertc.sansio.types import Datagram, Transmit

LIMIT = 5


class WithoutReader(asyncio.SelectorEventLoop):
    """Its own transports go another way than these methods."""

    def add_reader(self, fd: object, callback: object, *args: object) -> None:
        raise NotImplementedError

    def remove_reader(self, fd: object) -> bool:
        raise NotImplementedError

    def add_writer(self, fd: object, callback: object, *args: object) -> None:
        raise NotImplementedError

    def remove_writer(self, fd: object) -> bool:
        raise NotImplementedError


def run(main: Coroutine[Any, Any, None]) -> None:
    before = open_sockets()
    with asyncio.Runner(loop_factory=WithoutReader) as runner:
        runner.run(asyncio.wait_for(main, LIMIT))
    assert open_sockets() == before


def open_sockets() -> int:
    count = 0
    for name in os.listdir("/proc/self/fd"):
        try:
            count += os.readlink(f"/proc/self/fd/{name}").startswith("socket:")
        except OSError:
            continue
    return count


class Echo(PeerConnectionHandler):
    async def on_data_channel(self, channel: DataChannel) -> None:
        async for message in channel:
            await channel.send(message)


def test_two_connections_exchange_much_and_leave_nothing() -> None:
    async def main() -> None:
        async with PeerConnection() as left, PeerConnection(Echo()) as right:
            channel = left.create_data_channel("test")
            for one, other in ((left, right), (right, left)):
                await one.set_local_description()
                await one.gathering_complete()
                assert one.local_description is not None
                await other.set_remote_description(one.local_description)
            await channel.opened()
            watched = left._endpoint.driver._sockets.values()
            assert {type(each) for each in watched} == {TransportUdpSocket}
            large = os.urandom(200_000)
            for message in ("hello", large, "", b""):
                await channel.send(message)
                assert await channel.receive() == message
            await left.close()
            await right.closed()

    run(main())


class Received:
    def __init__(self) -> None:
        self.datagrams: list[Datagram] = []
        self.errors: list[OSError] = []
        self.something = asyncio.Event()
        self.writable = asyncio.Event()

    def on_datagrams(self, datagrams: list[Datagram]) -> None:
        self.datagrams += datagrams
        self.something.set()

    def on_error(self, error: OSError) -> None:
        self.errors.append(error)
        self.something.set()

    def wrap(self, sock: socket.socket) -> UdpSocket:
        return AsyncioRuntime().wrap_udp_socket(
            sock, self.on_datagrams, self.writable.set, self.on_error
        )


def bound(host: str = "127.0.0.1") -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((host, 0))
    return sock


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_there_is_no_room_until_the_transport_is_there(host: str) -> None:
    async def main() -> None:
        received = Received()
        left, right = received.wrap(bound(host)), received.wrap(bound(host))
        transmit = Transmit(b"aabbc", right.local, left.local, 2)
        assert not left.send(transmit)
        await received.writable.wait()
        assert left.send(transmit)
        while len(received.datagrams) < 3:
            received.something.clear()
            await received.something.wait()
        assert received.datagrams == [
            Datagram(payload, left.local, right.local) for payload in (b"aa", b"bb", b"c")
        ]
        left.close()
        left.close()
        right.close()
        await asyncio.sleep(0)

    run(main())


def test_a_transport_that_holds_much_has_no_room() -> None:
    async def main() -> None:
        received = Received()
        left = TransportUdpSocket(
            asyncio.get_running_loop(),
            bound(),
            received.on_datagrams,
            received.writable.set,
            received.on_error,
        )
        transmit = Transmit(b"x", ("127.0.0.1", 9), left.local)
        assert not left.send(transmit)
        await received.writable.wait()
        received.writable.clear()
        left.pause_writing()
        assert not left.send(transmit)
        assert not received.writable.is_set()
        left.resume_writing()
        assert received.writable.is_set()
        assert left.send(transmit)
        left.close()
        await asyncio.sleep(0)

    run(main())


@pytest.mark.parametrize("turns", range(4))
def test_a_socket_may_be_closed_before_the_transport_is_there(turns: int) -> None:
    async def main() -> None:
        received = Received()
        left = received.wrap(bound())
        for _ in range(turns):
            await asyncio.sleep(0)
        left.close()
        for _ in range(5):
            await asyncio.sleep(0)
        assert received.errors == []

    run(main())


def test_a_loop_that_ends_early_leaves_no_socket() -> None:
    before = open_sockets()
    watched: list[UdpSocket] = []

    async def main() -> None:
        watched.append(Received().wrap(bound()))

    with asyncio.Runner(loop_factory=WithoutReader) as runner:
        runner.run(main())
    watched[0].close()
    assert open_sockets() == before


def refused(make: Callable[[], OSError]) -> type[WithoutReader]:
    class Refusing(WithoutReader):
        async def create_datagram_endpoint(self, *_: object, **__: object) -> Any:  # noqa: ANN401
            raise make()

    return Refusing


def test_a_loop_that_refuses_the_socket_is_reported() -> None:
    async def main() -> None:
        received = Received()
        raw = bound()
        watched = received.wrap(raw)
        await received.something.wait()
        await asyncio.sleep(0)
        assert [str(error) for error in received.errors] == ["no"]
        assert raw.fileno() == -1
        watched.close()

    with asyncio.Runner(loop_factory=refused(lambda: OSError("no"))) as runner:
        runner.run(asyncio.wait_for(main(), LIMIT))


def test_a_transport_that_dies_is_reported() -> None:
    async def main() -> None:
        received = Received()
        watched = received.wrap(bound())
        assert isinstance(watched, TransportUdpSocket)
        watched.send(Transmit(b"x", ("127.0.0.1", 9), watched.local))
        await received.writable.wait()
        watched.error_received(ConnectionRefusedError())
        assert received.errors == []
        transport = watched._transport
        watched.connection_lost(OSError("gone"))
        assert [str(error) for error in received.errors] == ["gone"]
        assert transport is not None
        transport.close()
        watched.close()

    run(main())
