"""What was sent before a channel is closed arrives before it is closed (RFC 8831 section 6.7)."""

import pytest

from purertc.sansio.channels.channel import Channel
from purertc.sansio.sctp import SctpConfig
from purertc.sansio.types import DataChannelState
from tests.support.lossy_link import LinkConditions
from tests.support.sctp_channels import ChannelLink

BAD = LinkConditions(loss=0.2, duplication=0.03, reordering=0.1)
MESSAGES = [number.to_bytes(2, "big") * 3000 for number in range(30)]


def send_all(link: ChannelLink, channel: Channel) -> None:
    for message in MESSAGES:
        link.one.channels.send(channel, message, link.now)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("ordered", [True, False])
def test_on_a_bad_link(seed: int, ordered: bool) -> None:
    link = ChannelLink(seed=seed, conditions=BAD)
    link.connect()
    one, two = link.open(ordered=ordered)
    send_all(link, one)
    link.one.channels.close(one, link.now)
    assert link.link.run(120.0, lambda: one.state == two.state == DataChannelState.CLOSED)
    received = link.two.read_all(two, link.now)
    assert sorted(map(bytes, (m for m in received if isinstance(m, bytes)))) == MESSAGES
    if ordered:
        assert received == MESSAGES


@pytest.mark.parametrize("seed", range(5))
def test_when_the_other_side_reads_late(seed: int) -> None:
    config = SctpConfig(receive_window=30_000, max_message_size=20_000)
    link = ChannelLink(seed=seed, conditions=BAD, config=config)
    link.connect()
    one, two = link.open()
    send_all(link, one)
    link.one.channels.close(one, link.now)
    link.run(10.0)
    assert (one.state, two.state) == (DataChannelState.CLOSING, DataChannelState.OPEN)
    received: list[str | bytes] = []
    for _ in range(1000):
        received += link.two.read_all(two, link.now)
        link.run(0.5)
        if two.state is DataChannelState.CLOSED:
            break
    received += link.two.read_all(two, link.now)
    assert received == MESSAGES
    assert link.link.run(60.0, lambda: one.state is DataChannelState.CLOSED)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("later", [0.0, 0.01, 0.5])
def test_both_sides_close_with_messages_under_way(seed: int, later: float) -> None:
    link = ChannelLink(seed=seed, conditions=BAD)
    link.connect()
    one, two = link.open()
    link.two.channels.send(two, b"from two", link.now)
    send_all(link, one)
    link.one.channels.close(one, link.now)
    link.run(later)
    link.two.channels.close(two, link.now)
    assert link.link.run(120.0, lambda: one.state == two.state == DataChannelState.CLOSED)
    received = link.two.read_all(two, link.now)
    assert received == MESSAGES[: len(received)]
    for side in (link.one, link.two):
        assert side.association.buffered_total == 0
        assert side.association._machines.receiver.reassembly.held == 0
    again_one, again_two = link.open("again")
    assert again_one.id == one.id
    link.one.channels.send(again_one, "works", link.now)
    assert link.link.run(60.0, lambda: bool(again_two.inbox))
    assert link.two.read_all(again_two, link.now) == ["works"]
