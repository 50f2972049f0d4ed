"""The Data Channel Establishment Protocol: OPEN and ACK (RFC 8832)."""

import struct
from dataclasses import dataclass
from typing import Final

from purertc.errors import BadPacket

__all__ = ["MAX_TEXT_BYTES", "DataChannelAck", "DataChannelOpen", "parse_dcep"]

MAX_TEXT_BYTES: Final = 65535
"""The longest label or protocol, in bytes of UTF-8."""

_ACK: Final = 0x02
_OPEN: Final = 0x03
_OPEN_HEADER: Final = struct.Struct("!BBHIHH")

_UNORDERED: Final = 0x80
_RELIABLE: Final = 0x00
_LIMITED_RETRANSMITS: Final = 0x01
_LIMITED_LIFE_TIME: Final = 0x02


@dataclass(frozen=True, slots=True)
class DataChannelOpen:
    """DATA_CHANNEL_OPEN (RFC 8832 section 5.1).

    At most one of ``max_retransmits`` (a count) and ``max_packet_life_time`` (milliseconds) is
    set. ``label`` and ``protocol`` take at most 65535 bytes of UTF-8 each.
    """

    label: str = ""
    protocol: str = ""
    ordered: bool = True
    max_retransmits: int | None = None
    max_packet_life_time: int | None = None
    priority: int = 0

    def __bytes__(self) -> bytes:
        channel_type, parameter = _RELIABLE, 0
        if self.max_retransmits is not None:
            channel_type, parameter = _LIMITED_RETRANSMITS, self.max_retransmits
        elif self.max_packet_life_time is not None:
            channel_type, parameter = _LIMITED_LIFE_TIME, self.max_packet_life_time
        if not self.ordered:
            channel_type |= _UNORDERED
        label, protocol = self.label.encode(), self.protocol.encode()
        header = _OPEN_HEADER.pack(
            _OPEN, channel_type, self.priority, parameter, len(label), len(protocol)
        )
        return header + label + protocol


@dataclass(frozen=True, slots=True)
class DataChannelAck:
    """DATA_CHANNEL_ACK (RFC 8832 section 5.2)."""

    def __bytes__(self) -> bytes:
        return bytes((_ACK,))


def parse_dcep(data: bytes) -> DataChannelOpen | DataChannelAck:
    """Read one message. Raises BadPacket. Bytes behind the message are ignored."""
    if not data:
        raise BadPacket("an empty DCEP message")
    if data[0] == _ACK:
        return DataChannelAck()
    if data[0] != _OPEN:
        raise BadPacket(f"unknown DCEP message type {data[0]}")
    return _parse_open(data)


def _parse_open(data: bytes) -> DataChannelOpen:
    begin = _OPEN_HEADER.size
    if len(data) < begin:
        raise BadPacket("DATA_CHANNEL_OPEN is shorter than its header")
    _, channel_type, priority, parameter, label_size, protocol_size = _OPEN_HEADER.unpack_from(data)
    middle = begin + label_size
    if len(data) < middle + protocol_size:
        raise BadPacket("DATA_CHANNEL_OPEN is shorter than its label and protocol")
    try:
        label = data[begin:middle].decode()
        protocol = data[middle : middle + protocol_size].decode()
    except UnicodeDecodeError as error:
        raise BadPacket("label or protocol of DATA_CHANNEL_OPEN is no UTF-8") from error
    reliability = channel_type & ~_UNORDERED
    if reliability > _LIMITED_LIFE_TIME:
        raise BadPacket(f"unknown data channel type {channel_type:#04x}")
    return DataChannelOpen(
        label=label,
        protocol=protocol,
        ordered=not channel_type & _UNORDERED,
        max_retransmits=parameter if reliability == _LIMITED_RETRANSMITS else None,
        max_packet_life_time=parameter if reliability == _LIMITED_LIFE_TIME else None,
        priority=priority,
    )
