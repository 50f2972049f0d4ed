"""What arrives while a call of the connection waits for its turn."""

from purertc import PeerConnection, SessionDescription, SignalingState
from tests.support.negotiating_pair import Line, RecordingNegotiator
from tests.support.runtimes import on_each_runtime, start, turns


async def offer_of(connection: PeerConnection) -> SessionDescription:
    connection.create_data_channel("channel")
    await connection.set_local_description()
    assert connection.local_description is not None
    return connection.local_description


@on_each_runtime
async def test_an_offer_while_the_impolite_side_makes_its_own() -> None:
    line = Line()
    async with PeerConnection() as pc, PeerConnection() as other:
        offer = await offer_of(other)
        negotiator = RecordingNegotiator(pc, line, polite=False)
        async with pc._endpoint.operations:
            making = start(negotiator.on_negotiation_needed())
            await turns()
            receiving = start(negotiator.receive(offer))
            await turns()
        await making.result()
        await receiving.result()
        assert pc.signaling_state is SignalingState.HAVE_LOCAL_OFFER
        assert line.descriptions() == ["offer"]


@on_each_runtime
async def test_an_offer_while_the_polite_side_makes_its_own() -> None:
    line = Line()
    async with PeerConnection() as pc, PeerConnection() as other:
        offer = await offer_of(other)
        negotiator = RecordingNegotiator(pc, line, polite=True)
        async with pc._endpoint.operations:
            making = start(negotiator.on_negotiation_needed())
            await turns()
            receiving = start(negotiator.receive(offer))
            await turns()
        await making.result()
        await receiving.result()
        assert pc.signaling_state is SignalingState.STABLE
        assert line.descriptions()[-1] == "answer"
        assert pc.current_remote_description == offer


@on_each_runtime
async def test_an_offer_while_an_answer_is_applied() -> None:
    """The other side may offer right after its answer; that is no collision."""
    line, far_line = Line(), Line()
    async with PeerConnection() as pc, PeerConnection() as other:
        negotiator = RecordingNegotiator(pc, line, polite=False)
        far = RecordingNegotiator(other, far_line, polite=True)
        pc.create_data_channel("channel")
        await turns(20)
        offer = line.sent[0]
        await far.receive(offer)
        await far.on_negotiation_needed()
        descriptions = [each for each in far_line.sent if isinstance(each, SessionDescription)]
        answer, second = descriptions
        async with pc._endpoint.operations:
            answering = start(negotiator.receive(answer))
            await turns()
            receiving = start(negotiator.receive(second))
            await turns()
        await answering.result()
        await receiving.result()
        assert pc.signaling_state is SignalingState.STABLE
        assert line.descriptions() == ["offer", "answer"]


@on_each_runtime
async def test_an_offer_is_not_made_while_one_of_the_other_side_is_open() -> None:
    line = Line()
    async with PeerConnection() as pc, PeerConnection() as other:
        offer = await offer_of(other)
        negotiator = RecordingNegotiator(pc, line, polite=False)
        async with pc._endpoint.operations:
            receiving = start(negotiator.receive(offer))
            await turns()
            making = start(negotiator.on_negotiation_needed())
            await turns()
        await receiving.result()
        await making.result()
        assert line.descriptions() == ["answer"]
        assert negotiator.errors == []
