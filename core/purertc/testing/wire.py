"""Stream connections between simulated hosts, without a loop: reliable, in order, in memory."""

import errno
import os
from collections.abc import Callable
from functools import partial
from typing import Protocol

from purertc.sansio.types import Address, Transport
from purertc.testing.host import SimulatedHost

__all__ = ["SEND_BUFFER", "EndOwner", "StreamEnd", "Wire", "refused", "request", "route"]

SEND_BUFFER = 65536
"""Bytes under way that the simulated operating system takes before a sender has to wait."""


class Wire:
    """One direction of a connection. What is sent waits until the way is whole again."""

    def __init__(
        self, source: SimulatedHost, source_address: str, target: SimulatedHost, target_address: str
    ) -> None:
        self._network = source.network
        self._ends = (source, source_address), (target, target_address)
        self._link = None if source is target else self._network.link(source, target)
        self._last_arrival = 0.0

    def send(self, size: int, deliver: Callable[[], None]) -> None:
        """Call ``deliver`` when ``size`` bytes have arrived, after all that was sent before."""
        network = self._network
        if self._is_broken():
            network.when_healed(partial(self.send, size, deliver))
            return
        arrival = network.now if self._link is None else self._link.delay(size, network.now)
        self._last_arrival = max(self._last_arrival, arrival)
        network.clock.schedule(self._last_arrival, deliver)

    def _is_broken(self) -> bool:
        """Whether a cut lies on the way, or one of the addresses was taken down."""
        if self._link is None:
            return False
        gone = any(not host.has_address(address) for host, address in self._ends)
        return gone or self._network.is_cut(*self._ends, Transport.TCP)


class EndOwner(Protocol):
    """Who is told what happens at one end of a connection."""

    def data_arrived(self, data: bytes) -> None:
        """Take what the other side sent."""

    def end_arrived(self) -> None:
        """Note that the other side sends no more."""

    def room_changed(self) -> None:
        """Note that fewer bytes are under way."""

    def connection_broke(self, error: OSError) -> None:
        """Note that nothing comes or goes any more."""


class StreamEnd:
    """One end of a connection. ``under_way`` counts the bytes sent that have not arrived."""

    def __init__(self, wire: Wire, local: Address, remote: Address) -> None:
        self.local = local
        self.remote = remote
        self.under_way = 0
        self.owner: EndOwner | None = None
        self._wire = wire
        self._peer: StreamEnd | None = None
        self._has_sent_end = False
        self._is_closed = False

    def join(self, peer: "StreamEnd") -> None:
        """Connect both ends."""
        self._peer, peer._peer = peer, self

    @property
    def excess(self) -> int:
        """The bytes that the simulated operating system has not taken yet."""
        return max(0, self.under_way - SEND_BUFFER)

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self.under_way += len(data)
        self._wire.send(len(data), partial(self._arrive, data))

    def send_end(self) -> None:
        """Tell the other side that no more comes."""
        if not self._has_sent_end:
            self._has_sent_end = True
            self._wire.send(0, self._end_arrives)

    def close(self) -> None:
        """Tell the other side, and take nothing more; what comes later resets it."""
        self.send_end()
        self._is_closed = True
        self.owner = None

    def reset(self) -> None:
        """Close at once; the other side's connection breaks."""
        self._is_closed = self._has_sent_end = True
        self.owner = None
        if self._peer is not None:
            self._wire.send(0, self._peer._break)

    def _arrive(self, data: bytes) -> None:
        self.under_way -= len(data)
        if self.owner is not None:
            self.owner.room_changed()
        if self._peer is None or self._peer._is_closed:
            self._break()
        elif self._peer.owner is not None:
            self._peer.owner.data_arrived(data)

    def _end_arrives(self) -> None:
        if self._peer is not None and self._peer.owner is not None:
            self._peer.owner.end_arrived()

    def _break(self) -> None:
        owner, self.owner = self.owner, None
        self._is_closed = True
        if owner is not None:
            owner.connection_broke(
                ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
            )


def refused() -> OSError:
    """Return the error of a connection to where nobody listens."""
    return ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))


def route(
    origin: SimulatedHost, destination: str, local_host: str | None = None
) -> tuple[SimulatedHost, Address]:
    """Return the host at ``destination`` and the local address of a connection to it.

    That is one of ``local_host``, where it is given. Raises OSError when it cannot be reached.
    """
    target = origin.network.locate(origin, destination)
    if target is None:
        raise OSError(errno.EHOSTUNREACH, os.strerror(errno.EHOSTUNREACH))
    return target, origin.stream_source(destination, local_host)


def request(
    ends: tuple[SimulatedHost, SimulatedHost],
    local: Address,
    remote: Address,
    answer: Callable[[StreamEnd | None], bool],
) -> None:
    """Ask a host for a connection to a listening address; the answer takes one round trip.

    It is this side's end, or None when nobody listens. When ``answer`` returns False nobody
    wants the connection any more, and it is reset.
    """
    origin, target = ends
    here = StreamEnd(Wire(origin, local[0], target, remote[0]), local, remote)
    there = StreamEnd(Wire(target, remote[0], origin, local[0]), remote, local)

    def arrive() -> None:
        listener = target.listener_at(remote)
        if listener is not None:
            here.join(there)
            listener.take(there)
        # The answer goes ahead of whatever the listener sends in a coming turn.
        there._wire.send(0, partial(conclude, listener is not None))

    def conclude(accepted: bool) -> None:
        if not answer(here if accepted else None) and accepted:
            here.reset()

    here._wire.send(0, arrive)
