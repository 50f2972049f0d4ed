"""A peer that lost its state may begin anew; tags keep strangers out (RFC 9260 5.2, 8.5.1)."""

from random import Random

import pytest

from purertc.sansio.sctp import (
    AssociationRestarted,
    AssociationState,
    SctpAssociation,
    SctpConfig,
)
from purertc.wire.sctp.chunks import ChunkType, Init, encode_chunk, encode_init
from purertc.wire.sctp.packet import PacketFrame
from tests.support.lossy_link import LossyLink
from tests.support.sctp_pair import SctpPair, chunks_in


def test_a_restarted_peer_is_served_with_new_streams_and_tsns() -> None:
    pair = SctpPair().connect()
    pair.left.sctp.send(1, 53, b"old", pair.now)
    pair.run(1.0)
    reborn = SctpAssociation(SctpConfig(), Random(99).randbytes)
    link = LossyLink(reborn, pair.right.sctp)
    reborn.connect(link.now)
    assert link.run(5.0, lambda: reborn.state is AssociationState.ESTABLISHED)
    pair.right.collect(link.now)
    assert pair.right.events[-1] == AssociationRestarted()
    reborn.send(1, 53, b"new", link.now)
    pair.right.sctp.send(1, 53, b"reply", link.now)
    assert link.run(5.0, lambda: bool(reborn.inbox))
    pair.right.collect(link.now)
    assert pair.right.payloads() == [b"old", b"new"]
    assert reborn.inbox.pop(0) == (1, 53, b"reply")


def test_a_repeated_cookie_echo_is_acknowledged_again_and_harmless() -> None:
    pair = SctpPair()
    echoes: list[bytes] = []

    def note(sender: int, packet: bytes) -> bool:
        if chunks_in(packet)[0][0] == ChunkType.COOKIE_ECHO:
            echoes.append(packet)
        return False

    pair.link.drop = note
    pair.left.sctp.connect(pair.now)
    assert pair.link.run(5.0, pair.established)
    pair.left.sctp.send(1, 53, b"data", pair.now)
    pair.run_until_received(pair.right, 1, 5.0)
    pair.right.sctp.receive(echoes, pair.now + 1000)
    (answer,) = pair.right.sctp.packets(pair.now)
    assert ChunkType.COOKIE_ACK in [kind for kind, _, _ in chunks_in(answer)]
    pair.left.sctp.send(1, 53, b"more", pair.now)
    pair.run_until_received(pair.right, 2, 5.0)


def test_an_init_for_a_living_association_changes_nothing() -> None:
    pair = SctpPair().connect()
    init = encode_init(ChunkType.INIT, Init(77, 100_000, 10, 10, 5))
    pair.right.sctp.receive([PacketFrame(5000, 5000, 0).seal(init)], pair.now)
    (answer,) = pair.right.sctp.packets(pair.now)
    assert chunks_in(answer)[0][0] == ChunkType.INIT_ACK
    pair.left.sctp.send(1, 53, b"data", pair.now)
    pair.run_until_received(pair.right, 1, 5.0)


def test_unknown_parameters_are_reported_in_the_init_ack() -> None:
    pair = SctpPair()
    init = Init(77, 100_000, 10, 10, 5, ((0xC123, b"tell"), (0x8123, b"hush"), (0x4123, b"stop")))
    chunk = encode_init(ChunkType.INIT, init._replace(parameters=(*init.parameters, (0xC124, b""))))
    pair.right.sctp.receive([PacketFrame(5000, 5000, 0).seal(chunk)], pair.now)
    (answer,) = pair.right.sctp.packets(pair.now)
    value = chunks_in(answer)[0][2]
    assert b"tell" in value
    assert b"hush" not in value
    assert b"stop" in value
    assert b"\xc1\x24" not in value


@pytest.mark.parametrize(
    "packet",
    [
        PacketFrame(5000, 5000, 12345).seal(encode_chunk(ChunkType.ABORT)),
        PacketFrame(5000, 5000, 12345).seal(encode_chunk(ChunkType.ABORT, 1)),
        PacketFrame(5000, 5000, 12345).seal(encode_chunk(ChunkType.SHUTDOWN, 0, bytes(4))),
        PacketFrame(5000, 5000, 0).seal(encode_chunk(ChunkType.COOKIE_ACK)),
        PacketFrame(4999, 5000, 0).seal(encode_init(1, Init(7, 9, 1, 1, 1))),
        PacketFrame(5000, 5000, 3).seal(encode_init(1, Init(7, 9, 1, 1, 1))),
        PacketFrame(5000, 5000, 0).seal(
            encode_init(1, Init(7, 9, 1, 1, 1)) + encode_chunk(ChunkType.COOKIE_ACK)
        ),
    ],
    ids=["abort", "abort T", "shutdown", "tag 0", "port", "init with tag", "init not alone"],
)
def test_packets_of_strangers_are_counted_and_ignored(packet: bytes) -> None:
    pair = SctpPair().connect()
    pair.run(1.0)
    before = pair.right.sctp.dropped + pair.right.sctp.bad_packets
    pair.right.sctp.receive([packet], pair.now)
    assert pair.right.sctp.packets(pair.now) == []
    assert pair.right.sctp.state is AssociationState.ESTABLISHED
    assert pair.right.sctp.dropped + pair.right.sctp.bad_packets == before + 1


def test_unknown_chunks_are_skipped_or_end_the_packet_and_are_reported() -> None:
    pair = SctpPair().connect()
    ack = encode_chunk(ChunkType.HEARTBEAT, 0, b"\x00\x01\x00\x05x\x00\x00\x00")
    for kind, reported, skipped in ((0x3F, 0, 0), (0x7F, 1, 0), (0xBF, 0, 1), (0xFF, 1, 1)):
        pair.inject(pair.right, encode_chunk(kind, 0, b"what"), ack)
        kinds = [
            kind for packet in pair.right.sctp.packets(pair.now) for kind, _, _ in chunks_in(packet)
        ]
        assert kinds.count(ChunkType.ERROR) == reported
        assert kinds.count(ChunkType.HEARTBEAT_ACK) == skipped


def test_a_message_too_long_ends_the_association() -> None:
    pair = SctpPair(
        right_config=SctpConfig(max_message_size=10_000, receive_window=50_000)
    ).connect()
    pair.left.sctp.send(1, 53, bytes(10_000), pair.now)
    pair.run_until_received(pair.right, 1, 5.0)
    pair.left.sctp.send(1, 53, bytes(10_001), pair.now)
    pair.run(5.0)
    assert "10000 bytes" in str(pair.right.events[-1])
    assert "protocol violation" in str(pair.left.events[-1])
