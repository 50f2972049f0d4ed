"""Options that make no channel are refused before anything changes."""

from typing import Any

import pytest

from purertc.errors import ArgumentError, InvalidStateError
from purertc.sansio.datachannel import DataChannels
from tests.support.fake_association import FakeAssociation, established_pair
from tests.support.peer_pair import PeerPair


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_retransmits": 1, "max_packet_life_time": 1}, "not both"),
        ({"max_retransmits": -1}, "max_retransmits must be an int from 0 to 65535"),
        ({"max_retransmits": 65536}, "max_retransmits"),
        ({"max_retransmits": True}, "max_retransmits"),
        ({"max_retransmits": 1.0}, "max_retransmits"),
        ({"max_packet_life_time": -1}, "max_packet_life_time"),
        ({"max_packet_life_time": 65536}, "max_packet_life_time"),
        ({"negotiated": True}, "needs an id"),
        ({"negotiated": True, "id": -1}, "id must be an int from 0 to 65534"),
        ({"negotiated": True, "id": 65535}, "id must be"),
        ({"id": 65535}, "id must be"),
        ({"id": 70000}, "id must be"),
        ({"id": "1"}, "id must be"),
        ({"label": "x" * 65536}, "label takes 65536 bytes"),
        ({"label": "ü" * 32768}, "label takes 65536 bytes"),
        ({"label": b"bytes"}, "label must be a str, not bytes"),
        ({"label": None}, "label must be a str"),
        ({"label": "\ud800"}, "cannot be written as UTF-8"),
        ({"protocol": "ü" * 32768}, "protocol takes 65536 bytes"),
        ({"protocol": 5}, "protocol must be a str"),
    ],
)
def test_bad_options(options: dict[str, Any], message: str) -> None:
    pair = PeerPair()
    peer = pair.a.peer
    with pytest.raises(ArgumentError, match=message):
        peer.create_data_channel(**{"label": "x", "now": pair.now, **options})
    assert peer.data_channels.channels == []
    assert peer.next_event() is None
    assert peer.create_data_channel("x", now=pair.now).id is None


@pytest.mark.parametrize(
    "options",
    [
        {"label": ""},
        {"label": "ü" * 32767, "protocol": "x" * 65535},
        {"max_retransmits": 65535},
        {"max_packet_life_time": 65535},
        {"id": 65534, "negotiated": True},
        {"id": 0},
    ],
)
def test_the_extremes_are_accepted(options: dict[str, Any]) -> None:
    channels = DataChannels(FakeAssociation())
    channels.create(**{"label": "x", "now": 0.0, **options})


def test_no_channel_after_the_association_is_gone() -> None:
    pair = established_pair()
    pair.one.association_lost("the peer left")
    with pytest.raises(InvalidStateError, match="the peer left"):
        pair.one.create("x", now=0.0)


@pytest.mark.parametrize("data", [5, None, 1.5, ["a"], {"a": 1}, object()])
def test_what_is_no_message_is_refused(data: object) -> None:
    pair = established_pair()
    channel = pair.one.create("x", negotiated=True, id=1, now=0.0)
    with pytest.raises(ArgumentError, match="str or a bytes-like object, not"):
        pair.one.send(channel, data, 0.0)  # type: ignore[arg-type]
    assert (channel.buffered_amount, pair.one_association.sent) == (0, [])


def test_text_that_is_no_unicode_is_refused() -> None:
    pair = established_pair()
    channel = pair.one.create("x", negotiated=True, id=1, now=0.0)
    with pytest.raises(ArgumentError, match="UTF-8"):
        pair.one.send(channel, "\ud800", 0.0)
