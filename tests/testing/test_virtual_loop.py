"""asyncio programs on virtual time: timers, datagrams, threads, and the clock around them."""

import asyncio
import concurrent.futures
import socket
import threading
import time
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest

from purertc.errors import ArgumentError
from purertc.testing import (
    EPOCH,
    SimulatedNetwork,
    StuckError,
    VirtualLoop,
    run_virtual,
    virtual_asyncio,
)

REAL_START = time.monotonic()


class Collector(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.came: asyncio.Queue[tuple[bytes, Any]] = asyncio.Queue()
        self.log: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.log.append("made")

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        self.came.put_nowait((data, addr))

    def error_received(self, exc: Exception) -> None:
        self.log.append(f"error {exc.args[0]}")

    def connection_lost(self, exc: Exception | None) -> None:
        self.log.append("lost")


async def endpoint(
    host: str = "192.0.2.1", port: int = 0
) -> tuple[asyncio.DatagramTransport, Collector]:
    loop = asyncio.get_running_loop()
    return await loop.create_datagram_endpoint(Collector, local_addr=(host, port))


def test_time_jumps_and_timers_keep_their_order() -> None:
    fired: list[tuple[float, str]] = []

    def fire(name: str) -> None:
        fired.append((asyncio.get_running_loop().time(), name))

    async def main() -> float:
        loop = asyncio.get_running_loop()
        for delay, name in ((7200.0, "late"), (60.0, "first"), (60.0, "second")):
            loop.call_later(delay, fire, name)
        await asyncio.sleep(10_000)
        return loop.time()

    assert run_virtual(main) == 10_000
    assert fired == [(60.0, "first"), (60.0, "second"), (7200.0, "late")]


def test_timeouts_and_task_groups() -> None:
    async def main() -> str:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await asyncio.sleep(50)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 5)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(asyncio.sleep(n, f"{n}")) for n in (3, 1, 2)]
        assert asyncio.get_running_loop().time() == 13
        return "".join(task.result() for task in tasks)

    assert run_virtual(main) == "312"


def test_datagrams_between_endpoints_take_the_latency() -> None:
    async def main() -> None:
        network_loop = asyncio.get_running_loop()
        assert isinstance(network_loop, VirtualLoop)
        far = network_loop.simulated_network.add_host("far", "198.51.100.1")
        near, near_protocol = await endpoint("0.0.0.0", 5000)
        with far.active():
            _, far_protocol = await endpoint("198.51.100.1", 6000)
        near.sendto(b"hello", ("198.51.100.1", 6000))
        assert await far_protocol.came.get() == (b"hello", ("192.0.2.1", 5000))
        assert network_loop.time() == pytest.approx(0.01)
        near.close()
        near.close()
        assert near.is_closing()
        near.sendto(b"ignored", ("198.51.100.1", 6000))
        await asyncio.sleep(0)
        assert near_protocol.log == ["made", "lost"]

    network = SimulatedNetwork()
    network.add_host("near", "192.0.2.1")
    run_virtual(main, network=network)


def test_an_endpoint_with_a_remote_address_hears_only_that() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        server, server_protocol = await endpoint(port=7)
        client, client_protocol = await loop.create_datagram_endpoint(
            Collector, remote_addr=("192.0.2.1", 7)
        )
        stranger, _ = await endpoint()
        client.sendto(b"ping")
        _, source = await server_protocol.came.get()
        stranger.sendto(b"spoof", source)
        server.sendto(b"pong", source)
        assert (await client_protocol.came.get())[0] == b"pong"
        assert client_protocol.came.empty()
        assert client.get_extra_info("peername") == ("192.0.2.1", 7)
        with pytest.raises(ValueError, match="Invalid address"):
            client.sendto(b"x", ("192.0.2.1", 8))
        with pytest.raises(ValueError, match="no remote address"):
            server.sendto(b"x")
        server.sendto(bytes(70_000), source)
        assert server_protocol.log == ["made", "error 90"]

    run_virtual(main)


def test_ipv6_addresses_have_four_parts() -> None:
    async def main() -> None:
        near, protocol = await endpoint("2001:db8::1")
        near.sendto(b"me", near.get_extra_info("sockname"))
        assert (await protocol.came.get())[1] == near.get_extra_info("sockname")
        assert len(near.get_extra_info("sockname")) == 4

    run_virtual(main)


def test_a_taken_port_and_a_foreign_socket() -> None:
    async def main() -> None:
        await endpoint(port=7)
        with pytest.raises(OSError, match="in use"):
            await endpoint(port=7)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            with pytest.raises(NotImplementedError, match="local_addr"):
                await asyncio.get_running_loop().create_datagram_endpoint(Collector, sock=sock)
            with pytest.raises(NotImplementedError, match="simulated network"):
                asyncio.get_running_loop().add_reader(sock, print)

    run_virtual(main)


def test_names_resolve_on_the_network() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo("server", 80, type=socket.SOCK_STREAM)
        assert [address for *_, address in found] == [("198.51.100.1", 80), ("2001:db8::5", 80)]
        only = await loop.getaddrinfo("server", 80, family=socket.AF_INET6)
        assert [address for *_, address in only] == [("2001:db8::5", 80)]
        with pytest.raises(socket.gaierror):
            await loop.getaddrinfo("nobody.example", 80)

    network = SimulatedNetwork()
    network.add_host("server", "2001:db8::5", "198.51.100.1")
    run_virtual(main, network=network)


