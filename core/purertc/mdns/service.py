"""Multicast DNS of one event loop: its sockets, its timer, and who uses them."""

import errno
import ipaddress
import logging
import socket
import struct
from collections.abc import Callable, Iterable
from functools import partial

from purertc.errors import BadPacket
from purertc.mdns import messages
from purertc.mdns.budget import Budget
from purertc.mdns.lookups import Lookup, Lookups
from purertc.mdns.records import Link
from purertc.mdns.responder import Reply, Responder
from purertc.mdns.sockets import GROUPS, MDNS_PORT, multicast_links, open_socket, open_sockets
from purertc.runtime.base import Event, Runtime, Timer, UdpSocket
from purertc.runtime.resolving import address_of
from purertc.sansio.types import Address, Datagram, Transmit

__all__ = ["MdnsService"]

_logger = logging.getLogger("purertc.mdns")

_MIN_SIZE = 12
_MAX_SIZE = 9000
"""RFC 6762 section 17."""

_COUNTS = struct.Struct("!4H")
_MAX_ENTRIES = 64
"""How many questions and records a packet may have to be read."""

_SCAN_INTERVAL = 1.0
"""How often at most the interfaces of this machine are looked at, in seconds."""

_RESPONSE_BIT = 0x80
_OPCODE_BITS = 0x78


