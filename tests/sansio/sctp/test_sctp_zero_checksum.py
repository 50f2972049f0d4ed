"""Checksums are left out where DTLS protects the packets and both sides agree (RFC 9653)."""

from random import Random

import pytest

from purertc.sansio.sctp import (
    AssociationClosed,
    AssociationState,
    SctpAssociation,
    SctpConfig,
)
from purertc.wire.sctp.chunks import (
    ZERO_CHECKSUM_OVER_DTLS,
    ChunkType,
    Init,
    ParameterType,
    encode_chunk,
    encode_init,
    parse_init,
)
from purertc.wire.sctp.packet import PacketFrame, iterate_chunks, open_packet
from tests.support.lossy_link import LossyLink
from tests.support.sctp_pair import SctpPair

OVER_DTLS = SctpConfig(zero_checksum=True)
PLAIN = SctpConfig()
CHECKED_ALWAYS = {ChunkType.INIT, ChunkType.INIT_ACK, ChunkType.COOKIE_ECHO}


def kinds_in(packet: bytes) -> set[int]:
    return {kind for kind, _, _ in iterate_chunks(open_packet(packet, zero_checksum=True)[1])}


def has_zero(packet: bytes) -> bool:
    return packet[8:12] == bytes(4)


class Wire:
    """A pair whose packets are noted as (sender, packet); 0 is the left."""

    def __init__(self, left: SctpConfig, right: SctpConfig) -> None:
        self.pair = SctpPair(config=left, right_config=right)
        self.packets: list[tuple[int, bytes]] = []
        self.pair.link.drop = self._note

    def _note(self, sender: int, packet: bytes) -> bool:
        self.packets.append((sender, packet))
        return False

    def talk(self) -> None:
        """Connect and send a message of many packets in both directions."""
        self.pair.connect()
        for end in self.pair.ends:
            end.sctp.send(1, 53, bytes(50_000), self.pair.now)
        self.pair.run_until_received(self.pair.left, 1, 5.0)
        self.pair.run_until_received(self.pair.right, 1, 5.0)


def test_both_sides_leave_checksums_out_but_not_of_the_handshake() -> None:
    wire = Wire(OVER_DTLS, OVER_DTLS)
    wire.talk()
    for _, packet in wire.packets:
        assert has_zero(packet) is not bool(kinds_in(packet) & CHECKED_ALWAYS)
    assert {kind for _, packet in wire.packets for kind in kinds_in(packet)} >= CHECKED_ALWAYS
    assert [end.sctp.bad_packets for end in wire.pair.ends] == [0, 0]


def test_the_parameter_has_the_type_and_the_identifier_of_the_rfc() -> None:
    wire = Wire(OVER_DTLS, OVER_DTLS)
    wire.talk()
    packets = [packet for _, packet in wire.packets if kinds_in(packet) <= {1, 2}]
    assert len(packets) >= 2
    assert all(bytes.fromhex("8001000800000001") in packet for packet in packets)


@pytest.mark.parametrize(("left", "right"), [(OVER_DTLS, PLAIN), (PLAIN, OVER_DTLS)])
def test_one_side_alone_changes_nothing(left: SctpConfig, right: SctpConfig) -> None:
    wire = Wire(left, right)
    wire.talk()
    assert not any(has_zero(packet) for _, packet in wire.packets)
    assert [end.sctp.bad_packets for end in wire.pair.ends] == [0, 0]


def test_a_repeated_cookie_echo_has_a_checksum_again() -> None:
    wire = Wire(OVER_DTLS, OVER_DTLS)
    echoes: list[bytes] = []

    def lose_cookie_echo(_sender: int, packet: bytes) -> bool:
        if ChunkType.COOKIE_ECHO not in kinds_in(packet):
            return False
        echoes.append(packet)
        return len(echoes) <= 2

    wire.pair.link.drop = lose_cookie_echo
    wire.pair.left.sctp.connect(wire.pair.now)
    assert wire.pair.link.run(10.0, wire.pair.established)
    assert len(echoes) == 3
    assert not any(has_zero(packet) for packet in echoes)


def test_a_zero_checksum_is_refused_where_it_was_not_announced() -> None:
    pair = SctpPair(config=PLAIN).connect()
    tag = pair.right.sctp._machines.handshake.local_tag
    beat = encode_chunk(ChunkType.HEARTBEAT, 0, b"\x00\x01\x00\x05x\x00\x00\x00")
    pair.right.sctp.receive([PacketFrame(5000, 5000, tag, zero_checksum=True).seal(beat)], pair.now)
    assert pair.right.sctp.bad_packets == 1
    assert pair.right.sctp.packets(pair.now) == []


