"""The streams of a peer: opened, fed, drained and closed as it asks, on every runtime."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from purertc.runtime.base import ServesTcp, TcpListener, TcpStream
from purertc.runtime.detect import RuntimeSource
from purertc.sansio.network_settings import NetworkSettings
from purertc.sansio.streams import Stream
from purertc.streams import LINGER, MOST_QUEUED, StreamHub
from tests.support.all_runtimes import on_all_runtimes
from tests.support.fake_peer import FakePeer
from tests.support.runtimes import Mailbox, new_event, other_tasks, running, start, turns, within
from tests.support.tls_peers import Authority, TlsServer


class Setup:
    """A hub, and somebody who listens."""

    def __init__(self, listener: TcpListener, accepted: Mailbox[TcpStream]) -> None:
        self.listener = listener
        self.accepted = accepted
        self.peer = FakePeer()
        self.use(NetworkSettings())
        self._progress = new_event()

    def use(self, settings: NetworkSettings) -> None:
        runtime = running()
        self.hub = StreamHub(
            RuntimeSource(runtime), settings, self.peer, runtime.now, self._on_change
        )

    async def until(self, text: str) -> None:
        """Wait until the peer was told ``text``."""
        while not any(text in call for call in self.peer.calls):
            self._progress = new_event()
            await within(self._progress.wait())

    async def received(self, stream: Stream, size: int) -> bytes:
        while len(self.peer.received.get(stream, b"")) < size:
            self._progress = new_event()
            await within(self._progress.wait())
        return self.peer.received[stream]

    async def opened(self, stream: Stream) -> TcpStream:
        self.hub.open(stream)
        other = await within(self.accepted.get())
        await self.until("opened")
        return other

    async def close(self) -> None:
        closed = new_event()
        self.hub.close(closed.set)
        await within(closed.wait())

    def _on_change(self) -> None:
        self._progress.set()


@asynccontextmanager
async def setting() -> AsyncIterator[Setup]:
    accepted: Mailbox[TcpStream] = Mailbox()
    runtime = running()
    assert isinstance(runtime, ServesTcp)
    listener = await within(runtime.serve_tcp(("127.0.0.1", 0), accepted.put))
    setup = Setup(listener, accepted)
    try:
        yield setup
    finally:
        await setup.close()
        listener.close()
        await turns()
        assert [name for name in other_tasks() if "stream" in name] == []


async def received(tcp: TcpStream, size: int) -> bytes:
    data = b""
    while len(data) < size and (more := await within(tcp.receive_some())):
        data += more
    return data


@on_all_runtimes
async def test_a_stream_opens_and_carries_bytes_both_ways() -> None:
    async with setting() as setup:
        stream = Stream(setup.listener.local)
        other = await setup.opened(stream)
        assert setup.peer.calls == ["opened from 127.0.0.1"]
        setup.hub.send(stream, b"one")
        setup.hub.send(stream, b"two")
        assert await received(other, 6) == b"onetwo"
        setup.hub.send(stream, b"three")
        assert await received(other, 5) == b"three"
        await within(other.send_all(b"back"))
        assert await setup.received(stream, 4) == b"back"
        other.close()


@on_all_runtimes
async def test_a_stream_comes_from_the_host_that_the_peer_wants() -> None:
    async with setting() as setup:
        other = await setup.opened(Stream(setup.listener.local, local_host="127.0.0.2"))
        assert other.remote[0] == "127.0.0.2"
        assert setup.peer.calls == ["opened from 127.0.0.2"]
        other.close()


@on_all_runtimes
async def test_nobody_listens() -> None:
    async with setting() as setup:
        setup.listener.close()
        await turns()
        setup.hub.open(Stream(setup.listener.local))
        await setup.until("closed: ")
        assert "refused" in setup.peer.calls[0] or "failed" in setup.peer.calls[0]


@on_all_runtimes
async def test_a_host_that_cannot_be_connected_from() -> None:
    async with setting() as setup:
        setup.hub.open(Stream(setup.listener.local, local_host="198.51.100.77"))
        await setup.until("closed: ")


@on_all_runtimes
async def test_the_peer_hears_that_the_other_side_closed() -> None:
    async with setting() as setup:
        stream = Stream(setup.listener.local)
        other = await setup.opened(stream)
        other.close()
        await setup.until("closed: the other side closed the connection")
        setup.hub.send(stream, b"too late")
        setup.hub.end(stream)
        assert not setup.hub


@on_all_runtimes
async def test_an_unwanted_stream_is_closed_after_what_it_had_to_send() -> None:
    async with setting() as setup:
        stream = Stream(setup.listener.local)
        other = await setup.opened(stream)
        data = bytes(500_000)
        setup.hub.send(stream, data)
        setup.hub.end(stream)
        assert await received(other, len(data) + 1) == data
        assert setup.peer.calls == ["opened from 127.0.0.1"]
        assert stream not in setup.peer.received
        other.close()


@on_all_runtimes
async def test_a_stream_that_is_still_connecting_can_be_given_up() -> None:
    async with setting() as setup:
        for passed in range(3):
            stream = Stream(setup.listener.local)
            setup.hub.open(stream)
            await turns(passed)
            setup.hub.end(stream)
            assert not setup.hub
        await turns()
        assert [call for call in setup.peer.calls if "closed" in call] == []
        while not setup.accepted.empty():
            (await setup.accepted.get()).close()


@on_all_runtimes
async def test_what_finds_no_room_is_dropped_whole_and_counted() -> None:
    async with setting() as setup:
        stream = Stream(setup.listener.local)
        other = await setup.opened(stream)
        chunk = bytes(MOST_QUEUED // 4)
        for _ in range(6):
            setup.hub.send(stream, chunk)
        assert setup.hub.dropped == 2
        assert len(await received(other, 4 * len(chunk))) == 4 * len(chunk)
        await turns()
        setup.hub.send(stream, b"again")
        assert await received(other, 5) == b"again"
        other.close()


@on_all_runtimes
async def test_closing_waits_a_bounded_time_for_one_who_does_not_read() -> None:
    async with setting() as setup:
        other: list[TcpStream] = []
        # A simulated network takes 64 KiB, the kernel some megabytes.
        for _ in range(20):
            stream = Stream(setup.listener.local)
            other.append(await setup.opened(stream))
            setup.peer.calls.clear()
            setup.hub.send(stream, bytes(MOST_QUEUED))
            setup.hub.send(stream, b"")
        began = running().now()
        await setup.close()
        assert running().now() - began < LINGER + 5
        assert not setup.hub
        for each in other:
            each.close()


@on_all_runtimes
async def test_a_connection_from_outside_becomes_a_stream() -> None:
    async with setting() as setup:
        out = await within(running().connect_tcp(setup.listener.local))
        tcp = await within(setup.accepted.get())
        setup.hub.accept(setup.listener.local, tcp)
        (stream,) = setup.peer.accepted
        assert (stream.remote, stream.local_host) == (out.local, "127.0.0.1")
        setup.hub.send(stream, b"welcome")
        assert await received(out, 7) == b"welcome"
        await within(out.send_all(b"thanks"))
        assert await setup.received(stream, 6) == b"thanks"
        assert setup.peer.calls == []
        out.close()
        await setup.until("closed: ")


@on_all_runtimes
async def test_a_connection_that_the_peer_refuses_is_closed() -> None:
    async with setting() as setup:
        setup.peer.accepts = False
        out = await within(running().connect_tcp(setup.listener.local))
        setup.hub.accept(setup.listener.local, await within(setup.accepted.get()))
        assert await received(out, 1) == b""
        assert not setup.hub
        out.close()


@on_all_runtimes
async def test_after_the_close_nobody_is_let_in() -> None:
    async with setting() as setup:
        out = await within(running().connect_tcp(setup.listener.local))
        tcp = await within(setup.accepted.get())
        await setup.close()
        setup.hub.accept(setup.listener.local, tcp)
        assert setup.peer.accepted == []
        assert await received(out, 1) == b""
        out.close()


@on_all_runtimes
async def test_abort_closes_everything_at_once() -> None:
    async with setting() as setup:
        stream = Stream(setup.listener.local)
        other = await setup.opened(stream)
        setup.hub.send(stream, bytes(MOST_QUEUED))
        setup.hub.open(Stream(setup.listener.local))
        setup.hub.abort()
        assert not setup.hub
        await turns()
        assert setup.peer.calls == ["opened from 127.0.0.1"]
        other.close()
        while not setup.accepted.empty():
            (await setup.accepted.get()).close()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def server_context(authority: Authority) -> ssl.SSLContext:
    return authority.server_context("turn.example.org")


@on_all_runtimes
async def test_a_stream_with_a_server_name_is_tls(
    authority: Authority, server_context: ssl.SSLContext
) -> None:
    async with setting() as setup:
        setup.use(NetworkSettings(tls_ca_file=str(authority.path)))
        stream = Stream(setup.listener.local, server_name="turn.example.org")
        setup.hub.open(stream)
        server = TlsServer(await within(setup.accepted.get()), server_context)
        await within(server.greet())
        await setup.until("opened")
        setup.hub.send(stream, b"hello")
        assert await within(server.receive(5)) == b"hello"
        await within(server.send(b"welcome"))
        assert await setup.received(stream, 7) == b"welcome"
        server.stream.close()
        await setup.until("closed: ")


@on_all_runtimes
async def test_a_server_that_is_not_trusted_is_not_talked_to(
    server_context: ssl.SSLContext,
) -> None:
    async with setting() as setup:
        setup.hub.open(Stream(setup.listener.local, server_name="turn.example.org"))
        server = TlsServer(await within(setup.accepted.get()), server_context)
        greeting = start(server.greet())
        await setup.until("closed: no TLS connection to turn.example.org: its certificate is not")
        with pytest.raises(ssl.SSLError):
            await greeting.result()
        server.stream.close()


@on_all_runtimes
async def test_a_file_of_authorities_that_is_missing_is_told() -> None:
    async with setting() as setup:
        setup.use(NetworkSettings(tls_ca_file="/nonexistent/authorities.pem"))
        setup.hub.open(Stream(setup.listener.local, server_name="turn.example.org"))
        await setup.until("cannot read the certificates in /nonexistent/authorities.pem")
