"""What the resolver of the operating system says, as addresses."""

import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from purertc.sansio.types import Address

__all__ = [
    "address_of",
    "addresses_of",
    "look_up",
    "name_errors",
    "numeric_addresses",
    "socket_form",
]


def address_of(name: tuple[Any, ...]) -> Address:
    """Return the address in a ``sockaddr`` of the socket module.

    A link-local IPv6 host gets its scope (RFC 4007 section 11), as a name where it has one.
    """
    host, port, *rest = name
    scope = rest[1] if len(rest) > 1 else 0
    if scope and "%" not in host:
        host = f"{host}%{_interface_name(scope)}"
    return host, port


def socket_form(address: Address) -> tuple[Any, ...]:
    """Return the ``sockaddr`` of a numeric address. Raises OSError when its scope is unknown."""
    host, port = address
    host, percent, scope = host.partition("%")
    if not percent:
        return address
    return host, port, 0, int(scope) if scope.isdecimal() else socket.if_nametoindex(scope)


def addresses_of(answers: Iterable[tuple[Any, ...]]) -> list[Address]:
    """Return the addresses that ``getaddrinfo`` gave, each once, in its order."""
    return list(dict.fromkeys(address_of(answer[4]) for answer in answers))


def numeric_addresses(host: str, port: int) -> list[Address]:
    """Return the address that ``host`` spells, without asking anybody; none for a name."""
    try:
        with name_errors(host):
            return addresses_of(_ask(host, port, socket.AI_NUMERICHOST))
    except socket.gaierror:
        return []


def look_up(host: str, port: int) -> list[Address]:
    """Ask the resolver, and block until it answers. Raises OSError, such as socket.gaierror."""
    with name_errors(host):
        return addresses_of(_ask(host, port, 0))


@contextmanager
def name_errors(host: str) -> Iterator[None]:
    """Raise socket.gaierror for what is no host name at all, as for names that do not exist."""
    try:
        yield
    except ValueError as error:
        raise socket.gaierror(socket.EAI_NONAME, f"{host!r} is not a host name: {error}") from error


def _ask(host: str, port: int, flags: int) -> list[tuple[Any, ...]]:
    answers: list[tuple[Any, ...]] = []
    answers += socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return answers


def _interface_name(scope: int) -> str:
    try:
        return socket.if_indextoname(scope)
    except OSError:
        return str(scope)
