"""A signalling line that fails, messages that come late or twice, connections that close."""

import pytest

from purertc import IceCandidate, PeerConnection, SdpType, SessionDescription, SignalingState
from purertc.errors import ArgumentError, SdpError
from purertc.signaling import NegotiationMessage, PerfectNegotiator
from tests.support.negotiating_pair import Line, RecordingNegotiator, negotiating_pair
from tests.support.runtimes import (
    Mailbox,
    new_event,
    on_each_runtime,
    start,
    turns,
    within,
)

CANDIDATE = "candidate:1 1 udp 2130706431 192.0.2.2 5000 typ host"


@on_each_runtime
async def test_what_could_not_be_sent_is_sent_later_in_order() -> None:
    async with negotiating_pair() as pair:
        line, negotiator = pair.lines[0], pair.negotiators[0]
        line.broken = True
        channel = pair.polite.create_data_channel("channel")
        await within(pair.polite.gathering_complete())
        await turns(20)
        assert line.sent == []
        assert {where for _, where in negotiator.errors} == {"send"}
        assert all(isinstance(error, ConnectionError) for error, _ in negotiator.errors)
        line.broken = False
        await negotiator.resend()
        assert isinstance(line.sent[0], SessionDescription)
        assert line.sent[-1] is None
        await within(channel.opened())


@on_each_runtime
async def test_the_next_message_of_the_other_side_sends_it_too() -> None:
    async with negotiating_pair() as pair:
        pair.lines[0].broken = True
        pair.impolite.create_data_channel("channel")
        await within(pair.impolite.gathering_complete())
        await turns(20)
        assert pair.polite.signaling_state is SignalingState.STABLE
        pair.lines[0].broken = False
        await pair.negotiators[0].receive(None)
        await pair.connected()


@on_each_runtime
async def test_an_unsent_offer_is_withdrawn_when_the_other_side_offers() -> None:
    async with negotiating_pair() as pair:
        pair.lines[0].broken = True
        one = pair.polite.create_data_channel("one")
        await within(pair.polite.gathering_complete())
        pair.lines[0].broken = False
        other = pair.impolite.create_data_channel("other")
        await within(one.opened())
        await within(other.opened())
        await pair.settled()
        assert pair.lines[0].descriptions() == ["answer"]


@on_each_runtime
async def test_messages_that_come_twice_do_no_harm() -> None:
    async with negotiating_pair() as pair:
        channel = pair.polite.create_data_channel("channel")
        await pair.connected()
        await within(channel.opened())
        await pair.settled()
        for line, negotiator in zip(pair.lines, reversed(pair.negotiators), strict=True):
            for message in list(line.sent):
                await negotiator.receive(message)
        await pair.settled()
        await pair.negotiators[0].on_negotiation_needed()
        await pair.settled()
        assert pair.agrees()
        await channel.send("still here")
        far = await within(pair.announced.channels.get())
        assert await within(far.receive()) == "still here"
        assert [negotiator.errors for negotiator in pair.negotiators] == [[], []]


@on_each_runtime
async def test_candidates_of_an_ignored_offer_are_ignored() -> None:
    async with negotiating_pair() as pair:
        impolite = pair.negotiators[1]
        pair.impolite.create_data_channel("channel")
        await turns(20)
        async with PeerConnection() as stranger:
            stranger.create_data_channel("channel")
            await stranger.set_local_description()
            offer = await within(stranger.gathering_complete())
        await pair.settled()
        pair.lines[1].mailbox = Mailbox()
        await impolite.on_negotiation_needed()
        await impolite.receive(offer)
        assert pair.impolite.signaling_state is SignalingState.HAVE_LOCAL_OFFER
        before = pair.impolite.remote_description
        await impolite.receive(IceCandidate(CANDIDATE, "0", 0, "unknown"))
        await impolite.receive(IceCandidate(CANDIDATE, "0", 0))
        await impolite.receive(None)
        assert pair.impolite.remote_description == before


@on_each_runtime
async def test_a_candidate_that_belongs_nowhere_is_told() -> None:
    async with negotiating_pair() as pair:
        channel = pair.polite.create_data_channel("channel")
        await within(channel.opened())
        await pair.settled()
        with pytest.raises(ArgumentError):
            await pair.negotiators[0].receive(IceCandidate(CANDIDATE, "9"))


@on_each_runtime
async def test_a_description_that_cannot_be_read_is_told() -> None:
    async with negotiating_pair() as pair:
        with pytest.raises(SdpError):
            await pair.negotiators[0].receive(SessionDescription("offer", "v=1"))
        channel = pair.impolite.create_data_channel("channel")
        await within(channel.opened())


@on_each_runtime
async def test_late_answers_and_rollbacks_are_ignored() -> None:
    async with negotiating_pair() as pair:
        for kind in (SdpType.ANSWER, SdpType.PRANSWER, SdpType.ROLLBACK):
            await pair.negotiators[0].receive(SessionDescription(kind))
        assert pair.polite.signaling_state is SignalingState.STABLE


@on_each_runtime
async def test_a_slow_line_keeps_the_order() -> None:
    sent: list[NegotiationMessage] = []
    gate = new_event()

    async def send(message: NegotiationMessage) -> None:
        sent.append(message)
        await gate.wait()

    async with PeerConnection() as pc:
        negotiator = PerfectNegotiator(pc, send, polite=True)
        async with PeerConnection() as other:
            other.create_data_channel("channel")
            await other.set_local_description()
            offer = await within(other.gathering_complete())
        receiving = start(negotiator.receive(offer))
        await within(pc.gathering_complete())
        await turns(20)
        assert [type(message) for message in sent] == [SessionDescription]
        gate.set()
        await receiving.result()
        await turns(20)
        assert sent[-1] is None
        assert {type(message) for message in sent[1:-1]} == {IceCandidate}


@on_each_runtime
async def test_after_the_close_nothing_happens() -> None:
    async with negotiating_pair() as pair:
        channel = pair.polite.create_data_channel("channel")
        await within(channel.opened())
        await pair.settled()
        offer = await pair.impolite.create_offer()
        counts = [len(line.sent) for line in pair.lines]
        await pair.polite.close()
        for message in (offer, IceCandidate(CANDIDATE, "0"), None):
            await pair.negotiators[0].receive(message)
        await pair.negotiators[0].on_negotiation_needed()
        await pair.negotiators[0].resend()
        assert len(pair.lines[0].sent) == counts[0]
        assert pair.negotiators[0].errors == []


@on_each_runtime
async def test_closed_while_it_negotiates() -> None:
    async with negotiating_pair() as pair:
        pair.polite.create_data_channel("one")
        pair.impolite.create_data_channel("other")
        await turns(3)
        await pair.polite.close()
        await pair.impolite.close()
        await turns(20)
        assert [negotiator.errors for negotiator in pair.negotiators] == [[], []]
        assert not any(delivery.done() for delivery in pair.deliveries)


@on_each_runtime
async def test_the_connection_is_not_kept_alive() -> None:
    async with PeerConnection() as pc:
        negotiator = RecordingNegotiator(pc, Line(), polite=True)
    del pc
    assert negotiator._open_connection() is None
    await negotiator.receive(None)
