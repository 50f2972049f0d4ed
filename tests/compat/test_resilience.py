"""The legacy connection is sturdier than aiortc's: listeners, closing, dropping."""

import asyncio
import gc
import threading
import weakref
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest

from purertc_compat import (
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)

Pair = tuple[RTCPeerConnection, RTCPeerConnection]


def make() -> RTCPeerConnection:
    return RTCPeerConnection(RTCConfiguration(iceServers=[]))


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    connections = make(), make()
    yield connections
    for pc in connections:
        await pc.close()


@pytest.fixture
def loop_errors() -> list[BaseException]:
    """What reaches the loop's exception handler."""
    return []


def watch_loop(errors: list[BaseException]) -> None:
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: errors.append(context["exception"])
    )


def sdp_of(pc: RTCPeerConnection) -> RTCSessionDescription:
    description = pc.localDescription
    assert description is not None
    return description


async def connect(offerer: RTCPeerConnection, answerer: RTCPeerConnection) -> None:
    await offerer.setLocalDescription(await offerer.createOffer())
    await answerer.setRemoteDescription(sdp_of(offerer))
    await answerer.setLocalDescription(await answerer.createAnswer())
    await offerer.setRemoteDescription(sdp_of(answerer))


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  # it looks from outside, as programs do
            await asyncio.sleep(0.001)


async def open_channel(pair: Pair) -> tuple[RTCDataChannel, RTCDataChannel]:
    remotes: list[RTCDataChannel] = []
    pair[1].on("datachannel", remotes.append)
    channel = pair[0].createDataChannel("chat")
    await connect(*pair)
    await until(lambda: remotes and channel.readyState == "open")
    return channel, remotes[0]


def boom(*_: object) -> None:
    raise RuntimeError("boom")


async def test_a_raising_message_listener_harms_neither_connection_nor_listeners(
    pair: Pair, loop_errors: list[BaseException]
) -> None:
    watch_loop(loop_errors)
    channel, remote = await open_channel(pair)
    received: list[str] = []
    remote.on("message", boom)
    remote.on("message", received.append)
    for message in ("one", "two"):
        channel.send(message)
    await until(lambda: len(received) == 2)
    assert received == ["one", "two"]
    assert [str(error) for error in loop_errors] == ["boom", "boom"]
    assert pair[1].connectionState == "connected"


@pytest.mark.parametrize(
    "event",
    [
        "signalingstatechange",
        "icegatheringstatechange",
        "iceconnectionstatechange",
        "connectionstatechange",
        "datachannel",
    ],
)
async def test_a_raising_connection_listener_stops_nothing(
    pair: Pair, loop_errors: list[BaseException], event: str
) -> None:
    watch_loop(loop_errors)
    for pc in pair:
        pc.on(event, boom)
    await open_channel(pair)
    for pc in pair:
        await pc.close()
        assert pc.connectionState == "closed"
    assert loop_errors
    assert {str(error) for error in loop_errors} == {"boom"}


async def test_closing_goes_on_when_the_call_is_cancelled(pair: Pair) -> None:
    await open_channel(pair)
    closing = asyncio.ensure_future(pair[0].close())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    async with asyncio.timeout(5):
        await pair[0].close()
    assert pair[0].connectionState == "closed"
    assert pair[0].iceConnectionState == "closed"


async def test_two_closings_at_once_both_end(pair: Pair) -> None:
    await open_channel(pair)
    async with asyncio.timeout(5):
        await asyncio.gather(pair[0].close(), pair[0].close(), pair[1].close())
    assert pair[0].connectionState == pair[1].connectionState == "closed"


async def test_a_connection_that_the_program_dropped_goes_on(pair: Pair) -> None:
    """Legacy programs keep only the channel, or nothing at all."""
    answerer = make()
    reference = weakref.ref(answerer)
    received: list[str] = []
    answerer.on("datachannel", lambda remote: remote.on("message", received.append))
    channel = pair[0].createDataChannel("chat")
    await connect(pair[0], answerer)
    del answerer
    gc.collect()
    await until(lambda: channel.readyState == "open")
    channel.send("anyone there?")
    await until(lambda: received)
    kept = reference()
    assert kept is not None
    await kept.close()


async def assert_freed_without_the_collector(
    use: Callable[[], Coroutine[None, None, list[weakref.ref[Any]]]],
) -> None:
    gc.collect()
    gc.disable()
    try:
        references = await use()
        for _ in range(5):
            await asyncio.sleep(0)
        assert [reference() for reference in references] == [None] * len(references)
    finally:
        gc.enable()


async def test_a_closed_connection_is_freed_without_the_cyclic_collector() -> None:
    async def use() -> list[weakref.ref[Any]]:
        offerer, answerer = make(), make()
        channel, remote = await open_channel((offerer, answerer))
        remote.on("message", lambda _: remote.send("back"))
        answers: list[str] = []
        channel.on("message", answers.append)
        channel.send("there")
        await until(lambda: answers)
        await offerer.close()
        await until(lambda: answerer.connectionState == "closed")
        await answerer.close()
        return [weakref.ref(each) for each in (offerer, answerer, channel, remote, offerer.sctp)]

    await assert_freed_without_the_collector(use)


