"""The channels of an association by their streams, and the streams that are free."""

from purertc.errors import ArgumentError
from purertc.sansio.channels.channel import Channel
from purertc.sansio.channels.ids import StreamIds
from purertc.sansio.channels.options import MAX_STREAM_ID

__all__ = ["ChannelTable"]

_MAX_ANNOUNCED = 16_384
_MAX_ANNOUNCED_TEXT = 4 * 1024 * 1024


class ChannelTable:
    """Holds every channel that is not closed.

    ``by_stream`` has those with an id, ``waiting`` those that get one when the role is known.
    ``stream_count`` is how many streams there are: ids are below it.
    """

    __slots__ = ("_announced", "_announced_text", "_ids", "by_stream", "stream_count", "waiting")

    def __init__(self) -> None:
        self.by_stream: dict[int, Channel] = {}
        self.waiting: list[Channel] = []
        self.stream_count = MAX_STREAM_ID + 1
        self._ids: StreamIds | None = None
        self._announced = 0
        self._announced_text = 0

    @property
    def has_role(self) -> bool:
        """Whether the DTLS role, and with it the parity of new ids, is known."""
        return self._ids is not None

    @property
    def has_room(self) -> bool:
        """Whether the other side may announce another channel.

        A channel takes almost 2 KiB, and its label and protocol up to 128 KiB more.
        """
        return self._announced < _MAX_ANNOUNCED and self._announced_text < _MAX_ANNOUNCED_TEXT

    def limit_streams(self, count: int) -> None:
        """Learn how many streams the association has."""
        self.stream_count = min(MAX_STREAM_ID + 1, count)

    def set_role(self, *, dtls_client: bool) -> list[Channel]:
        """Give ids to the waiting channels and return them; one without an id found none free."""
        self._ids = StreamIds(dtls_client=dtls_client)
        waiting, self.waiting = self.waiting, []
        for channel in waiting:
            channel.id = self._ids.take(self.by_stream, self.stream_count)
            self.add(channel)
        return waiting

    def choose_id(self, wanted: int | None) -> int | None:
        """Return the id for a new channel, None if it has to wait for the role.

        Raises ArgumentError when the wanted id, or every id of this side, is in use, or when
        the other side does not take that many streams.
        """
        if wanted is not None:
            if wanted >= self.stream_count:
                raise ArgumentError(
                    f"id {wanted} is too high; the other side takes {self.stream_count} streams"
                )
            if wanted in self.by_stream:
                raise ArgumentError(f"id {wanted} belongs to another data channel; choose another")
            return wanted
        if self._ids is None:
            return None
        chosen = self._ids.take(self.by_stream, self.stream_count)
        if chosen is None:
            raise ArgumentError("all ids for data channels are in use; close some first")
        return chosen

    def add(self, channel: Channel) -> None:
        """Take in a channel."""
        if channel.id is not None:
            self.by_stream[channel.id] = channel
        elif self._ids is None:
            self.waiting.append(channel)
        if channel.announced:
            self._announced += 1
            self._announced_text += _text_size(channel)

    def remove(self, channel: Channel) -> None:
        """Forget a channel; its id is free again."""
        if channel.announced:
            self._announced -= 1
            self._announced_text -= _text_size(channel)
        if channel.id is not None:
            del self.by_stream[channel.id]
            if self._ids is not None:
                self._ids.give_back(channel.id)
        elif channel in self.waiting:
            self.waiting.remove(channel)

    def all(self) -> list[Channel]:
        """Return all channels, as a copy."""
        return [*self.by_stream.values(), *self.waiting]


def _text_size(channel: Channel) -> int:
    return len(channel.label) + len(channel.protocol)