@pytest.mark.parametrize("zero", [True, False])
def test_zero_and_right_checksums_are_accepted_and_wrong_ones_are_not(zero: bool) -> None:
    pair = SctpPair(config=OVER_DTLS).connect()
    pair.run(1.0)
    tag = pair.right.sctp._machines.handshake.local_tag
    beat = encode_chunk(ChunkType.HEARTBEAT, 0, b"\x00\x01\x00\x05x\x00\x00\x00")
    packet = PacketFrame(5000, 5000, tag, zero_checksum=zero).seal(beat)
    damaged = packet[:8] + b"\x00\x00\x00\x07" + packet[12:]
    pair.right.sctp.receive([damaged], pair.now)
    assert pair.right.sctp.bad_packets == 1
    assert pair.right.sctp.packets(pair.now) == []
    pair.right.sctp.receive([packet], pair.now)
    (answer,) = pair.right.sctp.packets(pair.now)
    assert ChunkType.HEARTBEAT_ACK in kinds_in(answer)


def test_an_init_without_checksum_is_refused() -> None:
    pair = SctpPair(config=OVER_DTLS)
    init = encode_init(ChunkType.INIT, Init(77, 100_000, 10, 10, 5))
    packet = PacketFrame(5000, 5000, 0, zero_checksum=True).seal(init)
    pair.right.sctp.receive([packet], pair.now)
    assert pair.right.sctp.bad_packets == 1
    assert pair.right.sctp.packets(pair.now) == []


@pytest.mark.parametrize(
    "value",
    [b"", b"\x00\x01", bytes(4), b"\x00\x00\x00\x02", b"\xff\xff\xff\xff", bytes(3) + b"\x01\x00"],
)
def test_an_unknown_or_malformed_method_is_none(value: bytes) -> None:
    pair = SctpPair(config=OVER_DTLS)
    right = pair.right.sctp
    parameter = (ParameterType.ZERO_CHECKSUM_ACCEPTABLE, value)
    init = encode_init(ChunkType.INIT, Init(77, 100_000, 10, 10, 5, (parameter,)))
    right.receive([PacketFrame(5000, 5000, 0).seal(init)], pair.now)
    (init_ack,) = right.packets(pair.now)
    (_, _, offered) = next(iterate_chunks(open_packet(init_ack)[1]))
    answer = parse_init(offered)
    assert answer.parameter(ParameterType.UNRECOGNIZED_PARAMETER) is None
    assert answer.parameter(ParameterType.ZERO_CHECKSUM_ACCEPTABLE) == ZERO_CHECKSUM_OVER_DTLS
    cookie = answer.parameter(ParameterType.STATE_COOKIE)
    assert cookie is not None
    echo = encode_chunk(ChunkType.COOKIE_ECHO, 0, cookie)
    right.receive([PacketFrame(5000, 5000, answer.tag).seal(echo)], pair.now)
    assert right.state is AssociationState.ESTABLISHED
    right.send(1, 53, b"data", pair.now)
    assert not any(has_zero(packet) for packet in right.packets(pair.now))


@pytest.mark.parametrize("reborn_config", [OVER_DTLS, PLAIN])
def test_a_restarted_peer_is_taken_at_its_new_word(reborn_config: SctpConfig) -> None:
    wire = Wire(OVER_DTLS, OVER_DTLS)
    wire.talk()
    right = wire.pair.right
    reborn = SctpAssociation(reborn_config, Random(99).randbytes)
    link = LossyLink(reborn, right.sctp, after=lambda _: right.collect(link.now))
    seen: list[bytes] = []

    def note(_sender: int, packet: bytes) -> bool:
        seen.append(packet)
        return False

    link.drop = note
    reborn.connect(link.now)
    assert link.run(5.0, lambda: reborn.state is AssociationState.ESTABLISHED)
    del seen[:]
    reborn.send(1, 53, bytes(10_000), link.now)
    right.sctp.send(1, 53, bytes(10_000), link.now)
    assert link.run(5.0, lambda: bool(reborn.inbox) and len(right.messages) == 2)
    assert {has_zero(packet) for packet in seen} == {reborn_config.zero_checksum}


def test_a_peer_that_goes_on_after_the_end_is_told_although_it_sends_no_checksum() -> None:
    wire = Wire(OVER_DTLS, OVER_DTLS)
    wire.talk()
    left, right = wire.pair.ends
    right.sctp.abort()
    assert right.sctp.packets(wire.pair.now)
    left.sctp.send(1, 53, b"anyone there?", wire.pair.now)
    packets = left.sctp.packets(wire.pair.now)
    assert all(has_zero(packet) for packet in packets)
    right.sctp.receive(packets, wire.pair.now)
    (answer,) = right.sctp.packets(wire.pair.now)
    assert kinds_in(answer) == {ChunkType.ABORT}
    assert not has_zero(answer)
    left.sctp.receive([answer], wire.pair.now)
    left.collect(wire.pair.now)
    assert isinstance(left.events[-1], AssociationClosed)
