"""The UDP sockets of one connection, one on each address of the machine, as those come and go."""

import logging
from collections.abc import Callable, Collection
from typing import Protocol

from purertc.runtime.base import Timer, UdpSocket
from purertc.runtime.socket_source import BoundSocket, SocketSource
from purertc.sansio.types import Address, IceConnectionState
from purertc.wire.address import parse_host

__all__ = ["LOOK_INTERVAL", "AddressUser", "AddressWatch", "LocalAddresses"]

_logger = logging.getLogger("purertc.driver")

LOOK_INTERVAL = 2.0
"""Seconds from one look at the machine's addresses to the next, at least."""


class AddressUser(Protocol):
    """Who is told of the addresses, as :class:`purertc.peer_machine.PeerMachine` says."""

    def add_local_address(self, address: Address, now: float) -> object:
        """A socket is bound."""

    def remove_local_address(self, address: Address, now: float) -> None:
        """A socket is gone."""


class LocalAddresses:
    """Binds sockets, and lets go of those whose address is gone.

    ``sockets`` is the same dictionary always.
    """

    def __init__(self, source: SocketSource, user: AddressUser) -> None:
        self.sockets: dict[Address, UdpSocket] = {}
        self._source = source
        self._user = user

    @property
    def hosts(self) -> list[str]:
        """The hosts that have a socket."""
        return [host for host, _ in self.sockets]

    def gather(self, open_socket: Callable[[BoundSocket], UdpSocket], now: float) -> None:
        """Tell the user of a socket on each address: those that there are, then new ones."""
        self._drop_lost(now)
        for address in self.sockets:
            self._user.add_local_address(address, now)
        self._open_all(list(self._source.bind(self.hosts)), open_socket, now)

    def look_again(self, open_socket: Callable[[BoundSocket], UdpSocket], now: float) -> bool:
        """Tell the user what has changed; return whether anything has.

        A machine that has lost all its addresses does not fall back on loopback.
        """
        before = set(self.sockets)
        self._drop_lost(now)
        unopened: list[BoundSocket] = []
        for bound in self._source.bind(self.hosts):
            if parse_host(bound.local[0]).is_loopback:
                bound.close()
            else:
                unopened.append(bound)
        self._open_all(unopened, open_socket, now)
        return set(self.sockets) != before

    def remove(self, address: Address, now: float) -> bool:
        """Close one socket and tell the user; False when there is none."""
        udp = self.sockets.pop(address, None)
        if udp is None:
            return False
        udp.close()
        self._user.remove_local_address(address, now)
        return True

    def close(self) -> None:
        """Close the sockets."""
        for udp in self.sockets.values():
            udp.close()
        self.sockets.clear()

    def _drop_lost(self, now: float) -> None:
        if not self.sockets:
            return
        hosts: Collection[str] = self._source.hosts()
        for address in list(self.sockets):
            if address[0] not in hosts:
                _logger.info("the address %s is gone", address[0])
                self.remove(address, now)

    def _open_all(
        self,
        unopened: list[BoundSocket],
        open_socket: Callable[[BoundSocket], UdpSocket],
        now: float,
    ) -> None:
        try:
            while unopened:
                udp = open_socket(unopened.pop(0))
                self.sockets[udp.local] = udp
                _logger.debug("bound %s port %d", *udp.local)
                self._user.add_local_address(udp.local, now)
        finally:
            for bound in unopened:
                bound.close()


class AddressWatch:
    """Says when to look at the machine's addresses again, by a timer that looks.

    That is while ICE is disconnected, and after a packet found no way out. As long as all is
    well nobody is woken.
    """

    def __init__(self, timer: Timer) -> None:
        self._timer = timer
        self._is_disconnected = False
        self._is_scheduled = False
        self._next_look = 0.0

    def state_changed(self, state: IceConnectionState, now: float) -> None:
        """Look at once when ICE is disconnected, and no more when it is not."""
        self._is_disconnected = state is IceConnectionState.DISCONNECTED
        if self._is_disconnected:
            self._schedule(now)
        else:
            self._is_scheduled = False
            self._timer.cancel()

    def send_failed(self, now: float) -> None:
        """Look, unless that was done just now; it is done later then."""
        if not self._is_scheduled:
            self._schedule(now)

    def looked(self, now: float) -> None:
        """Note that the addresses were looked at."""
        self._is_scheduled = False
        self._next_look = now + LOOK_INTERVAL
        if self._is_disconnected:
            self._schedule(now)

    def close(self) -> None:
        """Close the timer."""
        self._timer.close()

    def _schedule(self, now: float) -> None:
        self._is_scheduled = True
        self._timer.schedule(max(now, self._next_look))
