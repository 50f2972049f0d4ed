"""Whether IP may cut the datagrams of a socket into fragments."""

import socket
import sys
from typing import Final, NamedTuple

from purertc.sansio.types import Transmit

__all__ = ["allow_fragments", "cut_small", "forbid_fragments", "fragments_after", "refuse"]


class _Option(NamedTuple):
    level: int
    number: int
    allow: int
    forbid: int


_LINUX: Final = (
    # IP_MTU_DISCOVER and IPV6_MTU_DISCOVER: IP_PMTUDISC_DONT, and IP_PMTUDISC_PROBE, which does
    # not heed what messages of ICMP say of the path.
    _Option(socket.IPPROTO_IP, 10, 0, 3),
    _Option(socket.IPPROTO_IPV6, 23, 0, 3),
)
_DONT_FRAGMENT: Final = {"darwin": (28, 62), "freebsd": (67, 62), "win32": (14, 14)}
"""IP_DONTFRAG and IPV6_DONTFRAG, on Windows IP_DONTFRAGMENT."""

_IPV6_MTU: Final = (socket.IPPROTO_IPV6, 24)
_LEAST_IPV6_MTU: Final = 1280


def _options(system: str) -> tuple[_Option, _Option] | None:
    if system == "linux":
        return _LINUX
    for name, (v4, v6) in _DONT_FRAGMENT.items():
        if system.startswith(name):
            return (
                _Option(socket.IPPROTO_IP, v4, 0, 1),
                _Option(socket.IPPROTO_IPV6, v6, 0, 1),
            )
    return None


_OPTIONS: Final = _options(sys.platform)


def allow_fragments(sock: socket.socket) -> None:
    """Let this system and routers cut datagrams that are too large for the path."""
    option = _option_of(sock)
    if option is not None:
        _set(sock, option.level, option.number, option.allow)


def forbid_fragments(sock: socket.socket) -> bool:
    """Let datagrams arrive whole or not at all; False when the system cannot promise it."""
    option = _option_of(sock)
    return option is not None and _set(sock, option.level, option.number, option.forbid)


def fragments_after(level: int, number: int, value: int) -> bool | None:
    """Whether datagrams may be cut once a socket has this option, None for one of another kind.

    With IPv6 only this system can do it.
    """
    if (level, number) == _IPV6_MTU:
        return value > 0
    for option in _OPTIONS or ():
        if (option.level, option.number) == (level, number):
            return level == socket.IPPROTO_IP and value == option.allow
    return None


def cut_small(sock: socket.socket, *, on: bool) -> None:
    """Cut datagrams into IPv6 packets of 1280 bytes, which no path refuses.

    Routers do not cut IPv6 packets; those of IPv4 they do.
    """
    if sys.platform == "linux" and sock.family == socket.AF_INET6:
        _set(sock, *_IPV6_MTU, _LEAST_IPV6_MTU if on else 0)


def refuse(transmit: Transmit) -> None:
    """Tell who made it that it is too large to be sent as that asked for."""
    if transmit.verdict is not None:
        transmit.verdict.refused = True


def _option_of(sock: socket.socket) -> _Option | None:
    if _OPTIONS is None:
        return None
    return _OPTIONS[sock.family == socket.AF_INET6]


def _set(sock: socket.socket, level: int, option: int, value: int) -> bool:
    try:
        sock.setsockopt(level, option, value)
    except OSError:
        return False
    return True
