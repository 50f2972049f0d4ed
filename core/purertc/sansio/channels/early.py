"""Messages on streams that have no channel yet."""

__all__ = ["EarlyMessages"]

_MAX_BYTES = 65536
_MAX_MESSAGES = 256

Message = tuple[int, int, bytes]
"""Stream, payload protocol identifier, payload."""


class EarlyMessages:
    """Keeps what overtook its DATA_CHANNEL_OPEN, or came before create() of a negotiated channel.

    The room is bounded, 64 KiB and 256 messages in all; the oldest go first.
    """

    __slots__ = ("_messages", "_size")

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._size = 0

    def keep(self, message: Message) -> list[Message]:
        """Keep a message; return those that had to go for it, or itself if it is too long."""
        self._messages.append(message)
        self._size += len(message[2])
        dropped = []
        while self._size > _MAX_BYTES or len(self._messages) > _MAX_MESSAGES:
            dropped.append(self._messages.pop(0))
            self._size -= len(dropped[-1][2])
        return dropped

    def take_all(self) -> list[Message]:
        """Return and forget all messages, in order."""
        taken = list(self._messages)
        self._messages.clear()
        self._size = 0
        return taken

    def take(self, stream: int) -> list[Message]:
        """Return and forget the messages of one stream, in order."""
        if not self._messages:
            return []
        taken = [message for message in self._messages if message[0] == stream]
        if taken:
            self._messages = [item for item in self._messages if item[0] != stream]
            self._size -= sum(len(payload) for _, _, payload in taken)
        return taken
