"""Ordered delivery of a connection's events to its handlers; the default event sink.

A task exists only while there is something to do: one that awaits the state and candidate
methods one at a time, and one for each call of ``on_data_channel`` that has not ended.
"""

import weakref
from collections.abc import Callable

from purertc import events
from purertc.handler import PeerConnectionHandler
from purertc.handler_tasks import HandlerScope, HandlerTask
from purertc.runtime.base import Event as Signal

__all__ = ["Dispatcher", "Unannounced"]

_AWAITED: dict[type, tuple[str, str | None]] = {
    events.ConnectionStateChanged: ("on_connection_state_change", "state"),
    events.IceConnectionStateChanged: ("on_ice_connection_state_change", "state"),
    events.IceGatheringStateChanged: ("on_ice_gathering_state_change", "state"),
    events.SignalingStateChanged: ("on_signaling_state_change", "state"),
    events.IceCandidateFound: ("on_ice_candidate", "candidate"),
    events.IceCandidateFailed: ("on_ice_candidate_error", "error"),
    events.NegotiationNeeded: ("on_negotiation_needed", None),
}
"""Event type → handler method and the event's field that it takes."""


class Unannounced:
    """Announcements of channels that no handler has heard of."""

    __slots__ = ("__weakref__", "events")

    def __init__(self) -> None:
        self.events: list[events.DataChannelAnnounced] = []


class Dispatcher:
    """Hands events to handlers in the order of the events, and of attachment for each event."""

    def __init__(self, scope: HandlerScope) -> None:
        self._scope = scope
        self._handlers: tuple[PeerConnectionHandler, ...] = ()
        self._queue: list[events.Event] = []
        self._unannounced: Callable[[], Unannounced | None] = _nothing
        self._working = False
        self._suspended = False
        self._settling: list[Signal] = []

    @property
    def handlers(self) -> tuple[PeerConnectionHandler, ...]:
        """The attached handlers."""
        return self._handlers

    def attach(self, handler: PeerConnectionHandler) -> None:
        """Add a handler. Channels that no handler has heard of are announced to it."""
        self._handlers = (*self._handlers, handler)
        unannounced = self._unannounced()
        if unannounced is not None:
            waiting, unannounced.events = unannounced.events, []
            for event in waiting:
                self.deliver(event)

    def keep_unannounced(self) -> Unannounced:
        """Return what the caller holds for as long as it may attach handlers.

        Channels hold their connection. Held from here they would be a cycle, and a connection
        that is dropped would stay open.
        """
        unannounced = Unannounced()
        self._unannounced = weakref.ref(unannounced)
        return unannounced

    def deliver(self, event: events.Event) -> None:
        """Queue one event for the handlers."""
        if isinstance(event, events.DataChannelAnnounced):
            if not self._handlers:
                unannounced = self._unannounced()
                if unannounced is not None:
                    unannounced.events.append(event)
                return
        elif type(event) not in _AWAITED or not self._is_awaited(event):
            return
        self._queue.append(event)
        self._start()

    def _is_awaited(self, event: events.Event) -> bool:
        """Whether a handler does anything about it; the methods of the base class do nothing.

        What a plain call causes is also for handlers attached just after the call.
        """
        if isinstance(event, events.NegotiationNeeded):
            return True
        where = _AWAITED[type(event)][0]
        idle = getattr(PeerConnectionHandler, where)
        return any(
            getattr(getattr(each, where), "__func__", None) is not idle for each in self._handlers
        )

    async def settle(self) -> None:
        """Wait until every queued event's handlers have run to their first suspension.

        Events behind a handler that is suspended itself are not waited for: they keep their
        order, and a handler that waits for its own connection cannot deadlock. Cancelling the
        wait changes nothing.
        """
        if not self._working or self._suspended:
            return
        signal = self._scope.new_event()
        self._settling.append(signal)
        await signal.wait()

    def release(self) -> None:
        """Forget handlers and events."""
        self._handlers = ()
        self._queue.clear()
        unannounced = self._unannounced()
        if unannounced is not None:
            unannounced.events.clear()
        self._settled()

    def _start(self) -> None:
        if not self._working:
            self._working = True
            self._scope.spawn(self._work, "dispatcher")

    async def _work(self, task: HandlerTask) -> None:
        try:
            while self._queue:
                await self._dispatch(self._queue.pop(0), task)
        finally:
            self._working = False
            self._settled()
            if self._queue and (self._scope.grants_last_events or not task.is_cancelled):
                self._start()

    async def _dispatch(self, event: events.Event, task: HandlerTask) -> None:
        if isinstance(event, events.DataChannelAnnounced):
            for handler in self._handlers:
                await self._start_channel_handler(handler, event)
            return
        where, field = _AWAITED[type(event)]
        arguments = () if field is None else (getattr(event, field),)
        for handler in self._handlers:
            try:
                await task.call(handler, where, *arguments, suspended=self._on_suspended)
            finally:
                self._suspended = False

    async def _start_channel_handler(
        self, handler: PeerConnectionHandler, event: events.DataChannelAnnounced
    ) -> None:
        """Start ``on_data_channel`` in its own task and wait for its first suspension."""
        started = self._scope.new_event()
        self._scope.spawn(
            _ChannelCall(handler, event, started.set), f"on_data_channel {event.channel.label}"
        )
        await started.wait()

    def _on_suspended(self) -> None:
        self._suspended = True
        self._settled()

    def _settled(self) -> None:
        settling, self._settling = self._settling, []
        for signal in settling:
            signal.set()


class _ChannelCall:
    """The body of a task that runs one handler's ``on_data_channel``."""

    __slots__ = ("_event", "_handler", "_started")

    def __init__(
        self,
        handler: PeerConnectionHandler,
        event: events.DataChannelAnnounced,
        started: Callable[[], None],
    ) -> None:
        self._handler = handler
        self._event = event
        self._started = started

    async def __call__(self, task: HandlerTask) -> None:
        try:
            await task.call(
                self._handler, "on_data_channel", self._event.channel, suspended=self._started
            )
        finally:
            self._started()


def _nothing() -> None:
    """Nobody keeps announcements."""
