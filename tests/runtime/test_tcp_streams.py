"""TCP connections behave the same on every runtime."""

import gc
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from purertc.errors import ArgumentError, InvalidStateError
from purertc.runtime.base import TcpStream
from tests.support.all_runtimes import ALL_RUNTIMES, on_all_runtimes
from tests.support.runtimes import Cancelled, running, start, together, turns, within
from tests.support.tcp_peers import Peer, listening


@asynccontextmanager
async def connected(host: str = "127.0.0.1") -> AsyncIterator[tuple[TcpStream, Peer]]:
    async with listening(host) as server:
        stream = await within(running().connect_tcp(server.address))
        peer = await within(server.accept())
        assert stream.remote == server.address
        try:
            yield stream, peer
        finally:
            stream.close()
            peer.close()
            await turns()


async def receive_exactly(stream: TcpStream, size: int) -> bytes:
    received = b""
    while len(received) < size:
        data = await within(stream.receive_some())
        assert data, "the stream ended early"
        received += data
    return received


@on_all_runtimes
async def test_bytes_go_both_ways_and_the_end_comes_last() -> None:
    async with connected() as (stream, peer):
        assert stream.local[0] == "127.0.0.1"
        assert stream.local[1] > 0
        await within(stream.send_all(b"hello"))
        assert await within(peer.receive(5)) == b"hello"
        await within(peer.send(b"welcome"))
        assert await receive_exactly(stream, 7) == b"welcome"
        peer.close()
        assert await within(stream.receive_some()) == b""
        assert await within(stream.receive_some()) == b""


@on_all_runtimes
async def test_ipv6() -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    async with connected("::1") as (stream, peer):
        assert stream.local[0] == "::1"
        await within(stream.send_all(b"six"))
        assert await within(peer.receive(3)) == b"six"


@on_all_runtimes
async def test_a_reader_gets_no_more_than_it_asks_for() -> None:
    async with connected() as (stream, peer):
        await within(peer.send(b"abcdef"))
        assert await within(stream.receive_some(1)) == b"a"
        assert await receive_exactly(stream, 5) == b"bcdef"
        with pytest.raises(ArgumentError, match="max_bytes is 0"):
            await stream.receive_some(0)


@on_all_runtimes
async def test_nobody_listens() -> None:
    async with listening() as server:
        address = server.address
    await turns()
    with pytest.raises(ConnectionRefusedError):
        await within(running().connect_tcp(address))


@on_all_runtimes
@pytest.mark.parametrize("passed", range(4))
async def test_a_cancelled_connect_leaves_no_socket_open(passed: int) -> None:
    async with listening() as server:
        connecting = start(running().connect_tcp(server.address))
        await turns(passed)
        connecting.cancel()
        with suppress(Cancelled):
            (await connecting.result()).close()
        await turns()
    gc.collect()  # a socket that is still open warns, and the warning fails the test


@on_all_runtimes
async def test_sending_is_possible_after_the_other_side_ended() -> None:
    async with connected() as (stream, peer):
        peer.end()
        assert await within(stream.receive_some()) == b""
        await within(stream.send_all(b"still here"))
        assert await within(peer.receive(10)) == b"still here"


@on_all_runtimes
async def test_a_cancelled_reader_loses_nothing() -> None:
    async with connected() as (stream, peer):
        reader = start(stream.receive_some())
        await turns()
        reader.cancel()
        with pytest.raises(Cancelled):
            await reader.result()
        await within(peer.send(b"data"))
        assert await receive_exactly(stream, 4) == b"data"


@on_all_runtimes
async def test_a_reader_cancelled_while_data_arrives_loses_nothing() -> None:
    async with connected() as (stream, peer):
        reader = start(stream.receive_some())
        await turns()
        await within(peer.send(b"data"))
        reader.cancel()
        try:
            received = await reader.result()
        except Cancelled:
            received = b""
        assert received + await receive_exactly(stream, 4 - len(received)) == b"data"


@on_all_runtimes
async def test_close_wakes_a_reader_and_ends_the_stream() -> None:
    async with connected() as (stream, peer):
        reader = start(stream.receive_some())
        await turns()
        stream.close()
        stream.close()
        with pytest.raises(OSError, match="closed on this side"):
            await reader.result()
        with pytest.raises(OSError, match="closed on this side"):
            await within(stream.receive_some())
        with pytest.raises(OSError, match="closed on this side"):
            await within(stream.send_all(b"x"))
        assert await within(peer.receive(1)) == b""


@on_all_runtimes
async def test_close_delivers_what_was_sent() -> None:
    async with connected() as (stream, peer):
        await within(stream.send_all(b"last words"))
        stream.close()
        assert await within(peer.receive(100)) == b"last words"


@on_all_runtimes
async def test_a_reset_is_an_os_error() -> None:
    async with connected() as (stream, peer):
        reader = start(stream.receive_some())
        await turns()
        peer.reset()
        with pytest.raises(ConnectionResetError):
            await reader.result()

        async def send_on() -> None:
            while True:
                await stream.send_all(b"x" * 1000)
                await turns(1)

        with pytest.raises(OSError, match=r"."):
            await within(send_on())


@on_all_runtimes
async def test_much_data_arrives_whole_in_both_directions() -> None:
    data = bytes(range(256)) * 12_000
    async with connected() as (stream, peer):
        results = await together(
            stream.send_all(data),
            receive_exactly(stream, len(data)),
            peer.receive(len(data)),
            peer.send(data),
        )
        assert results[1] == data
        assert results[2] == data


@on_all_runtimes
async def test_a_cancelled_send_does_not_keep_the_stream_from_closing() -> None:
    async with connected() as (stream, _):
        sending = start(stream.send_all(bytes(64_000_000)))
        await turns()
        sending.cancel()
        with suppress(Cancelled):  # a simulated network without latency takes everything
            await sending.result()
        stream.close()
        with pytest.raises(OSError, match="closed on this side"):
            await within(stream.send_all(b"x"))


@on_all_runtimes
async def test_two_tasks_cannot_do_the_same_at_once() -> None:
    async with connected() as (stream, peer):
        first = start(stream.receive_some())
        await turns()
        with pytest.raises(InvalidStateError, match="receiving"):
            await within(stream.receive_some())
        await within(stream.send_all(b"meanwhile"))
        await within(peer.send(b"one"))
        assert await first.result() == b"one"


def stream_of_a_loop_that_ended(name: str) -> TcpStream:
    streams: list[TcpStream] = []

    async def main() -> None:
        async with listening() as server:
            streams.append(await within(running().connect_tcp(server.address)))
            (await within(server.accept())).close()

    ALL_RUNTIMES[name](main)
    return streams.pop()


@pytest.mark.parametrize("name", ["trio", "custom", "virtual"])
def test_a_stream_can_be_closed_after_its_loop_has_ended(name: str) -> None:
    stream_of_a_loop_that_ended(name).close()
    gc.collect()  # a socket that is still open warns, and the warning fails the test


def test_asyncio_warns_of_a_stream_that_outlives_its_loop() -> None:
    def close_late() -> None:
        stream_of_a_loop_that_ended("asyncio").close()
        gc.collect()

    with pytest.warns(ResourceWarning, match="unclosed"):
        close_late()
