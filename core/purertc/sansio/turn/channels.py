"""Channels: four bytes of overhead instead of 36 for peers with real traffic (RFC 8656 s. 12)."""

from dataclasses import dataclass
from math import inf
from typing import Final

from purertc.sansio.types import Address
from purertc.wire.turn import FIRST_CHANNEL, LAST_CHANNEL

__all__ = ["Channel", "Channels"]

LIFETIME: Final = 600.0
REFRESH_AFTER: Final = 540.0
"""A channel is bound for ten minutes (RFC 8656 section 12)."""
_REFUSED_FOR: Final = 60.0


@dataclass(slots=True, eq=False)
class Channel:
    """The channel of one peer, from when it is first asked for.

    ``until`` is when the binding ends, in the past before there is one; ``due`` is when
    something has to be done about it.
    """

    number: int
    peer: Address
    last_used: float
    until: float = -inf
    due: float = inf
    asking: bool = False
    refused: bool = False


class Channels:
    """All channels of an allocation. A number stays with its peer for good.

    So no number is ever bound to a second peer, for which five minutes would have to pass
    after the first binding ended (RFC 8656 section 12).
    """

    __slots__ = ("_by_peer", "_max", "active", "by_number")

    def __init__(self, max_channels: int) -> None:
        self._max = min(max_channels, LAST_CHANNEL - FIRST_CHANNEL + 1)
        self._by_peer: dict[Address, Channel] = {}
        self.active: dict[Address, Channel] = {}
        """The channels that can be sent on, by peer."""
        self.by_number: dict[int, Channel] = {}
        """The channels that can be received on: also those that the server is asked for."""

    def to_ask_for(self, peer: Address, now: float) -> Channel | None:
        """Return the channel to ask the server for; None when it is asked, or will not be."""
        channel = self._by_peer.get(peer)
        if channel is None:
            if len(self._by_peer) >= self._max:
                return None
            channel = Channel(FIRST_CHANNEL + len(self._by_peer), peer, now)
            self._by_peer[peer] = channel
        return None if channel.asking or channel.refused else channel

    def ask(self, channel: Channel) -> None:
        """Note that the server is asked for it."""
        channel.asking = True
        self.by_number[channel.number] = channel

    def bind(self, channel: Channel, asked_at: float) -> None:
        """Note that the server agreed."""
        channel.asking = False
        channel.until = asked_at + LIFETIME
        channel.due = asked_at + REFRESH_AFTER
        self.active[channel.peer] = channel
        self.by_number[channel.number] = channel

    def refuse(self, channel: Channel, now: float) -> None:
        """Note that the server did not agree; after a while it may be asked again."""
        channel.asking, channel.refused = False, True
        channel.due = now + _REFUSED_FOR
        self._end(channel)

    def clear(self) -> None:
        """Drop all."""
        self._by_peer.clear()
        self.active.clear()
        self.by_number.clear()

    def is_used(self, host: str, since: float) -> bool:
        """Return whether a channel to that IP address carried something since then."""
        return any(
            channel.peer[0] == host and channel.last_used > since
            for channel in self.active.values()
        )

    def take_due(self, now: float) -> list[Channel]:
        """Return those to ask for again; end those that nobody used, or that ended."""
        to_ask = []
        for channel in [each for each in self._by_peer.values() if each.due <= now]:
            if channel.refused:
                channel.refused, channel.due = False, inf
            elif channel.until <= now or channel.last_used <= channel.until - LIFETIME:
                channel.due = inf
                self._end(channel)
            else:
                channel.due = channel.until
                to_ask.append(channel)
        return to_ask

    def next_deadline(self) -> float:
        """Return when :meth:`take_due` has something to do; infinite when never."""
        return min((channel.due for channel in self._by_peer.values()), default=inf)

    def _end(self, channel: Channel) -> None:
        channel.until = -inf
        self.active.pop(channel.peer, None)
        self.by_number.pop(channel.number, None)
