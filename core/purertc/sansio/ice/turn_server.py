"""One TURN server: an allocation over each IP version that it is reached with."""

from collections.abc import Sequence

from purertc.sansio.ice.local_bases import Base, version_of
from purertc.sansio.ice.server_outcome import ServerOutcome
from purertc.sansio.ice.server_traffic import ServerTraffic
from purertc.sansio.ice.server_url import ServerUrl
from purertc.sansio.ice.turn_allocation import Allocation
from purertc.sansio.turn import TurnCredentials
from purertc.sansio.turn.messages import Family
from purertc.sansio.types import Address

__all__ = ["TurnServer"]


class TurnServer:
    """All that goes on with one TURN URL.

    Over each IP version the best base is enough: what comes to the relayed address does not
    depend on it. What is reached over IPv4 relays over IPv4, over IPv6 likewise. Where only IPv6
    reaches the server, it is to relay over IPv4 if it can, for those that have nothing else.
    """

    __slots__ = ("_allocations", "_credentials", "_outcome", "_postponed", "_traffic", "_url")

    def __init__(
        self,
        url: ServerUrl,
        credentials: TurnCredentials,
        traffic: ServerTraffic,
        outcome: ServerOutcome,
    ) -> None:
        self._url = url
        self._credentials = credentials
        self._traffic = traffic
        self._outcome = outcome
        self._allocations: dict[int, Allocation] = {}
        self._postponed: list[tuple[Base, Sequence[Address], float]] = []

    @property
    def busy(self) -> bool:
        """Whether an answer is still waited for."""
        return any(allocation.busy for allocation in self._allocations.values())

    @property
    def relayed(self) -> Sequence[Address]:
        """The relayed addresses there are."""
        found = (allocation.relayed for allocation in self._allocations.values())
        return [address for address in found if address is not None]

    @property
    def dropped(self) -> int:
        """How many messages the clients dropped."""
        return sum(allocation.dropped for allocation in self._allocations.values())

    def begin(self, now: float) -> None:
        """Report living allocations anew, and prepare to ask for those that failed."""
        self._postponed.clear()
        for allocation in self._allocations.values():
            allocation.begin(now)

    def ask(self, base: Base, servers: Sequence[Address], deadline: float, now: float) -> None:
        """Ask for an allocation, unless there is one over the IP version of the base."""
        if not any(base.can_ask(server) for server in servers):
            return
        bases = self._traffic.bases
        over_ipv4 = any(bases.able_to_ask(server) for server in servers if version_of(server) == 4)
        if base.version == 6 and not over_ipv4 and not bases.complete:
            self._postponed.append((base, servers, deadline))
            return
        allocation = self._allocations.get(base.version)
        if allocation is None:
            allocation = Allocation(self._url, self._credentials, self._traffic, self._outcome)
            self._allocations[base.version] = allocation
        same_version = [server for server in servers if base.version == version_of(server)]
        families: tuple[Family, Family] = (6, 4) if base.version == 6 and over_ipv4 else (4, 6)
        allocation.ask(same_version, families, deadline, now)

    def end_of_bases(self, now: float) -> None:
        """Ask over IPv6 now that it is known whether IPv4 reaches the server."""
        postponed, self._postponed = self._postponed, []
        for base, servers, deadline in postponed:
            if base.address in self._traffic.bases:
                self.ask(base, servers, deadline, now)

    def remove_base(self, address: Address, now: float) -> None:
        """Lose what depended on a base; ask again from another one of its IP version."""
        lost = [
            allocation
            for allocation in self._allocations.values()
            if allocation.remove_base(address, now)
        ]
        for allocation in lost:
            allocation.ask_again(now)
        if lost and self.busy:
            self._outcome.begin()
            self._outcome.succeeded = bool(self.relayed)

    def handle_timeout(self, now: float) -> None:
        """Run what is due."""
        for allocation in self._allocations.values():
            allocation.handle_timeout(now)

    def next_deadline(self) -> float | None:
        """Return when :meth:`handle_timeout` is due, or None."""
        deadlines = (allocation.next_deadline() for allocation in self._allocations.values())
        return min((at for at in deadlines if at is not None), default=None)

    def close(self, now: float) -> None:
        """Give everything back to the server."""
        self._postponed.clear()
        for allocation in self._allocations.values():
            allocation.close(now)
