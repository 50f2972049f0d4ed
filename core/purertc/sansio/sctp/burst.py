"""The packets of one call that carry new DATA, while they are being put together."""

from collections.abc import Sequence

from purertc.wire.sctp.packet import PacketFrame

__all__ = ["Burst"]


class Burst:
    """Collects chunks with their sizes and packet serial numbers, to be recorded all at once.

    ``flight`` and ``credit`` are payload bytes in flight and bytes that may still go out.
    """

    __slots__ = (
        "_frame",
        "_out",
        "chunks",
        "credit",
        "first_tsn",
        "flight",
        "serial",
        "serials",
        "sizes",
    )

    def __init__(
        self, frame: PacketFrame, out: list[bytes], first_tsn: int, flight: int, serial: int
    ) -> None:
        self._frame = frame
        self._out = out
        self.first_tsn = first_tsn
        self.flight = flight
        self.serial = serial
        self.credit = 0
        self.chunks: list[bytes] = []
        self.sizes: list[int] = []
        self.serials: list[int] = []

    @property
    def next_tsn(self) -> int:
        """The TSN of the next chunk."""
        return self.first_tsn + len(self.chunks)

    def add_run(self, run: list[bytes], size: int) -> None:
        """Add packets of one full chunk each, all with ``size`` bytes of payload."""
        count = len(run)
        self.chunks += run
        self.sizes += [size] * count
        self.serials += range(self.serial + 1, self.serial + 1 + count)
        self.serial += count
        self.flight += size * count
        self._out += self._frame.seal_all(run)
        self.credit -= sum(map(len, run))

    def add_packet(self, prefix: bytes, chunks: Sequence[bytes], sizes: Sequence[int]) -> None:
        """Add one packet: other chunks first, then these DATA chunks."""
        self.serial += 1
        count = len(chunks)
        self.chunks += chunks
        self.sizes += sizes
        self.serials += [self.serial] * count
        self.flight += sum(sizes)
        body = chunks[0] if count == 1 and not prefix else b"".join((prefix, *chunks))
        self.credit -= len(body)
        self._out.append(self._frame.seal(body))
