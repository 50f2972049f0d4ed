"""Two programs talk over TCP or a Unix socket, in either order of starting."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from aiortc import RTCSessionDescription
from aiortc.contrib import signaling as legacy

from purertc.errors import ConnectionFailed, ProtocolError
from purertc.sansio.description import SessionDescription
from purertc.signaling import BYE, Signaling, TcpSocketSignaling, UnixSocketSignaling

OFFER = SessionDescription(type="offer", sdp="v=0\r\n")
ANSWER = SessionDescription(type="answer", sdp="v=0\r\n")

MakeSignaling = Callable[[], Signaling]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(params=["tcp", "unix"])
def make_signaling(request: pytest.FixtureRequest, tmp_path: Path) -> MakeSignaling:
    if request.param == "unix":
        return lambda: UnixSocketSignaling(str(tmp_path / "line"))
    port = free_port()
    return lambda: TcpSocketSignaling("127.0.0.1", port)


async def test_offer_and_answer_are_exchanged(make_signaling: MakeSignaling) -> None:
    async with make_signaling() as offering, make_signaling() as answering:
        _, offer = await asyncio.gather(offering.send(OFFER), answering.receive())
        assert offer == OFFER
        await answering.send(ANSWER)
        assert await offering.receive() == ANSWER


async def test_the_receiving_side_may_start_first(make_signaling: MakeSignaling) -> None:
    async with make_signaling() as offering, make_signaling() as answering:
        receiving = asyncio.ensure_future(answering.receive())
        await asyncio.sleep(0.01)
        await offering.send(OFFER)
        assert await receiving == OFFER


async def test_closing_says_goodbye(make_signaling: MakeSignaling) -> None:
    async with make_signaling() as answering:
        async with make_signaling() as offering:
            await asyncio.gather(offering.send(OFFER), answering.receive())
        assert await answering.receive() is BYE
        assert await answering.receive() is None


async def test_iteration_ends_with_the_goodbye(make_signaling: MakeSignaling) -> None:
    async def offer_and_leave() -> None:
        async with make_signaling() as offering:
            await offering.send(OFFER)

    leaving = asyncio.ensure_future(offer_and_leave())
    async with make_signaling() as answering:
        assert [message async for message in answering] == [OFFER]
    await leaving


async def test_closing_ends_a_waiting_receive(make_signaling: MakeSignaling) -> None:
    async with make_signaling() as offering, make_signaling() as answering:
        await asyncio.gather(offering.send(OFFER), answering.receive())
        receiving = asyncio.ensure_future(answering.receive())
        await asyncio.sleep(0)
        await answering.close()
        assert await receiving is None
        with pytest.raises(ConnectionFailed):
            await answering.receive()


async def test_a_cancelled_receive_loses_no_message(make_signaling: MakeSignaling) -> None:
    async with make_signaling() as offering, make_signaling() as answering:
        await asyncio.gather(offering.send(OFFER), answering.receive())
        receiving = asyncio.ensure_future(offering.receive())
        await asyncio.sleep(0)
        receiving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await receiving
        await answering.send(ANSWER)
        assert await offering.receive() == ANSWER


async def test_nobody_there_is_an_error_that_says_what_to_do() -> None:
    lonely = TcpSocketSignaling("127.0.0.1", free_port(), connect_timeout=0)
    with pytest.raises(ConnectionFailed, match="start the side that offers"):
        await lonely.receive()


async def test_close_before_anything_happened(make_signaling: MakeSignaling) -> None:
    signaling = make_signaling()
    await signaling.connect()
    await signaling.close()
    await signaling.close()


async def test_the_unix_socket_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "line"
    async with UnixSocketSignaling(str(path)) as offering, UnixSocketSignaling(str(path)) as other:
        await asyncio.gather(offering.send(OFFER), other.receive())
        assert not path.exists()


@pytest.mark.parametrize("junk", [b"\xff\xfe\n", b"{}\n", b"x" * (1 << 20) + b"y\n"])
async def test_junk_is_a_protocol_error(junk: bytes) -> None:
    port = free_port()

    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(junk)
        await writer.drain()
        writer.close()

    async with (
        await asyncio.start_server(talk, "127.0.0.1", port),
        TcpSocketSignaling("127.0.0.1", port) as signaling,
    ):
        with pytest.raises(ProtocolError):
            await signaling.receive()


@pytest.mark.parametrize("legacy_offers", [True, False])
async def test_a_program_on_aiortc_is_understood(legacy_offers: bool) -> None:
    port = free_port()
    ours = TcpSocketSignaling("127.0.0.1", port)
    theirs = legacy.TcpSocketSignaling("127.0.0.1", port)
    legacy_offer = RTCSessionDescription(sdp=OFFER.sdp, type="offer")
    if legacy_offers:
        _, received = await asyncio.gather(theirs.send(legacy_offer), ours.receive())
        assert received == OFFER
    else:
        sending = asyncio.ensure_future(ours.send(OFFER))
        await asyncio.sleep(0.05)  # aiortc does not try twice
        assert await theirs.receive() == legacy_offer
        await sending
    await theirs.close()
    assert await ours.receive() is BYE
    await ours.close()


async def test_closing_wakes_who_waits_for_the_other_side(make_signaling: MakeSignaling) -> None:
    sending, receiving = make_signaling(), make_signaling()
    for line in (sending, receiving):
        call = line.send(OFFER) if line is sending else line.receive()
        waiting = asyncio.ensure_future(call)
        await asyncio.sleep(0.01)
        await line.close()
        with pytest.raises(ConnectionFailed, match="closed"):
            await waiting


async def test_sending_to_a_side_that_went_is_an_error(make_signaling: MakeSignaling) -> None:
    async with make_signaling() as staying:
        async with make_signaling() as leaving:
            await asyncio.gather(staying.send(OFFER), leaving.receive())
        assert await staying.receive() is BYE
        assert await staying.receive() is None

        async def send_on() -> None:
            for _ in range(3):
                await staying.send(OFFER)
                await asyncio.sleep(0.01)

        with pytest.raises(ConnectionFailed, match="other side"):
            await send_on()


async def test_a_failure_that_nobody_heard_of_does_not_stay(tmp_path: Path) -> None:
    path = str(tmp_path / "line")
    async with UnixSocketSignaling(path, connect_timeout=0) as early:
        receiving = asyncio.ensure_future(early.receive())
        await asyncio.sleep(0)
        receiving.cancel()
        await asyncio.sleep(0.01)
        async with UnixSocketSignaling(path) as late:
            sending = asyncio.ensure_future(late.send(OFFER))
            await asyncio.sleep(0.01)
            assert await early.receive() == OFFER
            await sending
