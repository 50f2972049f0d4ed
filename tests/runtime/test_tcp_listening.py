"""Runtimes take TCP connections, and make them from an address of the caller's choice."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from purertc.runtime.base import ServesTcp, TcpListener, TcpStream
from tests.support.all_runtimes import on_all_runtimes
from tests.support.runtimes import Cancelled, Mailbox, running, start, turns, within


def server() -> ServesTcp:
    runtime = running()
    assert isinstance(runtime, ServesTcp)
    return runtime


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[TcpListener, Mailbox[TcpStream]]]:
    accepted: Mailbox[TcpStream] = Mailbox()
    listener = await within(server().serve_tcp(("127.0.0.1", 0), accepted.put))
    try:
        yield listener, accepted
    finally:
        listener.close()
        while not accepted.empty():
            (await accepted.get()).close()
        await turns()


@on_all_runtimes
async def test_each_connection_is_handed_over_with_its_addresses() -> None:
    async with listening() as (listener, accepted):
        assert listener.local[0] == "127.0.0.1"
        assert listener.local[1] > 0
        for _ in range(3):
            out = await within(running().connect_tcp(listener.local))
            stream = await within(accepted.get())
            assert stream.local == listener.local == out.remote
            assert stream.remote == out.local
            await within(out.send_all(b"hello"))
            assert await within(stream.receive_some()) == b"hello"
            await within(stream.send_all(b"welcome"))
            assert await within(out.receive_some()) == b"welcome"
            out.close()
            assert await within(stream.receive_some()) == b""
            stream.close()


@on_all_runtimes
async def test_a_closed_listener_takes_nobody_but_keeps_what_it_took() -> None:
    async with listening() as (listener, accepted):
        out = await within(running().connect_tcp(listener.local))
        stream = await within(accepted.get())
        listener.close()
        listener.close()
        await turns()
        with pytest.raises(ConnectionRefusedError):
            await within(running().connect_tcp(listener.local))
        await within(out.send_all(b"still here"))
        assert await within(stream.receive_some()) == b"still here"
        out.close()
        stream.close()


@on_all_runtimes
async def test_an_address_that_is_taken_is_refused() -> None:
    async with listening() as (listener, accepted):
        with pytest.raises(OSError, match=r"."):
            await within(server().serve_tcp(listener.local, accepted.put))


@on_all_runtimes
@pytest.mark.parametrize("passed", range(3))
async def test_listening_that_is_cancelled_leaves_no_socket_open(passed: int) -> None:
    ignored: Mailbox[TcpStream] = Mailbox()
    beginning = start(server().serve_tcp(("127.0.0.1", 0), ignored.put))
    await turns(passed)
    beginning.cancel()
    with suppress(Cancelled):
        (await beginning.result()).close()
    await turns()
    gc.collect()  # a socket that is still open warns, and the warning fails the test


@on_all_runtimes
async def test_a_connection_comes_from_the_host_that_was_asked_for() -> None:
    async with listening() as (listener, accepted):
        out = await within(running().connect_tcp(listener.local, local_host="127.0.0.2"))
        stream = await within(accepted.get())
        assert out.local[0] == stream.remote[0] == "127.0.0.2"
        out.close()
        stream.close()


@on_all_runtimes
async def test_a_host_of_another_machine_cannot_be_connected_from() -> None:
    async with listening() as (listener, _):
        with pytest.raises(OSError, match=r"."):
            await within(running().connect_tcp(listener.local, local_host="198.51.100.77"))
    gc.collect()
