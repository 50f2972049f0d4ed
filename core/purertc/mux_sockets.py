"""The sockets of a UDP mux, and the part of them that each connection sees."""

import errno
import logging
from collections.abc import Callable, Sequence
from contextvars import Context, copy_context
from functools import partial
from typing import Self

from purertc.mux_routes import Flows, MuxRoutes
from purertc.network import bind_udp_socket, network_of, usable_addresses
from purertc.runtime.base import UdpSocket
from purertc.runtime.detect import RuntimeSource
from purertc.runtime.interface_address import InterfaceAddress
from purertc.runtime.udp import socket_address
from purertc.sansio.network_settings import NetworkSettings
from purertc.sansio.types import Address, Datagram, Transmit
from purertc.wire.address import parse_host

__all__ = ["Fragments", "Member", "Members", "MuxedSocket", "SharedSockets"]

_logger = logging.getLogger("purertc.network")

_FIRST_NON_STUN = 4
_RESCAN_INTERVAL = 0.1
"""How often an unknown user name lets all connections be asked for theirs, in seconds."""

Fragments = Callable[[], frozenset[str]]
"""Returns the local user name fragments that a connection has now."""


class Member:
    """A connection. It is one as long as it has a socket."""

    __slots__ = ("fragments", "known_as", "sockets")

    def __init__(self, fragments: Fragments) -> None:
        self.fragments = fragments
        self.known_as: frozenset[str] = frozenset()
        self.sockets: dict[Address, MuxedSocket] = {}


class Members:
    """The connections of a mux, by their user name fragments."""

    def __init__(self, runtime: RuntimeSource) -> None:
        self._runtime = runtime
        self._members: dict[Member, None] = {}
        self._by_fragment: dict[str, Member] = {}
        self._next_scan = 0.0
        self.dropped = 0

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._members)

    def now(self) -> float:
        """Return the clock of the mux."""
        return self._runtime.get().now()

    def add(self, member: Member) -> None:
        """Note a connection, or that it has other fragments now."""
        self.remove(member)
        self._members[member] = None
        member.known_as = member.fragments()
        self._by_fragment.update(dict.fromkeys(member.known_as, member))

    def remove(self, member: Member) -> None:
        """Forget a connection."""
        self._members.pop(member, None)
        for fragment in member.known_as:
            if self._by_fragment.get(fragment) is member:
                del self._by_fragment[fragment]

    def socket_of(self, local: Address, fragment: str) -> "MuxedSocket | None":
        """Return the socket on ``local`` of the connection that has a fragment now."""
        member = self._by_fragment.get(fragment)
        if member is None or fragment not in member.fragments():
            member = self._scan_for(fragment)
        return None if member is None else member.sockets.get(local)

    def _scan_for(self, fragment: str) -> Member | None:
        """Ask all connections; restarts of ICE change fragments. Seldom, as anybody can cause it.

        The other side repeats a request that came in between (RFC 8489 section 6.2.1).
        """
        now = self.now()
        if now < self._next_scan:
            return None
        self._next_scan = now + _RESCAN_INTERVAL
        for member in list(self._members):
            self.add(member)
        return self._by_fragment.get(fragment)


class SharedSockets:
    """The sockets of a mux. Each address is tried once, and again when its socket has died."""

    def __init__(
        self,
        runtime: RuntimeSource,
        port: int,
        addresses: Sequence[str] | None,
        settings: NetworkSettings,
    ) -> None:
        self._runtime = runtime
        self._port = port
        self._addresses = (
            None if addresses is None else [str(parse_host(each)) for each in addresses]
        )
        self._settings = settings
        self._tried: set[str] = set()
        self.members = Members(runtime)
        self.shared: dict[str, SharedSocket] = {}
        """By the host each is bound to."""
        self.is_closed = False

    def usable_addresses(self) -> list[InterfaceAddress]:
        """Return the addresses to have sockets on that the machine has now."""
        network = network_of(self._runtime)
        if self._addresses is None:
            return usable_addresses(network, self._settings, None)
        known = {each.scoped_host: each for each in network.interface_addresses()}
        # A machine answers for more loopback addresses than its interface has.
        known.update(
            {host: InterfaceAddress(host) for host in self._addresses if _is_loopback(host)}
        )
        return [known[host] for host in self._addresses if host in known]

    def hosts(self) -> set[str]:
        """Return the hosts of these addresses, and of bound ones that the machine still has."""
        present = {each.scoped_host for each in network_of(self._runtime).interface_addresses()}
        return (self.shared.keys() & present) | {
            each.scoped_host for each in self.usable_addresses()
        }

    def bind_missing(self) -> None:
        """Bind where there was no attempt yet, or the socket has died."""
        for address in self.usable_addresses():
            host = address.scoped_host
            if host not in self._tried:
                self._bind(address, host)
                self._tried.add(host)

    def close(self) -> None:
        """Close all sockets for good; their users are told."""
        self.is_closed = True
        shared, self.shared = self.shared, {}
        for each in shared.values():
            each.fail(OSError(errno.ENETDOWN, "the UdpMux was closed"))

    def _bind(self, address: InterfaceAddress, host: str) -> None:
        sock = bind_udp_socket(network_of(self._runtime), address, self._settings, self._port)
        if sock is None:
            return
        shared = SharedSocket(socket_address(sock), self.members)
        try:
            shared.udp = self._runtime.get().wrap_udp_socket(
                sock, shared.receive, shared.let_go_on, partial(self._on_error, host)
            )
        except BaseException:
            sock.close()
            raise
        self.shared[host] = shared
        _logger.debug("a UdpMux is bound to %s port %d", *shared.local)

    def _on_error(self, host: str, error: OSError) -> None:
        shared = self.shared.get(host)
        if shared is None:
            return
        if error.errno == errno.ENETUNREACH:
            shared.found_no_way(error)
        else:
            del self.shared[host]
            self._tried.discard(host)
            _logger.warning("a socket of a UdpMux died: %s", error)
            shared.fail(error)


