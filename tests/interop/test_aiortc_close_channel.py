"""Either side can close one channel; the other ones and the connection go on."""

import pytest

from tests.support.stacks import ChannelEnd, Pairing, linked

BY = pytest.mark.parametrize("closer", ["opener", "other side"])


def order(closer: str, near: ChannelEnd, far: ChannelEnd) -> tuple[ChannelEnd, ChannelEnd]:
    return (near, far) if closer == "opener" else (far, near)


@BY
async def test_both_ends_close_and_other_channels_go_on(pairing: Pairing, closer: str) -> None:
    async with linked(pairing) as link:
        offered, answered = await link.connect_with_channel()
        near, far = await link.open(link.offering, "closes")
        one, other = order(closer, near, far)
        one.close()
        await one.closed()
        await other.closed()
        assert (one.state, other.state) == ("closed", "closed")
        offered.send("still")
        answered.send("here")
        assert await answered.receive() == "still"
        assert await offered.receive() == "here"


@BY
async def test_what_was_sent_before_the_close_arrives(pairing: Pairing, closer: str) -> None:
    async with linked(pairing) as link:
        await link.connect_with_channel()
        one, other = order(closer, *await link.open(link.answering, "closes"))
        messages = [f"{number}" * 5000 for number in range(10)]
        for message in messages:
            one.send(message)
        one.close()
        assert await other.receive_many(len(messages)) == messages
        await one.closed()
        await other.closed()


async def test_both_close_the_same_channel_at_once(pairing: Pairing) -> None:
    async with linked(pairing) as link:
        await link.connect_with_channel()
        near, far = await link.open(link.offering, "closes")
        near.close()
        far.close()
        await near.closed()
        await far.closed()
        again, again_far = await link.open(link.answering, "opens")
        again.send("works")
        assert await again_far.receive() == "works"


async def test_channels_open_and_close_again_and_again(pairing: Pairing) -> None:
    async with linked(pairing) as link:
        await link.connect_with_channel()
        for number in range(12):
            source = link.offering if number % 2 else link.answering
            near, far = await link.open(source, f"number {number}")
            near.send("ping")
            far.send(await far.receive())
            assert await near.receive() == "ping"
            one, other = order("opener" if number % 3 else "other side", near, far)
            one.close()
            await one.closed()
            await other.closed()
