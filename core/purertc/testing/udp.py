"""UDP sockets of simulated hosts."""

import errno
import os
import socket
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from purertc.runtime.fragmentation import fragments_after
from purertc.sansio.types import Address
from purertc.wire.address import split_scope

if TYPE_CHECKING:
    from purertc.testing.host import SimulatedHost

__all__ = ["FIRST_DESCRIPTOR", "SimulatedSocket"]

FIRST_DESCRIPTOR = 1 << 30
"""File descriptors from here on are simulated; no system has so many."""

_RECEIVE_BUFFER = 4 * 1024 * 1024
_LARGEST_DATAGRAM = 65507


class SimulatedSocket(socket.socket):
    """A non-blocking datagram socket that is bound to a simulated host.

    What it does not simulate fails as on a closed socket: beneath it there is none.
    """

    def __init__(self, host: "SimulatedHost", local: Address, descriptor: int) -> None:
        self._host = host
        self._local = local
        self._descriptor = descriptor
        self._inbox: deque[tuple[bytes, Address]] = deque()
        self._inbox_size = 0
        self._room = _RECEIVE_BUFFER
        self.may_be_cut = False
        """Whether what is sent now may arrive in fragments."""
        self.on_readable: Callable[[], None] | None = None
        """Called when a datagram has come; the one who watches the socket sets it."""

    def __repr__(self) -> str:
        return f"<SimulatedSocket {self._host.name} {self._local}>"

    @property
    def host(self) -> "SimulatedHost":
        """The host it belongs to."""
        return self._host

    @property
    def local(self) -> Address:
        """Where it is bound; the host is ``0.0.0.0`` or ``::`` for all addresses."""
        return self._local

    @property
    def has_datagrams(self) -> bool:
        """Whether :meth:`recvfrom` would return one."""
        return bool(self._inbox)

    def arrive(self, payload: bytes, source: Address) -> bool:
        """Take a datagram from the network; False when there is no room for it."""
        if self._inbox_size + len(payload) > self._room:
            return False
        self._inbox.append((payload, source))
        self._inbox_size += len(payload)
        if self.on_readable is not None:
            self.on_readable()
        return True

    # What programs know of a socket.

    @property
    def family(self) -> socket.AddressFamily:
        """AF_INET or AF_INET6."""
        return socket.AF_INET6 if ":" in self._local[0] else socket.AF_INET

    @property
    def type(self) -> socket.SocketKind:
        """SOCK_DGRAM."""
        return socket.SOCK_DGRAM

    def fileno(self) -> int:
        """Return a number that no real file has; -1 when closed."""
        return self._descriptor

    def getsockname(self) -> tuple[Any, ...]:
        """Return the bound address in the form of its family."""
        return self._in_form_of_family(self._local)

    def setblocking(self, flag: bool, /) -> None:
        """Refuse to block: time would stand still."""
        if flag:
            raise _error(errno.EOPNOTSUPP)

    def setsockopt(self, level: int, option: int, value: Any = None, *_: object) -> None:  # noqa: ANN401  # as socket
        """Take the size of the receive buffer and the rule for fragments; refuse offloads."""
        if level == socket.SOL_SOCKET and option == socket.SO_RCVBUF:
            self._room = int(value)
        elif (may_be_cut := fragments_after(level, option, value)) is not None:
            self.may_be_cut = may_be_cut
        elif level not in (socket.SOL_SOCKET, socket.IPPROTO_IP, socket.IPPROTO_IPV6):
            raise _error(errno.ENOPROTOOPT)

    def sendto(self, data: Any, *arguments: Any) -> int:  # noqa: ANN401  # as socket
        """Send a datagram; what comes of it, the network decides."""
        self._check_open()
        payload = bytes(data)
        if len(payload) > _LARGEST_DATAGRAM:
            raise _error(errno.EMSGSIZE)
        host, port = arguments[-1][:2]
        if "%" not in host and host.lower().startswith("fe80:"):
            # A real socket is told the number of the scope; here it is always its own one.
            host += split_scope(self._local[0])[1]
        if (":" in host) != (self.family == socket.AF_INET6):
            raise _error(errno.EAFNOSUPPORT)
        self._host.network.transmit(self, payload, (host, port))
        return len(payload)

    def recvfrom(self, bufsize: int, flags: int = 0, /) -> tuple[bytes, Any]:
        """Return the next datagram and its source. Raises BlockingIOError when there is none."""
        self._check_open()
        del flags
        if not self._inbox:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        payload, source = self._inbox.popleft()
        self._inbox_size -= len(payload)
        return payload[:bufsize], self._in_form_of_family(source)

    def close(self) -> None:
        """Free the port."""
        if self._descriptor >= 0:
            del self._host.network.sockets[self._descriptor]
            self._descriptor = -1
            self.on_readable = None
            self._inbox.clear()
            self._host.release(self)

    def _in_form_of_family(self, address: Address) -> tuple[Any, ...]:
        return (*address, 0, 0) if self.family == socket.AF_INET6 else address

    def _check_open(self) -> None:
        if self._descriptor < 0:
            raise _error(errno.EBADF)


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))