def _is_loopback(host: str) -> bool:
    return parse_host(host).is_loopback


class SharedSocket:
    """A socket that many connections use."""

    def __init__(self, local: Address, members: Members) -> None:
        self.local = local
        self.members = members
        self.routes: MuxRoutes[MuxedSocket] = MuxRoutes(
            partial(members.socket_of, local), members.now
        )
        self.udp: UdpSocket | None = None
        self.users: dict[MuxedSocket, None] = {}
        self.waiting: dict[MuxedSocket, None] = {}
        """Those that found no room to send; who waits longest is the first."""
        self._sender: MuxedSocket | None = None

    def receive(self, datagrams: list[Datagram]) -> None:
        """Give each connection what is its own."""
        owner_of = self.routes.owner_of
        runs: dict[MuxedSocket, list[Datagram]] = {}
        for datagram in datagrams:
            owner = owner_of(datagram)
            if owner is None:
                self.members.dropped += 1
            elif owner in runs:
                runs[owner].append(datagram)
            else:
                runs[owner] = [datagram]
        for owner, run in runs.items():
            owner.receive(run)

    def send(self, transmit: Transmit, sender: "MuxedSocket") -> bool:
        """Send for a connection."""
        if self.udp is None:
            return True
        self._sender = sender
        has_room = self.udp.send(transmit)
        self._sender = None
        return has_room

    def found_no_way(self, error: OSError) -> None:
        """Tell the connection whose packet had no route; all where that is not known."""
        for user in list(self.users) if self._sender is None else [self._sender]:
            user.tell(error)

    def let_go_on(self) -> None:
        """Let those send who wait, one after the other, until there is no room again."""
        for _ in range(len(self.waiting)):
            first = next(iter(self.waiting), None)
            if first is None:
                return
            del self.waiting[first]
            first.let_go_on()
            if first in self.waiting:
                return

    def fail(self, error: OSError) -> None:
        """Tell everyone, then close the socket: the goodbyes of connections still leave."""
        for user in list(self.users):
            user.tell(error)
            user.close()
        if self.udp is not None:
            self.udp.close()


class MuxedSocket:
    """A UdpSocket of one connection that has its port together with others."""

    __slots__ = (
        "_context",
        "_member",
        "_on_datagrams",
        "_on_error",
        "_on_writable",
        "_shared",
        "flows",
        "local",
    )

    def __init__(self, shared: SharedSocket, member: Member) -> None:
        self._shared: SharedSocket | None = shared
        self._member = member
        self._context: Context | None = None
        self._on_datagrams: Callable[[list[Datagram]], None] | None = None
        self._on_writable: Callable[[], None] | None = None
        self._on_error: Callable[[OSError], None] | None = None
        self.flows = Flows()
        self.local = shared.local

    def open(
        self,
        on_datagrams: Callable[[list[Datagram]], None],
        on_writable: Callable[[], None],
        on_error: Callable[[OSError], None],
    ) -> Self:
        """Begin to receive. What is called back runs in the context of this call."""
        self._on_datagrams = on_datagrams
        self._on_writable = on_writable
        self._on_error = on_error
        self._context = copy_context()
        if self._shared is not None:
            self._shared.users[self] = None
            self._member.sockets[self.local] = self
        return self

    def send(self, transmit: Transmit) -> bool:
        """Send, as :meth:`purertc.runtime.base.UdpSocket.send` says."""
        shared = self._shared
        if shared is None:
            return True
        payload = transmit.payload
        if payload and payload[0] < _FIRST_NON_STUN:
            shared.routes.sent(self, payload, transmit.destination)
        if shared.send(transmit, self):
            return True
        shared.waiting[self] = None
        return False

    def close(self) -> None:
        """Take nothing more, and forget who sends to it."""
        shared, self._shared = self._shared, None
        self._on_datagrams = self._on_writable = self._on_error = None
        self._context = None
        if shared is None:
            return
        shared.users.pop(self, None)
        shared.waiting.pop(self, None)
        shared.routes.forget(self)
        self._member.sockets.pop(self.local, None)
        if not self._member.sockets:
            shared.members.remove(self._member)

    def receive(self, datagrams: list[Datagram]) -> None:
        """Give datagrams to the connection. A fault there must not harm the others."""
        if self._on_datagrams is not None:
            self._run(partial(self._on_datagrams, datagrams))

    def let_go_on(self) -> None:
        """Tell the connection that there is room."""
        if self._on_writable is not None:
            self._run(self._on_writable)

    def tell(self, error: OSError) -> None:
        """Tell the connection of an error."""
        if self._on_error is not None:
            self._run(partial(self._on_error, error))

    def _run(self, callback: Callable[[], None]) -> None:
        if self._context is None:
            return
        try:
            # A copy: a callback may lead to another one of the same socket.
            self._context.copy().run(callback)
        except Exception:
            _logger.exception("a connection of a UdpMux raised")
