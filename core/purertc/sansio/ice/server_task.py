"""One configured URL: its name is looked up, then it is asked, and a failure is reported once."""

from collections.abc import Sequence
from typing import Protocol

from purertc.sansio.ice.local_bases import Base, server_addresses
from purertc.sansio.ice.server_outcome import UNREACHABLE, ServerOutcome
from purertc.sansio.ice.server_traffic import ServerTraffic
from purertc.sansio.ice.server_url import ServerUrl
from purertc.sansio.types import Address, IceCandidateError

__all__ = ["Asker", "ServerTask"]


class Asker(Protocol):
    """What speaks STUN or TURN with the server of one URL."""

    @property
    def busy(self) -> bool:
        """Whether an answer is still waited for."""

    @property
    def relayed(self) -> Sequence[Address]:
        """The addresses that the server holds for us."""

    @property
    def dropped(self) -> int:
        """How many messages of conversations that go on were dropped."""

    def begin(self, now: float) -> None:
        """Prepare to be asked anew."""

    def ask(self, base: Base, servers: Sequence[Address], deadline: float, now: float) -> None:
        """Ask the server, which has these addresses, from one base, until ``deadline``."""

    def end_of_bases(self, now: float) -> None:
        """Do what had to wait until all bases were known."""

    def remove_base(self, address: Address, now: float) -> None:
        """Forget a base that is gone."""

    def handle_timeout(self, now: float) -> None:
        """Run what is due."""

    def next_deadline(self) -> float | None:
        """Return when :meth:`handle_timeout` is due, or None."""

    def close(self, now: float) -> None:
        """Give back what the server holds for us, and stop."""


class ServerTask:
    """What is done about one URL. The server has the timeout of the settings for all of it.

    A base that comes later has as much again.
    """

    __slots__ = (
        "_addresses",
        "_asker",
        "_deadline",
        "_outcome",
        "_resolving",
        "_traffic",
        "_unsupported",
        "url",
    )

    def __init__(
        self,
        url: ServerUrl,
        traffic: ServerTraffic,
        outcome: ServerOutcome,
        asker: Asker,
    ) -> None:
        self.url = url
        self._traffic = traffic
        self._outcome = outcome
        self._asker = asker
        self._unsupported = _unsupported(url)
        self._addresses: Sequence[Address] = ()
        self._resolving = False
        self._deadline = 0.0

    @property
    def busy(self) -> bool:
        """Whether something may still come of it."""
        return self._resolving or self._asker.busy

    @property
    def relayed(self) -> Sequence[Address]:
        """The addresses that the server holds for us."""
        return self._asker.relayed

    @property
    def dropped(self) -> int:
        """How many messages of conversations that go on were dropped."""
        return self._asker.dropped

    @property
    def name(self) -> Address | None:
        """The host and port to look up now, or None."""
        return (self.url.host, self.url.port) if self._resolving else None

    def begin(self, now: float) -> None:
        """Ask from all bases there are; :attr:`name` says what has to be looked up for that."""
        self._outcome.begin()
        self._asker.begin(now)
        self._resolving = False
        self._addresses = ()
        self._deadline = now + self._traffic.timeout
        if self._unsupported is not None:
            self._outcome.failed(UNREACHABLE, self._unsupported)
            return
        numeric = self.url.numeric
        if numeric is None:
            self._resolving = True
        else:
            self._resolved((numeric,), now)

    def looked_up(self, addresses: Sequence[Address], now: float) -> None:
        """Take the addresses of the name."""
        if not self._resolving:
            return
        if not server_addresses(addresses):
            self.not_found("it has no address", now)
        else:
            self._resolved(addresses, now)

    def not_found(self, reason: str, now: float) -> None:  # noqa: ARG002  # as its siblings
        """Note that the name has no address."""
        if self._resolving:
            self._resolving = False
            self._outcome.failed(UNREACHABLE, f"name not found: {self.url.host}: {reason}")

    def ask_from(self, base: Base, now: float) -> None:
        """Ask from one more base."""
        if self._addresses:
            self._outcome.reopen()
            deadline = max(self._deadline, base.added_at + self._traffic.timeout)
            self._asker.ask(base, self._addresses, deadline, now)

    def end_of_bases(self, now: float) -> None:
        """Note that all bases are in."""
        self._asker.end_of_bases(now)

    def remove_base(self, address: Address, now: float) -> None:
        """Forget a base that is gone."""
        self._asker.remove_base(address, now)

    def settle(self) -> IceCandidateError | None:
        """Return what is to be reported when it is no longer busy and there are no more bases."""
        return self._outcome.settle()

    def handle_timeout(self, now: float) -> None:
        """Run what is due."""
        if self._resolving and now >= self._deadline:
            self.not_found(f"no answer in {self._traffic.timeout:.3g} s", now)
        self._asker.handle_timeout(now)

    def next_deadline(self) -> float | None:
        """Return when :meth:`handle_timeout` is due, or None."""
        asker = self._asker.next_deadline()
        if not self._resolving:
            return asker
        return self._deadline if asker is None else min(self._deadline, asker)

    def close(self, now: float) -> None:
        """Give back what the server holds for us, and stop."""
        self._resolving = False
        self._addresses = ()
        self._asker.close(now)

    def _resolved(self, addresses: Sequence[Address], now: float) -> None:
        self._resolving = False
        self._addresses = server_addresses(addresses)
        for base in self._traffic.bases.all():
            self.ask_from(base, now)


def _unsupported(url: ServerUrl) -> str | None:
    """Return why the URL cannot be used, or None."""
    transport = url.transport.upper()
    if not url.relays and (url.secure or url.transport == "tcp"):
        return f"not supported: STUN over {'TLS' if url.secure else transport}"
    if url.secure and url.transport == "udp":
        return "not supported: TURN over DTLS"
    return None
