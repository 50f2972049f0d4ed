"""A reader that does not read stops the sender; nothing is lost when it goes on.

aiortc sends past the window, as it never looks at it; what did not fit comes again.
"""

import asyncio

import pytest

from tests.support.purertc_stack import PurertcStack
from tests.support.stacks import LIMIT, STACKS, Pairing, linked

WINDOW = 262144
MESSAGES = [bytes([number]) * 40_000 for number in range(30)]


@pytest.mark.parametrize("sender", ["aiortc", "compat", "purertc"])
async def test_the_window_closes_and_opens_again(sender: str) -> None:
    pairing = Pairing(STACKS[sender], PurertcStack(receive_window=WINDOW))
    async with linked(pairing) as link:
        near, far = await link.connect_with_channel()
        for message in MESSAGES:
            near.send(message)
        unsent = -1
        while near.buffered_amount != unsent:
            unsent = near.buffered_amount
            await asyncio.sleep(0.2)
        assert unsent > 0
        far.send("the other direction is free")
        assert await near.receive() == "the other direction is free"
        assert await asyncio.wait_for(far.receive_many(len(MESSAGES)), LIMIT) == MESSAGES


@pytest.mark.parametrize("sender", ["aiortc", "compat", "purertc"])
async def test_another_channel_that_nobody_reads(sender: str) -> None:
    """The unread channel holds its messages, and less than the window, so the other one works."""
    pairing = Pairing(STACKS[sender], PurertcStack(receive_window=WINDOW))
    async with linked(pairing) as link:
        near, far = await link.connect_with_channel()
        unread, unread_far = await link.open(link.offering, "unread")
        for message in MESSAGES[:4]:
            unread.send(message)
        for message in MESSAGES:
            near.send(message)
            assert await far.receive() == message
        assert await unread_far.receive_many(4) == MESSAGES[:4]
