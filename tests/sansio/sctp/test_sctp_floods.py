"""Floods of chunks that want an answer cost a bounded amount, and the association lives on."""

from collections.abc import Callable

import pytest

from purertc.sansio.sctp import AssociationState
from purertc.wire.sctp import reconfig
from purertc.wire.sctp.chunks import ChunkType, Init, Sack, encode_chunk, encode_init, encode_sack
from purertc.wire.sctp.packet import PacketFrame
from tests.support.sctp_pair import SctpPair, chunks_in

TSN_RESET = reconfig.encode_reconfig_parameter(reconfig.TsnResetRequest(12345))
CHUNKS = {
    "heartbeat": encode_chunk(ChunkType.HEARTBEAT, 0, b"\0\1\0\x08abcd"),
    "bare heartbeat": encode_chunk(ChunkType.HEARTBEAT),
    "stream request": encode_chunk(ChunkType.RE_CONFIG, 0, TSN_RESET * 2),
    "unknown chunk": encode_chunk(0x7F, 0, b""),
    "error": encode_chunk(ChunkType.ERROR, 0, b"\0\3\0\x08\0\0\0\0"),
    "shutdown ack": encode_chunk(ChunkType.SHUTDOWN_ACK),
    "init ack": encode_init(ChunkType.INIT_ACK, Init(7, 9, 1, 1, 1)),
}


def answers(pair: SctpPair) -> list[bytes]:
    out: list[bytes] = []
    while batch := pair.right.sctp.packets(pair.now):
        out += batch
    return out


@pytest.mark.parametrize("name", CHUNKS)
def test_chunks_that_want_an_answer(name: str) -> None:
    pair = SctpPair().connect()
    pair.run(1.0)
    packet = pair.craft(pair.right, *[CHUNKS[name]] * 500)
    for _ in range(40):
        pair.right.sctp.receive([packet], pair.now)
    out = answers(pair)
    assert sum(map(len, out)) <= 40_000
    assert sum(len(chunks_in(one)) for one in out) <= 260
    pair.left.sctp.send(1, 53, b"alive", pair.now)
    pair.run_until_received(pair.right, 1, 10.0)


def init_packet(pair: SctpPair) -> bytes:
    init = encode_init(ChunkType.INIT, Init(77, 100_000, 10, 10, 5, ((0xC123, bytes(400)),)))
    return PacketFrame(5000, 5000, 0).seal(init)


def cookie_echo(pair: SctpPair) -> bytes:
    handshake = pair.left.sctp._machines.handshake
    return pair.craft(pair.right, handshake._cookie_echo)


@pytest.mark.parametrize("make", [init_packet, cookie_echo])
def test_packets_of_the_handshake(make: Callable[[SctpPair], bytes]) -> None:
    pair = SctpPair().connect()
    pair.run(1.0)
    packet = make(pair)
    for _ in range(3000):
        pair.right.sctp.receive([packet], pair.now)
    assert len(answers(pair)) <= 200
    assert pair.right.sctp.state is AssociationState.ESTABLISHED
    pair.left.sctp.send(1, 53, b"alive", pair.now)
    pair.run_until_received(pair.right, 1, 10.0)


def test_two_sides_that_report_errors_to_each_other_fall_silent() -> None:
    pair = SctpPair().connect()
    pair.run(1.0)
    pair.inject(pair.right, encode_chunk(0x7F, 0, b"what"))
    sent = sum(pair.link.sent)
    pair.run(10.0)
    assert sum(pair.link.sent) - sent <= 2


def test_gap_blocks_beyond_what_a_packet_holds_are_left_out() -> None:
    pair = SctpPair().connect()
    sender = pair.left.sctp._machines.sender
    sender.congestion.window = sender.congestion.burst_credit = 1_000_000
    for _ in range(4000):
        pair.left.sctp.send(1, 53, b"x", pair.now)
    while pair.left.sctp.packets(pair.now):
        sender.congestion.burst_credit = 1_000_000
    gaps = [(offset, offset) for offset in range(2, 4000, 2)]
    sack = Sack(sender.outstanding.base - 1 & 0xFFFF_FFFF, 1_000_000, gaps)
    pair.left.sctp.receive([pair.craft(pair.left, encode_sack(sack))], pair.now)
    assert sender.outstanding._states.count(1) == 512
