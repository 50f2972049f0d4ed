"""TCP connections of runtimes over a simulated network."""

import asyncio
import time

import pytest

from purertc.runtime.base import TcpStream
from purertc.testing import (
    LinkConditions,
    SimulatedNetwork,
    VirtualLoop,
    VirtualRuntime,
    VirtualTcpListener,
    VirtualTcpStream,
    run_virtual,
)


class Lan:
    """Two hosts; the right one listens on port 3478."""

    def __init__(self, **conditions: float) -> None:
        self.network = SimulatedNetwork(conditions=LinkConditions(**conditions))  # type: ignore[arg-type]
        self.left = self.network.add_host("left", "192.0.2.1")
        self.right = self.network.add_host("right", "192.0.2.2", "2001:db8::2")
        self.world = VirtualRuntime(network=self.network)

    def listen(self) -> VirtualTcpListener:
        return self.world.on(self.right).listen_tcp("192.0.2.2", 3478)

    async def connect(self) -> VirtualTcpStream:
        return await self.world.on(self.left).connect_tcp(("192.0.2.2", 3478))


def test_a_connection_takes_one_round_trip_from_its_host() -> None:
    lan = Lan(latency=0.1)

    async def main() -> None:
        listener = lan.listen()
        stream = await lan.connect()
        assert lan.world.now() == pytest.approx(0.2)
        assert stream.local[0] == "192.0.2.1"
        accepted = await listener.accept()
        assert accepted.local == ("192.0.2.2", 3478)
        assert accepted.remote == stream.local
        await accepted.send_all(b"hello")
        assert await stream.receive_some() == b"hello"
        assert lan.world.now() == pytest.approx(0.3)
        stream.close()
        assert await accepted.receive_some() == b""
        assert lan.world.now() == pytest.approx(0.4)

    lan.world.run(main)


def test_an_address_is_listened_on_once_and_may_be_reused() -> None:
    lan = Lan()

    async def main() -> None:
        listener = lan.listen()
        with pytest.raises(OSError, match="in use"):
            lan.listen()
        waiting = lan.world.start(listener.accept())
        await lan.world.sleep(1)
        listener.close()
        with pytest.raises(OSError, match="listener was closed"):
            await waiting.join()
        lan.listen().close()

    lan.world.run(main)


def test_nobody_is_there() -> None:
    lan = Lan()

    async def main() -> None:
        with pytest.raises(ConnectionRefusedError):
            await lan.connect()
        with pytest.raises(OSError, match="No route"):
            await lan.world.on(lan.left).connect_tcp(("198.51.100.1", 80))
        with pytest.raises(OSError, match="unreachable"):
            await lan.world.on(lan.left).connect_tcp(("2001:db8::2", 80))

    lan.world.run(main)


@pytest.mark.parametrize("seconds", [0.05, 0.15])
def test_a_connection_that_nobody_wants_any_more_is_reset(seconds: float) -> None:
    lan = Lan(latency=0.1)

    async def main() -> None:
        listener = lan.listen()
        connecting = lan.world.start(lan.connect())
        await lan.world.sleep(seconds)
        connecting.cancel()
        accepted = await listener.accept()
        with pytest.raises(ConnectionResetError):
            await accepted.receive_some()

    lan.world.run(main)


def test_a_slow_link_slows_the_sender_down_and_a_close_loses_nothing() -> None:
    lan = Lan(latency=0.01, bandwidth=1_000_000)
    data = bytes(range(256)) * 4096

    async def main() -> None:
        listener = lan.listen()
        stream = await lan.connect()
        accepted = await listener.accept()

        async def send() -> None:
            for start in range(0, len(data), 10_000):
                await stream.send_all(data[start : start + 10_000])
            assert lan.world.now() > 6
            stream.close()

        sending = lan.world.start(send())
        received = b""
        while piece := await accepted.receive_some():
            received += piece
        await sending.join()
        assert received == data

    lan.world.run(main)


def test_a_cut_delays_and_loses_nothing() -> None:
    lan = Lan(latency=0.1)

    async def main() -> None:
        listener = lan.listen()
        stream = await lan.connect()
        accepted = await listener.accept()
        cut = lan.network.partition([lan.left])
        await stream.send_all(b"patience")
        await lan.world.sleep(60)
        cut.heal()
        assert await accepted.receive_some() == b"patience"
        assert lan.world.now() == pytest.approx(60.3)

    lan.world.run(main)


def test_names_of_hosts_resolve() -> None:
    lan = Lan()

    async def main() -> None:
        assert await lan.world.resolve("right", 80) == [("192.0.2.2", 80), ("2001:db8::2", 80)]
        with pytest.raises(OSError, match="no simulated host"):
            await lan.world.resolve("nobody", 80)

    lan.world.run(main)


def test_virtual_time_waits_for_threads() -> None:
    world = VirtualRuntime()
    done: list[float] = []
    real_sleep = time.sleep

    async def main() -> None:
        async def tick() -> None:
            await world.sleep(0.001)
            done.append(world.now())

        ticking = world.start(tick())
        await world.run_in_thread(real_sleep, 0.05)
        assert done == []
        assert world.now() == 0.0
        await ticking.join()

    world.run(main)


def test_a_virtual_loop_connects_from_the_host_of_the_runtime() -> None:
    lan = Lan(latency=0.1)

    async def main() -> TcpStream:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        accepted: list[asyncio.StreamWriter] = []
        with lan.right.active():
            server = await asyncio.start_server(lambda _, writer: accepted.append(writer), None, 80)
        stream = await loop.on(lan.left).connect_tcp(("192.0.2.2", 80))
        assert loop.time() == pytest.approx(0.2)
        accepted[0].close()
        assert await stream.receive_some() == b""
        stream.close()
        server.close()
        return stream

    assert run_virtual(main, network=lan.network).local[0] == "192.0.2.1"


def test_a_virtual_loop_resets_a_connection_whose_task_was_cancelled() -> None:
    lan = Lan(latency=0.1)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        readers: list[asyncio.StreamReader] = []
        with lan.right.active():
            server = await asyncio.start_server(lambda reader, _: readers.append(reader), None, 80)
        connecting = asyncio.create_task(loop.on(lan.left).connect_tcp(("192.0.2.2", 80)))
        await asyncio.sleep(0.15)
        connecting.cancel()
        with pytest.raises(ConnectionResetError):
            await readers[0].read()
        server.close()

    run_virtual(main, network=lan.network)
