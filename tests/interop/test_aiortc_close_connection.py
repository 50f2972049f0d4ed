"""Closing a connection on one side closes the other side, its channels included."""

import time

import pytest

from tests.support.stacks import Pairing, linked

CLOSER = pytest.mark.parametrize("closer", ["offering", "answering"])


@CLOSER
async def test_the_other_side_notices_at_once(pairing: Pairing, closer: str) -> None:
    async with linked(pairing) as link:
        ends = await link.connect_with_channel()
        more = await link.open(link.answering, "extra")
        one = link.offering if closer == "offering" else link.answering
        began = time.monotonic()
        await one.close()
        await link.other(one).closed()
        for end in (*ends, *more):
            await end.closed()
        assert time.monotonic() - began < 3
        assert one.state == link.other(one).state == "closed"


async def test_both_sides_close_at_once(pairing: Pairing) -> None:
    async with linked(pairing) as link:
        await link.connect_with_channel()
        await link.offering.close()
        await link.answering.close()
        assert link.offering.state == link.answering.state == "closed"


@CLOSER
async def test_messages_that_arrived_before_the_close_can_still_be_read(
    pairing: Pairing, closer: str
) -> None:
    async with linked(pairing) as link:
        offered, answered = await link.connect_with_channel()
        source, target = (offered, answered) if closer == "offering" else (answered, offered)
        for number in range(20):
            source.send(f"{number}")
        target.send("go on")
        assert await source.receive() == "go on"
        assert await target.receive() == "0"
        one = link.offering if closer == "offering" else link.answering
        await one.close()
        await link.other(one).closed()
        assert await target.receive_many(19) == [f"{number}" for number in range(1, 20)]
