"""Where a connection has its UDP sockets from: ports of its own, or those that many share."""

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from purertc.runtime.base import UdpSocket
from purertc.sansio.types import Address, Datagram

__all__ = ["BoundSocket", "SocketSource"]


class BoundSocket(Protocol):
    """A bound UDP socket that nobody watches yet. One of the two methods is to be called."""

    @property
    def local(self) -> Address:
        """The address it is bound to."""

    def open(
        self,
        on_datagrams: Callable[[list[Datagram]], None],
        on_writable: Callable[[], None],
        on_error: Callable[[OSError], None],
    ) -> UdpSocket:
        """Watch it, as :meth:`purertc.runtime.base.Runtime.wrap_udp_socket` says."""

    def close(self) -> None:
        """Let go of it instead."""


class SocketSource(Protocol):
    """Where one connection has its UDP sockets from."""

    def hosts(self) -> Collection[str]:
        """Return the addresses that sockets may be bound to now, as ``UdpSocket.local`` has them.

        A socket whose host is not among them has lost its address.
        """

    def bind(self, besides: Collection[str] = ()) -> Sequence[BoundSocket]:
        """Bind a socket on each address, except on the hosts in ``besides``, which have theirs.

        An address that refuses is left out and logged.
        """
