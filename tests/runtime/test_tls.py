"""TLS over the TCP streams of every runtime: who is trusted, what fails how, what gets through."""

import gc
import os
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from purertc.errors import InvalidStateError
from purertc.runtime.base import ServesTcp, TcpStream
from purertc.runtime.tls import TlsStream, client_context, start_tls
from tests.support.all_runtimes import on_all_runtimes
from tests.support.runtimes import Cancelled, Mailbox, Started, running, start, turns, within
from tests.support.tls_peers import Authority, TlsServer

NAMES = ("turn.example.org", "192.0.2.7", "2001:db8::7")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def server_context(authority: Authority) -> ssl.SSLContext:
    return authority.server_context(*NAMES)


@pytest.fixture
def expired_context(authority: Authority) -> ssl.SSLContext:
    return authority.server_context(*NAMES, days=-1)


@pytest.fixture
def trusting(authority: Authority) -> ssl.SSLContext:
    return client_context(str(authority.path))


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[TcpStream, TcpStream]]:
    accepted: Mailbox[TcpStream] = Mailbox()
    runtime = running()
    assert isinstance(runtime, ServesTcp)
    listener = await within(runtime.serve_tcp(("127.0.0.1", 0), accepted.put))
    client = await within(runtime.connect_tcp(listener.local))
    server = await within(accepted.get())
    listener.close()
    try:
        yield client, server
    finally:
        client.close()
        server.close()
        await turns()


@asynccontextmanager
async def secured(
    context: ssl.SSLContext, server_context: ssl.SSLContext, name: str = NAMES[0]
) -> AsyncIterator[tuple[TlsStream, TlsServer]]:
    async with connected() as (client, stream):
        server = TlsServer(stream, server_context)
        greeting = start(server.greet())
        tls = await within(start_tls(client, name, context))
        await greeting.result()
        yield tls, server


async def refusal(
    context: ssl.SSLContext, name: str, serve: Callable[[TcpStream], Started[None]]
) -> str:
    """Return why no TLS connection could be made; the stream below it must be closed then."""
    async with connected() as (client, stream):
        serving = serve(stream)
        with pytest.raises(OSError, match=r".") as raised:
            await within(start_tls(client, name, context))
        with pytest.raises(OSError, match="closed on this side"):
            await within(client.receive_some())
        stream.close()
        with suppress(OSError, Cancelled):
            await serving.result()
        return str(raised.value)


def greets_with(context: ssl.SSLContext) -> Callable[[TcpStream], Started[None]]:
    return lambda stream: start(TlsServer(stream, context).greet())


def says(data: bytes) -> Callable[[TcpStream], Started[None]]:
    async def say(stream: TcpStream) -> None:
        await stream.receive_some()
        await stream.send_all(data)
        stream.close()

    return lambda stream: start(say(stream))


@on_all_runtimes
@pytest.mark.parametrize("name", [*NAMES, "[2001:db8::7]"])
async def test_a_server_of_a_trusted_authority_is_talked_to(
    trusting: ssl.SSLContext, server_context: ssl.SSLContext, name: str
) -> None:
    async with secured(trusting, server_context, name) as (tls, server):
        assert tls.remote == server.stream.local
        assert tls.local == server.stream.remote
        await within(tls.send_all(b"hello"))
        assert await within(server.receive(5)) == b"hello"
        await within(server.send(b"welcome"))
        assert await within(tls.receive_some(3)) == b"wel"
        assert await within(tls.receive_some()) == b"come"


@on_all_runtimes
async def test_an_unknown_authority_is_not_trusted(server_context: ssl.SSLContext) -> None:
    reason = await refusal(client_context(), NAMES[0], greets_with(server_context))
    assert reason.startswith("no TLS connection to turn.example.org: its certificate is not acc")


@on_all_runtimes
@pytest.mark.parametrize("name", ["other.example.org", "192.0.2.8"])
async def test_a_certificate_for_another_name_is_not_accepted(
    trusting: ssl.SSLContext, server_context: ssl.SSLContext, name: str
) -> None:
    reason = await refusal(trusting, name, greets_with(server_context))
    assert "certificate is not accepted" in reason
    assert name in reason
    assert "mismatch" in reason


@on_all_runtimes
async def test_without_verification_any_certificate_will_do(
    server_context: ssl.SSLContext,
) -> None:
    context = client_context(verify=False)
    async with secured(context, server_context, "other.example.org") as (tls, server):
        await within(tls.send_all(b"x"))
        assert await within(server.receive(1)) == b"x"


@on_all_runtimes
async def test_a_certificate_that_has_expired_is_not_accepted(
    trusting: ssl.SSLContext, expired_context: ssl.SSLContext
) -> None:
    assert "expired" in await refusal(trusting, NAMES[0], greets_with(expired_context))


