"""Which peers may reach us through the relay (RFC 8656 section 9), and what waits for that."""

from collections import deque
from dataclasses import dataclass, field
from math import inf
from typing import Final

from purertc.sansio.turn.config import TurnConfig
from purertc.sansio.types import Address
from purertc.wire.address import parse_host

__all__ = ["Permission", "Permissions", "Waiting"]

LIFETIME: Final = 300.0
REFRESH_AFTER: Final = 240.0
"""A permission lives five minutes (RFC 8656 section 9)."""
_REFUSED_FOR: Final = 30.0
"""After a refusal the server is left in peace about that peer, in seconds."""


@dataclass(slots=True)
class Waiting:
    """One payload, or run of them, that waits for a permission."""

    peer: Address
    payload: bytes
    segment_size: int

    @property
    def datagrams(self) -> int:
        """How many datagrams it is."""
        return -(-len(self.payload) // self.segment_size) if self.segment_size else 1


@dataclass(slots=True, eq=False)
class Permission:
    """The permission for one IP address.

    ``until`` is when it ends, in the past before it is installed; ``due`` is when something has
    to be done about it: asking again, or forgetting it.
    """

    host: str
    last_used: float
    until: float = -inf
    due: float = inf
    asking: bool = False
    refused: bool = False
    waiting: deque[Waiting] = field(default_factory=deque)


class Permissions:
    """All permissions of an allocation, and the bounded queues for those that are asked for."""

    __slots__ = ("_by_host", "_config", "_waiting_bytes", "dropped")

    def __init__(self, config: TurnConfig) -> None:
        self._config = config
        self._by_host: dict[str, Permission] = {}
        self._waiting_bytes = 0
        self.dropped = 0

    def get(self, host: str) -> Permission | None:
        """Return the permission for an IP address, in whatever state."""
        return self._by_host.get(host)

    def add(self, host: str, now: float) -> Permission | None:
        """Return the permission for an IP address, a new one if need be.

        None when there are too many. Raises ArgumentError when it is no numeric address.
        """
        host = str(parse_host(host))
        permission = self._by_host.get(host)
        if permission is None and len(self._by_host) < self._config.max_permissions:
            permission = self._by_host[host] = Permission(host, now)
        return permission

    def put_aside(self, permission: Permission, waiting: Waiting) -> None:
        """Keep what is to be sent once the permission is there; too much is dropped."""
        queued = sum(each.datagrams for each in permission.waiting) + waiting.datagrams
        size = self._waiting_bytes + len(waiting.payload)
        if queued > self._config.waiting_per_peer or size > self._config.waiting_bytes:
            self.dropped += waiting.datagrams
            return
        permission.waiting.append(waiting)
        self._waiting_bytes = size

    def install(self, permission: Permission, asked_at: float) -> list[Waiting]:
        """Note that the server agreed; return what waited for it."""
        permission.asking = permission.refused = False
        permission.until = asked_at + LIFETIME
        permission.due = asked_at + REFRESH_AFTER
        return self._take_waiting(permission)

    def refuse(self, permission: Permission, now: float) -> None:
        """Note that the server does not want that peer."""
        permission.asking, permission.refused = False, True
        permission.until = -inf
        permission.due = now + _REFUSED_FOR
        self._drop_waiting(permission)

    def forget(self, permission: Permission) -> None:
        """Drop a permission and what waits for it."""
        self._drop_waiting(permission)
        self._by_host.pop(permission.host, None)

    def clear(self) -> None:
        """Drop all."""
        for permission in list(self._by_host.values()):
            self.forget(permission)

    def take_due(self, now: float) -> list[Permission]:
        """Return those to ask for again, if they are used; forget those that ended."""
        due = []
        for permission in [each for each in self._by_host.values() if each.due <= now]:
            if permission.until <= now:
                self.forget(permission)
            else:
                permission.due = permission.until
                due.append(permission)
        return due

    def next_deadline(self) -> float:
        """Return when :meth:`take_due` has something to do; infinite when never."""
        return min((permission.due for permission in self._by_host.values()), default=inf)

    def _take_waiting(self, permission: Permission) -> list[Waiting]:
        waiting = list(permission.waiting)
        permission.waiting.clear()
        self._waiting_bytes -= sum(len(each.payload) for each in waiting)
        return waiting

    def _drop_waiting(self, permission: Permission) -> None:
        self.dropped += sum(each.datagrams for each in self._take_waiting(permission))
