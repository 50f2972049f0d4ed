"""Two associations on a path that carries packets up to a size, probes included."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import google_crc32c

from purertc.sansio.sctp import SctpAssociation, SctpConfig
from purertc.wire.sctp.chunks import ChunkType, ParameterType
from purertc.wire.sctp.packet import iterate_chunks, open_packet
from purertc.wire.sctp.tlv import encode_item
from tests.support.lossy_link import LinkConditions, LossyLink

__all__ = ["OVERHEAD", "PathLimits", "ProbedLink", "is_probe"]

_ASCONF = 0xC1

OVERHEAD = 20 + 8 + 37
"""What IPv4, UDP and DTLS add to a packet."""


@dataclass(kw_only=True)
class PathLimits:
    """One direction: the largest IP packet, and whether larger ones arrive in fragments."""

    mtu: int = 1500
    fragments: bool = True


def is_probe(packet: bytes) -> bool:
    """Whether a packet is there for its size only."""
    return any(kind == ChunkType.PAD for kind, _, _ in iterate_chunks(open_packet(packet)[1]))


def _without_padding_announced(packet: bytes) -> bytes:
    """Have a peer that is silent about PAD: another extension stands in its place."""
    announced = encode_item(
        ParameterType.SUPPORTED_EXTENSIONS,
        bytes((ChunkType.RE_CONFIG, ChunkType.PAD, ChunkType.FORWARD_TSN)),
    )
    if announced not in packet:
        return packet
    header, chunks = packet[:8], packet[12:]
    other = announced.replace(bytes((ChunkType.PAD,)), bytes((_ASCONF,)))
    chunks = chunks.replace(announced, other)
    checksum: int = google_crc32c.value(header + bytes(4) + chunks)
    return header + checksum.to_bytes(4, "little") + chunks


class _Prober:
    """An association whose probes go out behind its packets, as a peer sends them."""

    def __init__(self, association: SctpAssociation, *, announces_padding: bool = True) -> None:
        self.association = association
        self.announces_padding = announces_padding
        self.probes: list[tuple[float, int]] = []

    def receive(self, packets: Sequence[bytes], now: float) -> None:
        self.association.receive(packets, now)

    def packets(self, now: float, limit: int = 52) -> list[bytes]:
        packets = self.association.packets(now, limit)
        if packets and self.association.probe_due(now):
            probe = self.association.probe(now)
            if probe is not None:
                self.probes.append((now, len(probe)))
                packets.append(probe)
        return packets if self.announces_padding else list(map(_without_padding_announced, packets))

    def handle_timeout(self, now: float) -> None:
        self.association.handle_timeout(now)

    def next_deadline(self) -> float | None:
        return self.association.next_deadline()


class ProbedLink:
    """The left sends bulk to the right; ``limits`` of both directions may change at any time.

    ``padding_announced``: the right lists PAD among its extensions.
    ``deaf_to_probes``: the right never hears of probes, whatever their size.
    """

    def __init__(
        self,
        *,
        mtu: int = 1500,
        back_mtu: int | None = None,
        loss: float = 0.0,
        limit: int = 1500,
        seed: int = 0,
        padding_announced: bool = True,
    ) -> None:
        self.left, self.right = (
            SctpAssociation(SctpConfig(), Random(2 * seed + index).randbytes) for index in (1, 2)
        )
        self.limits = (PathLimits(mtu=mtu), PathLimits(mtu=back_mtu or mtu))
        self.deaf_to_probes = False
        self.received: list[bytes] = []
        self.largest_data = 0
        self.probers = (
            _Prober(self.left),
            _Prober(self.right, announces_padding=padding_announced),
        )
        self.link = LossyLink(
            *self.probers,
            seed=seed,
            conditions=LinkConditions(loss=loss, delay=0.01),
            after=self._after,
        )
        self.link.drop = self._drop
        self.left.connect(self.link.now)
        self.right.connect(self.link.now)
        assert self.link.run(60.0, lambda: self.left.state == self.right.state == "established")
        for side in (self.left, self.right):
            side.use_path(OVERHEAD, limit)

    @property
    def now(self) -> float:
        return self.link.now

    @property
    def probes(self) -> list[tuple[float, int]]:
        """When the left sent probes, and of what size."""
        return self.probers[0].probes

    def send(self, count: int, size: int = 16_384) -> None:
        """Queue messages that say which one they are."""
        for index in range(count):
            self.left.send(1, 53, index.to_bytes(4, "big") * (size // 4), self.now)

    def transfer(self, count: int, size: int = 16_384, seconds: float = 120.0) -> float:
        """Send messages and wait until all have come, whole and in order; return how long."""
        begin, before = self.now, len(self.received)
        self.send(count, size)
        assert self.link.run(seconds, lambda: len(self.received) >= before + count)
        numbers = [index.to_bytes(4, "big") * (size // 4) for index in range(count)]
        assert self.received[before:] == numbers
        return self.now - begin

    def keep_busy(self, seconds: float) -> None:
        """Transfer something now and then."""
        end = self.now + seconds
        while self.now < end:
            self.transfer(20)
            self.link.run(0.2)

    def _after(self, index: int) -> None:
        if index:
            inbox = self.right.inbox
            size = sum(len(message) for _, _, message in inbox)
            self.received += [message for _, _, message in inbox]
            inbox.clear()
            self.right.consumed(size, self.now)

    def _drop(self, sender: int, packet: bytes) -> bool:
        limits = self.limits[sender]
        probe = is_probe(packet)
        if probe and sender == 0 and self.deaf_to_probes:
            return True
        if not probe and sender == 0:
            self.largest_data = len(packet)
        fits = len(packet) + OVERHEAD <= limits.mtu
        return not fits and (probe or not limits.fragments)
