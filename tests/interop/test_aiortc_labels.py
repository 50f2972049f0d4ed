"""Labels and protocols count in bytes of UTF-8.

aiortc writes the number of characters where the number of bytes belongs, so what it sends with
other letters than ASCII arrives cut; nobody else may suffer from that.
"""

import asyncio

import pytest

from tests.support.stacks import PAIRINGS, ChannelOptions, Pairing, linked

LABELS = ("ASCII", "grüße", "你好 \U0001f980", "", "x" * 1000, "é" * 600)

TEXTS = [(label, protocol) for label in LABELS for protocol in ("", "chat", "größe")]


@pytest.mark.parametrize(
    "pairing",
    [each for each in PAIRINGS if each.offering.name != "aiortc"],
    ids=lambda each: each.name,
)
async def test_every_text_arrives(pairing: Pairing) -> None:
    async with linked(pairing) as link:
        near = [
            link.offering.create_channel(label, ChannelOptions(protocol=protocol))
            for label, protocol in TEXTS
        ]
        await link.connect()
        for channel in near:
            await channel.opened()
        far = [await link.answering.announced() for _ in TEXTS]
        assert [(channel.label, channel.options.protocol) for channel in far] == TEXTS


@pytest.mark.parametrize(
    "pairing",
    [each for each in PAIRINGS if each.offering.name == "aiortc"],
    ids=lambda each: each.name,
)
async def test_a_label_that_aiortc_cuts_harms_no_other_channel(pairing: Pairing) -> None:
    async with linked(pairing) as link:
        await link.connect_with_channel()
        link.offering.create_channel("grüße", ChannelOptions(protocol="größe"))
        link.offering.create_channel("\U0001f980" * 3, ChannelOptions())
        last = link.offering.create_channel("last", ChannelOptions())
        await last.opened()
        while (far := await asyncio.wait_for(link.answering.announced(), 5)).label != "last":
            pass
        last.send("still here")
        assert await far.receive() == "still here"
        assert link.answering.state == "connected"
