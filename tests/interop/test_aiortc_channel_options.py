"""Every option of a channel reaches the other implementation, and messages still cross."""

from dataclasses import replace

from tests.support.stacks import ChannelOptions, ConnectionEnd, Link, Pairing, linked

OPTIONS = {
    "default": ChannelOptions(),
    "unordered": ChannelOptions(ordered=False),
    "no retransmits": ChannelOptions(max_retransmits=0),
    "three retransmits": ChannelOptions(max_retransmits=3),
    "short life": ChannelOptions(max_packet_life_time=500),
    "unordered, no retransmits": ChannelOptions(ordered=False, max_retransmits=0),
    "unordered, short life": ChannelOptions(ordered=False, max_packet_life_time=500),
    "the most": ChannelOptions(ordered=False, max_retransmits=65535, protocol="p" * 300),
    "protocol": ChannelOptions(protocol="chat.example"),
}


async def check_options(link: Link, source: ConnectionEnd) -> None:
    near = {label: source.create_channel(label, options) for label, options in OPTIONS.items()}
    if source.state != "connected":
        await link.connect()
    for channel in near.values():
        await channel.opened()
    announced = [await link.other(source).announced() for _ in OPTIONS]
    far = {channel.label: channel for channel in announced}
    assert far.keys() == near.keys()
    for label, options in OPTIONS.items():
        expected = replace(options, id=near[label].id)
        assert far[label].options == near[label].options == expected
        near[label].send(f"to {label}")
        far[label].send(f"from {label}".encode())
    for label in OPTIONS:
        assert await far[label].receive() == f"to {label}"
        assert await near[label].receive() == f"from {label}".encode()
    ids = {channel.id for channel in near.values()}
    assert len(ids) == len(OPTIONS)
    assert len({identifier % 2 for identifier in ids if identifier is not None}) == 1


async def test_options_of_channels_of_the_offering_side(pairing: Pairing) -> None:
    async with linked(pairing) as link:
        await check_options(link, link.offering)


async def test_options_of_channels_of_the_answering_side(pairing: Pairing) -> None:
    async with linked(pairing) as link:
        await link.connect_with_channel()
        await check_options(link, link.answering)


async def test_channels_of_both_sides_get_ids_that_differ(pairing: Pairing) -> None:
    async with linked(pairing) as link:
        first, _ = await link.connect_with_channel()
        for count in range(5):
            offered, _ = await link.open(link.offering, f"offered {count}")
            answered, _ = await link.open(link.answering, f"answered {count}")
            assert offered.id is not None
            assert answered.id is not None
            assert first.id is not None
            assert offered.id % 2 == first.id % 2 != answered.id % 2


async def test_messages_of_an_unordered_channel_all_arrive(pairing: Pairing) -> None:
    async with linked(pairing) as link:
        await link.connect_with_channel()
        near, far = await link.open(link.offering, "unordered", ChannelOptions(ordered=False))
        messages = [f"{count} " * (count * 11) for count in range(60)]
        for message in messages:
            near.send(message)
            far.send(message)
        for end in (near, far):
            assert sorted(await end.receive_many(len(messages))) == sorted(messages)
