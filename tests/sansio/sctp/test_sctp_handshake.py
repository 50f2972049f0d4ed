"""Two sides become established, whoever begins and whatever is lost."""

from itertools import product

import pytest

from purertc.errors import ArgumentError, InvalidStateError
from purertc.sansio.sctp import AssociationEstablished, AssociationState, SctpConfig
from purertc.wire.sctp.chunks import ChunkType
from tests.support.lossy_link import LinkConditions
from tests.support.sctp_pair import SctpPair, chunks_in

HANDSHAKE = (ChunkType.INIT, ChunkType.INIT_ACK, ChunkType.COOKIE_ECHO, ChunkType.COOKIE_ACK)


def check(pair: SctpPair) -> None:
    """Both ends said so once, and data flows both ways."""
    pair.run(2.0)
    for end, other in ((pair.left, pair.right), (pair.right, pair.left)):
        assert end.events == [AssociationEstablished()]
        end.sctp.send(0, 51, b"over", pair.now)
        pair.run_until_received(other, 1, 5.0)
        assert other.messages == [(0, 51, b"over")]


def test_one_side_connects() -> None:
    pair = SctpPair()
    pair.left.sctp.connect(pair.now)
    assert pair.left.sctp.state is AssociationState.COOKIE_WAIT
    assert pair.link.run(1.0, pair.established)
    assert pair.now == pytest.approx(1000.1)
    check(pair)


def test_both_sides_connect_at_once() -> None:
    pair = SctpPair().connect()
    assert pair.now <= 1000.11
    check(pair)


@pytest.mark.parametrize("later", [0.01, 0.03, 0.06, 0.09])
def test_second_side_connects_while_the_first_is_at_it(later: float) -> None:
    pair = SctpPair()
    pair.left.sctp.connect(pair.now)
    pair.run(later)
    pair.right.sctp.connect(pair.now)
    assert pair.link.run(1.0, pair.established)
    check(pair)


@pytest.mark.parametrize(("kind", "both"), list(product(HANDSHAKE, (False, True))))
def test_a_lost_handshake_chunk_is_repeated(kind: ChunkType, both: bool) -> None:
    pair = SctpPair()
    lost: list[int] = []

    def drop(sender: int, packet: bytes) -> bool:
        hit = chunks_in(packet)[0][0] == kind and len(lost) < (2 if both else 1)
        if hit:
            lost.append(sender)
        return hit

    pair.link.drop = drop
    pair.left.sctp.connect(pair.now)
    if both:
        pair.right.sctp.connect(pair.now)
    assert pair.link.run(5.0, pair.established)
    assert lost
    check(pair)


@pytest.mark.parametrize("seed", range(25))
def test_handshake_on_a_very_bad_link(seed: int) -> None:
    bad = LinkConditions(loss=0.3, duplication=0.1, reordering=0.2)
    pair = SctpPair(seed=seed, conditions=bad).connect(60.0)
    pair.link.drop = None
    for end in pair.ends:
        assert end.events == [] or end.events == [AssociationEstablished()]


def test_handshake_measures_the_round_trip() -> None:
    pair = SctpPair().connect()
    for end in pair.ends:
        assert end.sctp.smoothed_round_trip == pytest.approx(0.05)


def test_data_queued_before_the_handshake_is_sent_after_it() -> None:
    pair = SctpPair()
    pair.left.sctp.send(3, 51, b"early", pair.now)
    pair.connect()
    pair.run_until_received(pair.right, 1, 1.0)
    assert pair.right.messages == [(3, 51, b"early")]


def test_streams_are_limited_to_what_the_peer_accepts() -> None:
    pair = SctpPair(right_config=SctpConfig(inbound_streams=10)).connect()
    assert pair.left.sctp.outbound_streams == 10
    pair.left.sctp.send(9, 51, b"last", pair.now)
    with pytest.raises(ArgumentError, match="stream 10"):
        pair.left.sctp.send(10, 51, b"x", pair.now)


def test_nobody_answers() -> None:
    pair = SctpPair(config=SctpConfig(max_init_retransmits=3))
    pair.link.drop = lambda sender, packet: True
    pair.left.sctp.connect(pair.now)
    pair.run(60.0)
    assert pair.left.sctp.state is AssociationState.CLOSED
    assert [type(event).__name__ for event in pair.left.events] == ["AssociationClosed"]
    assert pair.left.sctp.next_deadline() is None
    with pytest.raises(InvalidStateError):
        pair.left.sctp.connect(pair.now)


def test_ports_may_differ() -> None:
    pair = SctpPair(config=SctpConfig(port=5001), right_config=SctpConfig(port=6000))
    pair.left.sctp.remote_port = 6000
    pair.right.sctp.remote_port = 5001
    pair.connect()
    check(pair)
    with pytest.raises(InvalidStateError):
        pair.left.sctp.remote_port = 7000
