"""A data channel on a connection that exists only in the test."""

from purertc.data_channel import DataChannel
from purertc.errors import MessageTooLarge
from purertc.handler_tasks import HandlerScope
from purertc.runtime.detect import RuntimeSource
from purertc.sansio.channels.channel import Channel
from purertc.sansio.types import DataChannelState

__all__ = ["ChannelOnTest"]

Message = str | bytes | bytearray | memoryview


class ChannelOnTest:
    """Plays the connection of one channel: it keeps what is sent until the test lets it go."""

    def __init__(
        self,
        *,
        state: DataChannelState = DataChannelState.OPEN,
        high_water: int | None = 100,
        ordered: bool = True,
        max_retransmits: int | None = None,
    ) -> None:
        self.core = Channel(
            label="test", state=state, ordered=ordered, max_retransmits=max_retransmits, id=0
        )
        self.scope = HandlerScope(RuntimeSource())
        self.channel = DataChannel(self.core, self, high_water)
        self.sent: list[Message] = []
        self.discarded = 0
        self.watched = self.kept = False
        self.limit = 1000

    def send_message(self, channel: Channel, message: Message) -> None:
        size = len(message.encode() if isinstance(message, str) else bytes(message))
        if size > self.limit:
            raise MessageTooLarge(f"{size} bytes")
        self.sent.append(message)
        channel.buffered_amount += size

    def read_message(self, channel: Channel) -> str | bytes | None:
        return channel.inbox.popleft() if channel.inbox else None

    def close_channel(self, channel: Channel) -> None:
        self.change(DataChannelState.CLOSING)

    def discard_messages(self, channel: Channel) -> None:
        self.discarded += len(channel.inbox)

    def keep_channel(self, channel: DataChannel) -> None:
        self.kept = True

    def await_progress(self, channel: DataChannel) -> None:
        self.watched = True

    def release(self, size: int) -> None:
        """Let ``size`` bytes of the buffer leave."""
        self.core.buffered_amount -= size
        if self.watched:
            self.watched = self.channel._on_progress()

    def arrive(self, *messages: str | bytes) -> None:
        """Let messages come in."""
        first = not self.core.inbox
        self.core.inbox.extend(messages)
        if first:
            self.channel._on_readable()

    def change(self, state: DataChannelState) -> None:
        """Change the channel's state."""
        self.core.state = state
        self.channel._on_state_change()
