"""Messages of every kind and size cross between implementations, in both directions."""

from tests.support.stacks import Message, Pairing, linked

SIZES = (1, 2, 1199, 1200, 1201, 16384, 65536, 262144)

MESSAGES: list[Message] = [
    "hello",
    "grüße - 你好 - \U0001f980 - \u0000 - a\u0301",
    "",
    b"",
    b"\x00",
    bytes(range(256)),
    *((bytes(range(251)) * (size // 251 + 1))[:size] for size in SIZES),
    *("é" * (size // 2) for size in SIZES[1:]),
    "\U0001f980" * 65536,
    "end",
]


async def test_messages_arrive_whole_in_order_and_as_what_they_were(pairing: Pairing) -> None:
    async with linked(pairing) as link:
        offered, answered = await link.connect_with_channel()
        for source, target in ((offered, answered), (answered, offered)):
            for message in MESSAGES:
                source.send(message)
            assert await target.receive_many(len(MESSAGES)) == MESSAGES


async def test_both_sides_send_at_the_same_time(pairing: Pairing) -> None:
    counts = range(70)
    async with linked(pairing) as link:
        offered, answered = await link.connect_with_channel()
        for count in counts:
            offered.send(f"offered {count} " * (count * 7))
            answered.send(b"answered %d " % count * (count * 5))
        assert await answered.receive_many(len(counts)) == [
            f"offered {count} " * (count * 7) for count in counts
        ]
        assert await offered.receive_many(len(counts)) == [
            b"answered %d " % count * (count * 5) for count in counts
        ]
        assert offered.buffered_amount == answered.buffered_amount == 0


async def test_an_echo_of_each_message_before_the_next_one(pairing: Pairing) -> None:
    async with linked(pairing) as link:
        offered, answered = await link.connect_with_channel()
        for count in range(30):
            offered.send(f"ping {count}")
            answered.send(await answered.receive())
            assert await offered.receive() == f"ping {count}"
