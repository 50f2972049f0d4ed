"""Offers and answers beyond the first exchange, and candidates that come one by one."""

import asyncio

import aiortc
import pytest
from aiortc.sdp import candidate_from_sdp

from purertc import IceCandidate, PeerConnection, PeerConnectionHandler, SessionDescription
from purertc.sansio.config import Configuration
from tests.support.stacks import LIMIT, Pairing, aioice_on_loopback, linked, negotiate


async def test_either_side_offers_again_on_a_running_connection(pairing: Pairing) -> None:
    async with linked(pairing) as link:
        near, far = await link.connect_with_channel()
        await negotiate(link.offering, link.answering)
        await negotiate(link.answering, link.offering)
        await negotiate(link.offering, link.answering)
        assert (link.offering.state, link.answering.state) == ("connected", "connected")
        near.send("one way")
        far.send("other way")
        assert await far.receive() == "one way"
        assert await near.receive() == "other way"
        await link.open(link.answering, "more")


class Candidates(PeerConnectionHandler):
    """Keeps the candidates for the other side."""

    def __init__(self) -> None:
        self.gathered: list[IceCandidate | None] = []

    async def on_ice_candidate(self, candidate: IceCandidate | None) -> None:
        self.gathered.append(candidate)


def without_candidates(sdp: str) -> str:
    dropped = ("a=candidate:", "a=end-of-candidates")
    return "".join(line for line in sdp.splitlines(True) if not line.startswith(dropped))


async def trickle_to_aiortc(candidates: Candidates, pc: aiortc.RTCPeerConnection) -> None:
    for each in candidates.gathered:
        if each is None:
            await pc.addIceCandidate(None)
            continue
        candidate = candidate_from_sdp(each.candidate.removeprefix("candidate:"))
        candidate.sdpMid, candidate.sdpMLineIndex = each.sdp_mid, each.sdp_m_line_index
        await pc.addIceCandidate(candidate)


async def trickle_to_purertc(sdp: str, pc: PeerConnection) -> None:
    for line in sdp.splitlines():
        if line.startswith("a=candidate:"):
            await pc.add_ice_candidate({"candidate": line[2:], "sdpMid": "0", "sdpMLineIndex": 0})
    await pc.add_ice_candidate(None)


@pytest.mark.parametrize("aiortc_offers", [True, False], ids=["aiortc offers", "purertc offers"])
async def test_candidates_trickle_in_both_directions(aiortc_offers: bool) -> None:
    theirs = aiortc.RTCPeerConnection(aiortc.RTCConfiguration(iceServers=[]))
    candidates = Candidates()
    ours = PeerConnection(candidates, configuration=Configuration(include_loopback=True))
    with aioice_on_loopback():
        async with asyncio.timeout(LIMIT), ours:
            try:
                if aiortc_offers:
                    theirs.createDataChannel("channel")
                    await theirs.setLocalDescription(await theirs.createOffer())
                    offer = without_candidates(theirs.localDescription.sdp)
                    await ours.set_remote_description(SessionDescription("offer", offer))
                    answer = await ours.create_answer()
                    await ours.set_local_description(answer)
                    await theirs.setRemoteDescription(
                        aiortc.RTCSessionDescription(without_candidates(answer.sdp), "answer")
                    )
                else:
                    ours.create_data_channel("channel")
                    offered = await ours.create_offer()
                    await ours.set_local_description(offered)
                    await theirs.setRemoteDescription(
                        aiortc.RTCSessionDescription(without_candidates(offered.sdp), "offer")
                    )
                    await theirs.setLocalDescription(await theirs.createAnswer())
                    sdp = without_candidates(theirs.localDescription.sdp)
                    await ours.set_remote_description(SessionDescription("answer", sdp))
                await trickle_to_aiortc(candidates, theirs)
                await trickle_to_purertc(theirs.localDescription.sdp, ours)
                await ours.connected()
            finally:
                await theirs.close()
