"""Restarts ICE by itself when a connection has lost its path."""

import logging
import weakref

from purertc.errors import ArgumentError
from purertc.handler import PeerConnectionHandler
from purertc.peer_connection import PeerConnection
from purertc.runtime.base import Timer
from purertc.sansio.types import ConnectionState, IceConnectionState

__all__ = ["AutomaticIceRestart"]

_logger = logging.getLogger("purertc.signaling")

_CONNECTED = (IceConnectionState.CONNECTED, IceConnectionState.COMPLETED)


class AutomaticIceRestart(PeerConnectionHandler):
    """Calls ``connection.restart_ice()`` when the path is lost and does not come back.

    It attaches itself to ``connection`` and does not keep it alive. The first restart comes
    ``after`` seconds of ``disconnected``, or at once when ICE has failed; each further one after a
    pause that begins with ``pause`` seconds and doubles up to ``longest_pause``. After ``tries``
    restarts in a row it leaves the connection as it is; one that connects again counts anew. The
    offers are made by whoever hears of ``on_negotiation_needed``, such as
    :class:`PerfectNegotiator`. One side is enough, both do no harm.

    Raises ArgumentError for times that are not above zero, or less than one try.
    """

    def __init__(
        self,
        connection: PeerConnection,
        *,
        after: float = 3.0,
        pause: float = 5.0,
        longest_pause: float = 60.0,
        tries: int = 8,
    ) -> None:
        if not (after > 0 and 0 < pause <= longest_pause):
            raise ArgumentError("after and pause must be above zero, longest_pause not below pause")
        if tries < 1:
            raise ArgumentError("tries must be 1 or more")
        self._connection = weakref.ref(connection)
        self._after = after
        self._first_pause = pause
        self._longest_pause = longest_pause
        self._tries = tries
        self._timer: Timer | None = None
        self.restarts = 0
        """Restarts since the connection was last connected."""
        connection.attach(self)

    async def on_ice_connection_state_change(self, state: IceConnectionState) -> None:
        """Begin to count, or stop."""
        if state in _CONNECTED:
            self.restarts = 0
            self._stop()
        elif state is IceConnectionState.CLOSED:
            self._stop()
        elif state is IceConnectionState.DISCONNECTED:
            self._wait(self._after)
        elif state is IceConnectionState.FAILED and self.restarts == 0:
            self._stop()
            self._restart()

    def _wait(self, seconds: float) -> None:
        """Restart then, unless that is planned already."""
        connection = self._connection()
        if connection is None or self._timer is not None or self.restarts >= self._tries:
            return
        runtime = connection._endpoint.runtime.get()
        self._timer = runtime.new_timer(self._on_timer)
        self._timer.schedule(runtime.now() + seconds)

    def _on_timer(self) -> None:
        self._stop()
        self._restart()

    def _restart(self) -> None:
        connection = self._connection()
        if connection is None or connection.connection_state is ConnectionState.CLOSED:
            return
        # A state that this handler has not heard of yet may have made the restart needless.
        if connection.ice_connection_state in _CONNECTED:
            return
        pause = min(self._first_pause * 2**self.restarts, self._longest_pause)
        self.restarts += 1
        _logger.info("ICE restart %d of at most %d", self.restarts, self._tries)
        connection.restart_ice()
        self._wait(pause)

    def _stop(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.close()
