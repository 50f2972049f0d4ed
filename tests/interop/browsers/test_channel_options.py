"""Every kind of reliability, announced by either side."""

import pytest

from tests.support.browsers.browser import Browser
from tests.support.browsers.link import LinkSettings, Side, linked
from tests.support.stack_protocol import ChannelOptions

OPTIONS = {
    "ordered": ChannelOptions(),
    "unordered": ChannelOptions(ordered=False),
    "ordered, no retransmission": ChannelOptions(max_retransmits=0),
    "unordered, no retransmission": ChannelOptions(ordered=False, max_retransmits=0),
    "ordered, 5 retransmissions": ChannelOptions(max_retransmits=5),
    "unordered, 5 retransmissions": ChannelOptions(ordered=False, max_retransmits=5),
    "ordered, half a second": ChannelOptions(max_packet_life_time=500),
    "unordered, half a second": ChannelOptions(ordered=False, max_packet_life_time=500),
    "most of both": ChannelOptions(max_retransmits=65535, protocol="sub-protöcol"),
}

COUNT = 20


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
async def test_all_reliability_options(
    browser: Browser, offerer: Side, opener: Side, options: ChannelOptions
) -> None:
    async with linked(browser, LinkSettings(offerer=offerer)) as link:
        await link.connect_with_channel()
        python, page = await link.open(opener, "with options", options)
        assert await page.describe() == {
            "label": "with options",
            "id": python.id,
            "ordered": options.ordered,
            "maxPacketLifeTime": options.max_packet_life_time,
            "maxRetransmits": options.max_retransmits,
            "protocol": options.protocol,
            "negotiated": False,
        }
        assert (python.ordered, python.max_retransmits) == (
            options.ordered,
            options.max_retransmits,
        )
        assert (python.max_packet_life_time, python.protocol) == (
            options.max_packet_life_time,
            options.protocol,
        )
        messages = [f"{number} ".encode() * 700 for number in range(COUNT)]
        await page.send(*messages)
        assert sorted([await python.receive() for _ in messages]) == sorted(messages)
        for message in messages:
            await python.send(message)
        assert sorted(await page.receive_many(COUNT)) == sorted(messages)
