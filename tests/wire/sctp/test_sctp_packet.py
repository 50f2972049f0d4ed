"""Packets carry the right checksum and are refused without it."""

import pytest

from purertc.errors import BadPacket
from purertc.wire.sctp.packet import PacketFrame, PacketHeader, iterate_chunks, open_packet

COOKIE_ACK = bytes.fromhex("0b000004")
FRAME = PacketFrame(5000, 5001, 0xDEADBEEF)


def test_sealed_packet_opens_with_header_and_chunks() -> None:
    header, chunks = open_packet(FRAME.seal(COOKIE_ACK))
    assert header == PacketHeader(5000, 5001, 0xDEADBEEF)
    assert chunks == COOKIE_ACK


def test_checksum_is_crc32c_with_the_least_significant_byte_first() -> None:
    # CRC32c of the packet with a zero checksum, computed bit by bit.
    packet = FRAME.seal(COOKIE_ACK)
    crc = 0xFFFF_FFFF
    for byte in packet[:8] + bytes(4) + packet[12:]:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F6_3B78 if crc & 1 else 0)
    assert packet[8:12] == (crc ^ 0xFFFF_FFFF).to_bytes(4, "little")


def test_many_sealed_at_once_equal_each_sealed_alone() -> None:
    bodies = [COOKIE_ACK, COOKIE_ACK * 2]
    assert FRAME.seal_all(bodies) == [FRAME.seal(body) for body in bodies]


def test_open_all_leaves_out_foreign_and_damaged_packets() -> None:
    good = FRAME.seal(COOKIE_ACK)
    damaged = good[:-1] + b"\x05"
    foreign = PacketFrame(5000, 5001, 1).seal(COOKIE_ACK)
    assert FRAME.open_all([good, damaged, foreign, b"", good[:11]]) == [
        COOKIE_ACK, b"", b"", b"", b"",
    ]  # fmt: skip


@pytest.mark.parametrize("position", range(16))
def test_a_changed_byte_is_noticed(position: int) -> None:
    packet = bytearray(FRAME.seal(COOKIE_ACK))
    packet[position] ^= 0x10
    with pytest.raises(BadPacket, match="checksum"):
        open_packet(bytes(packet))


@pytest.mark.parametrize("size", [0, 1, 11, 12, 15])
def test_a_short_packet_is_refused(size: int) -> None:
    with pytest.raises(BadPacket, match="16 bytes"):
        open_packet(FRAME.seal(COOKIE_ACK)[:size])


def test_chunks_are_found_behind_padding() -> None:
    first, second = b"\x05\x00\x00\x05A\x00\x00\x00", b"\x0b\x01\x00\x04"
    assert list(iterate_chunks(first + second)) == [(5, 0, b"A"), (11, 1, b"")]


def test_padding_may_be_missing_at_the_end() -> None:
    assert list(iterate_chunks(b"\x05\x00\x00\x05A")) == [(5, 0, b"A")]


@pytest.mark.parametrize(
    "chunks", [b"\x05", b"\x05\x00\x00", b"\x05\x00\x00\x03", b"\x05\x00\x00\x09AAAA"]
)
def test_bad_chunk_lengths_are_refused(chunks: bytes) -> None:
    with pytest.raises(BadPacket):
        list(iterate_chunks(chunks))


def test_without_checksum_the_field_is_zero() -> None:
    bare = PacketFrame(5000, 5001, 0xDEADBEEF, zero_checksum=True)
    sealed = FRAME.seal(COOKIE_ACK)
    assert bare.seal(COOKIE_ACK) == sealed[:8] + bytes(4) + sealed[12:]
    assert bare.seal_all([COOKIE_ACK] * 2) == [bare.seal(COOKIE_ACK)] * 2


def test_a_zero_checksum_opens_only_where_it_is_acceptable() -> None:
    bare = PacketFrame(5000, 5001, 0xDEADBEEF, zero_checksum=True)
    without, right = bare.seal(COOKIE_ACK), FRAME.seal(COOKIE_ACK)
    wrong = right[:8] + b"\x01\x02\x03\x04" + COOKIE_ACK
    assert bare.open_all([without, right, wrong]) == [COOKIE_ACK, COOKIE_ACK, b""]
    assert FRAME.open_all([without, right, wrong]) == [b"", COOKIE_ACK, b""]
    assert open_packet(without, zero_checksum=True)[1] == COOKIE_ACK
    with pytest.raises(BadPacket, match="checksum"):
        open_packet(without)
    with pytest.raises(BadPacket, match="checksum"):
        open_packet(wrong, zero_checksum=True)
