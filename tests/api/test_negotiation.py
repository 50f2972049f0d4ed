"""Negotiation calls: order, states, settled handlers (promises 1 and 2), trickling."""

import pytest

from purertc.data_channel import DataChannel
from purertc.errors import ArgumentError, InvalidStateError, SdpError
from purertc.handler import PeerConnectionHandler
from purertc.peer_connection import PeerConnection
from purertc.sansio.config import Configuration
from purertc.sansio.description import IceCandidate, SessionDescription
from purertc.sansio.types import (
    ConnectionState,
    IceConnectionState,
    IceGatheringState,
    SignalingState,
)
from tests.support.connected import Announced, connect, connected_pair
from tests.support.runtimes import (
    new_event,
    on_each_runtime,
    on_each_runtime_without_scope,
    start,
    together,
    turns,
    within,
)


class Recorder(PeerConnectionHandler):
    def __init__(self) -> None:
        self.trace: list[str] = []
        self.candidates: list[IceCandidate | None] = []

    async def on_connection_state_change(self, state: ConnectionState) -> None:
        self.trace.append(f"connection {state}")

    async def on_ice_connection_state_change(self, state: IceConnectionState) -> None:
        self.trace.append(f"ice {state}")

    async def on_ice_gathering_state_change(self, state: IceGatheringState) -> None:
        self.trace.append(f"gathering {state}")

    async def on_signaling_state_change(self, state: SignalingState) -> None:
        self.trace.append(f"signaling {state}")

    async def on_ice_candidate(self, candidate: IceCandidate | None) -> None:
        self.candidates.append(candidate)
        self.trace.append("candidate" if candidate else "end of candidates")

    async def on_negotiation_needed(self) -> None:
        self.trace.append("negotiation needed")


@on_each_runtime
async def test_handlers_have_run_when_the_call_returns() -> None:
    handler = Recorder()
    async with PeerConnection(handler) as pc:
        pc.create_data_channel("a")
        await pc.set_local_description(await pc.create_offer())
        assert handler.trace == [
            "negotiation needed",
            "signaling have-local-offer",
            "gathering gathering",
        ]
        assert pc.ice_gathering_state is IceGatheringState.GATHERING
        assert pc.pending_local_description == pc.local_description
        assert pc.current_local_description is None
        assert pc.can_trickle_ice_candidates is None


@on_each_runtime
async def test_states_of_both_sides_from_new_to_closed() -> None:
    left, right = Recorder(), Recorder()
    async with connected_pair([left], [right]) as pair:
        assert pair.left.signaling_state is SignalingState.STABLE
        assert pair.left.current_remote_description == pair.right.current_local_description
        assert pair.left.pending_remote_description is None
        assert pair.left.can_trickle_ice_candidates is True
    for recorder in (left, right):
        states = [line for line in recorder.trace if line.startswith("connection ")]
        assert states == ["connection connecting", "connection connected", "connection closed"]
        ice = [line for line in recorder.trace if line.startswith("ice ")]
        assert ice[0] == "ice checking"
        assert ice[-1] == "ice closed"


@on_each_runtime
async def test_candidates_can_trickle_as_objects_and_as_browser_dictionaries() -> None:
    sent: list[IceCandidate | None] = []
    left, right = Recorder(), Recorder()
    async with PeerConnection(left) as a, PeerConnection(right) as b:
        a.create_data_channel("x")
        offer = await a.create_offer()
        await a.set_local_description(offer)
        await b.set_remote_description(offer)
        answer = await b.create_answer()
        await b.set_local_description(answer)
        await a.set_remote_description(answer)
        await together(a.gathering_complete(), b.gathering_complete())
        await turns()
        for candidate in left.candidates:
            await b.add_ice_candidate(candidate)
        for candidate in right.candidates:
            await a.add_ice_candidate(None if candidate is None else candidate.to_json())
            sent.append(candidate)
        await within(together(a.connected(), b.connected()))
    assert sent[-1] is None


