"""Joins a peer, its sockets and its timer. Synchronous: it never awaits and runs no user code.

Every turn has one shape: something mutates the peer (the network, the timer, a call), then the
peer is drained of transmits and events and the timer is set to its deadline.
"""

import errno
import logging
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from purertc.runtime.base import Timer, UdpSocket
from purertc.runtime.detect import RuntimeSource
from purertc.runtime.socket_source import BoundSocket, SocketSource
from purertc.sansio.events import Event, GatheringWanted
from purertc.sansio.types import Address, ConnectionState, Datagram, Transmit

__all__ = ["Driver", "DriverOwner", "PeerMachine"]

_logger = logging.getLogger("purertc.driver")

_EARLY = 0.001
"""How much before its deadline a loop's clock resolution may let a timer fire, in seconds."""

_MOVE_BACK_INTERVAL = 0.25
"""By how much at least a timer is moved back, and how often at most, in seconds."""


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
        """Return what may be sent now."""

    def next_deadline(self) -> float | None:
        """Return when ``handle_timeout`` is due."""

    def next_event(self) -> Event | None:
        """Return the next event."""

    def add_local_address(self, address: Address, now: float) -> object:
        """A socket was bound."""

    def remove_local_address(self, address: Address, now: float) -> None:
        """A socket died."""

    def end_of_local_addresses(self, now: float) -> None:
        """All sockets are bound."""

    def close(self, now: float) -> None:
        """Say goodbye and end."""


class DriverOwner(Protocol):
    """Who hears of the peer's events. The driver refers to it weakly."""

    def handle_event(self, event: Event) -> None:
        """Take one event; it may call the driver."""

    def handle_progress(self) -> None:
        """The peer was drained: buffers may have room."""

    def handle_release(self) -> None:
        """The peer is closed, its sockets and timers are gone."""


