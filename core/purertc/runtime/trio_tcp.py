"""How trio waits for a TCP socket."""

import socket
from contextlib import suppress

import trio

__all__ = ["SocketWatch"]


class SocketWatch:
    """A :class:`purertc.runtime.tcp.SocketWatch`."""

    __slots__ = ("_socket",)

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock

    async def readable(self) -> None:
        """Wait until the socket can be read, or :meth:`close` was called."""
        with suppress(trio.ClosedResourceError):
            await trio.lowlevel.wait_readable(self._socket)

    async def writable(self) -> None:
        """Wait until the socket has room, or :meth:`close` was called."""
        with suppress(trio.ClosedResourceError):
            await trio.lowlevel.wait_writable(self._socket)

    def close(self) -> None:
        """Wake those who wait."""
        # Once trio has ended nobody waits, and there is nobody to tell.
        with suppress(RuntimeError):
            trio.lowlevel.notify_closing(self._socket)
