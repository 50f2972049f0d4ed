"""Network address translators of the four classic kinds (RFC 3489 section 5)."""

from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from purertc.errors import ArgumentError
from purertc.sansio.types import Address

__all__ = ["NatKind", "NatTable"]

_FIRST_PORT = 20000
_LAST_PORT = 60000
_MOST_MAPPINGS = 20000


class NatKind(StrEnum):
    """Who may answer to a mapping, and whether one mapping serves all destinations."""

    FULL_CONE = "full cone"
    """One mapping for all destinations; anybody may send to it."""
    ADDRESS_RESTRICTED = "address restricted"
    """One mapping; only hosts to which it has sent may answer, from any port."""
    PORT_RESTRICTED = "port restricted"
    """One mapping; only addresses and ports to which it has sent may answer."""
    SYMMETRIC = "symmetric"
    """A mapping of its own for each destination, which alone may answer."""


@dataclass(slots=True)
class _Mapping:
    inside: Address
    destination: Address | None
    outside: Address
    refreshed: float
    sent_to: dict[Address | str, float] = field(default_factory=dict)


class NatTable:
    """The mappings of one translator. Traffic from the inside keeps a mapping alive (RFC 4787)."""

    def __init__(self, kind: NatKind, timeout: float, random: Random) -> None:
        if timeout <= 0:
            raise ArgumentError("a mapping must live for some seconds")
        self.kind = kind
        self.timeout = timeout
        self._random = random
        self._mappings: dict[tuple[Address, Address | None], _Mapping] = {}
        self._by_outside: dict[Address, _Mapping] = {}

    def outbound(self, source: Address, destination: Address, host: str, now: float) -> Address:
        """Return the outside address of a datagram; ``host`` is the one that maps are made on."""
        key = (source, destination if self.kind is NatKind.SYMMETRIC else None)
        mapping = self._mappings.get(key)
        if mapping is None or self._is_over(mapping.refreshed, now):
            self._make_room(now)
            mapping = _Mapping(source, key[1], (host, self._free_port(host)), now)
            self._mappings[key] = mapping
            self._by_outside[mapping.outside] = mapping
        mapping.refreshed = now
        mapping.sent_to[destination] = mapping.sent_to[destination[0]] = now
        return mapping.outside

    def inbound(self, source: Address, outside: Address, now: float) -> Address | None:
        """Return the inside address for a datagram from ``source``; None when it is blocked."""
        mapping = self._by_outside.get(outside)
        if mapping is None or self._is_over(mapping.refreshed, now):
            return None
        if self.kind is NatKind.FULL_CONE:
            return mapping.inside
        known = source[0] if self.kind is NatKind.ADDRESS_RESTRICTED else source
        permitted = mapping.sent_to.get(known)
        if permitted is None or self._is_over(permitted, now):
            return None
        return mapping.inside

    def forget(self) -> None:
        """Lose all mappings, as a router that restarts."""
        self._mappings.clear()
        self._by_outside.clear()

    def __len__(self) -> int:
        return len(self._mappings)

    def _is_over(self, since: float, now: float) -> bool:
        return now - since > self.timeout

    def _make_room(self, now: float) -> None:
        for mapping in list(self._mappings.values()):
            if self._is_over(mapping.refreshed, now):
                self._remove(mapping)
        if len(self._mappings) >= _MOST_MAPPINGS:
            self._remove(min(self._mappings.values(), key=lambda mapping: mapping.refreshed))

    def _remove(self, mapping: _Mapping) -> None:
        del self._mappings[mapping.inside, mapping.destination]
        del self._by_outside[mapping.outside]

    def _free_port(self, host: str) -> int:
        while True:
            port = self._random.randrange(_FIRST_PORT, _LAST_PORT)
            if (host, port) not in self._by_outside:
                return port
