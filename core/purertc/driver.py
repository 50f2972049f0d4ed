"""Joins a peer, its sockets and its timer. Synchronous: it never awaits and runs no user code.

Every turn has one shape: something mutates the peer (the network, the timer, a call), then the
peer is drained of transmits and events and the timer is set to its deadline.
"""

import errno
import logging
import weakref
from collections.abc import Callable, Sequence
from functools import partial

from purertc.io_requests import IO_REQUESTS, IoRequests
from purertc.local_addresses import AddressWatch, LocalAddresses
from purertc.peer_machine import DriverOwner, PeerMachine
from purertc.runtime.base import Timer, UdpSocket
from purertc.runtime.detect import RuntimeSource
from purertc.runtime.socket_source import BoundSocket, SocketSource
from purertc.sansio.events import GatheringWanted, IceConnectionStateChanged
from purertc.sansio.network_settings import IceTcpPolicy, NetworkSettings
from purertc.sansio.types import (
    Address,
    ConnectionState,
    Datagram,
    IceConnectionState,
    Transmit,
)

__all__ = ["Driver"]

_logger = logging.getLogger("purertc.driver")

_EARLY = 0.001
"""How much before its deadline a loop's clock resolution may let a timer fire, in seconds."""

_MOVE_BACK_INTERVAL = 0.25
"""By how much at least a timer is moved back, and how often at most, in seconds."""


