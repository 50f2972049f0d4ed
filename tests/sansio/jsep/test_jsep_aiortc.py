"""Real aiortc reads our descriptions, and we read what it writes."""

from collections.abc import AsyncIterator

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.sdp import SessionDescription as AiortcDescription

from purertc.sansio.description import SessionDescription
from tests.support.negotiators import Side, exchange, fingerprints
from tests.support.remote_sdp import CHROMIUM_MEDIA_OFFER, LEGACY_OFFER, offer

HOST = "candidate:1 1 udp 2130706431 127.0.0.1 5000 typ host"


@pytest.fixture
async def connection() -> AsyncIterator[RTCPeerConnection]:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    yield connection
    await connection.close()


def ours(description: RTCSessionDescription) -> SessionDescription:
    return SessionDescription(description.type, description.sdp)


def theirs(description: SessionDescription) -> RTCSessionDescription:
    return RTCSessionDescription(type=description.type.value, sdp=description.sdp)


def test_its_parser_reads_an_offer_with_candidates() -> None:
    side = Side(1)
    side.set_local()
    side.negotiator.add_local_candidate(HOST)
    side.negotiator.end_of_local_candidates()
    media = AiortcDescription.parse(side.local.sdp).media[0]
    assert (media.kind, media.profile, media.sctp_port) == ("application", "UDP/DTLS/SCTP", 5000)
    assert media.sctpCapabilities is not None
    assert media.sctpCapabilities.maxMessageSize == 262144
    assert media.ice is not None
    assert (media.ice.usernameFragment, media.ice.password) == (
        side.ice.username_fragment,
        side.ice.password,
    )
    assert media.ice_candidates[0].port == 5000
    assert media.ice_candidates_complete
    assert media.dtls is not None
    assert media.dtls.role == "auto"
    assert [print_.value for print_ in media.dtls.fingerprints] == [
        print_.value for print_ in fingerprints(1)
    ]


@pytest.mark.parametrize("sdp", [CHROMIUM_MEDIA_OFFER, LEGACY_OFFER])
def test_its_parser_reads_our_answers(sdp: str) -> None:
    side = Side(1)
    side.set_remote(offer(sdp))
    side.set_local()
    media = AiortcDescription.parse(side.local.sdp).media
    assert [section.port for section in media[:-1]] == [0] * (len(media) - 1)
    assert media[-1].dtls is not None
    assert media[-1].dtls.role == "client"


def test_its_text_is_reproduced_line_by_line() -> None:
    a, b = Side(1), Side(2)
    exchange(a, b)
    for side in (a, b):
        assert str(AiortcDescription.parse(side.local.sdp)) == side.local.sdp


async def test_it_answers_our_offer(connection: RTCPeerConnection) -> None:
    side = Side(1)
    side.set_local()
    await connection.setRemoteDescription(theirs(side.local))
    await connection.setLocalDescription(await connection.createAnswer())
    applied = side.set_remote(ours(connection.localDescription))
    assert applied.transport_ready
    assert applied.dtls_client is False
    assert applied.controlling
    assert applied.remote is not None
    assert applied.remote.end_of_candidates
    assert not applied.remote.trickle
    assert [print_.algorithm for print_ in applied.remote.fingerprints] == [
        "sha-256",
        "sha-384",
        "sha-512",
    ]


async def test_it_takes_our_answer(connection: RTCPeerConnection) -> None:
    connection.createDataChannel("chat")
    await connection.setLocalDescription(await connection.createOffer())
    side = Side(1)
    received = side.set_remote(ours(connection.localDescription))
    assert received.remote is not None
    assert received.remote.max_message_size == 262144
    applied = side.set_local()
    assert applied.dtls_client
    assert not applied.controlling
    await connection.setRemoteDescription(theirs(side.local))
    assert connection.signalingState == "stable"


async def test_a_second_exchange_fits(connection: RTCPeerConnection) -> None:
    side = Side(1)
    side.set_local()
    await connection.setRemoteDescription(theirs(side.local))
    await connection.setLocalDescription(await connection.createAnswer())
    side.set_remote(ours(connection.localDescription))
    await connection.setLocalDescription(await connection.createOffer())
    received = side.set_remote(ours(connection.localDescription))
    assert not received.ice_restarted
    assert side.set_local().dtls_client is False
    await connection.setRemoteDescription(theirs(side.local))
    assert connection.signalingState == "stable"


async def test_its_audio_is_rejected_and_its_data_accepted(connection: RTCPeerConnection) -> None:
    connection.addTransceiver("audio")
    connection.createDataChannel("chat")
    side = Side(1)
    applied = side.set_remote(ours(await connection.createOffer()))
    assert applied.remote is not None
    assert applied.remote.m_line_index == 1
    side.set_local()
    assert "m=audio 0 " in side.local.sdp
    assert "a=group:BUNDLE 1\r\n" in side.local.sdp
