"""One relayed address: the ways to get it from a server, tried in turn, and what is sent there."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from purertc.errors import BadPacket
from purertc.sansio.ice.gathering_events import RelayedFound, RelayLost
from purertc.sansio.ice.local_bases import Reach, server_addresses, version_of
from purertc.sansio.ice.server_outcome import UNREACHABLE, ServerOutcome
from purertc.sansio.ice.server_traffic import ServerTraffic
from purertc.sansio.ice.server_url import ServerUrl
from purertc.sansio.ice.stun_query import is_possible
from purertc.sansio.ice.turn_conversation import Conversation, Way
from purertc.sansio.turn import (
    TurnAllocated,
    TurnCredentials,
    TurnFailed,
    TurnLost,
    TurnRedirected,
)
from purertc.sansio.turn.messages import Family
from purertc.sansio.types import Address, Datagram, Transmit, Transport

__all__ = ["Allocation"]

_MAX_WAYS: Final = 4
_MAX_REDIRECTS: Final = 2
_FINAL_CODES: Final = frozenset({400, 401, 403, 420, 438, 441, 442})
"""Errors that another address of the same server would give too (RFC 8656 section 19)."""
_OTHER_FAMILY_MAY_DO: Final = frozenset({440, 508})
"""The family is not supported, or no port of it is left (RFC 8656 section 19)."""


class Allocation:
    """The relayed address of one TURN URL and one IP version of the way to its server."""

    __slots__ = (
        "_checking",
        "_conversation",
        "_credentials",
        "_deadline",
        "_families",
        "_found",
        "_left",
        "_outcome",
        "_servers",
        "_traffic",
        "_tried",
        "_url",
    )

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
        self._servers: Sequence[Address] = ()
        self._families: Sequence[Family] = ()
        self._tried: set[tuple[Address, Address | None]] = set()
        self._left = _MAX_WAYS
        self._deadline = 0.0
        self._conversation: Conversation | None = None
        self._found: RelayedFound | None = None
        self._checking = False

    @property
    def busy(self) -> bool:
        """Whether an answer is still waited for."""
        return self._conversation is not None and (self._found is None or self._checking)

    @property
    def relayed(self) -> Address | None:
        """The relayed address, if there is one."""
        return None if self._found is None else self._found.relayed

    @property
    def dropped(self) -> int:
        """How many messages the client of now dropped."""
        return 0 if self._conversation is None else self._conversation.dropped

    # Getting it.

    def begin(self, now: float) -> None:
        """Report a living allocation anew; let one that failed be asked for again.

        The server is asked first whether the allocation does live: it may have been restarted,
        and over UDP nobody is told. If not, another one is asked for.
        """
        self._forget_tries()
        self._deadline = now + self._traffic.timeout
        conversation = self._conversation
        if self._found is not None and conversation is not None:
            self._checking = True
            # Half of the time, so that there is some left to ask for another one.
            conversation.until = now + self._traffic.timeout / 2
            conversation.client.refresh(now)
            self._pump(conversation, now)

    def ask(
        self,
        servers: Sequence[Address],
        families: Sequence[Family],
        deadline: float,
        now: float,
    ) -> None:
        """Ask the servers in turn, from the bases there are, until ``deadline``.

        ``families`` are the IP versions that the relayed address may have, the favourite first.
        """
        self._servers = servers
        self._families = families
        self._deadline = deadline
        self.ask_again(now)

    def ask_again(self, now: float) -> None:
        """Ask, unless there is an allocation or one is being asked for."""
        if self._conversation is None:
            self._try_next(now)

    def _forget_tries(self) -> None:
        self._tried.clear()
        self._left = _MAX_WAYS

    def _ways(self) -> Iterator[Way]:
        """Yield the ways that were not tried: all servers from the best base, then the next."""
        if self._url.transport is Transport.TCP:
            bases: list[list[Address | None]] = [[None] for _ in self._servers]
        else:
            able = self._traffic.bases.able_to_ask
            bases = [[base.address for base in able(server)] for server in self._servers]
        for rank in range(max(map(len, bases), default=0)):
            for server, its_bases in zip(self._servers, bases, strict=True):
                if rank < len(its_bases) and self._is_free(server, its_bases[rank]):
                    yield Way(server, its_bases[rank], self._families)

    def _is_free(self, server: Address, base: Address | None) -> bool:
        """Whether the way is untried, and no other URL has its allocation there.

        A client address and a server address have one allocation only (RFC 8656 section 2.2).
        """
        if (server, base) in self._tried:
            return False
        path = None if base is None else self._traffic.paths.get((server, base))
        return path is None or path.relay is None

    def _try_next(self, now: float) -> None:
        ways = list(self._ways())[: self._left]
        if not ways and self._servers and not self._tried:
            self._outcome.failed(UNREACHABLE, "another URL has an allocation on this server")
        if ways and now < self._deadline:
            self._left -= 1
            self._try(ways[0], now, now + (self._deadline - now) / len(ways))

    def _try(self, way: Way, now: float, until: float) -> None:
        self._tried.add((way.server, way.base))
        conversation = Conversation(way, self._credentials, self._traffic, until)
        self._conversation = conversation
        conversation.begin(self, self._url.host if self._url.secure else None, now)
        self._pump(conversation, now)

    # What comes in, and goes out.

    def stream_opened(self, local: Address, now: float) -> None:
        """Note that the stream is connected, and from where."""
        conversation = self._conversation
        if conversation is not None:
            conversation.host = local[0]
            conversation.start(now)
            self._pump(conversation, now)

    def stream_closed(self, reason: str, now: float) -> None:
        """Note that the stream is gone, or never came about."""
        conversation = self._conversation
        if conversation is not None:
            conversation.stream_closed()
            self._give_up(UNREACHABLE, reason, now)

    def receive(self, data: bytes, now: float) -> list[Datagram]:
        """Take in one message of the server; return what it relayed."""
        conversation = self._conversation
        if conversation is None:
            return []
        relayed = conversation.client.receive(data, now)
        self._pump(conversation, now)
        found = self._found
        if not relayed or found is None:
            return []
        return [Datagram(payload, peer, found.relayed) for peer, payload in relayed]

    def receive_stream(self, data: bytes, now: float) -> list[Datagram]:
        """Take in bytes of the stream to the server; return what it relayed."""
        conversation = self._conversation
        if conversation is None:
            return []
        try:
            messages = conversation.split(data)
        except BadPacket as error:
            self._traffic.dropped += 1
            self._give_up(UNREACHABLE, f"the server does not speak TURN: {error}", now)
            return []
        datagrams: list[Datagram] = []
        for message in messages:
            if self._conversation is conversation:
                datagrams += self.receive(message, now)
        return datagrams

    def send(self, transmit: Transmit, now: float) -> None:
        """Send a datagram, or a run of them, from the relayed address."""
        conversation = self._conversation
        if conversation is not None:
            conversation.client.send(
                transmit.destination, transmit.payload, now, transmit.segment_size
            )
            self._pump(conversation, now)

    def _pump(self, conversation: Conversation, now: float) -> None:
        """Take from the client what it has to send and to tell."""
        conversation.flush()
        while self._conversation is conversation:
            event = conversation.client.next_event()
            if event is None:
                break
            if isinstance(event, TurnAllocated):
                self._allocated(conversation.way, event, now)
            elif isinstance(event, TurnRedirected):
                self._redirected(conversation, event, now)
            elif isinstance(event, TurnFailed):
                self._give_up(event.code, event.reason, now)
            elif isinstance(event, TurnLost):
                self._give_up(UNREACHABLE, event.reason, now)
        found = self._found
        if self._checking and found is not None and not conversation.client.is_refreshing:
            self._checking = False
            self._report(found, now)

    # What becomes of it.

    def _allocated(self, way: Way, event: TurnAllocated, now: float) -> None:
        relayed, mapped, traffic = event.relayed, event.mapped, self._traffic
        usable = server_addresses([relayed]) == [relayed]
        if not usable or relayed in traffic.relays or relayed in traffic.bases:
            reason = f"the server cannot relay from {relayed[0]} port {relayed[1]}"
            self._give_up(UNREACHABLE, reason, now)
            return
        url = self._url
        protocol = "tls" if url.secure else url.transport.value
        self._found = RelayedFound(relayed, mapped, url.text, way.server, way.base, protocol)
        traffic.relays[relayed] = self
        if way.base is not None:
            traffic.keep_relay_alive(way.server, way.base, now)
        self._report(self._found, now)

    def _report(self, found: RelayedFound, now: float) -> None:
        """Tell the owner of the relay, and of the mapped address it came with."""
        self._outcome.succeeded = True
        base, mapped = found.base, found.mapped
        if base is not None and mapped is not None and is_possible(mapped, base):
            self._traffic.found_reflexive(mapped, base, found.server, found.url, now)
        self._traffic.events.append(found)

    def _redirected(self, conversation: Conversation, event: TurnRedirected, now: float) -> None:
        """Follow "300 Try Alternate" to where the server may send us (RFC 8489 section 10)."""
        way, alternate = conversation.way, event.server
        may_follow = (
            server_addresses([alternate]) == [alternate]
            and version_of(alternate) == version_of(way.server)
            and Reach.of(alternate) >= Reach.of(way.server)
            and way.redirects < _MAX_REDIRECTS
            and self._is_free(alternate, way.base)
        )
        if not may_follow:
            self._give_up(event.code, event.reason, now)
            return
        self._drop_conversation(now)
        onward = replace(way, server=alternate, redirects=way.redirects + 1)
        self._try(onward, now, conversation.until)

    def _give_up(self, code: int, reason: str, now: float) -> None:
        """Go on to the next way; what was allocated is lost."""
        conversation = self._conversation
        if conversation is None:
            return
        self._drop_conversation(now)
        if self._found is not None:
            relayed, self._found = self._found.relayed, None
            self._traffic.relays.pop(relayed, None)
            self._traffic.events.append(RelayLost(relayed, reason))
            if not self._checking:
                return
            self._checking = False
        way = conversation.way
        self._outcome.failed(code, reason, way.base)
        if code in _OTHER_FAMILY_MAY_DO and way.families[1:]:
            self._try(replace(way, families=way.families[1:]), now, conversation.until)
            return
        if code in _FINAL_CODES:
            self._left = 0
        self._try_next(now)

    def _drop_conversation(self, now: float) -> None:
        conversation, self._conversation = self._conversation, None
        if conversation is not None:
            conversation.end(now)

    def remove_base(self, address: Address, now: float) -> bool:
        """Forget a base that is gone; return whether an allocation was lost with it."""
        conversation = self._conversation
        if conversation is None or not conversation.needs(address):
            return False
        lost = self._found is not None
        if lost:
            self._forget_tries()
            self._deadline = now + self._traffic.timeout
        self._give_up(UNREACHABLE, f"the local address {address[0]} is gone", now)
        return lost

    # Time.

    def handle_timeout(self, now: float) -> None:
        """Run what is due."""
        conversation = self._conversation
        if conversation is None:
            return
        if conversation.open:
            conversation.client.handle_timeout(now)
            self._pump(conversation, now)
        if self._conversation is conversation and self.busy and now >= conversation.until:
            self._give_up(UNREACHABLE, conversation.silence(now), now)

    def next_deadline(self) -> float | None:
        """Return when :meth:`handle_timeout` is due, or None."""
        conversation = self._conversation
        if conversation is None:
            return None
        client = conversation.client.next_deadline() if conversation.open else None
        if not self.busy:
            return client
        return conversation.until if client is None else min(client, conversation.until)

    def close(self, now: float) -> None:
        """Give the relayed address back (RFC 8656 section 8)."""
        self._left = 0
        if self._found is not None:
            self._traffic.relays.pop(self._found.relayed, None)
            self._found = None
        self._drop_conversation(now)
