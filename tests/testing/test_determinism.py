"""One seed, one schedule, one trace: in one process and in another."""

import asyncio
import os
import random
import secrets
import subprocess
import sys
import uuid
from collections.abc import Callable

import pytest

from purertc import PeerConnection
from purertc.testing import (
    LinkConditions,
    SimulatedNetwork,
    Trace,
    VirtualLoop,
    VirtualRuntime,
    run_virtual,
)
from tests.support.virtual_pairs import Echo, describe_to_each_other, two_hosts

CONDITIONS = LinkConditions(latency=0.02, jitter=0.02, loss=0.1, duplication=0.1, reordering=0.1)


async def several_echoes(
    left: PeerConnection, right: PeerConnection, sleep: Callable[[float], object]
) -> int:
    """Run more data through three channels than their buffers hold; then let the sides idle."""
    del sleep
    channels = [left.create_data_channel(f"channel {number}") for number in range(3)]
    await describe_to_each_other(left, right)
    received = 0
    for channel in channels:
        await channel.opened()
    for size in (10, 50_000, 200_000):
        for channel in channels:
            await channel.send(bytes(size))
    for _ in range(3):
        for channel in channels:
            received += len(await channel.receive())
    return received


def runtime_trace(seed: int, *, shuffle: bool = False) -> Trace:
    """Run a program on a VirtualRuntime; return what happened."""
    trace = Trace()
    network = two_hosts(seed, CONDITIONS, trace)
    world = VirtualRuntime(seed=seed, network=network, shuffle=shuffle)

    async def main() -> int:
        left, right = (world.on(network.hosts[name]) for name in ("left", "right"))
        async with (
            PeerConnection(runtime=left) as one,
            PeerConnection(Echo(), runtime=right) as two,
        ):
            received = await several_echoes(one, two, world.sleep)
            await world.sleep(60)
            return received

    assert world.run(main) == 3 * 250_010
    return trace


def loop_trace(seed: int) -> Trace:
    """Run the same program on a virtual asyncio loop."""
    trace = Trace()
    network = two_hosts(seed, CONDITIONS, trace)

    async def main() -> int:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        left, right = (loop.on(network.hosts[name]) for name in ("left", "right"))
        async with (
            PeerConnection(runtime=left) as one,
            PeerConnection(Echo(), runtime=right) as two,
        ):
            received = await several_echoes(one, two, asyncio.sleep)
            await asyncio.sleep(60)
            return received

    assert run_virtual(main, seed=seed, network=network) == 3 * 250_010
    return trace


KINDS: dict[str, Callable[[int], Trace]] = {
    "runtime": runtime_trace,
    "shuffled": lambda seed: runtime_trace(seed, shuffle=True),
    "loop": loop_trace,
}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_one_seed_one_trace(kind: str) -> None:
    first, second, other = KINDS[kind](1), KINDS[kind](1), KINDS[kind](2)
    assert str(first) == str(second)
    assert first.digest() == second.digest() != other.digest()
    assert first.counts()["deliver"] > 100


def test_shuffling_explores_other_schedules() -> None:
    assert runtime_trace(1).digest() != runtime_trace(1, shuffle=True).digest()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_another_process_does_the_same(kind: str) -> None:
    program = (
        "from tests.testing.test_determinism import KINDS\n"
        f"print(KINDS[{kind!r}](5).digest())"
    )  # fmt: skip
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={
                **os.environ,
                "PYTHONHASHSEED": hash_seed,
                "PYTHONPATH": os.pathsep.join(sys.path),
            },
            capture_output=True,
            text=True,
            timeout=50,
            check=True,
        ).stdout.strip()
        for hash_seed in ("1", "2")
    }
    assert digests == {KINDS[kind](5).digest()}


def test_randomness_of_every_kind_is_seeded() -> None:
    def draw(seed: int) -> list[object]:
        async def main() -> list[object]:
            return [
                random.random(), random.SystemRandom().random(), secrets.token_hex(8),
                secrets.randbelow(10**9), uuid.uuid4(), os.urandom(8), random.getrandbits(64),
            ]  # fmt: skip

        return run_virtual(main, seed=seed)

    assert draw(1) == draw(1)
    assert all(one != other for one, other in zip(draw(1), draw(2), strict=True))


def test_randomness_outside_is_left_alone() -> None:
    random.seed(7)
    expected = [random.random() for _ in range(3)]
    random.seed(7)

    async def main() -> None:
        random.seed(1)

    drawn = []
    for _ in range(3):
        drawn.append(random.random())
        run_virtual(main)
    assert drawn == expected
    assert os.urandom(8) != os.urandom(8)


def test_every_link_has_its_own_luck() -> None:
    def survivors(*, busy: bool) -> list[bool]:
        network = SimulatedNetwork(seed=1, conditions=LinkConditions(loss=0.5))
        hosts = [network.add_host(f"{n}", f"192.0.2.{n}") for n in (1, 2, 3)]
        socks = [host.bind(host.addresses[0], 7) for host in hosts]
        came = []
        for _ in range(50):
            if busy:
                socks[0].sendto(b"noise", socks[2].local)
            socks[0].sendto(b"x", socks[1].local)
            network.clock.advance(network.now + 1)
            came.append(socks[1].has_datagrams)
            if came[-1]:
                socks[1].recvfrom(10)
        return came

    assert survivors(busy=True) == survivors(busy=False)