@on_each_runtime
async def test_a_channel_made_in_a_handler_is_in_the_next_description() -> None:
    class Adds(PeerConnectionHandler):
        pc: PeerConnection
        channel: DataChannel | None = None

        async def on_signaling_state_change(self, state: SignalingState) -> None:
            if state is SignalingState.HAVE_REMOTE_OFFER:
                self.channel = self.pc.create_data_channel("from the handler")

    handler, announced = Adds(), Announced()
    async with PeerConnection(announced) as a, PeerConnection(handler) as b:
        handler.pc = b
        a.create_data_channel("x")
        await connect(a, b)
        assert handler.channel is not None
        channel = await within(announced.channels.get())
        assert channel.label == "from the handler"


@on_each_runtime
async def test_a_negotiation_call_inside_a_handler_does_not_deadlock() -> None:
    class Answers(PeerConnectionHandler):
        pc: PeerConnection

        def __init__(self) -> None:
            self.answered = new_event()

        async def on_signaling_state_change(self, state: SignalingState) -> None:
            if state is SignalingState.HAVE_REMOTE_OFFER:
                await self.pc.set_local_description(await self.pc.create_answer())
                self.answered.set()

    handler = Answers()
    async with PeerConnection() as a, PeerConnection(handler) as b:
        handler.pc = b
        a.create_data_channel("x")
        await a.set_local_description()
        await a.gathering_complete()
        assert a.local_description is not None
        await within(b.set_remote_description(a.local_description))
        await within(handler.answered.wait())
        await b.gathering_complete()
        assert b.local_description is not None
        await a.set_remote_description(b.local_description)
        await within(together(a.connected(), b.connected()))


@on_each_runtime
async def test_calls_run_one_after_the_other_in_the_order_they_were_made() -> None:
    handler = Recorder()
    async with PeerConnection() as a, PeerConnection(handler) as b:
        a.create_data_channel("x")
        await a.set_local_description()
        await a.gathering_complete()
        assert a.local_description is not None
        calls = []
        async with b._endpoint.operations:
            for call in (
                b.set_remote_description(a.local_description),
                b.set_local_description(),
                b.add_ice_candidate(None),
            ):
                calls.append(start(call))
                await turns()
            assert b.remote_description is None
        for each in calls:
            await each.result()
        assert b.signaling_state is SignalingState.STABLE


@on_each_runtime
async def test_cancelled_in_the_queue_it_does_nothing() -> None:
    async with PeerConnection() as a, PeerConnection() as b:
        a.create_data_channel("x")
        await a.set_local_description()
        await a.gathering_complete()
        assert a.local_description is not None
        async with b._endpoint.operations:
            waiting = start(b.set_remote_description(a.local_description))
            await turns()
            handed = start(b.create_offer())
            await turns()
            waiting.cancel()
            await turns()
        handed.cancel()
        assert b.signaling_state is SignalingState.STABLE
        await within(b.create_offer())


@pytest.mark.parametrize("wrong", [{"type": "offer", "sdp": ""}, "v=0", None, 5])
@on_each_runtime
async def test_a_description_that_is_none_is_refused(wrong: object) -> None:
    async with PeerConnection() as pc:
        with pytest.raises(ArgumentError, match="from_json"):
            await pc.set_remote_description(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", ["candidate:1 1 udp 1 192.0.2.1 9 typ host", 5])
@on_each_runtime
async def test_a_candidate_that_is_none_is_refused(wrong: object) -> None:
    async with PeerConnection() as pc:
        with pytest.raises(ArgumentError, match="IceCandidate"):
            await pc.add_ice_candidate(wrong)  # type: ignore[arg-type]


@on_each_runtime
async def test_mistakes_raise_and_change_nothing() -> None:
    handler = Recorder()
    async with PeerConnection(handler) as pc:
        with pytest.raises(SdpError):
            await pc.set_remote_description(SessionDescription("offer", "nonsense"))
        with pytest.raises(InvalidStateError):
            await pc.set_remote_description(SessionDescription("answer", "v=0\r\n"))
        with pytest.raises(InvalidStateError):
            await pc.create_answer()
        assert pc.signaling_state is SignalingState.STABLE
        assert handler.trace == []


@on_each_runtime_without_scope
async def test_gathering_complete_of_a_connection_that_closes_raises() -> None:
    pc = PeerConnection(configuration=Configuration())
    waiting = start(pc.gathering_complete())
    await turns()
    await pc.close()
    with pytest.raises(InvalidStateError, match="closed"):
        await waiting.result()
