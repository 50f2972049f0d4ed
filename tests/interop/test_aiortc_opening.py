"""The first messages are never lost, whoever opens the channel and however early they leave."""

from tests.support.stacks import ChannelOptions, Pairing, linked


async def test_messages_at_the_moment_of_opening_and_of_being_announced(pairing: Pairing) -> None:
    async with linked(pairing) as link:
        for end in (link.offering, link.answering):
            end.greet_announced(f"greeting of {end is link.offering}")
        offered = link.offering.create_channel("offered", ChannelOptions())
        link.offering.send_on_open(offered, "at once")
        await link.connect()
        far = await link.answering.announced()
        assert await far.receive() == "at once"
        assert await offered.receive() == "greeting of False"

        answered = link.answering.create_channel("answered", ChannelOptions())
        link.answering.send_on_open(answered, b"at once, too")
        far = await link.offering.announced()
        assert await far.receive() == b"at once, too"
        assert await answered.receive() == "greeting of True"


async def test_a_channel_of_the_answering_side_made_before_the_connection(
    pairing: Pairing,
) -> None:
    async with linked(pairing) as link:
        offered = link.offering.create_channel("offered", ChannelOptions())
        answered = link.answering.create_channel("answered", ChannelOptions())
        await link.connect()
        await offered.opened()
        await answered.opened()
        far = await link.offering.announced()
        assert far.label == "answered"
        answered.send("early")
        assert await far.receive() == "early"


async def test_a_hundred_channels_at_once(pairing: Pairing) -> None:
    labels = [f"channel {number}" for number in range(100)]
    async with linked(pairing) as link:
        near = [link.offering.create_channel(label, ChannelOptions()) for label in labels]
        await link.connect()
        for channel in near:
            await channel.opened()
            channel.send(channel.label)
        far = [await link.answering.announced() for _ in labels]
        assert [channel.label for channel in far] == labels
        for channel in far:
            assert await channel.receive() == channel.label
            channel.send(channel.label.encode())
        for channel in near:
            assert await channel.receive() == channel.label.encode()
