"""Settings of an SCTP association."""

from dataclasses import dataclass

from purertc.errors import ArgumentError

__all__ = ["SctpConfig"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SctpConfig:
    """Settings of one association; times in seconds, sizes in bytes.

    ``mtu`` is the size of a full SCTP packet. The default leaves room for DTLS, UDP and IPv6
    within the 1280 bytes that every IPv6 link carries (RFC 8831 section 5). A multiple of
    four keeps all full packets at exactly that size.
    ``receive_window`` bounds what the application has not read yet, and what cannot be
    delivered yet. A message longer than ``max_message_size`` ends the association.
    ``max_retransmits`` is Association.Max.Retrans of RFC 9260 section 16. That and ``rto_max``
    differ from the RFC: a connection has consent checks to tell a dead path (RFC 7675), and a
    path that comes back within half a minute should be used again within seconds.
    ``zero_checksum`` says that the packets travel in DTLS, which protects them: the peer may
    leave their checksums out, and so do we when it takes that (RFC 9653).

    Raises ArgumentError for values that cannot work.
    """

    port: int = 5000
    remote_port: int = 5000
    mtu: int = 1188
    receive_window: int = 2 * 1024 * 1024
    max_message_size: int = 262_144
    outbound_streams: int = 65_535
    inbound_streams: int = 65_535
    rto_initial: float = 0.5
    rto_min: float = 0.3
    rto_max: float = 3.0
    max_retransmits: int = 20
    max_init_retransmits: int = 20
    heartbeat_interval: float = 30.0
    sack_delay: float = 0.1
    cookie_lifetime: float = 60.0
    max_outstanding_chunks: int = 16_384
    zero_checksum: bool = False

    def __post_init__(self) -> None:
        if self.mtu < 512 or self.mtu % 4:
            raise ArgumentError(f"mtu must be a multiple of four, 512 or more, not {self.mtu}")
        if self.receive_window < max(self.max_message_size, 4 * self.mtu):
            raise ArgumentError(
                f"receive_window ({self.receive_window}) must hold a whole message of "
                f"max_message_size ({self.max_message_size}) and at least four packets"
            )
        for name in ("outbound_streams", "inbound_streams"):
            if not 0 < getattr(self, name) <= 65_535:
                raise ArgumentError(f"{name} must be from 1 to 65535")
        if not 0 < self.rto_min <= self.rto_initial <= self.rto_max:
            raise ArgumentError("0 < rto_min <= rto_initial <= rto_max does not hold")
