"""UDP for asyncio loops that cannot watch a descriptor, such as Windows' proactor loop.

Datagrams go one by one through a transport of the loop's own.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import Any, cast

from purertc.runtime.fragmentation import refuse
from purertc.runtime.udp import UdpEndpoint
from purertc.sansio.types import Address, Datagram, Fragmentation, Transmit

__all__ = ["TransportUdpSocket"]


class TransportUdpSocket(asyncio.DatagramProtocol):
    """A :class:`purertc.runtime.base.UdpSocket` on ``create_datagram_endpoint``.

    The transport is made by a task, so there is no room to send until it has run.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sock: socket.socket,
        on_datagrams: Callable[[list[Datagram]], None],
        on_writable: Callable[[], None],
        on_error: Callable[[OSError], None],
    ) -> None:
        self._endpoint = UdpEndpoint(sock, offload=False)
        self._on_datagrams: Callable[[list[Datagram]], None] | None = on_datagrams
        self._on_writable: Callable[[], None] | None = on_writable
        self._on_error: Callable[[OSError], None] | None = on_error
        self._transport: asyncio.DatagramTransport | None = None
        self._has_room = False
        self._waits_for_room = False
        self._loop = loop
        self._opening = loop.create_task(self._open(sock))
        self._opening.add_done_callback(self._opened)

    @property
    def local(self) -> Address:
        """The address it is bound to."""
        return self._endpoint.local

    def send(self, transmit: Transmit) -> bool:
        """Hand datagrams to the transport; False when it has no room."""
        if self._transport is None or not self._has_room:
            self._waits_for_room = True
            return False
        if transmit.fragmentation is Fragmentation.FORBIDDEN:
            # The transport may send later, and has no way to say that it must not be cut.
            refuse(transmit)
            return True
        payload = transmit.payload
        size = transmit.segment_size or max(len(payload), 1)
        destination = self._endpoint.socket_form(transmit.destination)
        for start in range(0, len(payload), size):
            self._transport.sendto(payload[start : start + size], destination)
        return True

    def close(self) -> None:
        """Close the transport, which still sends what it was given; one to come closes itself."""
        self._on_datagrams = self._on_writable = self._on_error = None
        if self._loop.is_closed():
            self._endpoint.close()
        elif self._transport is not None:
            self._transport.close()

    async def _open(self, sock: socket.socket) -> None:
        try:
            await self._loop.create_datagram_endpoint(lambda: self, sock=sock)
        except OSError as error:
            self._fail(error)

    def _opened(self, _: asyncio.Task[None]) -> None:
        """Close the socket where the task was cancelled or failed before a transport owned it."""
        if self._transport is None:
            self._endpoint.close()

    # What the transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to send."""
        # Until Python 3.12 the standard loop's is not derived from DatagramTransport.
        self._transport = cast("asyncio.DatagramTransport", transport)
        if self._on_datagrams is None:
            self._transport.abort()
        else:
            self.resume_writing()

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        """Pass a datagram on."""
        if self._on_datagrams is not None:
            source = self._endpoint.source_of(addr)
            self._on_datagrams([Datagram(data, source, self._endpoint.local)])

    def error_received(self, exc: Exception) -> None:
        """Count what the network refused; it is a lost datagram."""
        del exc
        self._endpoint.dropped += 1

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell that the socket is dead, unless it was closed here."""
        self._transport = None
        if isinstance(exc, OSError):
            self._fail(exc)

    def pause_writing(self) -> None:
        """Take no more until the transport has sent what it holds."""
        self._has_room = False

    def resume_writing(self) -> None:
        """Take more, and tell so if that was waited for."""
        self._has_room = True
        if self._waits_for_room and self._on_writable is not None:
            self._waits_for_room = False
            self._on_writable()

    def _fail(self, error: OSError) -> None:
        if self._on_error is not None:
            self._on_error(error)