class Driver:
    """One peer's I/O. ``source`` binds the sockets when the peer wants candidates."""

    def __init__(
        self,
        peer: PeerMachine,
        runtime: RuntimeSource,
        owner: DriverOwner,
        source: SocketSource,
    ) -> None:
        self._peer = peer
        self._runtime = runtime
        self._owner = weakref.ref(owner)
        self._source = source
        self._sockets: dict[Address, UdpSocket] = {}
        self._blocked: deque[Transmit] = deque()
        self._deadline_timer: Timer | None = None
        self._armed: float | None = None
        self._next_move_back = 0.0
        self._read_clock: Callable[[], float] | None = None
        self._latest_deadline = 0.0
        self._flush_timer: Timer | None = None
        self._flush_wanted = False
        self._flush_scheduled = False
        self._gathering_wanted = False
        self._gathering_timer: Timer | None = None
        self._draining = False
        self._drain_again = False
        self.released = False

    @property
    def has_resources(self) -> bool:
        """Whether a socket is open or a timer may fire."""
        timers = (self._armed, self._gathering_timer)
        return not self.released and (
            bool(self._sockets) or any(each is not None for each in timers)
        )

    def now(self) -> float:
        """Return the runtime's clock, which never goes back here.

        Raises RuntimeUnavailable when no loop runs yet.
        """
        if self._read_clock is None:
            self._read_clock = self._runtime.get().now
        return max(self._latest_deadline, self._read_clock())

    def drain(self) -> None:
        """Send, deliver events and set the timer; to be called after each mutation.

        Called from inside an event it only makes the running drain go on. The owner lives on
        until the drain has ended, though an event may take the last reference to it.
        """
        if self.released:
            return
        if self._draining:
            self._drain_again = True
            return
        owner = self._owner()
        self._draining = True
        try:
            self._drain_all(owner)
        finally:
            self._draining = False
        if self._peer.connection_state is ConnectionState.CLOSED:
            self._release(owner)
        else:
            self._arm()

    def flush_now_or_soon(self, *, idle: bool) -> None:
        """Drain after a data channel command: at once when ``idle``, then once a loop turn.

        So the first message leaves at once, and those that follow in the same turn share
        packets.
        """
        if self._flush_scheduled or not idle:
            self.flush_soon()
            return
        self.drain()
        self._schedule_flush()

    def flush_soon(self) -> None:
        """Drain in the coming turn of the loop."""
        self._flush_wanted = True
        self._schedule_flush()

    def gather_soon(self) -> None:
        """Bind sockets in the coming turn of the loop, if the peer wants candidates.

        So the caller can signal the description before its candidates: a browser refuses
        candidates for a description that it does not have (W3C webrtc-pc section 4.4.2).
        """
        if not self._gathering_wanted or self.released:
            return
        self._gathering_wanted = False
        runtime = self._runtime.get()
        if self._gathering_timer is None:
            self._gathering_timer = runtime.new_timer(self._on_gathering)
        self._gathering_timer.schedule(runtime.now())

    def close(self) -> None:
        """Send goodbyes, deliver the last events, close sockets and timers; idempotent.

        Called from inside an event, the running drain does the rest.
        """
        if self.released:
            return
        self._peer.close(self.now())
        self.drain()

    def release(self) -> None:
        """Close sockets and timers without goodbyes: the loop has ended."""
        if not self.released:
            self._release(self._owner())

    def _drain_all(self, owner: DriverOwner | None) -> None:
        while True:
            self._drain_again = False
            self._transmit()
            self._deliver_events(owner)
            if owner is not None:
                owner.handle_progress()
            if not self._drain_again:
                return

    def _transmit(self) -> None:
        if self._blocked and not self._send(()):
            return
        while transmits := self._peer.transmits(self.now()):
            if not self._send(transmits):
                return

    def _send(self, transmits: Sequence[Transmit]) -> bool:
        """Send what was blocked, then ``transmits``; False when a socket has no room."""
        blocked = self._blocked
        blocked.extend(transmits)
        while blocked:
            transmit = blocked[0]
            sock = self._sockets.get(transmit.local)
            if sock is not None and not sock.send(transmit):
                return False
            blocked.popleft()
        return True

    def _deliver_events(self, owner: DriverOwner | None) -> None:
        while (event := self._peer.next_event()) is not None:
            if isinstance(event, GatheringWanted):
                self._gathering_wanted = True
            elif owner is not None:
                owner.handle_event(event)

    def _gather(self) -> None:
        sockets = deque(self._source.bind())
        try:
            while sockets:
                self._add_socket(sockets.popleft())
        finally:
            for sock in sockets:
                sock.close()
        self._peer.end_of_local_addresses(self.now())

    def _add_socket(self, bound: BoundSocket) -> None:
        udp = bound.open(
            self._on_datagrams, self._on_writable, partial(self._on_socket_error, bound.local)
        )
        self._sockets[udp.local] = udp
        _logger.debug("bound %s port %d", *udp.local)
        self._peer.add_local_address(udp.local, self.now())

    def _arm(self) -> None:
        """Set the timer. One that fires too early is left alone, it sets itself anew.

        Now and then it is moved back at once: that spares an idle connection half of its turns
        of the loop, and a busy one the cost of moving it with each packet.
        """
        deadline = self._peer.next_deadline()
        if deadline is None:
            return
        armed = self._armed
        if armed is not None and armed <= deadline and not self._moves_back(deadline - armed):
            return
        if self._deadline_timer is None:
            self._deadline_timer = self._runtime.get().new_timer(self._on_deadline)
        self._armed = deadline
        self._deadline_timer.schedule(deadline)

    def _moves_back(self, by: float) -> bool:
        if by < _MOVE_BACK_INTERVAL:
            return False
        now = self.now()
        if now < self._next_move_back:
            return False
        self._next_move_back = now + _MOVE_BACK_INTERVAL
        return True

    def _schedule_flush(self) -> None:
        if self._flush_scheduled or self.released:
            return
        runtime = self._runtime.get()
        if self._flush_timer is None:
            self._flush_timer = runtime.new_timer(self._on_flush)
        self._flush_scheduled = True
        self._flush_timer.schedule(runtime.now())

    def _on_deadline(self) -> None:
        self._armed = None
        if self.released:
            return
        now, deadline = self.now(), self._peer.next_deadline()
        if deadline is not None and deadline - now <= _EARLY:
            self._latest_deadline = max(now, deadline)
            self._peer.handle_timeout(self._latest_deadline)
        self.drain()

    def _on_flush(self) -> None:
        self._flush_scheduled = False
        if self._flush_wanted:
            self._flush_wanted = False
            self.drain()

    def _on_gathering(self) -> None:
        timer, self._gathering_timer = self._gathering_timer, None
        if timer is not None:
            timer.close()
        if not self.released:
            self._gather()
            self.drain()

    def _on_datagrams(self, datagrams: list[Datagram]) -> None:
        self._peer.receive(datagrams, self.now())
        self.drain()

    def _on_writable(self) -> None:
        self.drain()

    def _on_socket_error(self, address: Address, error: OSError) -> None:
        if error.errno == errno.ECANCELED:
            self.close()
            return
        udp = self._sockets.pop(address, None)
        if udp is None:
            return
        _logger.warning("a socket died: %s", error)
        udp.close()
        self._peer.remove_local_address(address, self.now())
        self.drain()

    def _release(self, owner: DriverOwner | None) -> None:
        self.released = True
        for udp in self._sockets.values():
            udp.close()
        self._sockets.clear()
        self._blocked.clear()
        for timer in (self._deadline_timer, self._flush_timer, self._gathering_timer):
            if timer is not None:
                timer.close()
        self._deadline_timer = self._flush_timer = self._gathering_timer = None
        self._armed = None
        if owner is not None:
            owner.handle_release()
