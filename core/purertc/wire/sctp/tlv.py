"""Type-length-value items: chunk parameters and error causes (RFC 9260 section 3.2.1)."""

from collections.abc import Iterator
from enum import IntFlag

from purertc.errors import BadPacket

__all__ = ["UnknownAction", "encode_item", "parse_items", "unknown_chunk", "unknown_parameter"]


class UnknownAction(IntFlag):
    """What the two highest bits of an unknown type ask for (RFC 9260 sections 3.2 and 3.2.1)."""

    STOP = 0
    REPORT = 1
    SKIP = 2


def unknown_chunk(chunk_type: int) -> UnknownAction:
    """Return what to do with a chunk of an unknown type."""
    return UnknownAction(chunk_type >> 6 & 3)


def unknown_parameter(parameter_type: int) -> UnknownAction:
    """Return what to do with a parameter of an unknown type."""
    return UnknownAction(parameter_type >> 14 & 3)


def encode_item(item_type: int, value: bytes) -> bytes:
    """Return one item, padded to four bytes; its length field excludes the padding."""
    length = 4 + len(value)
    return b"%b%b%b%b" % (
        item_type.to_bytes(2, "big"),
        length.to_bytes(2, "big"),
        value,
        bytes(-length & 3),
    )


def parse_items(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield type and value of each item.

    Raises BadPacket when a length does not fit. Padding missing behind the last item is
    tolerated.
    """
    position, size = 0, len(data)
    while position < size:
        if size - position < 4:
            raise BadPacket("trailing bytes that are no parameter")
        item_type = int.from_bytes(data[position : position + 2], "big")
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        end = position + length
        if length < 4 or end > size:
            raise BadPacket("a parameter length that does not fit the chunk")
        yield item_type, data[position + 4 : end]
        position = (end + 3) & ~3
