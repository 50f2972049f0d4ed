"""bufferedAmount as aiortc counts it: it rises in ``send`` and falls only between two turns."""

from typing import TYPE_CHECKING

import purertc

if TYPE_CHECKING:
    from purertc_compat.rtcdatachannel import RTCDataChannel

__all__ = ["SendBuffer", "wire_size"]


def wire_size(data: str | bytes) -> int:
    """Bytes of payload that a message takes; an empty one takes one (RFC 8831 section 6.6)."""
    if isinstance(data, str):
        return len(data) if data and data.isascii() else len(data.encode()) or 1
    return len(data) or 1


class SendBuffer:
    """What one channel has queued.

    purertc may give a message to the network inside ``send``. In aiortc that happens in a task,
    so a program sees its own bytes until it lets the loop run, and ``bufferedamountlow`` never
    fires inside ``send``.
    """

    def __init__(self, channel: "RTCDataChannel") -> None:
        self._channel: RTCDataChannel | None = channel
        self._core: purertc.DataChannel | None = None
        self._threshold = 0
        self._sent_this_turn = 0
        self._empty_messages = 0
        self._above = False

    @property
    def amount(self) -> int:
        """Bytes queued."""
        return max(self._sent_this_turn, self._queued())

    @property
    def threshold(self) -> int:
        """The amount that counts as low."""
        return self._threshold

    @threshold.setter
    def threshold(self, value: int) -> None:
        self._threshold = value
        if self._core is not None:
            self._core.buffered_amount_low_threshold = value
        self._above = self.amount > value

    def send(self, core: purertc.DataChannel, data: str | bytes, size: int) -> None:
        """Queue ``data``, which takes ``size`` bytes on the wire."""
        if self._core is None:
            self._core = core
            core.buffered_amount_low_threshold = self._threshold
        if self._channel is None:
            return
        channels = self._channel.transport._channels
        channels.require_own_thread()
        first = not self._sent_this_turn
        amount = self.amount
        core.send_nowait(data)
        self._sent_this_turn = amount + size
        if not data:
            self._empty_messages += 1
        if self._sent_this_turn > self._threshold:
            self._above = True
        if first:
            channels.call_soon(self._end_turn)

    def update(self) -> None:
        """Fire ``bufferedamountlow`` when the amount has fallen to the threshold."""
        if self._sent_this_turn or not self._above or self._channel is None:
            return
        if self._queued() <= self._threshold:
            self._above = False
            self._channel._fire("bufferedamountlow")

    def detach(self) -> None:
        """Let go of the channel: nothing fires any more."""
        self._channel = None

    def _end_turn(self) -> None:
        self._sent_this_turn = 0
        if self._core is not None and not self._core.buffered_amount:
            self._empty_messages = 0
        self.update()

    def _queued(self) -> int:
        if self._core is None:
            return 0
        buffered = self._core.buffered_amount
        return buffered + self._empty_messages if buffered else 0
