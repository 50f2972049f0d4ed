"""Which protocol a datagram belongs to, by its first byte (RFC 7983 section 7, RFC 9443)."""

from enum import IntEnum
from typing import Final

__all__ = ["KINDS", "PacketKind", "classify"]


class PacketKind(IntEnum):
    """The protocols that may share one socket."""

    STUN = 0
    ZRTP = 1
    DTLS = 2
    TURN_CHANNEL = 3
    QUIC = 4
    RTP = 5


_RANGES: Final = (
    (PacketKind.STUN, 0, 3),
    (PacketKind.ZRTP, 16, 19),
    (PacketKind.DTLS, 20, 63),
    (PacketKind.TURN_CHANNEL, 64, 79),
    (PacketKind.QUIC, 80, 127),
    (PacketKind.RTP, 128, 191),
    (PacketKind.QUIC, 192, 255),
)


def _kind_of(first_byte: int) -> PacketKind | None:
    for kind, low, high in _RANGES:
        if low <= first_byte <= high:
            return kind
    return None


KINDS: Final = tuple(_kind_of(first_byte) for first_byte in range(256))
"""What :func:`classify` returns, for those that ask for every packet."""


def classify(first_byte: int) -> PacketKind | None:
    """Return the protocol of a datagram that starts with ``first_byte`` (0 to 255).

    None for the range 4 to 15, which RFC 7983 leaves to be dropped. RTP includes RTCP.
    """
    return KINDS[first_byte]
