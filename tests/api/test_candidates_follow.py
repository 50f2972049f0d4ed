"""Candidates come after the call that started gathering, so that they follow its description."""

import pytest

from purertc import IceCandidate, IceGatheringState, PeerConnection, PeerConnectionHandler
from tests.support.runtimes import on_each_runtime, on_each_runtime_without_scope, within


class Signals(PeerConnectionHandler):
    """Writes down what an application would send, in its order."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def on_ice_candidate(self, candidate: IceCandidate | None) -> None:
        self.sent.append("end of candidates" if candidate is None else "candidate")


@on_each_runtime
async def test_the_description_is_signalled_before_its_candidates() -> None:
    offers, answers = Signals(), Signals()
    async with PeerConnection(offers) as left, PeerConnection(answers) as right:
        left.create_data_channel("channel")
        await left.set_local_description()
        offers.sent.append("description")
        assert left.local_description is not None
        await right.set_remote_description(left.local_description)
        await right.set_local_description()
        answers.sent.append("description")
        await within(left.gathering_complete())
        await within(right.gathering_complete())
        await left.create_offer()
    for handler in (offers, answers):
        assert handler.sent[0] == "description"
        assert handler.sent[-1] == "end of candidates"
        assert set(handler.sent[1:-1]) == {"candidate"}


@on_each_runtime
async def test_gathering_has_begun_when_the_call_returns() -> None:
    async with PeerConnection() as pc:
        pc.create_data_channel("channel")
        await pc.set_local_description()
        assert pc.ice_gathering_state is IceGatheringState.GATHERING
        assert pc.local_description is not None
        assert "a=candidate:" not in pc.local_description.sdp
        assert "a=candidate:" in (await within(pc.gathering_complete())).sdp


@on_each_runtime_without_scope
async def test_closed_before_it_gathered_nothing_is_bound() -> None:
    pc = PeerConnection()
    pc.create_data_channel("channel")
    await pc.set_local_description()
    await pc.close()
    assert pc.ice_gathering_state is not IceGatheringState.COMPLETE


@on_each_runtime_without_scope
async def test_dropped_before_it_gathered_it_warns() -> None:
    pc = PeerConnection()
    pc.create_data_channel("channel")
    await pc.set_local_description()
    with pytest.warns(ResourceWarning, match="without close"):
        del pc
