"""The packets of one call that carry new DATA, while they are being put together."""

from purertc.wire.sctp.chunks import IMMEDIATE
from purertc.wire.sctp.packet import PacketFrame

__all__ = ["Burst", "ask_for_sack"]


def ask_for_sack(chunk: bytes) -> bytes:
    """Set the I bit: the window is nearly shut, a delayed SACK would stall us (RFC 7053)."""
    return b"\x00" + (chunk[1] | IMMEDIATE).to_bytes(1, "big") + chunk[2:]


class Burst:
    """Collects chunks with their sizes and packet serial numbers, to be recorded all at once.

    ``flight`` and ``credit`` are payload bytes in flight and bytes that may still go out. The
    first chunk has the TSN ``first_tsn``. Chunks and sizes are appended by the owner, who then
    says :meth:`end_packet`.
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
        self.credit -= len(run[0]) * count

    def add_alike(self, run: list[bytes], size: int, each: int) -> None:
        """Add packets of ``each`` chunks, all with ``size`` bytes of payload."""
        count = len(run)
        bodies = [b"".join(run[begin : begin + each]) for begin in range(0, count, each)]
        self.chunks += run
        self.sizes += [size] * count
        for serial in range(self.serial + 1, self.serial + 1 + len(bodies)):
            self.serials += [serial] * each
        self.serial += len(bodies)
        self.flight += size * count
        self._out += self._frame.seal_all(bodies)
        self.credit -= len(bodies[0]) * len(bodies)

    def end_packet(self, prefix: bytes, begin: int) -> None:
        """Make a packet of other chunks and the DATA chunks from index ``begin`` on."""
        self.serial += 1
        chunks = self.chunks
        count = len(chunks) - begin
        if count == 1:
            self.serials.append(self.serial)
            self.flight += self.sizes[begin]
            body = prefix + chunks[begin] if prefix else chunks[begin]
        else:
            self.serials += [self.serial] * count
            self.flight += sum(self.sizes[begin:])
            body = b"".join([prefix, *chunks[begin:]])
        self.credit -= len(body)
        self._out.append(self._frame.seal(body))
