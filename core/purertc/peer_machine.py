"""The two sides of a :class:`purertc.driver.Driver`: the peer below it, the owner above."""

from collections.abc import Sequence
from typing import Protocol

from purertc.sansio.events import Event
from purertc.sansio.streams import Stream
from purertc.sansio.types import Address, ConnectionState, Datagram, Transmit

__all__ = ["DriverOwner", "PeerMachine"]


class PeerMachine(Protocol):
    """What the driver needs of :class:`purertc.sansio.peer.Peer`."""

    @property
    def connection_state(self) -> ConnectionState:
        """The state of the connection as a whole."""

    def receive(self, datagrams: Sequence[Datagram], now: float) -> None:
        """Take what one turn of the loop read."""

    def handle_timeout(self, now: float) -> None:
        """Do what is due."""

    def transmits(self, now: float) -> Sequence[Transmit]:
        """Return what may be sent now; to be called again while :attr:`has_more_transmits`."""

    @property
    def has_more_transmits(self) -> bool:
        """Whether the last transmits may not have been all there is."""

    def next_deadline(self) -> float | None:
        """Return when ``handle_timeout`` is due."""

    def next_event(self) -> Event | None:
        """Return the next event."""

    def add_local_address(self, address: Address, now: float) -> object:
        """A socket is bound; said again for each gathering."""

    def remove_local_address(self, address: Address, now: float) -> None:
        """A socket died, or lost its address."""

    def add_tcp_listener(self, address: Address, now: float) -> object:
        """Connections to ``address`` are taken; said again for each gathering."""

    def end_of_local_addresses(self, now: float) -> None:
        """All sockets are bound."""

    def lookup_done(self, host: str, port: int, addresses: Sequence[Address], now: float) -> None:
        """A wanted lookup gave addresses, one at least."""

    def lookup_failed(self, host: str, port: int, reason: str, now: float) -> None:
        """A wanted lookup gave none."""

    def stream_opened(self, stream: Stream, local: Address, now: float) -> None:
        """A wanted stream can be used."""

    def receive_stream(self, stream: Stream, data: bytes, now: float) -> None:
        """Bytes came over a stream."""

    def stream_closed(self, stream: Stream, reason: str, now: float) -> None:
        """A stream could not be opened, broke, or was ended by the other side."""

    def stream_accepted(self, listener: Address, remote: Address, now: float) -> Stream | None:
        """Somebody connected. Return the stream, which is open, or None to refuse it."""

    def close(self, now: float) -> None:
        """Say goodbye and end."""


class DriverOwner(Protocol):
    """Who hears of the peer's events. The driver refers to it weakly."""

    def handle_event(self, event: Event) -> None:
        """Take one event; it may call the driver."""

    def handle_progress(self) -> None:
        """The peer was drained: buffers may have room."""

    def handle_release(self) -> None:
        """The peer is closed, its sockets, streams and timers are gone."""
