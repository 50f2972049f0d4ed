"""Server-reflexive and relayed candidates (RFC 8445 section 5.1.1): asking all servers at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from purertc.errors import ArgumentError
from purertc.sansio.config import IceServer
from purertc.sansio.entropy import Entropy
from purertc.sansio.events import IceCandidateFailed, LookupWanted
from purertc.sansio.ice.gathering_events import (
    GathererEvent,
    GatheringFinished,
    ReflexiveFound,
    RelayedFound,
    RelayLost,
)
from purertc.sansio.ice.server_outcome import ServerOutcome
from purertc.sansio.ice.server_task import Asker, ServerTask
from purertc.sansio.ice.server_traffic import ServerTraffic
from purertc.sansio.ice.server_url import ServerUrl
from purertc.sansio.ice.stun_server import StunServer
from purertc.sansio.ice.turn_server import TurnServer
from purertc.sansio.streams import Stream
from purertc.sansio.turn import TurnCredentials
from purertc.sansio.types import Address, Datagram, Transmit

__all__ = [
    "Gatherer",
    "GathererEvent",
    "GatheringFinished",
    "GatheringSettings",
    "ReflexiveFound",
    "RelayLost",
    "RelayedFound",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheringSettings:
    """Which servers to ask. Raises ArgumentError for URLs that cannot be read.

    ``timeout``
        Seconds that each server has for a candidate, the lookup of its name included.
    ``reflexive``
        Whether STUN servers are asked; relays alone may be wanted.
    """

    servers: Sequence[IceServer] = ()
    timeout: float = 5.0
    reflexive: bool = True

    def __post_init__(self) -> None:
        if self.timeout <= 0:
            raise ArgumentError("timeout must be positive")
        for server in self.servers:
            for url in server.url_list:
                ServerUrl.parse(url)


_Key = tuple[str, str, int, str, str | None, str | None]
"""Scheme, host, port, transport, username and credential: what makes a server another one."""


class Gatherer:
    """Asks STUN and TURN servers for candidates, and carries what relays forward.

    The owner calls :meth:`start`, adds its UDP sockets as bases, and says when all are in. After
    every call that takes ``now`` it drains :meth:`transmits`, :meth:`next_event` and
    :meth:`next_deadline`. Every server has its own time, and a failure costs one
    IceCandidateFailed. Nothing that comes from the network raises.
    """

    __slots__ = (
        "_closed",
        "_finished",
        "_lookups",
        "_retired",
        "_settings",
        "_started",
        "_tasks",
        "_traffic",
    )

    def __init__(self, settings: GatheringSettings, entropy: Entropy) -> None:
        self._settings = settings
        self._traffic = ServerTraffic(entropy, settings.timeout)
        self._tasks: dict[_Key, ServerTask] = {}
        self._retired: dict[_Key, ServerTask] = {}
        self._lookups: dict[Address, None] = {}
        self._started = False
        self._finished = False
        self._closed = False

    @property
    def busy(self) -> bool:
        """Whether it has started and not finished."""
        return self._started and not self._finished

    @property
    def dropped(self) -> int:
        """How many messages of servers nobody waited for, or made no sense."""
        return self._traffic.dropped + sum(task.dropped for task in self._all_tasks())

    def configure(self, settings: GatheringSettings) -> None:
        """Use other servers from the next start on.

        Allocations on servers that are no longer there live on, since data may go over them,
        until :meth:`release_retired`.
        """
        self._settings = settings

    def release_retired(self, is_used: Callable[[Address], bool], now: float) -> None:
        """Give back relayed addresses of servers that are no longer there, and nobody uses."""
        for key, task in list(self._retired.items()):
            if not any(is_used(address) for address in task.relayed):
                del self._retired[key]
                task.close(now)

    def keep_alive(self, wanted: bool) -> None:
        """Say whether the NAT bindings of reflexive candidates are worth a packet every 15 s."""
        self._traffic.keep_alive(wanted)

    # Gathering.

    def start(self, now: float) -> None:
        """Ask all servers from all bases there are; those to come have to be announced again.

        After an ICE restart too: STUN servers are asked anew, allocations are reported anew when
        their server confirms that they live, and what failed is tried again.
        """
        if self._closed:
            return
        self._started = True
        self._finished = self._traffic.bases.complete = False
        self._traffic.begin()
        self._take_settings(now)
        for task in self._tasks.values():
            task.begin(now)
        self._look_up()

    def add_base(self, address: Address, now: float) -> None:
        """Use a bound UDP socket; a known one changes nothing.

        Raises ArgumentError when the host is not numeric.
        """
        if self._closed:
            return
        base = self._traffic.bases.add(address, now)
        if base is not None and self._started:
            for task in self._tasks.values():
                task.ask_from(base, now)
            self._settle()

    def remove_base(self, address: Address, now: float) -> None:
        """Drop what belongs to a socket that is gone; unknown ones are ignored."""
        if not self._traffic.bases.remove(address):
            return
        for task in self._all_tasks():
            task.remove_base(address, now)
        self._traffic.remove_base(address)
        self._settle()

    def end_of_bases(self, now: float) -> None:
        """Note that all bases are in."""
        self._traffic.bases.complete = True
        for task in self._tasks.values():
            task.end_of_bases(now)
        self._settle()

    def lookup_done(self, host: str, port: int, addresses: Sequence[Address], now: float) -> None:
        """Take the addresses of a name, the favourite first."""
        for task in self._asked_for(host, port):
            task.looked_up(addresses, now)
        self._settle()

    def lookup_failed(self, host: str, port: int, reason: str, now: float) -> None:
        """Note that a name has no address."""
        for task in self._asked_for(host, port):
            task.not_found(reason, now)
        self._settle()

    # Streams to servers.

    def stream_opened(self, stream: Stream, local: Address, now: float) -> None:
        """Note that a stream is connected, and TLS is in place where it was asked for."""
        relay = self._traffic.streams.get(stream)
        if relay is not None:
            relay.stream_opened(local, now)
            self._settle()

    def receive_stream(self, stream: Stream, data: bytes, now: float) -> list[Datagram]:
        """Take in bytes; return what a relay delivered: from the peer, to the relayed address."""
        relay = self._traffic.streams.get(stream)
        if relay is None:
            return []
        datagrams = relay.receive_stream(data, now)
        if not self._finished:
            self._settle()
        return datagrams

    def stream_closed(self, stream: Stream, reason: str, now: float) -> None:
        """Note that a stream is gone, or never came about."""
        relay = self._traffic.streams.get(stream)
        if relay is not None:
            relay.stream_closed(reason, now)
            self._settle()

    # Datagrams.

    def owns(self, source: Address, local: Address) -> bool:
        """Whether a datagram that came from ``source`` to a base is a server's."""
        return (source, local) in self._traffic.paths

    def receive(self, datagram: Datagram, now: float) -> list[Datagram]:
        """Take in what a server sent; return what a relay delivered in it.

        The datagrams returned come from the peer and go to the relayed address.
        """
        path = self._traffic.paths.get((datagram.source, datagram.local))
        payload = datagram.payload
        if path is None or not payload:
            self._traffic.dropped += 1
            return []
        size = datagram.segment_size or len(payload)
        datagrams: list[Datagram] = []
        for start in range(0, len(payload), size):
            delivered = path.receive(payload[start : start + size], now)
            if delivered is None:
                self._traffic.dropped += 1
            else:
                datagrams += delivered
        if not self._finished:
            self._settle()
        return datagrams

    def is_relayed(self, local: Address) -> bool:
        """Whether ``local`` is a relayed address."""
        return local in self._traffic.relays

    def send(self, transmit: Transmit, now: float) -> None:
        """Send from a relayed address; nothing happens when it is gone."""
        relay = self._traffic.relays.get(transmit.local)
        if relay is not None:
            relay.send(transmit, now)

    def transmits(self) -> list[Transmit]:
        """Return what is to be sent from the bases, and forget it."""
        if not self._traffic.out:
            return []
        out, self._traffic.out = self._traffic.out, []
        return out

    # Time and events.

    @property
    def events(self) -> Sequence[GathererEvent]:
        """What :meth:`next_event` will give; it is the same object always."""
        return self._traffic.events

    def next_event(self) -> GathererEvent | None:
        """Return the next event in order, or None."""
        return self._traffic.events.pop(0) if self._traffic.events else None

    def handle_timeout(self, now: float) -> None:
        """Run what is due."""
        for task in self._all_tasks():
            task.handle_timeout(now)
        self._traffic.handle_timeout(now)
        self._settle()

    def next_deadline(self) -> float | None:
        """Return when :meth:`handle_timeout` is due, or None."""
        deadlines = [task.next_deadline() for task in self._all_tasks()]
        deadlines.append(self._traffic.next_deadline())
        return min((at for at in deadlines if at is not None), default=None)

    def close(self, now: float) -> None:
        """Give back what servers hold; what that takes is in the transmits and events."""
        self._closed = True
        self._started = False
        for task in self._all_tasks():
            task.close(now)
        self._tasks.clear()
        self._retired.clear()
        self._traffic.clear()

    # Inside.

    def _all_tasks(self) -> Iterator[ServerTask]:
        yield from self._tasks.values()
        yield from self._retired.values()

    def _take_settings(self, now: float) -> None:
        """Make a task of each URL, and keep those there are: they may hold allocations."""
        known = self._retired | self._tasks
        self._tasks = {}
        self._traffic.timeout = self._settings.timeout
        for server in self._settings.servers:
            for text in server.url_list:
                url = ServerUrl.parse(text)
                if not (url.relays or self._settings.reflexive):
                    continue
                key = (
                    url.scheme,
                    url.host.lower(),
                    url.port,
                    url.transport.value,
                    server.username,
                    server.credential,
                )
                if key in known:
                    self._tasks[key] = known.pop(key)
                elif key not in self._tasks:
                    self._tasks[key] = self._new_task(url, server)
        self._retired = {}
        for key, task in known.items():
            if task.relayed:
                self._retired[key] = task
            else:
                task.close(now)

    def _new_task(self, url: ServerUrl, server: IceServer) -> ServerTask:
        traffic = self._traffic
        outcome = ServerOutcome(url.text)
        asker: Asker
        if url.relays:
            credentials = TurnCredentials(server.username or "", server.credential or "")
            asker = TurnServer(url, credentials, traffic, outcome)
        else:
            asker = StunServer(url, traffic, outcome)
        return ServerTask(url, traffic, outcome, asker)

    def _look_up(self) -> None:
        """Ask for each name once, however many URLs have it."""
        for task in self._tasks.values():
            name = task.name
            if name is not None and name not in self._lookups:
                self._lookups[name] = None
                self._traffic.events.append(LookupWanted(*name))

    def _asked_for(self, host: str, port: int) -> list[ServerTask]:
        if (host, port) not in self._lookups:
            return []
        self._lookups.pop((host, port), None)
        return [task for task in self._tasks.values() if task.name == (host, port)]

    def _settle(self) -> None:
        """Report the servers that failed, and the end of gathering when all are done."""
        if not (self._started and self._traffic.bases.complete):
            return
        busy = False
        for task in self._tasks.values():
            if task.busy:
                busy = True
            elif (error := task.settle()) is not None:
                self._traffic.events.append(IceCandidateFailed(error))
        if busy:
            self._finished = False
        elif not self._finished:
            self._finished = True
            self._traffic.events.append(GatheringFinished())
