"""What a simulation changes around a program, it changes in its own thread and while it runs."""

import asyncio
import os
import threading
import time
import types

import ifaddr
import pytest

from purertc.testing import SimulatedNetwork, VirtualRuntime, run_virtual
from purertc.testing.thread_patches import ThreadPatches


class Module(types.SimpleNamespace):
    """Something with a function to replace."""

    def __init__(self) -> None:
        super().__init__(ask=lambda question: f"real {question}")


def answer(subject: str, original: object, question: str) -> str:
    assert callable(original)
    return f"{subject} instead of {original(question)}"


def test_the_last_subject_of_the_thread_answers() -> None:
    module = Module()
    patches: ThreadPatches[str] = ThreadPatches([(module, "ask", answer)])
    original = module.ask
    patches.enter("first")
    patches.enter("second")
    assert module.ask("x") == "second instead of real x"
    patches.leave()
    assert module.ask("x") == "first instead of real x"
    patches.leave()
    assert module.ask is original


def test_threads_are_kept_apart() -> None:
    module = Module()
    patches: ThreadPatches[str] = ThreadPatches([(module, "ask", answer)])
    original, heard = module.ask, list[str]()
    both_inside = threading.Barrier(2, timeout=10)

    def other() -> None:
        heard.append(module.ask("x"))
        patches.enter("other")
        both_inside.wait()
        heard.append(module.ask("x"))
        patches.leave()

    patches.enter("main")
    thread = threading.Thread(target=other)
    thread.start()
    both_inside.wait()
    assert module.ask("x") == "main instead of real x"
    thread.join()
    patches.leave()
    assert heard == ["real x", "other instead of real x"]
    assert module.ask is original


def test_two_simulations_in_two_threads() -> None:
    results: dict[int, tuple[float, bytes]] = {}

    def simulate(seed: int) -> None:
        async def main() -> tuple[float, bytes]:
            for _ in range(100):
                await asyncio.sleep(seed)
            return time.monotonic(), os.urandom(8)

        results[seed] = run_virtual(main, seed=seed)

    threads = [threading.Thread(target=simulate, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    alone = dict(results)
    for seed in (1, 2):
        simulate(seed)
    assert results == alone
    assert [results[seed][0] for seed in (1, 2)] == [100, 200]


def test_a_simulation_inside_another() -> None:
    async def outer() -> list[float]:
        await asyncio.sleep(10)
        world = VirtualRuntime()
        before = time.monotonic()

        async def inner() -> float:
            await world.sleep(5)
            return time.monotonic()

        return [before, world.run(inner), time.monotonic()]

    assert run_virtual(outer) == [10, 5, 10]


def test_interfaces_are_those_of_the_active_host() -> None:
    network = SimulatedNetwork()
    network.add_host("first", "192.0.2.1")
    second = network.add_host("second", "192.0.2.2", "2001:db8::2")

    def addresses() -> list[str]:
        found = [ip.ip for adapter in ifaddr.get_adapters() for ip in adapter.ips]
        return [ip if isinstance(ip, str) else ip[0] for ip in found]

    async def main() -> None:
        loopback = ["127.0.0.1", "::1"]
        assert addresses() == [*loopback, "192.0.2.1"]
        with second.active():
            assert addresses() == [*loopback, "192.0.2.2", "2001:db8::2"]

    run_virtual(main, network=network)


def test_everything_is_put_back_after_an_error() -> None:
    originals = (time.time, os.urandom, ifaddr.get_adapters)

    async def main() -> None:
        raise KeyError

    for run in (run_virtual, VirtualRuntime().run):
        with pytest.raises(KeyError):
            run(main)
    assert (time.time, os.urandom, ifaddr.get_adapters) == originals
