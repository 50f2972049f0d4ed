"""First bytes and the protocols they announce (RFC 7983, RFC 9443)."""

import pytest

from purertc.wire.demux import PacketKind, classify


@pytest.mark.parametrize(
    ("low", "high", "kind"),
    [
        (0, 3, PacketKind.STUN),
        (4, 15, None),
        (16, 19, PacketKind.ZRTP),
        (20, 63, PacketKind.DTLS),
        (64, 79, PacketKind.TURN_CHANNEL),
        (80, 127, PacketKind.QUIC),
        (128, 191, PacketKind.RTP),
        (192, 255, PacketKind.QUIC),
    ],
)
def test_ranges(low: int, high: int, kind: PacketKind | None) -> None:
    assert {classify(first_byte) for first_byte in range(low, high + 1)} == {kind}