class MdnsService:
    """Asks and answers on all links of this machine, while somebody uses it.

    Nothing here raises for what the network does or lacks: a lookup then has no answer. Packets
    are dropped unread, and counted in ``dropped``, beyond what a quiet network can need.
    """

    def __init__(
        self,
        runtime: Runtime,
        open_one: Callable[[Link, str], socket.socket] = open_socket,
    ) -> None:
        self.dropped = 0
        self.users = 0
        self._runtime = runtime
        self._open_one = open_one
        self._sockets: dict[Link, UdpSocket] = {}
        self._hosts: dict[Link, str] = {}
        self._lookups = Lookups()
        self._events: dict[Lookup, Event] = {}
        self._responder = Responder()
        self._timer: Timer | None = None
        self._next_scan = runtime.now()
        self._packets = Budget(500, 1000)
        self._parses = Budget(50, 100)
        self._unicasts = Budget(50, 50)

    async def resolve(self, name: str, timeout: float) -> list[str]:
        """Return the addresses that the first answer for ``name`` gives; none without one."""
        now = self._runtime.now()
        self._scan(now)
        lookup = Lookup(name, now + timeout)
        if not self._sockets or not self._lookups.start(lookup, now):
            _logger.info("%s cannot be looked up: no multicast, or too many lookups", name)
            return []
        event = self._events[lookup] = self._runtime.new_event()
        try:
            self._work()
            await event.wait()
        finally:
            del self._events[lookup]
            self._lookups.stop(lookup)
            self._arm()
        return lookup.addresses

    def announce(self, name: str, host: str, interface: int | None) -> None:
        """Answer for ``name`` until :meth:`withdraw`; a link-local address on its interface."""
        now = self._runtime.now()
        self._scan(now)
        self._responder.add(name, host, interface, now)
        self._work()

    def withdraw(self, name: str, host: str, interface: int | None) -> None:
        """Undo one :meth:`announce`, and say goodbye."""
        self._send_replies(self._responder.remove(name, host, interface))

    def close(self) -> None:
        """Close the sockets and the timer, and wake who waits."""
        if self._timer is not None:
            self._timer.close()
            self._timer = None
        for sock in self._sockets.values():
            sock.close()
        self._sockets.clear()
        for event in self._events.values():
            event.set()

    # Sockets.

    def _scan(self, now: float) -> None:
        """Open a socket on each link that has none; close those of links that are gone."""
        if now < self._next_scan:
            return
        self._next_scan = now + _SCAN_INTERVAL
        ordinary, loopback = multicast_links()
        hosts = ordinary | loopback
        for link in [link for link in self._sockets if hosts.get(link) != self._hosts[link]]:
            self._sockets.pop(link).close()
        for link, sock in open_sockets((ordinary, loopback), tuple(self._sockets), self._open_one):
            self._hosts[link] = hosts[link]
            self._sockets[link] = self._runtime.wrap_udp_socket(
                sock,
                partial(self._on_datagrams, link),
                _on_writable,
                partial(self._on_error, link),
            )

    def _on_error(self, link: Link, error: OSError) -> None:
        if error.errno == errno.ENETUNREACH:
            # The way to one destination is missing, perhaps for now; it says nothing of the socket.
            _logger.debug("multicast DNS found no route: %s", error)
            return
        _logger.debug("a multicast DNS socket died: %s", error)
        sock = self._sockets.pop(link, None)
        if sock is not None:
            sock.close()

    # Packets.

    def _on_datagrams(self, link: Link, datagrams: list[Datagram]) -> None:
        now = self._runtime.now()
        for datagram in datagrams:
            payload = datagram.payload
            size = datagram.segment_size or len(payload) or 1
            for start in range(0, len(payload), size):
                self._receive(payload[start : start + size], datagram.source, link, now)
        self._arm()

    def _receive(self, payload: bytes, source: Address, link: Link, now: float) -> None:
        if not self._is_of_interest(payload, source, now):
            return
        if not self._parses.spend(now):
            self.dropped += 1
            return
        try:
            message = messages.parse_message(payload)
        except BadPacket:
            self.dropped += 1
            return
        if message.is_response:
            self._finish(self._lookups.answer(message.records), link)
        else:
            self._send_replies(self._responder.answer(message, source, link, now))

    def _is_of_interest(self, payload: bytes, source: Address, now: float) -> bool:
        """Whether it is worth to be parsed; so most of a network's chatter costs little."""
        if not _MIN_SIZE <= len(payload) <= _MAX_SIZE or payload[2] & _OPCODE_BITS:
            self.dropped += 1
            return False
        if sum(_COUNTS.unpack_from(payload, 4)) > _MAX_ENTRIES:
            self.dropped += 1
            return False
        is_response = bool(payload[2] & _RESPONSE_BIT)
        if is_response and source[1] != MDNS_PORT:
            # RFC 6762 section 6.
            self.dropped += 1
            return False
        wanted = self._lookups if is_response else self._responder
        if not wanted:
            return False
        if not self._packets.spend(now):
            self.dropped += 1
            return False
        return wanted.labels.are_in(payload)

    def _finish(self, lookups: Iterable[Lookup], link: Link) -> None:
        for lookup in lookups:
            lookup.addresses = [_with_scope(host, link) for host in lookup.addresses]
            self._events[lookup].set()

    def _send_replies(self, replies: Iterable[Reply]) -> None:
        for reply in replies:
            if reply.destination is not None and not self._unicasts.spend(self._runtime.now()):
                self.dropped += 1
                continue
            legacy = reply.legacy
            payload = messages.build_response(
                reply.records,
                legacy_id=legacy.id if legacy else 0,
                legacy_questions=legacy.questions[:1] if legacy else (),
            )
            for link, sock in self._sockets.items():
                if reply.link in (None, link) and reply.interface in (None, link.interface):
                    _send(sock, payload, reply.destination or (GROUPS[link.v6], MDNS_PORT))

    # Time.

    def _work(self) -> None:
        """Do what is due."""
        now = self._runtime.now()
        for lookup in self._lookups.expire(now):
            _logger.info("nobody answered for %s", lookup.name)
            self._events[lookup].set()
        for name in self._lookups.due(now):
            self._scan(now)
            query = messages.build_query(name)
            for link, sock in self._sockets.items():
                _send(sock, query, (GROUPS[link.v6], MDNS_PORT))
        self._send_replies(self._responder.due(now))
        self._arm()

    def _arm(self) -> None:
        deadlines = (self._lookups.next_deadline(), self._responder.next_deadline())
        deadline = min((each for each in deadlines if each is not None), default=None)
        if deadline is None or not self._sockets:
            if self._timer is not None:
                self._timer.cancel()
            return
        if self._timer is None:
            self._timer = self._runtime.new_timer(self._work)
        self._timer.schedule(deadline)


def _send(sock: UdpSocket, payload: bytes, destination: Address) -> None:
    if not sock.send(Transmit(payload, destination, sock.local)):
        _logger.debug("no room for a multicast DNS packet to %s", destination[0])


def _on_writable() -> None:
    """Nothing was kept: what multicast DNS cannot send it sends again later."""


def _with_scope(host: str, link: Link) -> str:
    address = ipaddress.ip_address(host)
    if address.version == 6 and address.is_link_local:
        return str(address_of((host, 0, 0, link.interface))[0])
    return host
