"""The SCTP common header, its CRC32c and the run of chunks behind it (RFC 9260 section 3).

Where something else protects the packets, the checksum may be zero (RFC 9653).
"""

from collections.abc import Iterator, Sequence
from struct import Struct
from typing import Final, NamedTuple

from google_crc32c import extend as crc32c_extend
from google_crc32c import value as crc32c

from purertc.errors import BadPacket

__all__ = ["COMMON_HEADER_SIZE", "PacketFrame", "PacketHeader", "iterate_chunks", "open_packet"]

COMMON_HEADER_SIZE: Final = 12
_CHUNK_HEADER_SIZE: Final = 4
_PORTS_AND_TAG: Final = Struct("!HHL")
_NO_CHECKSUM: Final = bytes(4)


class PacketHeader(NamedTuple):
    """Common header without the checksum."""

    source_port: int
    destination_port: int
    verification_tag: int


class PacketFrame:
    """The constant header of all packets in one direction, with its share of the checksum.

    The checksum of the header with a zero checksum field is computed once; a packet costs one
    pass over its chunks. With ``zero_checksum`` packets are sealed without that pass, and opened
    without it where their checksum is zero (RFC 9653).
    """

    __slots__ = ("_bare", "_head", "_head_checksum", "_zero_checksum")

    def __init__(
        self,
        source_port: int,
        destination_port: int,
        verification_tag: int,
        *,
        zero_checksum: bool = False,
    ) -> None:
        self._head = _PORTS_AND_TAG.pack(source_port, destination_port, verification_tag)
        self._bare = self._head + _NO_CHECKSUM
        self._head_checksum = crc32c(self._bare)
        self._zero_checksum = zero_checksum

    def seal(self, chunks: bytes) -> bytes:
        """Return the packet that carries these chunks (each padded to four bytes)."""
        if self._zero_checksum:
            return self._bare + chunks
        checksum: int = crc32c_extend(self._head_checksum, chunks)
        # RFC 9260 appendix A: the checksum goes out with its least significant byte first.
        return self._head + checksum.to_bytes(4, "little") + chunks

    def seal_all(self, bodies: Sequence[bytes]) -> list[bytes]:
        """Return a packet for each run of chunks."""
        if self._zero_checksum:
            bare = self._bare
            return [bare + body for body in bodies]
        head, start, extend = self._head, self._head_checksum, crc32c_extend
        return [head + extend(start, body).to_bytes(4, "little") + body for body in bodies]

    def open_all(self, packets: Sequence[bytes]) -> list[bytes]:
        """Return the chunks of each packet, nothing for one that is not of this direction.

        Nothing also stands for a wrong checksum; :func:`open_packet` tells the cases apart.
        """
        head, start, extend = self._head, self._head_checksum, crc32c_extend
        bare = self._bare if self._zero_checksum else None
        opened: list[bytes] = []
        for packet in packets:
            chunks = packet[12:]
            if packet[:12] == bare:
                opened.append(chunks)
                continue
            if packet[:12] != head + extend(start, chunks).to_bytes(4, "little"):
                chunks = b""
            opened.append(chunks)
        return opened


def open_packet(packet: bytes, *, zero_checksum: bool = False) -> tuple[PacketHeader, bytes]:
    """Check the checksum; return the header and the bytes of the chunks.

    With ``zero_checksum`` a checksum of zero is as good as the right one.
    Raises BadPacket when the packet is too short to hold a chunk or the checksum is wrong.
    """
    if len(packet) < COMMON_HEADER_SIZE + _CHUNK_HEADER_SIZE:
        raise BadPacket("an SCTP packet of less than 16 bytes")
    if not zero_checksum or packet[8:12] != _NO_CHECKSUM:
        checksum = crc32c(packet[:8] + _NO_CHECKSUM + packet[12:])
        if packet[8:12] != checksum.to_bytes(4, "little"):
            raise BadPacket("wrong SCTP checksum")
    return PacketHeader(*_PORTS_AND_TAG.unpack_from(packet)), packet[12:]


def iterate_chunks(chunks: bytes, position: int = 0) -> Iterator[tuple[int, int, bytes]]:
    """Yield type, flags and value of each chunk from ``position`` on.

    Raises BadPacket when a chunk's length does not fit, after the chunks before it were
    yielded. Padding missing at the very end is tolerated (RFC 9260 section 3.2).
    """
    size = len(chunks)
    while position < size:
        if size - position < _CHUNK_HEADER_SIZE:
            raise BadPacket("trailing bytes that are no chunk")
        length = chunks[position + 2] << 8 | chunks[position + 3]
        end = position + length
        if length < _CHUNK_HEADER_SIZE or end > size:
            raise BadPacket("a chunk length that does not fit the packet")
        yield chunks[position], chunks[position + 1], chunks[position + 4 : end]
        position = (end + 3) & ~3
