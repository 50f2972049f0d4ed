"""Two SCTP associations on a simulated link, with what their owners would do."""

from dataclasses import replace
from random import Random

from purertc.sansio.sctp import (
    AssociationState,
    SctpAssociation,
    SctpConfig,
    SctpEvent,
)
from purertc.wire.sctp.chunks import DATA_HEADER
from purertc.wire.sctp.packet import PacketFrame, iterate_chunks, open_packet
from purertc.wire.serial import SERIAL_MASK
from tests.support.lossy_link import LinkConditions, LossyLink

__all__ = ["Endpoint", "SctpPair", "chunks_in", "data_chunk"]


class Endpoint:
    """One association and what came out of it; ``reading`` off leaves messages unread."""

    def __init__(self, config: SctpConfig, seed: int) -> None:
        self.sctp = SctpAssociation(config, Random(seed).randbytes)
        self.events: list[SctpEvent] = []
        self.messages: list[tuple[int, int, bytes]] = []
        self.arrivals: list[float] = []
        self.reading = True
        self.unread = 0

    def collect(self, now: float) -> None:
        while self.sctp.inbox:
            message = self.sctp.inbox.pop(0)
            self.messages.append(message)
            self.arrivals.append(now)
            self.unread += len(message[2])
        if self.reading and self.unread:
            self.sctp.consumed(self.unread, now)
            self.unread = 0
        while (event := self.sctp.next_event()) is not None:
            self.events.append(event)

    def payloads(self, stream: int | None = None) -> list[bytes]:
        return [data for number, _, data in self.messages if stream in (None, number)]


class SctpPair:
    """Endpoints ``left`` and ``right`` on ``link``."""

    def __init__(
        self,
        *,
        seed: int = 0,
        conditions: LinkConditions | None = None,
        back: LinkConditions | None = None,
        config: SctpConfig | None = None,
        right_config: SctpConfig | None = None,
    ) -> None:
        config = config or SctpConfig()
        self.left = Endpoint(config, 2 * seed + 1)
        self.right = Endpoint(right_config or replace(config), 2 * seed + 2)
        self.ends = (self.left, self.right)
        self.link = LossyLink(
            self.left.sctp,
            self.right.sctp,
            seed=seed,
            conditions=conditions,
            back=back,
            after=self._after,
        )

    def _after(self, index: int) -> None:
        self.ends[index].collect(self.link.now)

    @property
    def now(self) -> float:
        return self.link.now

    def established(self) -> bool:
        return all(end.sctp.state is AssociationState.ESTABLISHED for end in self.ends)

    def connect(self, seconds: float = 60.0) -> "SctpPair":
        """Connect both sides at once and run until both are established."""
        self.left.sctp.connect(self.now)
        self.right.sctp.connect(self.now)
        if not self.link.run(seconds, self.established):
            raise AssertionError(f"{self.left.sctp.state} / {self.right.sctp.state}")
        return self

    def run(self, seconds: float) -> None:
        self.link.run(seconds)

    def run_until_received(self, end: Endpoint, count: int, seconds: float) -> float:
        """Run until ``end`` has that many messages; return how long it took."""
        begin = self.now
        if not self.link.run(seconds, lambda: len(end.messages) >= count):
            raise AssertionError(f"{len(end.messages)} of {count} messages after {seconds} s")
        return self.now - begin

    def inject(self, end: Endpoint, *chunks: bytes) -> None:
        """Let ``end`` receive one packet with these chunks and the right tag and checksum."""
        end.sctp.receive([self.craft(end, *chunks)], self.now)
        end.collect(self.now)

    def craft(self, end: Endpoint, *chunks: bytes) -> bytes:
        """Return a packet for ``end`` as its peer would make it."""
        tag = end.sctp._machines.handshake.local_tag
        return PacketFrame(5000, 5000, tag).seal(b"".join(chunks))

    def next_tsn_for(self, end: Endpoint) -> int:
        """Return the TSN that ``end`` expects next."""
        return (end.sctp._machines.receiver.cumulative + 1) & SERIAL_MASK


def data_chunk(
    tsn: int, payload: bytes, *, stream: int = 1, number: int = 0, flags: int = 3
) -> bytes:
    """Return a DATA chunk; ``flags`` 3 is a whole ordered message."""
    size = 16 + len(payload)
    head = DATA_HEADER.pack(0, flags, size, tsn & SERIAL_MASK, stream, number & 0xFFFF, 53)
    return head + payload + bytes(-len(payload) & 3)


def chunks_in(packet: bytes) -> list[tuple[int, int, bytes]]:
    """Return type, flags and value of the chunks in a packet."""
    return list(iterate_chunks(open_packet(packet)[1]))