def test_virtual_time_waits_for_executors() -> None:
    threads: list[int] = []
    order: list[str] = []

    def work(name: str) -> str:
        time.sleep(0.02)
        threads.append(threading.get_ident())
        order.append(name)
        return name

    async def main() -> float:
        loop = asyncio.get_running_loop()
        loop.call_later(0.001, order.append, "timer")
        results = await asyncio.gather(*(loop.run_in_executor(None, work, name) for name in "ab"))
        assert results == ["a", "b"]
        assert order == ["a", "b"]
        elapsed = loop.time()
        with concurrent.futures.ThreadPoolExecutor() as pool:
            assert await loop.run_in_executor(pool, work, "c") == "c"
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(divmod, 1, 0)
        await asyncio.sleep(1)
        return elapsed

    assert run_virtual(main) == 0.0
    assert threading.get_ident() not in threads
    assert order == ["a", "b", "c", "timer"]


def test_a_thread_may_ask_the_loop() -> None:
    async def answer() -> str:
        await asyncio.sleep(0)
        return "yes"

    async def main() -> str:
        loop = asyncio.get_running_loop()

        def ask() -> str:
            return asyncio.run_coroutine_threadsafe(answer(), loop).result(10)

        return await asyncio.to_thread(ask)

    assert run_virtual(main) == "yes"


def test_a_loop_that_is_never_idle_hears_threads_too() -> None:
    async def main() -> None:
        job = asyncio.get_running_loop().run_in_executor(None, lambda: "done")
        while not job.done():  # noqa: ASYNC110  # the point of the test
            await asyncio.sleep(0)

    run_virtual(main)


def test_the_clock_of_the_machine_is_that_of_the_simulation() -> None:
    async def main() -> None:
        assert [time.time(), time.monotonic(), time.perf_counter()] == [EPOCH, 0.0, 0.0]
        assert time.time_ns() == EPOCH * 10**9
        await asyncio.sleep(90)
        assert (time.time(), time.monotonic()) == (EPOCH + 90, 90.0)
        assert time.monotonic_ns() == 90 * 10**9
        time.sleep(5)  # noqa: ASYNC251  # virtual
        assert asyncio.get_running_loop().time() == 95
        seen = await asyncio.to_thread(time.monotonic)
        assert seen >= REAL_START

    original = time.monotonic
    run_virtual(main)
    assert time.monotonic is original


def test_a_program_that_blocks_makes_timers_late() -> None:
    fired: list[float] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(1, lambda: fired.append(loop.time()))
        time.sleep(3)  # noqa: ASYNC251  # the point of the test
        await asyncio.sleep(1)

    run_virtual(main)
    assert fired == [3.0]


def test_a_program_that_can_never_go_on() -> None:
    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(StuckError, match="nothing that will come"):
        run_virtual(main)


def test_the_time_limit() -> None:
    async def main() -> None:
        while True:  # noqa: ASYNC110  # the point of the test
            await asyncio.sleep(1)

    with pytest.raises(StuckError, match="100 virtual seconds"):
        run_virtual(main, time_limit=100)


def test_a_program_over_the_limit_may_clean_up() -> None:
    cleaned: list[float] = []

    async def main() -> None:
        try:
            await asyncio.sleep(1000)
        finally:
            await asyncio.sleep(10)
            cleaned.append(asyncio.get_running_loop().time())

    with pytest.raises(StuckError):
        run_virtual(main, time_limit=100)
    assert cleaned == [10.0]


def test_errors_and_results_come_through() -> None:
    async def main() -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        run_virtual(main)


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    loop = VirtualLoop()
    yield loop
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


def test_a_loop_may_be_run_again_and_closes_once(loop: VirtualLoop) -> None:
    def run(coroutine: Coroutine[Any, Any, float]) -> float:
        return loop.run_until_complete(coroutine)

    async def nap() -> float:
        await asyncio.sleep(1)
        return loop.time()

    assert [run(nap()), run(nap())] == [1, 2]
    stranger = SimulatedNetwork().add_host("stranger", "192.0.2.1")
    with pytest.raises(ArgumentError, match="another network"):
        loop.on(stranger)
    other = VirtualLoop()
    other.close()
    other.close()
    with pytest.raises(RuntimeError, match="closed"):
        other.call_soon_threadsafe(print)


def test_programs_that_call_asyncio_run_themselves() -> None:
    async def program() -> float:
        await asyncio.sleep(3600)
        return asyncio.get_running_loop().time()

    policy = asyncio.get_event_loop_policy()
    with virtual_asyncio(seed=1):
        assert asyncio.run(program()) == 3600
        assert asyncio.run(program(), debug=True) == 7200
    assert asyncio.get_event_loop_policy() is policy


def test_each_task_stays_on_its_host() -> None:
    network = SimulatedNetwork()
    left, right = network.add_host("left", "192.0.2.1"), network.add_host("right", "192.0.2.2")

    async def who() -> str:
        await asyncio.sleep(1)
        return network.current_host().name

    async def main() -> list[str]:
        with left.active():
            first = asyncio.create_task(who())
        with right.active():
            second = asyncio.create_task(who())
        return [await first, await second]

    assert run_virtual(main, network=network) == ["left", "right"]
