"""Data channels over real associations on links that lose, repeat and reorder packets."""

import random

import pytest

from purertc.sansio.events import BufferedAmountLow, ChannelClosed
from purertc.sansio.sctp import SctpConfig
from tests.support.lossy_link import LinkConditions
from tests.support.sctp_channels import ChannelLink

BAD = LinkConditions(loss=0.1, duplication=0.05, jitter=0.02, reordering=0.1)


def random_message(rng: random.Random) -> str | bytes:
    size = rng.choice([0, 1, 50, 1200, 5000])
    return "ü" * size if rng.random() < 0.5 else rng.randbytes(size)


@pytest.mark.parametrize("block", range(4))
def test_reliable_messages_arrive_once_and_in_order(block: int) -> None:
    for seed in range(10 * block, 10 * block + 10):
        link = ChannelLink(seed=seed, conditions=BAD)
        rng = random.Random(seed)
        mine = [link.one.channels.create(str(n), now=link.now) for n in range(3)]
        link.connect()
        link.run()
        assert {channel.state for channel in mine} == {"open"}
        theirs = {channel.label: channel for channel in link.two.announced()}
        sent: dict[str, list[str | bytes]] = {channel.label: [] for channel in mine}
        back: list[str | bytes] = []
        for _ in range(20):
            channel = rng.choice(mine)
            message = random_message(rng)
            link.one.channels.send(channel, message, link.now)
            sent[channel.label].append(message)
            message = random_message(rng)
            link.two.channels.send(theirs["1"], message, link.now)
            back.append(message)
            link.run(rng.random() * 0.05)
        link.run()
        for label, messages in sent.items():
            assert link.two.read_all(theirs[label], link.now) == messages, f"seed {seed}"
        assert link.one.read_all(mine[1], link.now) == back, f"seed {seed}"


def test_channels_open_on_bad_links_before_and_after_the_handshake() -> None:
    for seed in range(20):
        link = ChannelLink(seed=seed, conditions=BAD)
        early = link.two.channels.create("early", now=link.now)
        link.connect()
        link.run()
        late = link.two.channels.create("late", ordered=False, max_retransmits=0, now=link.now)
        link.run()
        assert early.state == late.state == "open", f"seed {seed}"
        assert [(c.label, c.id) for c in link.one.announced()] == [("early", 1), ("late", 3)]


@pytest.mark.parametrize("closer", ["one", "two", "both"])
def test_closing_ends_on_both_sides_and_frees_the_id(closer: str) -> None:
    for seed in range(10):
        link = ChannelLink(seed=seed, conditions=BAD)
        link.connect()
        for round_number in range(5):
            mine, theirs = link.open(str(round_number))
            assert mine.id == 0
            link.one.channels.send(mine, "a last word", link.now)
            if closer in {"one", "both"}:
                link.one.channels.close(mine, link.now)
            if closer in {"two", "both"}:
                link.two.channels.close(theirs, link.now)
            link.run()
            assert mine.state == theirs.state == "closed", f"seed {seed}"
            if closer == "one":
                assert link.two.read_all(theirs, link.now) == ["a last word"]
        assert link.one.association.state == "established"


def test_a_hundred_channels_close_at_once() -> None:
    link = ChannelLink(conditions=LinkConditions(loss=0.05))
    channels = [link.one.channels.create(str(n), now=link.now) for n in range(100)]
    link.connect()
    link.run()
    for channel in channels[:50]:
        link.one.channels.close(channel, link.now)
    for channel in link.two.announced()[50:]:
        link.two.channels.close(channel, link.now)
    link.run()
    for side in (link.one, link.two):
        closed = [event for event in side.events if isinstance(event, ChannelClosed)]
        assert len(closed) == 100
    assert link.one.channels.create("again", now=link.now).id == 0


def test_the_buffered_amount_falls_to_zero_and_tells() -> None:
    link = ChannelLink(conditions=LinkConditions(loss=0.02))
    link.connect()
    mine, _ = link.open()
    mine.buffered_amount_low_threshold = 20_000
    for _ in range(30):
        link.one.channels.send(mine, bytes(10_000), link.now)
        link.one.channels.send(mine, "", link.now)
    assert mine.buffered_amount == 300_000
    link.run()
    assert (mine.buffered_amount, mine.unsent, len(mine.extra)) == (0, 0, 0)
    assert sum(isinstance(event, BufferedAmountLow) for event in link.one.events) == 1


@pytest.mark.parametrize(("retransmits", "life_time"), [(0, None), (None, 20)])
def test_given_up_messages_leave_no_trace(retransmits: int | None, life_time: int | None) -> None:
    for seed in range(5):
        link = ChannelLink(seed=seed, conditions=LinkConditions(loss=0.15))
        link.connect()
        mine = link.one.channels.create(
            "x",
            ordered=False,
            max_retransmits=retransmits,
            max_packet_life_time=life_time,
            now=link.now,
        )
        link.run()
        for number in range(100):
            link.one.channels.send(mine, f"{number}" * 300, link.now)
            link.run(0.005)
        link.run(120.0)
        (theirs,) = link.two.announced()
        received = link.two.read_all(theirs, link.now)
        assert 0 < len(received) < 100
        assert len(set(received)) == len(received)
        assert mine.buffered_amount == mine.unsent == 0
        link.one.channels.close(mine, link.now)
        link.run()
        assert mine.state == theirs.state == "closed"


def test_unread_messages_stop_the_sender_and_reading_lets_it_go_on() -> None:
    link = ChannelLink(config=SctpConfig(receive_window=262_144))
    link.connect()
    mine, theirs = link.open()
    for number in range(100):
        link.one.channels.send(mine, bytes([number]) * 10_000, link.now)
    link.run()
    assert mine.buffered_amount > 500_000
    received = []
    for _ in range(100):
        received += link.two.read_all(theirs, link.now)
        link.run(5.0)
    assert [message[0] for message in received] == list(range(100))
    assert mine.buffered_amount == 0


def test_negotiated_channels_need_no_establishment() -> None:
    link = ChannelLink(conditions=BAD)
    one = link.one.channels.create("x", negotiated=True, id=8, now=link.now)
    two = link.two.channels.create("x", negotiated=True, id=8, now=link.now)
    link.connect()
    assert link.link.run(60.0, lambda: one.state == "open")
    link.one.channels.send(one, "hello", link.now)
    link.run()
    assert link.two.read_all(two, link.now) == ["hello"]


def test_the_end_of_the_association_closes_the_channels_of_both_sides() -> None:
    link = ChannelLink()
    link.connect()
    mine, theirs = link.open()
    link.one.channels.send(mine, "before the end", link.now)
    link.run()
    link.one.association.abort("enough")
    link.run()
    link.one.channels.handle(link.now)
    assert mine.state == theirs.state == "closed"
    assert link.two.channels.lost_reason
    assert link.two.read_all(theirs, link.now) == ["before the end"]


def test_messages_of_many_sizes_up_to_the_limit() -> None:
    link = ChannelLink(conditions=LinkConditions(loss=0.01))
    link.one.channels.remote_max_message_size = 262_144
    link.connect()
    mine, theirs = link.open()
    sizes = [1, 1100, 1160, 16_384, 65_536, 262_144]
    for size in sizes:
        link.one.channels.send(mine, random.Random(size).randbytes(size), link.now)
    link.run()
    received = link.two.read_all(theirs, link.now)
    assert received == [random.Random(size).randbytes(size) for size in sizes]