@on_all_runtimes
async def test_a_server_that_does_not_speak_tls(trusting: ssl.SSLContext) -> None:
    reason = await refusal(trusting, NAMES[0], says(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    assert reason == "no TLS connection to turn.example.org: the server does not speak TLS"


@on_all_runtimes
async def test_a_server_that_hangs_up(trusting: ssl.SSLContext) -> None:
    reason = await refusal(trusting, NAMES[0], says(b""))
    assert reason.endswith("the server closed the connection")


@on_all_runtimes
@pytest.mark.parametrize("name", ["", ".example.org", "a" * 300])
async def test_a_name_that_no_server_can_have(trusting: ssl.SSLContext, name: str) -> None:
    async with connected() as (client, _):
        with pytest.raises(OSError, match=r"cannot be the name|no TLS connection"):
            await within(start_tls(client, name, trusting))


@on_all_runtimes
async def test_much_data_goes_both_ways_at_once(
    trusting: ssl.SSLContext, server_context: ssl.SSLContext
) -> None:
    data = bytes(range(256)) * 2000

    async def receive(tls: TlsStream) -> bytes:
        received = b""
        while len(received) < len(data):
            received += await tls.receive_some()
        return received

    async with secured(trusting, server_context) as (tls, server):
        tasks = [start(tls.send_all(data)), start(server.send(data))]
        arrived = [start(server.receive(len(data))), start(receive(tls))]
        assert [await each.result() for each in arrived] == [data, data]
        for task in tasks:
            await task.result()


@on_all_runtimes
async def test_the_end_of_tls_is_the_end_and_a_cut_is_an_error(
    trusting: ssl.SSLContext, server_context: ssl.SSLContext
) -> None:
    async with secured(trusting, server_context) as (tls, server):
        await within(server.send(b"last"))
        await within(server.say_goodbye())
        assert await within(tls.receive_some()) == b"last"
        assert await within(tls.receive_some()) == b""
    async with secured(trusting, server_context) as (tls, server):
        server.stream.close()
        with pytest.raises(OSError, match=r"without the end of TLS|reset"):
            await within(tls.receive_some())


@on_all_runtimes
async def test_bytes_that_are_no_tls_end_the_stream(
    trusting: ssl.SSLContext, server_context: ssl.SSLContext
) -> None:
    async with secured(trusting, server_context) as (tls, server):
        await within(server.stream.send_all(b"\x17\x03\x03\x00\x20" + bytes(32)))
        with pytest.raises(OSError, match="TLS failed"):
            await within(tls.receive_some())


@on_all_runtimes
async def test_close_wakes_a_reader_and_a_cancelled_reader_loses_nothing(
    trusting: ssl.SSLContext, server_context: ssl.SSLContext
) -> None:
    async with secured(trusting, server_context) as (tls, server):
        reader = start(tls.receive_some())
        await turns()
        with pytest.raises(InvalidStateError):
            await within(tls.receive_some())
        reader.cancel()
        with pytest.raises(Cancelled):
            await reader.result()
        await within(server.send(b"kept"))
        assert await within(tls.receive_some()) == b"kept"
        reader = start(tls.receive_some())
        await turns()
        tls.close()
        with pytest.raises(OSError, match="closed on this side"):
            await reader.result()
        with pytest.raises(OSError, match="closed on this side"):
            await within(tls.send_all(b"x"))


@on_all_runtimes
@pytest.mark.parametrize("passed", range(4))
async def test_a_cancelled_handshake_leaves_no_socket_open(
    trusting: ssl.SSLContext, passed: int
) -> None:
    async with connected() as (client, _):
        greeting = start(start_tls(client, NAMES[0], trusting))
        await turns(passed)
        greeting.cancel()
        with pytest.raises(Cancelled):
            await greeting.result()
    gc.collect()  # a socket that is still open warns, and the warning fails the test


def test_a_file_of_authorities_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"cannot read the certificates in .*missing\.pem"):
        client_context(str(tmp_path / "missing.pem"))
    empty = tmp_path / "empty.pem"
    empty.write_text("no certificate here", encoding="ascii")
    with pytest.raises(OSError, match=r"no certificates can be read from .*empty\.pem"):
        client_context(str(empty))
    with pytest.raises(OSError, match="cannot read the certificates"):
        client_context(str(tmp_path))


def test_a_context_is_made_once_for_each_version_of_the_file(authority: Authority) -> None:
    path = str(authority.path)
    first = client_context(path)
    assert client_context(path) is first
    stat = authority.path.stat()
    os.utime(authority.path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1_000_000_000))
    assert client_context(path) is not first
