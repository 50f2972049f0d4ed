"""What a peer asks of its owner beside datagrams: lookups, streams, listeners, names."""

from collections.abc import Callable, Collection
from functools import partial
from typing import Any, ClassVar

from purertc.background import BackgroundTasks
from purertc.errors import RuntimeUnavailable
from purertc.lookups import Lookups
from purertc.mdns import Announcer
from purertc.peer_machine import PeerMachine
from purertc.runtime.base import TcpStream
from purertc.runtime.detect import RuntimeSource
from purertc.sansio import events
from purertc.sansio.network_settings import NetworkSettings
from purertc.streams import StreamHub
from purertc.tcp_listeners import TcpListeners

__all__ = ["IO_REQUESTS", "IoRequests"]

IO_REQUESTS = frozenset(
    {
        events.LookupWanted,
        events.HostNameWanted,
        events.StreamWanted,
        events.StreamOutput,
        events.StreamUnwanted,
    }
)
"""The types of the events that :meth:`IoRequests.handle` takes."""


class IoRequests:
    """Does what one peer asks for, in tasks, and tells it what came of it.

    ``now`` is the clock for the peer, ``changed`` is called after the peer was told something.
    """

    def __init__(
        self,
        runtime: RuntimeSource,
        settings: NetworkSettings,
        peer: PeerMachine,
        now: Callable[[], float],
        changed: Callable[[], None],
    ) -> None:
        self.streams = StreamHub(runtime, settings, peer, now, changed)
        self._runtime = runtime
        self._peer = peer
        self._now = now
        self._changed = changed
        self._lookups = Lookups(runtime, settings.resolver, peer, now, changed)
        self._listeners = TcpListeners(runtime, settings)
        self._tasks = BackgroundTasks(runtime)
        self._announcer: Announcer | None = None

    def handle(self, event: events.Event) -> None:
        """Do what an event of :data:`IO_REQUESTS` asks for."""
        self._HANDLERS[type(event)](self, event)

    def listen(self, hosts: Collection[str], on_listening: Callable[[], None]) -> None:
        """Take TCP connections on these hosts and no others, then call ``on_listening``."""
        try:
            self._tasks.start(partial(self._listen, tuple(hosts), on_listening), "listening")
        except RuntimeUnavailable:
            on_listening()

    def close(self, on_closed: Callable[[], None]) -> None:
        """Give up all but what streams still have to send; that has a short time.

        ``on_closed`` is called after that, maybe at once.
        """
        self._give_up()
        self.streams.close(on_closed)

    def abort(self) -> None:
        """Give up everything at once."""
        self._give_up()
        self.streams.abort()

    def _give_up(self) -> None:
        self._tasks.cancel_all()
        self._lookups.close()
        self._listeners.close()
        if self._announcer is not None:
            self._announcer.close()
            self._announcer = None

    async def _listen(self, hosts: Collection[str], on_listening: Callable[[], None]) -> None:
        for address in await self._listeners.listen_on(hosts, self._accept):
            self._peer.add_tcp_listener(address, self._now())
        on_listening()
        self._changed()

    def _accept(self, tcp: TcpStream) -> None:
        self.streams.accept(tcp.local, tcp)

    def _look_up(self, event: events.LookupWanted) -> None:
        self._lookups.start(event.host, event.port)

    def _announce(self, event: events.HostNameWanted) -> None:
        if self._announcer is None:
            self._announcer = Announcer(self._runtime.get())
        self._announcer.announce(event.name, event.host)

    def _open(self, event: events.StreamWanted) -> None:
        self.streams.open(event.stream)

    def _send(self, event: events.StreamOutput) -> None:
        self.streams.send(event.stream, event.data)

    def _end(self, event: events.StreamUnwanted) -> None:
        self.streams.end(event.stream)

    _HANDLERS: ClassVar[dict[type, Callable[[Any, Any], None]]] = {
        events.LookupWanted: _look_up,
        events.HostNameWanted: _announce,
        events.StreamWanted: _open,
        events.StreamOutput: _send,
        events.StreamUnwanted: _end,
    }
