"""Nothing is left of relays, TCP and restarts over real sockets on asyncio, uvloop and trio."""

import asyncio
import importlib.util
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import pytest
import trio

from purertc import Configuration, ConnectionFailed, IceServer, IceTcpPolicy
from tests.support.leftovers import Leftovers, TimerCountingLoop, leftovers_of, leftovers_on_trio
from tests.support.real_connections import RealPeer, exchange, loopback, relayed, with_peer
from tests.support.real_turn_host import RealTurnServer

LOOPS = ["asyncio", "trio"] + ["uvloop"] * bool(importlib.util.find_spec("uvloop"))
PAIRS = 3
SETTLING = 0.05

NOT_OURS = {
    # A closed transport refers to itself, and to its closed socket.
    "asyncio": ("purertc.testing.", "socket.socket"),
    # A thread may end after the task that waited for its lookup.
    "trio": ("purertc.testing.", "socket.gaierror"),
    "uvloop": ("purertc.testing.",),
}


def with_one_thread(
    factory: Callable[[], asyncio.AbstractEventLoop],
) -> asyncio.AbstractEventLoop:
    """Make a loop that keeps one thread for lookups, however long each of them takes."""
    loop = factory()
    loop.set_default_executor(ThreadPoolExecutor(max_workers=1))
    return loop


def left_by(
    loop: str, use: Callable[[Callable[[float], Awaitable[object]]], Awaitable[None]]
) -> Leftovers:
    """Run ``use(sleep)`` in a loop; what the server in its thread keeps does not count."""

    async def on_asyncio() -> None:
        async with asyncio.timeout(30):
            await use(asyncio.sleep)

    async def on_trio() -> None:
        with trio.fail_after(30):
            await use(trio.sleep)

    if loop == "trio":
        left = leftovers_on_trio(on_trio)
    elif loop == "uvloop":
        import uvloop  # noqa: PLC0415  # optional

        left = leftovers_of(
            on_asyncio, loop_factory=partial(with_one_thread, uvloop.new_event_loop)
        )
    else:
        left = leftovers_of(on_asyncio, loop_factory=partial(with_one_thread, TimerCountingLoop))
    return {name: count for name, count in left.items() if not name.startswith(NOT_OURS[loop])}


async def use_and_restart(left: RealPeer, right: RealPeer) -> None:
    async with left.pc, right.pc:
        channel = await with_peer(left, right)
        await channel.send("before")
        assert await channel.receive() == "before"
        left.pc.restart_ice()
        await exchange(left, right)
        await channel.send("after")
        assert await channel.receive() == "after"
    left.other = right.other = None


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_relays(transport: str, loop: str) -> None:
    with RealTurnServer() as server:

        async def use(sleep: Callable[[float], Awaitable[object]]) -> None:
            for _ in range(PAIRS):
                configuration = relayed(server.port, transport)
                await use_and_restart(RealPeer(configuration), RealPeer(configuration))
            while server.allocations:
                await sleep(0.01)
            await sleep(SETTLING)

        assert left_by(loop, use) == {}


def tcp_only(candidate: str) -> bool:
    return " tcp " in candidate


@pytest.mark.parametrize("loop", LOOPS)
def test_ice_over_tcp(loop: str) -> None:
    async def use(sleep: Callable[[float], Awaitable[object]]) -> None:
        for _ in range(PAIRS):
            left = RealPeer(loopback(ice_tcp=IceTcpPolicy.PASSIVE), tcp_only)
            right = RealPeer(loopback(ice_tcp=IceTcpPolicy.ACTIVE), tcp_only)
            await use_and_restart(left, right)
        await sleep(SETTLING)

    assert left_by(loop, use) == {}


@pytest.mark.parametrize("loop", LOOPS)
def test_servers_that_do_not_answer_and_a_close_in_the_middle(loop: str) -> None:
    with RealTurnServer() as server:
        server.server.silent = True
        port = server.port
        configuration: Configuration = loopback(
            IceServer(f"stun:127.0.0.1:{port}"),
            IceServer(f"turn:127.0.0.1:{port}", "user", "password"),
            IceServer(f"turn:127.0.0.1:{port}?transport=tcp", "user", "password"),
            IceServer("turn:127.0.0.1:1?transport=tcp", "user", "password"),
            IceServer("stun:nowhere.invalid"),
            ice_tcp=IceTcpPolicy.PASSIVE,
        )

        async def use(sleep: Callable[[float], Awaitable[object]]) -> None:
            for delay in (0.0, 0.001, 0.02):
                peer = RealPeer(configuration)
                async with peer.pc:
                    peer.pc.create_data_channel("x")
                    await peer.pc.set_local_description()
                    await sleep(delay)
                with suppress(ConnectionFailed):
                    await peer.pc.connected()
            await sleep(SETTLING)

        assert left_by(loop, use) == {}
