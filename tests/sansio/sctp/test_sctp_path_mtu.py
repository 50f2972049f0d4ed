"""Packets grow to what the path takes, and shrink with it; no data is lost for it (RFC 8899)."""

from itertools import pairwise

import pytest

from purertc.sansio.sctp import SctpConfig
from purertc.sansio.sctp.path_mtu import PathMtuState
from purertc.wire.sctp.chunks import ChunkType, ParameterType, encode_chunk
from purertc.wire.sctp.packet import PacketFrame
from purertc.wire.sctp.tlv import encode_item
from tests.support.probed_link import OVERHEAD, ProbedLink

FLOOR = SctpConfig().mtu


def size_for(mtu: int) -> int:
    return mtu - OVERHEAD & ~3


@pytest.mark.parametrize(
    ("mtu", "limit", "found"),
    [
        (1280, 1500, FLOOR),
        (1390, 1500, FLOOR),
        (1400, 1500, size_for(1400)),
        (1492, 1500, size_for(1492)),
        (1500, 1500, size_for(1500)),
        (9000, 1500, size_for(1500)),
        (1500, 9000, size_for(1500)),
        (9000, 9000, size_for(9000)),
        (16384, 16384, size_for(16384)),
        (1500, 1280, FLOOR),
        (1500, 1444, size_for(1444)),
    ],
)
def test_the_search_ends_at_what_the_path_takes(mtu: int, limit: int, found: int) -> None:
    link = ProbedLink(mtu=mtu, limit=limit)
    link.keep_busy(12.0)
    assert link.left.packet_size == found
    assert link.largest_data <= found
    assert link.left.retransmitted_chunks == 0
    assert link.left.retransmission_timeouts == 0
    assert link.right.packet_size == FLOOR
    assert max((size for _, size in link.probes), default=0) + OVERHEAD <= limit


def test_full_packets_are_of_the_size_found() -> None:
    link = ProbedLink()
    link.transfer(100)
    link.send(10)
    sizes = {len(packet) for packet in link.left.packets(link.now)}
    assert sizes == {size_for(1500)}


def test_each_size_that_fails_is_tried_three_times_and_again_after_ten_minutes() -> None:
    link = ProbedLink(mtu=1280)
    link.keep_busy(12.0)
    assert link.left.packet_size_search is PathMtuState.SEARCH_COMPLETE
    # The likely size once, then the smallest one above the floor.
    assert [size for _, size in link.probes] == [size_for(1500), *[size_for(1400)] * 3]
    pauses = [later[0] - earlier[0] for earlier, later in pairwise(link.probes)]
    assert min(pauses) >= 1.0
    count = len(link.probes)
    link.link.run(550.0)
    link.transfer(100)
    assert len(link.probes) == count
    link.limits[0].mtu = 1500
    link.link.run(60.0)
    link.keep_busy(1.0)
    assert link.left.packet_size == size_for(1500)


@pytest.mark.parametrize("size", [50, 1_000, 16_000])
def test_conversations_send_no_probe(size: int) -> None:
    link = ProbedLink()
    for _ in range(50):
        link.transfer(1, size)
        link.link.run(0.5)
    assert link.probes == []
    assert link.left.packet_size == FLOOR


def test_an_idle_association_has_no_other_timer_and_no_other_packet() -> None:
    link = ProbedLink()
    link.transfer(300)
    assert link.left.packet_size == size_for(1500)
    link.link.run(5.0)
    before = list(link.link.sent)
    deadline = link.left.next_deadline()
    assert deadline is not None
    assert deadline - link.now > 20.0
    link.link.run(20.0)
    assert link.link.sent == before


@pytest.mark.parametrize("after", [1280, 1400])
@pytest.mark.parametrize("limit", [1500, 9000])
def test_a_path_that_shrinks_under_way_loses_nothing(after: int, limit: int) -> None:
    link = ProbedLink(mtu=limit, limit=limit)
    link.transfer(200)
    assert link.left.packet_size == size_for(limit)
    link.send(200)
    link.link.run(0.015)
    link.limits[0].mtu = after
    # Fragments of what is too large pass from when the sender cuts it, as with IPv6.
    link.limits[0].fragments = False
    link.link.run(4.0)
    assert link.left.packet_size == FLOOR
    link.limits[0].fragments = True
    assert link.link.run(30.0, lambda: len(link.received) == 400)
    link.keep_busy(12.0)
    assert link.left.packet_size == (FLOOR if after == 1280 else size_for(1400))
    assert link.largest_data <= link.left.packet_size


def test_an_outage_does_not_shrink_packets_for_long() -> None:
    link = ProbedLink()
    link.transfer(200)
    link.send(200)
    link.link.run(0.02)
    drop, link.link.drop = link.link.drop, lambda _sender, _packet: True
    link.link.run(5.0)
    assert link.left.packet_size == FLOOR
    link.link.drop = drop
    assert link.link.run(30.0, lambda: len(link.received) == 400)
    link.transfer(100)
    assert link.left.packet_size == size_for(1500)


@pytest.mark.parametrize("loss", [0.01, 0.03, 0.1])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_loss_is_not_taken_for_a_small_path(loss: float, seed: int) -> None:
    link = ProbedLink(loss=loss, seed=seed)
    falls, size = 0, FLOOR
    for _ in range(20):
        link.transfer(20)
        falls += link.left.packet_size < size
        size = link.left.packet_size
    assert size == size_for(1500)
    assert falls <= 1


