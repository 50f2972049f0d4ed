"""The count itself: whatever is left behind is found."""

import asyncio
import socket
import threading

import pytest

from purertc import PeerConnection
from tests.support.leftovers import Use, leftovers_of, memory_growth

kept: list[object] = []


async def leave_nothing() -> None:
    async with PeerConnection() as pc:
        pc.create_data_channel("channel")
        await pc.set_local_description()


async def leave_cycle() -> None:
    async with PeerConnection() as pc:
        pc.cycle = pc  # type: ignore[attr-defined]


async def leave_connection() -> None:
    async with PeerConnection() as pc:
        kept.append(pc)


async def leave_socket() -> None:
    kept.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))


async def leave_task() -> None:
    kept.append(asyncio.create_task(asyncio.Event().wait()))


async def leave_timer() -> None:
    kept.append(asyncio.get_running_loop().call_later(100, print))


async def leave_thread() -> None:
    end = threading.Event()
    kept.append(end)
    threading.Thread(target=end.wait, daemon=True).start()


async def leave_exception() -> None:
    asyncio.get_running_loop().create_future().set_exception(ValueError("nobody looks"))


@pytest.fixture(autouse=True)
def _let_go() -> object:
    yield
    for each in kept:
        if isinstance(each, socket.socket):
            each.close()
        if isinstance(each, threading.Event):
            each.set()
    kept.clear()


def test_nothing() -> None:
    assert leftovers_of(leave_nothing) == {}


@pytest.mark.parametrize(
    ("use", "name"),
    [
        (leave_cycle, "purertc.peer_connection.PeerConnection"),
        (leave_connection, "purertc.peer_connection.PeerConnection"),
        (leave_socket, "sockets"),
        (leave_task, "tasks"),
        (leave_timer, "timer "),
        (leave_thread, "threads"),
        (leave_exception, "Future exception was never retrieved: nobody looks"),
    ],
)
def test_each_kind_of_thing(use: Use, name: str) -> None:
    found = leftovers_of(use)
    assert any(each.startswith(name) for each in found), found


def test_memory() -> None:
    assert memory_growth(leave_connection, rounds=3, warm_up=2) > 1000
    assert memory_growth(leave_cycle, rounds=3, warm_up=2) > 1000
