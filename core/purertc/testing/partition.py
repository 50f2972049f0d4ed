"""Cuts in a simulated network."""

from collections.abc import Callable
from typing import Self

from purertc.sansio.types import Transport
from purertc.testing.host import SimulatedHost

__all__ = ["Partition"]


class Partition:
    """A cut between two groups until :meth:`heal`; as a context manager it heals at the end."""

    def __init__(
        self,
        end: Callable[["Partition"], None],
        left: frozenset[SimulatedHost | str],
        right: frozenset[SimulatedHost | str] | None,
        transport: Transport | None = None,
    ) -> None:
        self._end = end
        self._transport = transport
        self._left = left
        self._right = right

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.heal()

    def heal(self) -> None:
        """End the cut; idempotent."""
        self._end(self)

    def separates(
        self,
        one: tuple[SimulatedHost, str],
        other: tuple[SimulatedHost, str],
        transport: Transport,
    ) -> bool:
        """Whether the cut lies between two hosts, each with the address it uses."""
        if one[0] is other[0] or self._transport not in (None, transport):
            return False
        return self._cuts(one, other) or self._cuts(other, one)

    def _cuts(self, one: tuple[SimulatedHost, str], other: tuple[SimulatedHost, str]) -> bool:
        if self._left.isdisjoint(one):
            return False
        if self._right is None:
            return self._left.isdisjoint(other)
        return not self._right.isdisjoint(other)
