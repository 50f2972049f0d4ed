"""Descriptions of unusual kinds: media, the old form of SCTP, data offered without a channel."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

import aiortc
import pytest

from purertc_compat import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from purertc_compat.exceptions import InvalidStateError
from purertc_compat.sdp import candidate_from_sdp

Pair = tuple[RTCPeerConnection, RTCPeerConnection]


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    connections = make(), make()
    yield connections
    for pc in connections:
        await pc.close()


def make(*, always_data: bool = False) -> RTCPeerConnection:
    return RTCPeerConnection(
        RTCConfiguration(iceServers=[], alwaysNegotiateDataChannels=always_data)
    )


def local_of(pc: RTCPeerConnection) -> RTCSessionDescription:
    description = pc.localDescription
    assert description is not None
    return description


async def connect(offerer: RTCPeerConnection, answerer: RTCPeerConnection) -> None:
    await offerer.setLocalDescription(await offerer.createOffer())
    await answerer.setRemoteDescription(local_of(offerer))
    await answerer.setLocalDescription(await answerer.createAnswer())
    await offerer.setRemoteDescription(local_of(answerer))


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110  # it looks from outside, as programs do
            await asyncio.sleep(0.001)


async def test_media_in_an_offer_are_rejected_and_the_data_channel_works(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    media = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
    media.addTransceiver("audio")
    audio = (await media.createOffer()).sdp.split("m=audio")[1]
    pair[0].createDataChannel("chat")
    await pair[0].setLocalDescription()
    offer = (
        local_of(pair[0]).sdp.replace("BUNDLE 0", "BUNDLE 0 1")
        + "m=audio"
        + audio.replace("a=mid:0", "a=mid:1")
    )
    with caplog.at_level(logging.WARNING):
        await pair[1].setRemoteDescription(RTCSessionDescription(sdp=offer, type="offer"))
    assert "Audio and video are rejected" in caplog.text
    await pair[1].setLocalDescription(await pair[1].createAnswer())
    assert "m=audio 0 " in local_of(pair[1]).sdp
    assert pair[1].signalingState == "stable"


async def test_the_old_form_of_sctp_is_offered_and_answered(pair: Pair) -> None:
    pair[0]._sctpLegacySdp = True
    channel = pair[0].createDataChannel("chat")
    await connect(*pair)
    for pc in pair:
        assert " DTLS/SCTP 5000\r\n" in local_of(pc).sdp
        assert "a=sctpmap:5000 webrtc-datachannel 65535\r\n" in local_of(pc).sdp
        assert "sctp-port" not in local_of(pc).sdp
    assert pair[1]._sctpLegacySdp
    await until(lambda: channel.readyState == "open")
    await connect(*pair)
    channel.send("still connected")
    await connect(pair[1], pair[0])
    assert channel.readyState == "open"


async def test_data_are_offered_without_a_channel_when_asked_for() -> None:
    offerer, answerer = make(always_data=True), make()
    await connect(offerer, answerer)
    assert local_of(offerer).sdp.count("m=application") == 1
    received: list[str] = []
    answerer.on("datachannel", lambda remote: remote.on("message", received.append))
    channel = offerer.createDataChannel("later")
    channel.on("open", lambda: channel.send("hello"))
    await until(lambda: received == ["hello"])
    assert (await offerer.createOffer()).sdp.count("m=application") == 1
    for pc in (offerer, answerer):
        await pc.close()


async def test_an_offer_without_anything_can_be_exchanged(pair: Pair) -> None:
    await connect(*pair)
    assert (pair[0].signalingState, pair[0].iceConnectionState) == ("stable", "new")
    assert pair[0].sctp is None
    assert pair[0].iceGatheringState == "new"


@pytest.mark.parametrize(
    "text",
    [
        "1 1 UDP 2113937151 5f2e5ad8-c5a4-4a9b-8a07-1c1f2f0aa2a7.local 51043 typ host",
        "2 1 tcp 1518280447 192.0.2.9 9 typ host tcptype active",
        "candidate:3 1 UDP 1 192.0.2.7 5 typ srflx raddr 0.0.0.0 rport 0",
        "4 2 UDP 1 192.0.2.7 5 typ host generation 0 ufrag abcd network-cost 999",
    ],
)
async def test_candidates_that_cannot_be_used_do_no_harm(pair: Pair, text: str) -> None:
    channel = pair[0].createDataChannel("chat")
    await connect(*pair)
    candidate = candidate_from_sdp(text)
    candidate.sdpMid = "0"
    await pair[0].addIceCandidate(candidate)
    elsewhere = candidate_from_sdp(text)
    elsewhere.sdpMLineIndex = 7
    await pair[0].addIceCandidate(elsewhere)
    remote = pair[0].remoteDescription
    assert remote is not None
    assert remote.sdp.count(candidate.ip) == 1
    await until(lambda: channel.readyState == "open")


async def test_a_candidate_before_its_description_is_kept(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    channel = pair[0].createDataChannel("chat")
    await pair[0].setLocalDescription()
    assert pair[0].sctp is not None
    offer = local_of(pair[0])
    lines = [x for x in offer.sdp.splitlines() if not x.startswith("a=candidate")]
    bare = RTCSessionDescription(sdp="\r\n".join(lines) + "\r\n", type="offer")
    gatherer = pair[0].sctp.transport.transport.iceGatherer
    for candidate in gatherer.getLocalCandidates():
        candidate.sdpMLineIndex = 0
        await pair[1].addIceCandidate(candidate)
    assert "called without remote description" in caplog.text
    await pair[1].setRemoteDescription(bare)
    await pair[1].setLocalDescription()
    await pair[0].setRemoteDescription(local_of(pair[1]))
    await until(lambda: channel.readyState == "open")


@pytest.mark.parametrize("kind", ["offer", "answer", "pranswer", "rollback"])
async def test_what_purertc_refuses_raises_legacy_errors(pair: Pair, kind: str) -> None:
    """Whatever the state, a program sees InvalidStateError of this package or a ValueError."""
    pair[0].createDataChannel("chat")
    await pair[0].setLocalDescription()
    for call in (pair[0].setRemoteDescription, pair[1].setRemoteDescription):
        with pytest.raises((InvalidStateError, ValueError)):
            await call(RTCSessionDescription(sdp="v=0\r\nnonsense", type=kind))
    assert pair[0].signalingState == "have-local-offer"
    assert pair[1].signalingState == "stable"
