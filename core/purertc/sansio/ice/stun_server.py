"""One STUN server, asked from every base that can reach it."""

from collections.abc import Sequence

from purertc.errors import BadPacket
from purertc.sansio.ice.local_bases import Base
from purertc.sansio.ice.server_outcome import UNREACHABLE, ServerOutcome
from purertc.sansio.ice.server_traffic import ServerTraffic
from purertc.sansio.ice.server_url import ServerUrl
from purertc.sansio.ice.stun_query import MappedAddress, StunQuery, StunRefusal, is_possible
from purertc.sansio.types import Address, Transmit

__all__ = ["StunServer"]


class _Asking:
    """What one base asks: the server's addresses in turn, until one answers.

    Each address gets its share of the time that is left.
    """

    __slots__ = (
        "_base",
        "_deadline",
        "_outcome",
        "_query",
        "_server",
        "_servers",
        "_share",
        "_traffic",
        "_url",
    )

    def __init__(
        self,
        url: str,
        base: Address,
        servers: Sequence[Address],
        deadline: float,
        *,
        traffic: ServerTraffic,
        outcome: ServerOutcome,
    ) -> None:
        self._url = url
        self._base = base
        self._servers = list(servers)
        self._server = self._servers[0]
        self._deadline = deadline
        self._share = 0.0
        self._traffic = traffic
        self._outcome = outcome
        self._query: StunQuery | None = None

    @property
    def over(self) -> bool:
        """Whether nothing is asked any more."""
        return self._query is None

    def ask_next(self, now: float) -> None:
        """Turn to the next address, if there is one and time for it."""
        self.cancel()
        if not self._servers or now >= self._deadline:
            return
        self._share = (self._deadline - now) / len(self._servers)
        self._server = self._servers.pop(0)
        query = StunQuery(now, now + self._share, self._traffic.entropy)
        self._traffic.path(self._server, self._base).inquiries[query.transaction_id] = self
        self._query = query
        self._send(now)

    def answered(self, data: bytes, now: float) -> None:
        """Take in what claims to be the answer."""
        if self._query is None:
            return
        try:
            answer = self._query.read(data)
        except BadPacket:
            self._traffic.dropped += 1
            return
        if isinstance(answer, StunRefusal):
            self._outcome.failed(answer.code, answer.reason, self._base)
            self.ask_next(now)
        elif is_possible(answer.address, self._base):
            self._found(answer, now)
        else:
            self._traffic.dropped += 1

    def handle_timeout(self, now: float) -> None:
        """Send again, or give an address up."""
        if self._query is None:
            return
        if self._query.expired(now):
            self._outcome.failed(UNREACHABLE, f"no answer in {self._share:.3g} s", self._base)
            self.ask_next(now)
        else:
            self._send(now)

    def next_deadline(self) -> float | None:
        """Return when :meth:`handle_timeout` is due, or None."""
        return None if self._query is None else self._query.next_deadline()

    def cancel(self) -> None:
        """Wait for no answer any more."""
        if self._query is not None:
            path = self._traffic.path(self._server, self._base)
            path.inquiries.pop(self._query.transaction_id, None)
            self._query = None

    def _found(self, answer: MappedAddress, now: float) -> None:
        self._outcome.succeeded = True
        self.cancel()
        self._traffic.found_reflexive(answer.address, self._base, self._server, self._url, now)

    def _send(self, now: float) -> None:
        if self._query is not None and self._query.is_due(now):
            self._traffic.out.append(Transmit(self._query.datagram, self._server, self._base))


class StunServer:
    """All that goes on with one STUN URL."""

    __slots__ = ("_asking", "_outcome", "_traffic", "_url")

    def __init__(self, url: ServerUrl, traffic: ServerTraffic, outcome: ServerOutcome) -> None:
        self._url = url
        self._traffic = traffic
        self._outcome = outcome
        self._asking: dict[Address, _Asking] = {}

    @property
    def busy(self) -> bool:
        """Whether an answer is still waited for."""
        return not all(asking.over for asking in self._asking.values())

    @property
    def relayed(self) -> Sequence[Address]:
        """A STUN server holds nothing for anybody."""
        return ()

    @property
    def dropped(self) -> int:
        """Messages are counted where they come in."""
        return 0

    def begin(self, now: float) -> None:  # noqa: ARG002  # as Asker says
        """Forget what was asked; all is asked anew."""
        self._forget()

    def ask(self, base: Base, servers: Sequence[Address], deadline: float, now: float) -> None:
        """Ask from one base; it may have until ``deadline``."""
        able = [server for server in servers if base.can_ask(server)]
        if not able:
            return
        asking = _Asking(
            self._url.text,
            base.address,
            able,
            deadline,
            traffic=self._traffic,
            outcome=self._outcome,
        )
        self._asking[base.address] = asking
        asking.ask_next(now)

    def end_of_bases(self, now: float) -> None:
        """Nothing waits for that: each base asks for itself."""

    def remove_base(self, address: Address, now: float) -> None:  # noqa: ARG002  # as Asker says
        """Stop asking from a base that is gone."""
        asking = self._asking.pop(address, None)
        if asking is not None:
            asking.cancel()

    def handle_timeout(self, now: float) -> None:
        """Send again and give up, where it is due."""
        for asking in list(self._asking.values()):
            asking.handle_timeout(now)

    def next_deadline(self) -> float | None:
        """Return when :meth:`handle_timeout` is due, or None."""
        deadlines = (asking.next_deadline() for asking in self._asking.values())
        return min((at for at in deadlines if at is not None), default=None)

    def close(self, now: float) -> None:  # noqa: ARG002  # as Asker says
        """Stop asking."""
        self._forget()

    def _forget(self) -> None:
        for asking in self._asking.values():
            asking.cancel()
        self._asking.clear()