def test_each_direction_has_its_own_size() -> None:
    link = ProbedLink(mtu=1500, back_mtu=1280)
    link.transfer(200)
    for index in range(300):
        link.right.send(1, 53, bytes([index % 256]) * 16_384, link.now)
    got: list[bytes] = []

    def all_came() -> bool:
        while link.left.inbox:
            got.append(link.left.inbox.pop(0)[2])
            link.left.consumed(16_384, link.now)
        return len(got) == 300

    assert link.link.run(30.0, all_came)
    assert link.left.packet_size == size_for(1500)
    assert link.right.packet_size == FLOOR


def test_a_peer_that_does_not_answer_probes_costs_nothing() -> None:
    link = ProbedLink()
    link.deaf_to_probes = True
    link.keep_busy(10.0)
    assert link.left.packet_size == FLOOR
    assert link.left.retransmitted_chunks == 0
    assert link.left.state == "established"


def test_forged_answers_are_counted_and_change_nothing() -> None:
    link = ProbedLink(mtu=1280)
    link.send(200)
    link.link.run(0.015)
    assert link.probes
    tag = link.left._machines.handshake.local_tag
    frame = PacketFrame(5000, 5000, tag)
    forged = [
        frame.seal(
            encode_chunk(
                ChunkType.HEARTBEAT_ACK,
                0,
                encode_item(ParameterType.HEARTBEAT_INFO, index.to_bytes(16, "big")),
            )
        )
        for index in range(1000)
    ]
    before = link.left.dropped
    link.left.receive(forged, link.now)
    assert link.left.dropped == before + 1000
    assert link.left.packet_size == FLOOR
    assert link.link.run(10.0, lambda: len(link.received) == 200)


def test_a_malformed_answer_is_a_bad_packet() -> None:
    link = ProbedLink(mtu=1280)
    link.send(200)
    link.link.run(0.015)
    tag = link.left._machines.handshake.local_tag
    chunk = encode_chunk(ChunkType.HEARTBEAT_ACK, 0, b"\x00\x01\x00\x99xx")
    link.left.receive([PacketFrame(5000, 5000, tag).seal(chunk)], link.now)
    assert link.left.bad_packets == 1
    assert link.link.run(10.0, lambda: len(link.received) == 200)


def test_a_new_path_begins_at_the_floor_and_repeats_large_chunks_once() -> None:
    link = ProbedLink()
    link.transfer(200)
    link.send(200)
    link.link.run(0.015)
    link.limits[0].mtu = 1280
    link.left.use_path(OVERHEAD, 1500)
    assert link.left.packet_size == FLOOR
    assert link.link.run(30.0, lambda: len(link.received) == 400)
    assert link.largest_data <= FLOOR


def test_what_the_system_refuses_is_lost_at_once() -> None:
    link = ProbedLink()
    left, sizes = link.left, []
    link.send(100)
    while left.packets(link.now):
        pass
    while left.probe_due(link.now):
        probe = left.probe(link.now)
        assert probe is not None
        sizes.append(len(probe))
        left.probe_refused(link.now)
    assert sizes == [size_for(1500), size_for(1400)]
    assert left.packet_size == FLOOR
    assert left.packet_size_search is PathMtuState.SEARCH_COMPLETE


def test_packets_that_the_system_refuses_become_smaller_at_once() -> None:
    link = ProbedLink()
    link.transfer(100)
    assert link.left.packet_size == size_for(1500)
    link.left.packets_refused(link.now)
    assert link.left.packet_size == FLOOR
    link.keep_busy(10.0)
    assert link.left.packet_size == size_for(1492)


def test_padding_is_skipped_wherever_it_stands() -> None:
    link = ProbedLink()
    tag = link.left._machines.handshake.local_tag
    pad = encode_chunk(ChunkType.PAD, 0, bytes(100))
    beat = encode_chunk(ChunkType.HEARTBEAT, 0, b"\x00\x01\x00\x05x\x00\x00\x00")
    link.left.receive([PacketFrame(5000, 5000, tag).seal(pad + beat + pad)], link.now)
    assert link.left.dropped == link.left.bad_packets == 0
    (answer,) = link.left.packets(link.now)
    assert answer[12] == ChunkType.HEARTBEAT_ACK


def test_jumbo_frames_are_for_peers_that_announce_padding() -> None:
    link = ProbedLink(mtu=9000, limit=9000, padding_announced=False)
    link.keep_busy(3.0)
    assert link.left.packet_size == size_for(1500)
    assert {size for _, size in link.probes} == {size_for(1500)}


def test_small_messages_that_pass_do_not_hide_that_large_packets_are_lost() -> None:
    link = ProbedLink()
    link.transfer(100)
    assert link.left.packet_size == size_for(1500)
    link.limits[0].mtu = 1280
    link.limits[0].fragments = False
    link.left.send(1, 53, bytes(8_000), link.now)
    begin = link.now
    while link.left.packet_size > FLOOR:
        link.left.send(2, 53, b"ping", link.now)
        link.link.run(0.02)
        assert link.now - begin < 1.0
    assert link.left.retransmission_timeouts == 0
    link.limits[0].fragments = True
    assert link.link.run(5.0, lambda: bytes(8_000) in link.received)
