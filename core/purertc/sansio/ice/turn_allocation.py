"""One relayed address: the ways to get it from a server, tried in turn, and what is sent there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from purertc.errors import BadPacket
from purertc.sansio.events import StreamOutput, StreamUnwanted, StreamWanted
from purertc.sansio.ice.gathering_events import RelayedFound, RelayLost
from purertc.sansio.ice.local_bases import Reach, server_addresses, version_of
from purertc.sansio.ice.server_outcome import UNREACHABLE, ServerOutcome
from purertc.sansio.ice.server_traffic import ServerTraffic
from purertc.sansio.ice.server_url import ServerUrl
from purertc.sansio.streams import Stream
from purertc.sansio.turn import (
    TurnAllocated,
    TurnClient,
    TurnCredentials,
    TurnFailed,
    TurnLost,
    TurnRedirected,
)
from purertc.sansio.turn.messages import Family
from purertc.sansio.types import Address, Datagram, Transmit, Transport
from purertc.wire.turn import TurnStreamSplitter

__all__ = ["Allocation"]

_MAX_WAYS: Final = 4
_MAX_REDIRECTS: Final = 2
_FINAL_CODES: Final = frozenset({400, 401, 403, 420, 438, 441, 442})
"""Errors that another address of the same server would give too (RFC 8656 section 19)."""
_OTHER_FAMILY_MAY_DO: Final = frozenset({440, 508})
"""The family is not supported, or no port of it is left (RFC 8656 section 19)."""


@dataclass(frozen=True, slots=True)
class _Way:
    """How to reach the server; ``base`` is None over TCP.

    ``families`` are the IP versions that the relayed address may have, the favourite first.
    """

    server: Address
    base: Address | None
    families: Sequence[Family]
    redirects: int = 0


@dataclass(slots=True, eq=False)
class _Conversation:
    """A way that is being tried, or that gave the allocation."""

    way: _Way
    client: TurnClient
    began: float
    until: float
    stream: Stream | None = None
    splitter: TurnStreamSplitter | None = None
    open: bool = True


class Allocation:
    """The relayed address of one TURN URL and one IP version of the way to its server."""

    __slots__ = (
        "_conversation",
        "_credentials",
        "_deadline",
        "_families",
        "_found",
        "_left",
        "_outcome",
        "_relayed",
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
        self._families: Sequence[Family] = ()
        self._credentials = credentials
        self._traffic = traffic
        self._outcome = outcome
        self._servers: Sequence[Address] = ()
        self._tried: set[tuple[Address, Address | None]] = set()
        self._left = 0
        self._deadline = 0.0
        self._conversation: _Conversation | None = None
        self._relayed: Address | None = None
        self._found: RelayedFound | None = None

    @property
    def busy(self) -> bool:
        """Whether an answer is still waited for."""
        return self._conversation is not None and self._relayed is None

    @property
    def living(self) -> bool:
        """Whether there is a relayed address."""
        return self._relayed is not None

    # Getting it.

    def begin(self) -> None:
        """Report a living allocation anew; let one that failed be asked for again."""
        self._forget_tries()
        if self._found is not None:
            self._traffic.events.append(self._found)
            self._outcome.succeeded = True

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
        if self._conversation is None:
            self._try_next(now)

    def _forget_tries(self) -> None:
        self._tried.clear()
        self._left = _MAX_WAYS

    def _ways(self) -> Iterator[_Way]:
        """Yield the ways that were not tried: all servers from the best base, then the next."""
        if self._url.transport is Transport.TCP:
            bases: list[list[Address | None]] = [[None] for _ in self._servers]
        else:
            able = self._traffic.bases.able_to_ask
            bases = [[base.address for base in able(server)] for server in self._servers]
        for rank in range(max(map(len, bases), default=0)):
            for server, its_bases in zip(self._servers, bases, strict=True):
                if rank < len(its_bases) and self._is_free(server, its_bases[rank]):
                    yield _Way(server, its_bases[rank], self._families)

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

    def _try(self, way: _Way, now: float, until: float) -> None:
        self._tried.add((way.server, way.base))
        client = TurnClient(
            self._credentials,
            self._traffic.entropy,
            reliable=way.base is None,
            family=way.families[0],
        )
        conversation = _Conversation(way, client, now, until)
        self._conversation = conversation
        if way.base is None:
            stream = Stream(way.server, server_name=self._url.host if self._url.secure else None)
            conversation.stream = stream
            conversation.splitter = TurnStreamSplitter()
            conversation.open = False
            self._traffic.streams[stream] = self
            self._traffic.events.append(StreamWanted(stream))
        else:
            self._traffic.path(way.server, way.base).relay = self
            client.start(now)
            self._pump(conversation, now)

    # What comes in.

    def stream_opened(self, now: float) -> None:
        """Note that the stream is connected."""
        conversation = self._conversation
        if conversation is not None and not conversation.open:
            conversation.open = True
            conversation.client.start(now)
            self._pump(conversation, now)

    def stream_closed(self, reason: str, now: float) -> None:
        """Note that the stream is gone, or never came about."""
        conversation = self._conversation
        if conversation is not None:
            self._traffic.streams.pop(conversation.stream, None)  # type: ignore[arg-type]
            conversation.stream = None
            self._give_up(UNREACHABLE, reason, now)

    def receive(self, data: bytes, now: float) -> list[Datagram]:
        """Take in one message of the server; return what it relayed."""
        conversation = self._conversation
        if conversation is None:
            return []
        relayed = conversation.client.receive(data, now)
        self._pump(conversation, now)
        local = self._relayed
        if not relayed or local is None:
            return []
        return [Datagram(payload, peer, local) for peer, payload in relayed]

    def receive_stream(self, data: bytes, now: float) -> list[Datagram]:
        """Take in bytes of the stream to the server; return what it relayed."""
        conversation = self._conversation
        if conversation is None or conversation.splitter is None:
            return []
        try:
            messages = conversation.splitter.feed(data)
        except BadPacket as error:
            self._traffic.dropped += 1
            self._give_up(UNREACHABLE, f"the server does not speak TURN: {error}", now)
            return []
        datagrams: list[Datagram] = []
        for message in messages:
            if self._conversation is conversation:
                datagrams += self.receive(message, now)
        return datagrams

    # What goes out.

    def send(self, transmit: Transmit, now: float) -> None:
        """Send a datagram, or a run of them, from the relayed address."""
        conversation = self._conversation
        if conversation is not None:
            conversation.client.send(
                transmit.destination, transmit.payload, now, transmit.segment_size
            )
            self._pump(conversation, now)

    def _pump(self, conversation: _Conversation, now: float) -> None:
        """Take from the client what it has to send and to tell."""
        self._flush(conversation)
        while self._conversation is conversation:
            event = conversation.client.next_event()
            if event is None:
                return
            if isinstance(event, TurnAllocated):
                self._allocated(conversation, event, now)
            elif isinstance(event, TurnRedirected):
                self._redirected(conversation, event, now)
            elif isinstance(event, TurnFailed):
                self._give_up(event.code, event.reason, now)
            elif isinstance(event, TurnLost):
                self._give_up(UNREACHABLE, event.reason, now)

    def _flush(self, conversation: _Conversation) -> None:
        way, traffic, stream = conversation.way, self._traffic, conversation.stream
        for payload, segment_size in conversation.client.transmits():
            if way.base is not None:
                traffic.out.append(Transmit(payload, way.server, way.base, segment_size))
            elif stream is not None:
                traffic.events.append(StreamOutput(stream, payload))

    # What becomes of it.

    def _allocated(self, conversation: _Conversation, event: TurnAllocated, now: float) -> None:
        way, traffic = conversation.way, self._traffic
        usable = server_addresses([event.relayed]) == [event.relayed]
        if not usable or event.relayed in traffic.relays or event.relayed in traffic.bases:
            host, port = event.relayed
            self._give_up(UNREACHABLE, f"the server cannot relay from {host} port {port}", now)
            return
        self._relayed = event.relayed
        self._outcome.succeeded = True
        traffic.relays[event.relayed] = self
        self._found = RelayedFound(
            relayed=event.relayed,
            mapped=event.mapped,
            url=self._url.text,
            server=way.server,
            base=way.base,
            relay_protocol="tls" if self._url.secure else self._url.transport.value,
        )
        if way.base is not None:
            traffic.keep_relay_alive(way.server, way.base, now)
            if event.mapped is not None and version_of(event.mapped) == version_of(way.base):
                traffic.found_reflexive(event.mapped, way.base, way.server, self._url.text, now)
        traffic.events.append(self._found)

    def _redirected(self, conversation: _Conversation, event: TurnRedirected, now: float) -> None:
        """Follow "300 Try Alternate" to where the server may send us (RFC 8489 section 10)."""
        way = conversation.way
        may_follow = (
            server_addresses([event.server]) == [event.server]
            and version_of(event.server) == version_of(way.server)
            and Reach.of(event.server) >= Reach.of(way.server)
            and way.redirects < _MAX_REDIRECTS
            and self._is_free(event.server, way.base)
        )
        if not may_follow:
            self._give_up(event.code, event.reason, now)
            return
        until = conversation.until
        self._drop_conversation(now)
        self._try(_Way(event.server, way.base, way.families, way.redirects + 1), now, until)

    def _give_up(self, code: int, reason: str, now: float) -> None:
        """Go on to the next way; what was allocated is lost."""
        conversation = self._conversation
        if conversation is None:
            return
        if self._relayed is not None:
            self._lose(reason, now)
            return
        way = conversation.way
        self._drop_conversation(now)
        self._outcome.failed(code, reason, way.base)
        if code in _OTHER_FAMILY_MAY_DO and way.families[1:]:
            self._try(replace(way, families=way.families[1:]), now, conversation.until)
            return
        if code in _FINAL_CODES:
            self._left = 0
        self._try_next(now)

    def _lose(self, reason: str, now: float) -> None:
        relayed, self._relayed, self._found = self._relayed, None, None
        self._drop_conversation(now)
        if relayed is not None:
            self._traffic.relays.pop(relayed, None)
            self._traffic.events.append(RelayLost(relayed, reason))

    def _drop_conversation(self, now: float) -> None:
        """Say goodbye to the server, if it can still be reached, and forget it."""
        conversation, self._conversation = self._conversation, None
        if conversation is None:
            return
        way, traffic = conversation.way, self._traffic
        if conversation.open and (way.base is None or way.base in traffic.bases):
            conversation.client.close(now)
            self._flush(conversation)
        if way.base is not None:
            traffic.forget_relay(way.server, way.base)
            traffic.path(way.server, way.base).relay = None
        elif conversation.stream is not None:
            del traffic.streams[conversation.stream]
            traffic.events.append(StreamUnwanted(conversation.stream))

    def remove_base(self, address: Address, now: float) -> bool:
        """Forget a base that is gone; return whether an allocation was lost with it.

        It is asked for again from another base, if there is one.
        """
        conversation = self._conversation
        if conversation is None or conversation.way.base != address:
            return False
        lost = self._relayed is not None
        if lost:
            self._forget_tries()
            self._deadline = now + self._traffic.timeout
        self._give_up(UNREACHABLE, f"the local address {address[0]} is gone", now)
        return lost

    def ask_again(self, now: float) -> None:
        """Ask for another allocation in place of one that was lost."""
        if self._conversation is None:
            self._try_next(now)

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
            waited = f"{now - conversation.began:.3g} s"
            missing = "answer" if conversation.open else "connection"
            self._give_up(UNREACHABLE, f"no {missing} in {waited}", now)

    def next_deadline(self) -> float | None:
        """Return when :meth:`handle_timeout` is due, or None."""
        conversation = self._conversation
        if conversation is None:
            return None
        client = conversation.client.next_deadline() if conversation.open else None
        if self._relayed is not None:
            return client
        return conversation.until if client is None else min(client, conversation.until)

    def close(self, now: float) -> None:
        """Give the relayed address back (RFC 8656 section 8)."""
        self._left = 0
        if self._relayed is not None:
            self._traffic.relays.pop(self._relayed, None)
        self._relayed = self._found = None
        self._drop_conversation(now)
