"""Runtimes of purertc on a system that has no segmentation offload (GSO, GRO)."""

import errno
import importlib
import socket
from collections.abc import Callable
from typing import Any

from purertc import AsyncioRuntime, Runtime
from purertc.runtime.base import UdpSocket
from purertc.sansio.types import Datagram

__all__ = ["PlainAsyncioRuntime", "PlainSocket", "plain_trio_runtime"]

SOL_UDP = 17
OFFLOADS = frozenset({103, 104})
"""UDP_SEGMENT and UDP_GRO of Linux."""

OnDatagrams = Callable[[list[Datagram]], None]


class PlainSocket(socket.socket):
    """A socket of a system that refuses the offloads."""

    @classmethod
    def of(cls, sock: socket.socket) -> "PlainSocket":
        """Take over the descriptor of ``sock``."""
        family, kind, protocol = sock.family, sock.type, sock.proto
        return cls(family, kind, protocol, fileno=sock.detach())

    def setsockopt(self, *arguments: Any) -> None:
        if arguments[0] == SOL_UDP and arguments[1] in OFFLOADS:
            raise OSError(errno.ENOPROTOOPT, "refused, to measure without it")
        super().setsockopt(*arguments)


class PlainAsyncioRuntime(AsyncioRuntime):
    """asyncio, with plain sockets."""

    def wrap_udp_socket(
        self,
        sock: socket.socket,
        on_datagrams: OnDatagrams,
        on_writable: Callable[[], None],
        on_error: Callable[[OSError], None],
    ) -> UdpSocket:
        plain = PlainSocket.of(sock)
        return super().wrap_udp_socket(plain, on_datagrams, on_writable, on_error)


def plain_trio_runtime() -> Runtime:
    """Return trio's runtime, with plain sockets."""
    base: Any = importlib.import_module("purertc.runtime.trio").TrioRuntime

    def wrap_udp_socket(self: Any, sock: socket.socket, *callbacks: Any) -> Any:
        return base.wrap_udp_socket(self, PlainSocket.of(sock), *callbacks)

    runtime: Runtime = type("PlainTrioRuntime", (base,), {"wrap_udp_socket": wrap_udp_socket})()
    return runtime
