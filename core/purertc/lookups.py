"""Looks names up for a peer: those of servers by a resolver, ``.local`` ones by multicast DNS."""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from purertc.background import BackgroundTasks
from purertc.errors import ArgumentError, RuntimeUnavailable
from purertc.mdns import is_local_name, resolve_local_name
from purertc.runtime.detect import RuntimeSource
from purertc.sansio.network_settings import Resolver
from purertc.sansio.types import Address
from purertc.wire.address import parse_host

__all__ = ["LookupUser", "Lookups"]

_logger = logging.getLogger("purertc.driver")

_MOST_LOCAL_NAMES = 64
"""Lookups of ``.local`` names at a time; the other side may send any number of them."""


class LookupUser(Protocol):
    """Who wants to know the addresses, as :class:`purertc.driver.PeerMachine` says."""

    def lookup_done(self, host: str, port: int, addresses: Sequence[Address], now: float) -> None:
        """Take the addresses of a host."""

    def lookup_failed(self, host: str, port: int, reason: str, now: float) -> None:
        """Note that a host has none."""


class Lookups:
    """The lookups of one connection; each gets one answer, unless :meth:`close` comes first."""

    def __init__(
        self,
        runtime: RuntimeSource,
        resolver: Resolver | None,
        user: LookupUser,
        now: Callable[[], float],
        changed: Callable[[], None],
    ) -> None:
        self._runtime = runtime
        self._resolver = resolver
        self._user = user
        self._now = now
        self._changed = changed
        self._tasks = BackgroundTasks(runtime)
        self._local_names = 0
        self._is_closed = False

    def start(self, host: str, port: int) -> None:
        """Look a name up. The answer comes in a later turn of the loop, but for refusals."""
        # A peer asks for "name.local" only of those that the other side sent; longer ones are of
        # servers, in a domain of that name.
        is_local = is_local_name(host) and host.removesuffix(".").count(".") == 1
        if is_local and self._local_names >= _MOST_LOCAL_NAMES:
            self._user.lookup_failed(host, port, "too many names at once", self._now())
            return
        body = self._look_up_local if is_local else self._look_up
        try:
            self._tasks.start(partial(body, host, port), f"lookup of {host}")
        except RuntimeUnavailable as error:
            self._user.lookup_failed(host, port, str(error), self._now())
        else:
            self._local_names += is_local

    def close(self) -> None:
        """Give up what is under way."""
        self._is_closed = True
        self._tasks.cancel_all()

    async def _look_up(self, host: str, port: int) -> None:
        resolve = self._resolver or self._runtime.get().resolve
        try:
            addresses = _checked(await resolve(host, port))
        except Exception as error:  # noqa: BLE001  # the resolver may be the user's
            self._fail(host, port, _reason(error))
        else:
            self._finish(host, port, addresses)

    async def _look_up_local(self, host: str, port: int) -> None:
        try:
            found = await resolve_local_name(self._runtime.get(), host)
        except OSError as error:
            self._fail(host, port, _reason(error))
        else:
            self._finish(host, port, [(each, port) for each in found])
        finally:
            self._local_names -= 1

    def _finish(self, host: str, port: int, addresses: Sequence[Address]) -> None:
        if not addresses:
            self._fail(host, port, "nobody answers for this name")
        elif not self._is_closed:
            _logger.debug("%s is %s", host, ", ".join(each for each, _ in addresses))
            self._user.lookup_done(host, port, addresses, self._now())
            self._changed()

    def _fail(self, host: str, port: int, reason: str) -> None:
        if not self._is_closed:
            _logger.info("no address for %s: %s", host, reason)
            self._user.lookup_failed(host, port, reason, self._now())
            self._changed()


def _checked(addresses: Sequence[Address]) -> list[Address]:
    """Return what a resolver gave. Raises ArgumentError when that is no list of addresses."""
    checked: list[Address] = []
    for address in addresses:
        host, port = address[0], address[1]
        if not isinstance(host, str) or not isinstance(port, int) or not 0 < port < 65536:
            raise ArgumentError(f"the resolver returned {address!r}, which is no (host, port)")
        parse_host(host)
        checked.append((host, port))
    return checked


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error) or type(error).__name__
    return str(error) if isinstance(error, ArgumentError) else f"{type(error).__name__}: {error}"