async def test_a_connection_that_never_connected_is_freed_as_well() -> None:
    async def use() -> list[weakref.ref[Any]]:
        pc = make()
        channel = pc.createDataChannel("chat")
        pc.on("connectionstatechange", lambda: pc.connectionState)
        channel.on("open", lambda: channel.send("never"))
        await pc.setLocalDescription()
        await pc.close()
        return [weakref.ref(pc), weakref.ref(channel), weakref.ref(pc.sctp)]

    await assert_freed_without_the_collector(use)


async def test_a_connection_whose_listeners_raised_is_freed_as_well() -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("later")

    async def use() -> list[weakref.ref[Any]]:
        offerer, answerer = make(), make()
        channel, remote = await open_channel((offerer, answerer))
        for listener in (lambda _: boom(remote, answerer), fail):
            remote.on("message", listener)
        channel.send("go")
        await until(lambda: remote.complete and errors)
        await offerer.close()
        await answerer.close()
        errors.clear()
        return [weakref.ref(offerer), weakref.ref(answerer), weakref.ref(remote)]

    errors: list[BaseException] = []
    watch_loop(errors)
    await assert_freed_without_the_collector(use)


def test_a_connection_made_where_no_loop_runs_works_later() -> None:
    offerer, answerer = make(), make()
    channel = offerer.createDataChannel("early")
    assert channel.readyState == "connecting"
    assert offerer.sctp is not None

    async def run() -> str:
        await connect(offerer, answerer)
        await until(lambda: channel.readyState == "open")
        await offerer.close()
        await answerer.close()
        return channel.readyState

    assert asyncio.run(run()) == "closed"


async def test_send_from_another_thread_is_refused_with_advice(pair: Pair) -> None:
    channel, _ = await open_channel(pair)
    errors: list[BaseException] = []

    def send() -> None:
        try:
            channel.send("from afar")
        except RuntimeError as error:
            errors.append(error)

    thread = threading.Thread(target=send)
    thread.start()
    await asyncio.to_thread(thread.join)
    assert "call_soon_threadsafe" in str(errors[0])
    assert channel.bufferedAmount == 0


async def test_labels_are_measured_in_bytes(pair: Pair) -> None:
    remotes: list[RTCDataChannel] = []
    pair[1].on("datachannel", remotes.append)
    pair[0].createDataChannel("héé ü", protocol="größer")
    await connect(*pair)
    await until(lambda: remotes)
    assert (remotes[0].label, remotes[0].protocol) == ("héé ü", "größer")
    with pytest.raises(ValueError, match="65535"):
        pair[0].createDataChannel("ü" * 40000)


@pytest.mark.parametrize("number", [-1, 65535, 70000])
async def test_an_id_out_of_range_is_refused(pair: Pair, number: int) -> None:
    with pytest.raises(ValueError, match="ID must be in range 0-65534"):
        pair[0].createDataChannel("x", id=number)


async def test_a_changed_local_description_is_applied_without_the_changes(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    pair[0].createDataChannel("x")
    offer = await pair[0].createOffer()
    await pair[0].setLocalDescription(
        RTCSessionDescription(sdp=offer.sdp + "b=AS:100\r\n", type="offer")
    )
    assert pair[0].signalingState == "have-local-offer"
    assert "changes are ignored" in caplog.text


async def test_a_rollback_takes_the_offer_back(pair: Pair) -> None:
    pair[0].createDataChannel("x")
    await pair[0].setLocalDescription()
    await pair[0].setLocalDescription(RTCSessionDescription(sdp="", type="rollback"))
    assert (pair[0].signalingState, pair[0].localDescription) == ("stable", None)
    await open_channel((pair[1], pair[0]))


async def test_a_subclass_with_its_own_events_and_attributes_works() -> None:
    class Session(RTCPeerConnection):
        def __init__(self, name: str) -> None:
            super().__init__(RTCConfiguration(iceServers=[]))
            self.name = name
            self.connection = self.channels = self.negotiation = None
            self.log: list[str] = []
            self.on("connectionstatechange", lambda: self.emit("moved", self.connectionState))
            self.on("moved", self.log.append)

        async def close(self) -> None:
            self.log.append("closing")
            await super().close()

    offerer, answerer = Session("a"), make()
    channel = offerer.createDataChannel("chat")
    await connect(offerer, answerer)
    await until(lambda: channel.readyState == "open")
    await answerer.close()
    await until(lambda: offerer.connectionState == "closed")
    assert offerer.log == ["connecting", "connected", "closing", "closed"]


async def test_media_calls_say_that_media_are_missing(pair: Pair) -> None:
    with pytest.raises(NotImplementedError, match="media"):
        pair[0].addTrack(object())
    with pytest.raises(NotImplementedError, match="media"):
        pair[0].addTransceiver("video")
    assert pair[0].getSenders() == pair[0].getReceivers() == pair[0].getTransceivers() == []
    assert await pair[0].getStats() == {}
