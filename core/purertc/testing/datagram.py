"""Datagram transports of asyncio over simulated sockets."""

import asyncio
from typing import Any, cast

from purertc.sansio.types import Address
from purertc.testing.udp import SimulatedSocket

__all__ = ["SimulatedDatagramTransport"]


class SimulatedDatagramTransport(asyncio.DatagramTransport):
    """What ``create_datagram_endpoint`` returns on a virtual loop."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sock: SimulatedSocket,
        protocol: asyncio.DatagramProtocol,
        remote: Address | None,
    ) -> None:
        super().__init__(
            {"sockname": sock.getsockname(), "peername": remote, "socket": sock},
        )
        self._loop = loop
        self._socket = sock
        self._protocol = protocol
        self._remote = remote
        self._closing = False

    def start(self) -> None:
        """Tell the protocol, then watch the socket."""
        self._protocol.connection_made(self)
        if not self._closing:
            self._loop.add_reader(self._socket.fileno(), self._read)

    def sendto(self, data: Any, addr: Any = None) -> None:  # noqa: ANN401  # as asyncio
        """Send a datagram; a refusal goes to ``error_received``."""
        if self._remote is not None and addr not in (None, self._remote):
            raise ValueError(f"Invalid address: must be None or {self._remote}")
        destination = addr or self._remote
        if destination is None:
            raise ValueError("this transport has no remote address; name one")
        if self._closing:
            return
        try:
            self._socket.sendto(data, destination)
        except OSError as error:
            self._protocol.error_received(error)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Give what comes to another protocol."""
        self._protocol = cast("asyncio.DatagramProtocol", protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return the protocol."""
        return self._protocol

    def get_write_buffer_size(self) -> int:
        """Return 0: nothing waits here."""
        return 0

    def is_closing(self) -> bool:
        """Whether it is closing or closed."""
        return self._closing

    def abort(self) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Close the socket and tell the protocol in the next turn."""
        if self._closing:
            return
        self._closing = True
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()
        self._loop.call_soon(self._protocol.connection_lost, None)

    def _read(self) -> None:
        """Hand over one datagram; the loop calls again while there are more."""
        payload, source = self._socket.recvfrom(65535)
        if self._remote is None or source[:2] == self._remote[:2]:
            self._protocol.datagram_received(payload, source)
