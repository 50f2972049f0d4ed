"""A legacy connection on purertc talks to one on real aiortc, in both roles."""

import asyncio
from collections.abc import AsyncIterator
from types import ModuleType
from typing import Any

import aiortc
import pytest

import purertc_compat
from tests.support.legacy_trace import with_local_address

Pair = tuple[Any, Any]


def make(package: ModuleType) -> Any:  # noqa: ANN401  # either implementation's class
    return package.RTCPeerConnection(package.RTCConfiguration(iceServers=[]))


@pytest.fixture(params=["compat offers", "aiortc offers"])
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[Pair]:
    packages = [purertc_compat, aiortc]
    offerer, answerer = packages if request.param == "compat offers" else reversed(packages)
    with with_local_address():
        connections = make(offerer), make(answerer)
        yield connections
        for pc in connections:
            await pc.close()


async def connect(offerer: Any, answerer: Any) -> None:  # noqa: ANN401
    await offerer.setLocalDescription(await offerer.createOffer())
    await answerer.setRemoteDescription(as_seen_by(answerer, offerer.localDescription))
    await answerer.setLocalDescription(await answerer.createAnswer())
    await offerer.setRemoteDescription(as_seen_by(offerer, answerer.localDescription))


def as_seen_by(pc: Any, description: Any) -> Any:  # noqa: ANN401
    package = purertc_compat if isinstance(pc, purertc_compat.RTCPeerConnection) else aiortc
    return package.RTCSessionDescription(sdp=description.sdp, type=description.type)


async def until(condition: Any) -> None:  # noqa: ANN401
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  # it looks from outside, as programs do
            await asyncio.sleep(0.001)


MESSAGES = [
    "hello",
    "",
    b"",
    b"\x00\x01",
    "größer € 😀",
    "x" * 65536,
    b"y" * 262144,
]


async def test_every_kind_of_message_comes_back(pair: Pair) -> None:
    offerer, answerer = pair
    channel = offerer.createDataChannel("chat", protocol="p")
    echoed: list[str | bytes] = []
    channel.on("message", echoed.append)
    answerer.on("datachannel", lambda remote: remote.on("message", remote.send))
    channel.on("open", lambda: [channel.send(message) for message in MESSAGES])
    await connect(offerer, answerer)
    await until(lambda: len(echoed) == len(MESSAGES))
    assert echoed == MESSAGES
    await until(lambda: channel.bufferedAmount == 0)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"ordered": False},
        {"maxRetransmits": 0},
        {"maxPacketLifeTime": 1000, "ordered": False},
        {"protocol": "größer", "id": 40},
    ],
    ids=str,
)
async def test_options_arrive(pair: Pair, options: dict[str, Any]) -> None:
    offerer, answerer = pair
    channel = offerer.createDataChannel("options", **options)
    remotes: list[Any] = []
    answerer.on("datachannel", remotes.append)
    await connect(offerer, answerer)
    await until(lambda: remotes and channel.readyState == "open")
    (remote,) = remotes
    names = ["label", "ordered", "maxRetransmits", "maxPacketLifeTime", "id"]
    if options.get("protocol", "").isascii():
        names.append("protocol")
    assert [getattr(remote, name) for name in names] == [getattr(channel, name) for name in names]


async def test_both_sides_open_channels_and_ids_do_not_collide(pair: Pair) -> None:
    offerer, answerer = pair
    mine = [offerer.createDataChannel(f"mine {number}") for number in range(5)]
    theirs = [answerer.createDataChannel(f"theirs {number}") for number in range(4)]
    at_offerer: list[Any] = []
    at_answerer: list[Any] = []
    offerer.on("datachannel", at_offerer.append)
    answerer.on("datachannel", at_answerer.append)
    await connect(offerer, answerer)
    await until(lambda: len(at_offerer) == 4 and len(at_answerer) == 5)
    await until(lambda: all(channel.readyState == "open" for channel in mine + theirs))
    assert sorted(channel.id for channel in mine) == [1, 3, 5, 7, 9]
    assert sorted(channel.id for channel in theirs) == [0, 2, 4, 6]


@pytest.mark.parametrize("closing_side", [0, 1])
async def test_a_channel_closed_by_one_side_closes_on_the_other(
    pair: Pair, closing_side: int
) -> None:
    offerer, answerer = pair
    channel = offerer.createDataChannel("short")
    remotes: list[Any] = []
    answerer.on("datachannel", remotes.append)
    await connect(offerer, answerer)
    await until(lambda: remotes and channel.readyState == "open")
    (channel, remotes[0])[closing_side].close()
    await until(lambda: channel.readyState == remotes[0].readyState == "closed")
    assert offerer.connectionState == answerer.connectionState == "connected"


@pytest.mark.parametrize("closing_side", [0, 1])
async def test_a_connection_closed_by_one_side_closes_on_the_other(
    pair: Pair, closing_side: int
) -> None:
    channel = pair[0].createDataChannel("chat")
    remotes: list[Any] = []
    pair[1].on("datachannel", remotes.append)
    await connect(*pair)
    await until(lambda: remotes and channel.readyState == "open")
    await pair[closing_side].close()
    await until(lambda: pair[1 - closing_side].connectionState == "closed")
    assert (channel.readyState, remotes[0].readyState) == ("closed", "closed")


async def test_negotiated_channels_meet(pair: Pair) -> None:
    channels = [pc.createDataChannel("same", negotiated=True, id=7) for pc in pair]
    received: list[str] = []
    channels[1].on("message", received.append)
    channels[0].on("open", lambda: channels[0].send("hello"))
    await connect(*pair)
    await until(lambda: received == ["hello"])
