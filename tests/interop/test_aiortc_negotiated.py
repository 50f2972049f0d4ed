"""Channels that both sides make by agreement open without being announced."""

import asyncio

import pytest

from tests.support.stacks import ChannelEnd, ChannelOptions, Pairing, linked

OPTIONS = {
    "zero": ChannelOptions(negotiated=True, id=0),
    "odd": ChannelOptions(negotiated=True, id=7, ordered=False),
    "high": ChannelOptions(negotiated=True, id=1022, protocol="agreed", max_retransmits=2),
}


async def exchange(offered: ChannelEnd, answered: ChannelEnd) -> None:
    await offered.opened()
    await answered.opened()
    offered.send("from the offering side")
    answered.send(b"from the answering side")
    assert await answered.receive() == "from the offering side"
    assert await offered.receive() == b"from the answering side"


async def test_made_before_the_connection(pairing: Pairing) -> None:
    async with linked(pairing) as link:
        ends = [
            [end.create_channel(label, options) for label, options in OPTIONS.items()]
            for end in (link.offering, link.answering)
        ]
        await link.connect()
        for offered, answered in zip(*ends, strict=True):
            assert offered.options == answered.options == OPTIONS[offered.label]
            await exchange(offered, answered)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(link.answering.announced(), 0.02)


async def test_made_on_a_running_connection(pairing: Pairing) -> None:
    async with linked(pairing) as link:
        await link.connect_with_channel()
        options = ChannelOptions(negotiated=True, id=100)
        answered = link.answering.create_channel("agreed", options)
        offered = link.offering.create_channel("agreed", options)
        await exchange(offered, answered)


async def test_ids_of_other_channels_leave_out_those_agreed(pairing: Pairing) -> None:
    async with linked(pairing) as link:
        for end in (link.offering, link.answering):
            for identifier in (0, 1):
                options = ChannelOptions(negotiated=True, id=identifier)
                end.create_channel(f"agreed {identifier}", options)
        channel, _ = await link.connect_with_channel()
        other, _ = await link.open(link.answering, "other")
        assert channel.id not in {0, 1, None, other.id}
        assert other.id not in {0, 1, None}
