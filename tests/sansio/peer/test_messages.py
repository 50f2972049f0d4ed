"""Messages of every kind and size arrive once and in order."""

import pytest

from purertc.errors import MessageTooLarge
from purertc.sansio.config import Configuration
from tests.support.peer_pair import PeerPair

MESSAGES: list[str | bytes] = [
    "",
    b"",
    "a",
    b"\x00",
    "żółw 🐢",
    bytes(range(256)) * 40,
    "x" * 100_000,
    bytes(262_144),
]


@pytest.mark.parametrize("loss", [0.0, 0.1])
def test_both_directions(loss: float) -> None:
    pair = PeerPair(seed=3, loss=loss)
    channel = pair.connect()
    (remote,) = pair.b.announced
    for message in MESSAGES:
        pair.a.peer.send(channel, message, pair.now)
        pair.b.peer.send(remote, message, pair.now)
    assert pair.run(lambda: len(pair.b.messages.get(remote, ())) == len(MESSAGES), 300)
    assert pair.run(lambda: len(pair.a.messages.get(channel, ())) == len(MESSAGES), 300)
    assert pair.b.messages[remote] == MESSAGES
    assert pair.a.messages[channel] == MESSAGES


def test_unread_messages_close_the_window_and_reading_opens_it() -> None:
    pair = PeerPair(configuration=Configuration(receive_window=262_144))
    pair.b.reads = False
    channel = pair.connect()
    (remote,) = pair.b.announced
    total = 40
    for number in range(total):
        pair.a.peer.send(channel, bytes([number]) * 50_000, pair.now)
    pair.run(timeout=30)
    unsent = channel.buffered_amount
    assert unsent > 25 * 50_000
    pair.b.reads = True
    pair.read_all(pair.b, remote)
    assert pair.run(lambda: len(pair.b.messages[remote]) == total, 120)
    assert [message[0] for message in pair.b.messages[remote]] == list(range(total))


def test_a_message_above_the_limit_is_refused() -> None:
    pair = PeerPair(configuration=Configuration(max_message_size=1200))
    channel = pair.connect()
    with pytest.raises(MessageTooLarge, match="1200"):
        pair.a.peer.send(channel, bytes(1201), pair.now)
    pair.a.peer.send(channel, bytes(1200), pair.now)
    (remote,) = pair.b.announced
    assert pair.run(lambda: pair.b.messages.get(remote) == [bytes(1200)])
