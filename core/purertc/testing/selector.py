"""What a virtual event loop does in place of waiting for files: it moves the clock."""

import asyncio
import threading
from collections import deque

from purertc.testing.clock import VirtualClock
from purertc.testing.scheduler import StuckError
from purertc.testing.udp import SimulatedSocket

__all__ = ["VirtualSelector"]

_PATIENCE = 60.0
"""Seconds of real time that a thread of an executor may take."""

_TURNS_BETWEEN_LOOKS = 64
"""A loop that is never idle looks now and then what other threads want."""


_TIME_TO_CLEAN_UP = 60.0
"""Virtual seconds that cancelled tasks have after the time limit."""


class VirtualSelector:
    """Knows what a loop waits for, and when it is idle lets time jump to what comes first."""

    def __init__(self, clock: VirtualClock, time_limit: float) -> None:
        self.clock = clock
        self.time_limit = time_limit
        self.turns = 0
        """How often the loop has asked so far."""
        self.busy_threads = 0
        """Jobs that run in other threads; time stands still until they have ended."""
        self._readers: dict[int, tuple[SimulatedSocket, asyncio.Handle]] = {}
        self._readable: dict[int, None] = {}
        self._from_threads: deque[asyncio.Handle] = deque()
        self._called = threading.Condition()

    def watch(self, sock: SimulatedSocket, handle: asyncio.Handle) -> None:
        """Give ``handle`` back from :meth:`select` while ``sock`` has datagrams."""
        descriptor = sock.fileno()
        self.unwatch(descriptor)
        self._readers[descriptor] = (sock, handle)
        sock.on_readable = lambda: self._readable.setdefault(descriptor)
        if sock.has_datagrams:
            self._readable[descriptor] = None

    def unwatch(self, descriptor: int) -> bool:
        """Forget a socket; False when it was not watched."""
        sock, handle = self._readers.pop(descriptor, (None, None))
        self._readable.pop(descriptor, None)
        if sock is None or handle is None:
            return False
        sock.on_readable = None
        handle.cancel()
        return True

    def call_from_thread(self, handle: asyncio.Handle) -> None:
        """Give ``handle`` back from the next :meth:`select` of an idle loop; any thread."""
        with self._called:
            self._from_threads.append(handle)
            self._called.notify()

    def select(self, timeout: float | None) -> list[asyncio.Handle]:
        """Return what is ready; let time pass when ``timeout`` seconds may and nothing is."""
        self.turns += 1
        handles = self._readable_handles()
        if timeout == 0 and self.turns % _TURNS_BETWEEN_LOOKS:
            return handles
        handles += self._take_calls()
        if handles or timeout == 0:
            return handles
        if self.busy_threads:
            return self._wait_for_threads()
        self._move_clock(timeout)
        return self._readable_handles()

    def close(self) -> None:
        """Forget everything."""
        for descriptor in list(self._readers):
            self.unwatch(descriptor)
        self._from_threads.clear()

    def _readable_handles(self) -> list[asyncio.Handle]:
        handles = []
        for descriptor in list(self._readable):
            sock, handle = self._readers[descriptor]
            if sock.has_datagrams:
                handles.append(handle)
            else:
                del self._readable[descriptor]
        return handles

    def _take_calls(self) -> list[asyncio.Handle]:
        with self._called:
            handles = list(self._from_threads)
            self._from_threads.clear()
        return handles

    def _wait_for_threads(self) -> list[asyncio.Handle]:
        with self._called:
            called = self._called.wait_for(lambda: bool(self._from_threads), _PATIENCE)
        if not called:
            raise StuckError(
                f"a thread that run_in_executor started has not ended after {_PATIENCE:g} seconds;"
                " virtual time stands still while one runs, so it must not wait for time to pass"
            )
        return self._take_calls()

    def _move_clock(self, timeout: float | None) -> None:
        clock = self.clock
        moments = [] if timeout is None else [clock.now + timeout]
        if (when := clock.next_event()) is not None:
            moments.append(when)
        if not moments:
            raise StuckError("every task waits, and for nothing that will come")
        if min(moments) > self.time_limit:
            passed, self.time_limit = self.time_limit, self.time_limit + _TIME_TO_CLEAN_UP
            raise StuckError(f"the time limit of {passed:g} virtual seconds is over")
        clock.advance(min(moments))
