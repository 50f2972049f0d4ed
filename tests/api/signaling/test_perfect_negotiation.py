"""Two sides agree, whoever offers (W3C webrtc-pc section 10.7)."""

import pytest

from purertc import SessionDescription
from purertc.errors import ArgumentError
from tests.support.negotiating_pair import negotiating_pair
from tests.support.runtimes import on_each_runtime, together, within


@on_each_runtime
async def test_the_polite_side_offers() -> None:
    async with negotiating_pair() as pair:
        channel = pair.polite.create_data_channel("channel")
        await pair.connected()
        await within(channel.opened())
        await pair.settled()
        assert pair.lines[0].descriptions() == ["offer"]
        assert pair.lines[1].descriptions() == ["answer"]
        assert pair.agrees()


@on_each_runtime
async def test_the_impolite_side_offers() -> None:
    async with negotiating_pair() as pair:
        channel = pair.impolite.create_data_channel("channel")
        await pair.connected()
        await within(channel.opened())
        assert pair.lines[1].descriptions() == ["offer"]
        assert pair.lines[0].descriptions() == ["answer"]


@on_each_runtime
async def test_both_offer_at_once() -> None:
    async with negotiating_pair() as pair:
        one = pair.polite.create_data_channel("one")
        other = pair.impolite.create_data_channel("other")
        await pair.connected()
        await within(one.opened())
        await within(other.opened())
        await pair.settled()
        assert pair.agrees()
        assert "answer" in pair.lines[0].descriptions()
        assert "answer" not in pair.lines[1].descriptions()
        assert [negotiator.errors for negotiator in pair.negotiators] == [[], []]
        await other.send("hello")


@on_each_runtime
async def test_both_offer_again_and_again() -> None:
    async with negotiating_pair() as pair:
        channel = pair.polite.create_data_channel("channel")
        await within(channel.opened())
        far = await within(pair.announced.channels.get())
        for number in range(5):
            await pair.settled()
            await together(*(each.on_negotiation_needed() for each in pair.negotiators))
            await pair.settled()
            assert pair.agrees()
            await channel.send(f"round {number}")
            assert await within(far.receive()) == f"round {number}"
        assert [negotiator.errors for negotiator in pair.negotiators] == [[], []]


@on_each_runtime
async def test_candidates_follow_their_description_and_end() -> None:
    async with negotiating_pair() as pair:
        pair.polite.create_data_channel("channel")
        await pair.connected()
        await within(pair.polite.gathering_complete())
        await within(pair.impolite.gathering_complete())
        await pair.settled()
        for line in pair.lines:
            assert isinstance(line.sent[0], SessionDescription)
            assert line.sent[-1] is None
            assert len(line.sent) > 2


@on_each_runtime
async def test_who_is_polite_can_be_read() -> None:
    async with negotiating_pair() as pair:
        assert [negotiator.polite for negotiator in pair.negotiators] == [True, False]


@on_each_runtime
async def test_what_is_no_message_is_refused() -> None:
    async with negotiating_pair() as pair:
        with pytest.raises(ArgumentError, match="not dict"):
            await pair.negotiators[0].receive({"type": "offer"})  # type: ignore[arg-type]
