"""One association that has always something to send, over a bottleneck."""

from random import Random

from purertc.sansio.sctp import AssociationState, SctpAssociation, SctpConfig
from tests.support.bottleneck_link import Bottleneck, BottleneckLink, Direction

__all__ = ["BulkFlow"]

_BUFFER = 4 << 20


class BulkFlow:
    """``received`` are payload bytes that the application at the other end has read."""

    def __init__(
        self,
        forth: Bottleneck,
        back: Bottleneck | None = None,
        *,
        seed: int = 0,
        message_size: int = 16_384,
        streams: int = 1,
        config: SctpConfig | None = None,
    ) -> None:
        config = config or SctpConfig()
        self.sender = SctpAssociation(config, Random(2 * seed + 1).randbytes)
        self.receiver = SctpAssociation(config, Random(2 * seed + 2).randbytes)
        self.link = BottleneckLink(
            (self.sender, self.receiver), forth, back or forth, seed=seed, after=self._after
        )
        self.received = 0
        self.by_stream = [0] * streams
        self.largest_window = 0
        self._message = bytes(message_size)
        self.sender.connect(self.link.now)
        self.receiver.connect(self.link.now)
        while self.sender.state is not AssociationState.ESTABLISHED:
            self.link.run(0.05)
        self.link.run(0.2)
        self._after(0)

    @property
    def forth(self) -> Direction:
        """What has happened to the data."""
        return self.link.directions[0]

    def run(self, seconds: float) -> float:
        """Send for so long; return megabits of payload a second."""
        before = self.received
        self._after(0)
        self.link.run(seconds)
        return (self.received - before) * 8 / seconds / 1e6

    def _after(self, index: int) -> None:
        if index:
            self._read()
        else:
            self._write()

    def _read(self) -> None:
        size = 0
        inbox = self.receiver.inbox
        while inbox:
            stream, _, payload = inbox.pop(0)
            size += len(payload)
            self.by_stream[stream] += len(payload)
        self.received += size
        self.receiver.consumed(size, self.link.now)

    def _write(self) -> None:
        sender = self.sender
        self.largest_window = max(self.largest_window, sender.congestion_window)
        while sender.buffered_total < _BUFFER:
            for stream in range(len(self.by_stream)):
                sender.send(stream, 53, self._message, self.link.now)
        sender.take_released()
        while sender.next_event() is not None:
            pass