class Driver:
    """One peer's I/O. ``source`` binds the sockets when the peer wants candidates.

    ``settings`` say how to resolve names, speak TLS and listen for TCP.
    """

    def __init__(
        self,
        peer: PeerMachine,
        runtime: RuntimeSource,
        owner: DriverOwner,
        source: SocketSource,
        settings: NetworkSettings | None = None,
    ) -> None:
        self._peer = peer
        self._runtime = runtime
        self._owner = weakref.ref(owner)
        self._settings = settings or NetworkSettings()
        self._addresses = LocalAddresses(source, peer)
        self._sockets = self._addresses.sockets
        self._watch: AddressWatch | None = None
        self._io: IoRequests | None = None
        self._blocked: list[Transmit] = []
        self._deadline_timer: Timer | None = None
        self._armed: float | None = None
        self._next_move_back = 0.0
        self._read_clock: Callable[[], float] | None = None
        self._latest_deadline = 0.0
        self._flush_timer: Timer | None = None
        self._flush_scheduled = False
        self._gathering_wanted = False
        self._gathering_timer: Timer | None = None
        self._draining = False
        self._drain_again = False
        self._has_ended = False
        self.released = False
        """Whether nothing is left, not even a stream that still sends the goodbyes."""

    @property
    def has_resources(self) -> bool:
        """Whether something is open, or a timer may fire, that nobody has closed."""
        others = (self._armed, self._gathering_timer, self._io)
        return not self._has_ended and (
            bool(self._sockets) or any(each is not None for each in others)
        )

    def now(self) -> float:
        """Return the runtime's clock, which never goes back here.

        Raises RuntimeUnavailable when no loop runs yet.
        """
        if self._read_clock is None:
            self._read_clock = self._runtime.get().now
        return max(self._latest_deadline, self._read_clock())

    def drain(self, now: float | None = None) -> None:
        """Send, deliver events and set the timer; to be called after each mutation.

        ``now`` is when that was, if it was just now. Called from inside an event it only makes
        the running drain go on. The owner lives on until the drain has ended, though an event
        may take the last reference to it.
        """
        if self._has_ended:
            return
        if self._draining:
            self._drain_again = True
            return
        owner = self._owner()
        self._draining = True
        try:
            self._drain_all(owner, self.now() if now is None else now)
        finally:
            self._draining = False
        if self._peer.connection_state is ConnectionState.CLOSED:
            self._end()
        else:
            self._arm()

    def flush_soon(self) -> None:
        """Drain in the coming turn of the loop."""
        if not self._flush_scheduled and not self._has_ended:
            self._schedule_flush()

    def gather_soon(self) -> None:
        """Bind sockets in the coming turn of the loop, if the peer wants candidates.

        So the caller can signal the description before its candidates: a browser refuses
        candidates for a description that it does not have (W3C webrtc-pc section 4.4.2).
        """
        if not self._gathering_wanted or self._has_ended:
            return
        self._gathering_wanted = False
        runtime = self._runtime.get()
        if self._gathering_timer is None:
            self._gathering_timer = runtime.new_timer(self._on_gathering)
        self._gathering_timer.schedule(runtime.now())

    def close(self) -> None:
        """Send goodbyes, deliver the last events, close sockets and timers; idempotent.

        Called from inside an event, the running drain does the rest. Streams that have something
        to send yet are closed a little later, and the owner hears of the release then.
        """
        if self._has_ended:
            return
        self._peer.close(self.now())
        self.drain()

    def release(self) -> None:
        """Close everything without goodbyes: the loop has ended."""
        if self.released:
            return
        if self._io is not None:
            self._io.abort()
        self._end()

    def _drain_all(self, owner: DriverOwner | None, now: float) -> None:
        while True:
            self._drain_again = False
            self._transmit(now)
            self._deliver_events(owner)
            if owner is not None:
                owner.handle_progress()
            if not self._drain_again:
                return
            now = self.now()

    def _transmit(self, now: float) -> None:
        if self._blocked and not self._send(()):
            return
        peer = self._peer
        while transmits := peer.transmits(now):
            if not self._send(transmits) or not peer.has_more_transmits:
                return
            now = self.now()

    def _send(self, transmits: Sequence[Transmit]) -> bool:
        """Send what was blocked, then ``transmits``; False when a socket has no room."""
        blocked = self._blocked
        if not blocked and len(transmits) == 1:
            sock = self._sockets.get(transmits[0].local)
            if sock is None or sock.send(transmits[0]):
                return True
            blocked.append(transmits[0])
            return False
        blocked.extend(transmits)
        sent = 0
        for transmit in blocked:
            sock = self._sockets.get(transmit.local)
            if sock is not None and not sock.send(transmit):
                break
            sent += 1
        del blocked[:sent]
        return not blocked

    def _deliver_events(self, owner: DriverOwner | None) -> None:
        while (event := self._peer.next_event()) is not None:
            kind = type(event)
            if kind in IO_REQUESTS:
                self._requests().handle(event)
                continue
            if kind is GatheringWanted:
                self._gathering_wanted = True
                continue
            if isinstance(event, IceConnectionStateChanged):
                self._on_ice_state(event.state)
            if owner is not None:
                owner.handle_event(event)

    def _requests(self) -> IoRequests:
        if self._io is None:
            self._io = IoRequests(self._runtime, self._settings, self._peer, self.now, self.drain)
        return self._io

    def _gather(self) -> None:
        self._addresses.gather(self._open_socket, self.now())
        if self._settings.ice_tcp == IceTcpPolicy.PASSIVE:
            self._requests().listen(self._addresses.hosts, self._end_of_addresses)
        else:
            self._end_of_addresses()

    def _end_of_addresses(self) -> None:
        self._peer.end_of_local_addresses(self.now())

    def _open_socket(self, bound: BoundSocket) -> UdpSocket:
        return bound.open(
            self._on_datagrams, self._on_writable, partial(self._on_socket_error, bound.local)
        )

    def _address_watch(self) -> AddressWatch:
        if self._watch is None:
            self._watch = AddressWatch(self._runtime.get().new_timer(self._on_look))
        return self._watch

    def _on_ice_state(self, state: IceConnectionState) -> None:
        if self._watch is not None or state is IceConnectionState.DISCONNECTED:
            self._address_watch().state_changed(state, self.now())

    def _on_look(self) -> None:
        if self._has_ended or self._watch is None:
            return
        self._watch.looked(self.now())
        if self._addresses.look_again(self._open_socket, self.now()):
            if self._settings.ice_tcp == IceTcpPolicy.PASSIVE:
                self._requests().listen(self._addresses.hosts, _nothing)
            self.drain()

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
        runtime = self._runtime.get()
        if self._flush_timer is None:
            self._flush_timer = runtime.new_timer(self._on_flush)
        self._flush_scheduled = True
        self._flush_timer.schedule(runtime.now())

    def _on_deadline(self) -> None:
        self._armed = None
        if self._has_ended:
            return
        now, deadline = self.now(), self._peer.next_deadline()
        if deadline is not None and deadline - now <= _EARLY:
            now = self._latest_deadline = max(now, deadline)
            self._peer.handle_timeout(now)
            self.drain(now)
        else:
            self._arm()

    def _on_flush(self) -> None:
        self._flush_scheduled = False
        self.drain()

    def _on_gathering(self) -> None:
        timer, self._gathering_timer = self._gathering_timer, None
        if timer is not None:
            timer.close()
        if not self._has_ended:
            self._gather()
            self.drain()

    def _on_datagrams(self, datagrams: list[Datagram]) -> None:
        now = self.now()
        self._peer.receive(datagrams, now)
        self.drain(now)

    def _on_writable(self) -> None:
        self.drain()

    def _on_socket_error(self, address: Address, error: OSError) -> None:
        if error.errno == errno.ENETUNREACH:
            self._address_watch().send_failed(self.now())
        elif error.errno == errno.ECANCELED:
            self.close()
        elif self._addresses.remove(address, self.now()):
            _logger.warning("a socket died: %s", error)
            self.drain()

    def _end(self) -> None:
        """Close sockets and timers, and streams when they have sent what they had to."""
        if not self._has_ended:
            self._has_ended = True
            self._addresses.close()
            self._blocked.clear()
            self._close_timers()
        if self._io is None:
            self._release()
        else:
            self._io.close(self._release)

    def _close_timers(self) -> None:
        timers = (self._deadline_timer, self._flush_timer, self._gathering_timer, self._watch)
        for timer in timers:
            if timer is not None:
                timer.close()
        self._deadline_timer = self._flush_timer = self._gathering_timer = None
        self._watch = None
        self._armed = None

    def _release(self) -> None:
        if self.released:
            return
        self.released = True
        self._io = None
        owner = self._owner()
        if owner is not None:
            owner.handle_release()


def _nothing() -> None:
    """Do nothing: late addresses end no gathering."""
