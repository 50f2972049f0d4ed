"""Stream connections between simulated hosts, as programs use them for signalling."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest

from purertc.testing import LinkConditions, SimulatedNetwork, run_virtual

ResultT = TypeVar("ResultT")


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()
    await writer.wait_closed()


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


class Lan:
    """Two hosts; the right one listens on port 80 with ``handler``."""

    def __init__(self, **conditions: float) -> None:
        self.network = SimulatedNetwork(conditions=LinkConditions(**conditions))  # type: ignore[arg-type]
        self.left = self.network.add_host("left", "192.0.2.1", "2001:db8::1")
        self.right = self.network.add_host("right", "192.0.2.2", "2001:db8::2")

    def run(self, client: Coroutine[Any, Any, ResultT], handler: Handler = echo) -> ResultT:
        async def main() -> ResultT:
            with self.right.active():
                server = await asyncio.start_server(handler, None, 80)
            assert server.is_serving()
            async with server:
                result = await client
                await asyncio.sleep(1)  # so that the handlers see the end and close
            assert not server.is_serving()
            return result

        return run_virtual(main, network=self.network)


def now() -> float:
    return asyncio.get_running_loop().time()


@pytest.mark.parametrize("host", ["right", "192.0.2.2", "2001:db8::2"])
def test_a_conversation_takes_round_trips(host: str) -> None:
    async def client() -> float:
        reader, writer = await asyncio.open_connection(host, 80)
        assert now() == pytest.approx(0.2)
        assert writer.get_extra_info("peername")[1] == 80
        writer.writelines([b"hello ", b"there\n"])
        assert await reader.readline() == b"hello there\n"
        assert now() == pytest.approx(0.4)
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
        return now()

    assert Lan(latency=0.1).run(client()) == pytest.approx(0.6)


def test_much_data_arrives_whole_and_slows_the_writer_down() -> None:
    data = bytes(range(256)) * 4096

    async def client() -> bytes:
        reader, writer = await asyncio.open_connection("right", 80)

        async def send() -> None:
            for start in range(0, len(data), 10_000):
                writer.write(data[start : start + 10_000])
                await writer.drain()
            assert now() > 6
            writer.write_eof()

        _, received = await asyncio.gather(send(), reader.read())
        writer.close()
        return received

    assert Lan(latency=0.01, jitter=0.01, bandwidth=1_000_000).run(client()) == data


def test_nobody_listens_and_nobody_is_there() -> None:
    async def client() -> None:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("right", 81)
        with pytest.raises(OSError, match="No route"):
            await asyncio.open_connection("198.51.100.1", 80)
        with pytest.raises(OSError, match="nobody"):
            await asyncio.open_connection("nobody", 80)

    Lan().run(client())


def test_a_port_is_taken_once() -> None:
    async def client() -> None:
        server = await asyncio.start_server(echo, "192.0.2.1", 0)
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            await asyncio.start_server(echo, "192.0.2.1", port)
        server.close()
        await server.wait_closed()
        again = await asyncio.start_server(echo, "192.0.2.1", port)
        again.close()

    Lan().run(client())


def test_a_cut_delays_and_loses_nothing() -> None:
    lan = Lan(latency=0.1)

    async def client() -> float:
        reader, writer = await asyncio.open_connection("right", 80)
        cut = lan.network.partition([lan.left])
        asyncio.get_running_loop().call_later(60, cut.heal)
        for number in range(10):
            writer.write(b"%d" % number)
        assert await reader.readexactly(10) == b"0123456789"
        writer.close()
        return now()

    assert lan.run(client()) == pytest.approx(60.2 + 0.2)


def test_an_abort_resets_the_other_side() -> None:
    errors: list[type[BaseException]] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read()
        except OSError as error:
            errors.append(type(error))
        writer.close()

    async def client() -> None:
        _, writer = await asyncio.open_connection("right", 80)
        assert isinstance(writer.transport, asyncio.Transport)
        writer.transport.abort()
        await asyncio.sleep(1)

    Lan().run(client(), handler)
    assert errors == [ConnectionResetError]


def test_what_is_written_to_one_that_has_closed_resets() -> None:
    async def handler(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"bye")
        writer.close()

    async def client() -> None:
        reader, writer = await asyncio.open_connection("right", 80)
        assert await reader.read() == b"bye"
        writer.write(b"are you there?")
        await asyncio.sleep(1)
        with pytest.raises(ConnectionResetError):
            await writer.drain()

    Lan().run(client(), handler)


def test_a_reader_that_pauses_gets_everything_later() -> None:
    class Slow(asyncio.Protocol):
        def __init__(self) -> None:
            self.pieces: list[bytes] = []
            self.ended = False

        def data_received(self, data: bytes) -> None:
            self.pieces.append(data)

        def eof_received(self) -> None:
            self.ended = True

    async def client() -> None:
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.create_connection(Slow, "right", 80)
        transport.pause_reading()
        assert not transport.is_reading()
        assert transport.can_write_eof()
        transport.write(b"one")
        transport.write_eof()
        with pytest.raises(RuntimeError, match="write_eof"):
            transport.write(b"two")
        await asyncio.sleep(1)
        assert protocol.pieces == []
        transport.resume_reading()
        await asyncio.sleep(0)
        assert protocol.pieces == [b"one"]
        await asyncio.sleep(1)
        assert protocol.ended
        assert transport.is_closing()

    Lan().run(client())


def test_paths_are_places_of_one_host() -> None:
    async def client() -> bytes:
        server = await asyncio.start_unix_server(echo, "/run/signal")
        reader, writer = await asyncio.open_unix_connection("/run/signal")
        writer.write(b"hello")
        received = await reader.readexactly(5)
        writer.close()
        await asyncio.sleep(1)
        server.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_unix_connection("/run/signal")
        return received

    assert Lan().run(client()) == b"hello"


def test_encryption_is_refused_by_name() -> None:
    async def client() -> None:
        with pytest.raises(NotImplementedError, match="ssl="):
            await asyncio.open_connection("right", 80, ssl=True)

    Lan().run(client())


def test_serving_forever_ends_with_a_cancellation() -> None:
    async def client() -> None:
        server = await asyncio.start_server(echo, "localhost", 8080)
        task = asyncio.create_task(server.serve_forever())
        await asyncio.sleep(1)
        reader, writer = await asyncio.open_connection("127.0.0.1", 8080)
        writer.write(b"x")
        assert await reader.readexactly(1) == b"x"
        writer.close()
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not server.is_serving()

    Lan().run(client())
