"""What goes to and comes from STUN and TURN servers, shared by all that talk to them."""

from typing import Final, Protocol

from purertc.sansio.entropy import Entropy
from purertc.sansio.events import StreamOutput, StreamUnwanted, StreamWanted
from purertc.sansio.ice.gathering_events import GathererEvent, ReflexiveFound
from purertc.sansio.ice.local_bases import LocalBases
from purertc.sansio.ice.stun_query import binding_indication, transaction_of
from purertc.sansio.streams import Stream
from purertc.sansio.types import Address, Datagram, Transmit

__all__ = ["Inquiry", "Relay", "ServerPath", "ServerTraffic"]

_ABOUT_STREAMS: Final = (StreamWanted, StreamOutput, StreamUnwanted)
_KEEP_ALIVE: Final = 15.0
"""Tr of RFC 8445 section 11."""


class Inquiry(Protocol):
    """Someone who waits for the answer to a Binding request."""

    def answered(self, data: bytes, now: float) -> None:
        """Take in a message with the transaction id of the request."""


class Relay(Protocol):
    """Someone who speaks TURN with a server."""

    def receive(self, data: bytes, now: float) -> list[Datagram]:
        """Take in a datagram of the server; return what it relayed."""

    def receive_stream(self, data: bytes, now: float) -> list[Datagram]:
        """Take in bytes of the stream to the server; return what it relayed."""

    def stream_opened(self, local: Address, now: float) -> None:
        """Note that the stream is connected."""

    def stream_closed(self, reason: str, now: float) -> None:
        """Note that the stream is gone."""

    def send(self, transmit: Transmit, now: float) -> None:
        """Send a datagram, or a run of them, from the relayed address."""


class ServerPath:
    """One server as seen from one UDP socket: STUN and TURN may both use it.

    ``inquiries`` are the open Binding requests by transaction id, ``relay`` is whose messages
    all others are.
    """

    __slots__ = ("inquiries", "relay")

    def __init__(self) -> None:
        self.inquiries: dict[bytes, Inquiry] = {}
        self.relay: Relay | None = None

    def receive(self, data: bytes, now: float) -> list[Datagram] | None:
        """Hand a datagram on; return what was relayed, or None when nobody waits for it."""
        if self.inquiries:
            inquiry = self.inquiries.get(transaction_of(data))
            if inquiry is not None:
                inquiry.answered(data, now)
                return []
        return None if self.relay is None else self.relay.receive(data, now)


class ServerTraffic:
    """Paths by (server, base), relays by relayed address and by stream, and all that goes out.

    ``timeout`` is how long a server may take, in seconds. ``dropped`` counts messages that nobody
    waited for, or that made no sense.
    """

    __slots__ = (
        "_keep_alive",
        "_keep_alive_ended",
        "_kept_alive",
        "_next_keep_alive",
        "_reflexive",
        "bases",
        "dropped",
        "entropy",
        "events",
        "out",
        "paths",
        "relays",
        "streams",
        "timeout",
    )

    def __init__(self, entropy: Entropy, timeout: float) -> None:
        self.entropy = entropy
        self.timeout = timeout
        self.bases = LocalBases()
        self.events: list[GathererEvent] = []
        self.out: list[Transmit] = []
        self.paths: dict[tuple[Address, Address], ServerPath] = {}
        self.relays: dict[Address, Relay] = {}
        self.streams: dict[Stream, Relay] = {}
        self.dropped = 0
        self._keep_alive = True
        self._keep_alive_ended = 0.0
        self._reflexive: dict[tuple[Address, Address], Address] = {}
        self._kept_alive: dict[tuple[Address, Address], None] = {}
        self._next_keep_alive: float | None = None

    def begin(self) -> None:
        """Let mapped addresses be reported again, and forget paths that nobody uses."""
        self._reflexive.clear()
        for key, path in list(self.paths.items()):
            if path.relay is None and not path.inquiries:
                del self.paths[key]

    def path(self, server: Address, base: Address) -> ServerPath:
        """Return the path between the two, a new one the first time."""
        path = self.paths.get((server, base))
        if path is None:
            path = self.paths[server, base] = ServerPath()
        return path

    def found_reflexive(
        self, mapped: Address, base: Address, server: Address, url: str, now: float
    ) -> None:
        """Report a mapped address, unless another server has shown it, and keep it alive."""
        if (mapped, base) in self._reflexive:
            return
        self._reflexive[mapped, base] = server
        self.events.append(ReflexiveFound(mapped, base, server, url))
        self._expect_keep_alive(now)

    def keep_alive(self, wanted: bool) -> None:
        """Say whether reflexive candidates are kept alive; after a pause that begins at once."""
        self._keep_alive = wanted
        if wanted and self._reflexive and self._next_keep_alive is None:
            self._next_keep_alive = self._keep_alive_ended

    def keep_relay_alive(self, server: Address, base: Address, now: float) -> None:
        """Keep the NAT binding to a TURN server alive while there is an allocation."""
        self._kept_alive[server, base] = None
        self._expect_keep_alive(now)

    def forget_relay(self, server: Address, base: Address) -> None:
        """Keep a binding alive no longer."""
        self._kept_alive.pop((server, base), None)

    def remove_base(self, address: Address) -> None:
        """Forget all that belongs to a socket, and what waits to be sent from it."""
        self.bases.remove(address)
        self.out = [transmit for transmit in self.out if transmit.local != address]
        for key in [key for key in self.paths if key[1] == address]:
            del self.paths[key]
        for key in [key for key in self._kept_alive if key[1] == address]:
            del self._kept_alive[key]
        for found in [found for found in self._reflexive if found[1] == address]:
            del self._reflexive[found]

    def clear(self) -> None:
        """Forget everything but what is to be sent, and what streams are told for that."""
        self.events[:] = [event for event in self.events if isinstance(event, _ABOUT_STREAMS)]
        self.bases.clear()
        for table in (
            self.paths,
            self.relays,
            self.streams,
            self._reflexive,
            self._kept_alive,
        ):
            table.clear()
        self._next_keep_alive = None

    def handle_timeout(self, now: float) -> None:
        """Send what keeps NAT bindings alive, when it is due; what no NAT mapped needs none."""
        if self._next_keep_alive is None or now < self._next_keep_alive:
            return
        self._next_keep_alive = None
        paths = dict(self._kept_alive)
        if self._keep_alive:
            paths |= {
                (server, base): None
                for (mapped, base), server in self._reflexive.items()
                if mapped != base
            }
        for server, base in paths:
            self.out.append(Transmit(binding_indication(self.entropy), server, base))
        if paths:
            self._expect_keep_alive(now)
        else:
            self._keep_alive_ended = now

    def next_deadline(self) -> float | None:
        """Return when :meth:`handle_timeout` is due, or None."""
        return self._next_keep_alive

    def _expect_keep_alive(self, now: float) -> None:
        if self._next_keep_alive is None:
            self._next_keep_alive = now + _KEEP_ALIVE
