"""Runs tasks and callbacks on virtual time, one at a time, in an order that a seed decides."""

import threading
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, copy_context
from functools import partial
from queue import SimpleQueue
from random import Random
from typing import Any, TypeVar, TypeVarTuple

from purertc.testing.clock import ScheduledCall
from purertc.testing.network import SimulatedNetwork
from purertc.testing.tasks import VirtualEvent, VirtualTask

__all__ = ["Scheduler", "StuckError"]

ResultT = TypeVar("ResultT")
Arguments = TypeVarTuple("Arguments")

_LAST_TURNS = 100_000
"""How long tasks may take to end after the main one, in turns."""


class StuckError(RuntimeError):
    """Nothing can happen any more, or not before the time limit, and the program has not ended."""


class Scheduler:
    """The ready queue. With ``shuffle`` the seed picks who is next, else the first come."""

    def __init__(self, network: SimulatedNetwork, seed: int, *, shuffle: bool) -> None:
        self.network = network
        self.clock = network.clock
        self.turns = 0
        self.ended = False
        self._random = Random(f"{seed} schedule") if shuffle else None
        self._ready: deque[tuple[str, Callable[[], None]]] = deque()
        self._from_threads: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._busy_threads = 0
        self._executor: ThreadPoolExecutor | None = None
        self._thread = threading.get_ident()
        self._tasks: dict[VirtualTask[Any], None] = {}
        self._failed: list[VirtualTask[Any]] = []

    def spawn(self, coroutine: Coroutine[Any, Any, ResultT], name: str) -> VirtualTask[ResultT]:
        """Start a task in a copy of the caller's context."""
        if self.ended:
            coroutine.close()
            raise RuntimeError("this simulation has ended; make another VirtualRuntime")
        task = VirtualTask(coroutine, name, self._make_ready)
        self._tasks[task] = None
        self._make_ready(task)
        return task

    def call_soon(
        self, callback: Callable[[], None], name: str, context: Context | None = None
    ) -> None:
        """Call ``callback`` in a coming turn, in ``context`` or a copy of the caller's."""
        run = (context or copy_context()).run
        self._ready.append((name, lambda: run(callback)))

    def call_at(self, when: float, callback: Callable[[], None], name: str) -> ScheduledCall:
        """Call ``callback`` in the turn after ``when``, in the caller's context."""
        run = copy_context().run
        turn = (name, lambda: run(callback))
        return self.clock.schedule(when, lambda: self._ready.append(turn))

    def call_from_thread(self, callback: Callable[[], None]) -> bool:
        """Call ``callback`` in a coming turn; False when the simulation has ended."""
        if self.ended:
            return False
        if threading.get_ident() == self._thread:
            self.call_soon(callback, "call")
        else:
            self._from_threads.put(callback)
        return True

    async def run_in_thread(
        self, function: Callable[[*Arguments], ResultT], *arguments: *Arguments
    ) -> ResultT:
        """Call a function in the one worker thread; time stands still while someone waits."""
        if self._executor is None:
            self._executor = ThreadPoolExecutor(max_workers=1)
        ended = VirtualEvent()
        is_wanted = True

        def end(_: object) -> None:
            if is_wanted:
                self.call_from_thread(ended.set)

        future = self._executor.submit(partial(copy_context().run, function, *arguments))
        future.add_done_callback(end)
        self._busy_threads += 1
        try:
            await ended.wait()
        finally:
            is_wanted = False
            self._busy_threads -= 1
            future.cancel()
        return future.result()

    def run(self, main: Coroutine[Any, Any, ResultT], limit: float) -> VirtualTask[ResultT]:
        """Run ``main`` to its end, cancel the rest, and raise errors that nobody saw."""
        self._thread = threading.get_ident()
        task = self.spawn(main, "main")
        try:
            self._run_until(task.done, limit)
        finally:
            self._end_tasks()
            if self._executor is not None:
                self._executor.shutdown(wait=True)
        if task.unseen_error is None:
            self._raise_unseen_errors()
        return task

    def _raise_unseen_errors(self) -> None:
        errors = [error for task in self._failed if (error := task.unseen_error) is not None]
        if errors:
            raise BaseExceptionGroup("tasks failed that nobody joined", errors)

    def _run_until(self, is_over: Callable[[], bool], limit: float) -> None:
        while not is_over():
            if self._ready:
                self._turn()
            else:
                self._move_time(limit)

    def _turn(self) -> None:
        self.turns += 1
        if self._random is not None and len(self._ready) > 1:
            self._ready.rotate(-self._random.randrange(len(self._ready)))
        name, callback = self._ready.popleft()
        if self.network.trace is not None:
            self.network.trace.record(self.clock.now, "run", name)
        callback()

    def _move_time(self, limit: float) -> None:
        when = self.clock.next_event()
        # One at a time and only when idle, so that threads do not decide what runs in which turn.
        if not self._from_threads.empty() or (
            self._busy_threads and (when is None or when > self.clock.now)
        ):
            self.call_soon(self._from_threads.get(), "call")
            return
        if when is None:
            raise StuckError(f"every task waits, and for nothing that will come: {self._who()}")
        if when > limit:
            raise StuckError(f"the time limit of {limit:g} virtual seconds is over: {self._who()}")
        self.clock.advance(when)

    def _who(self) -> str:
        return ", ".join(task.name for task in self._tasks)

    def _make_ready(self, task: VirtualTask[Any]) -> None:
        self._ready.append((task.name, lambda: self._step(task)))

    def _step(self, task: VirtualTask[Any]) -> None:
        task.step()
        if task.done():
            del self._tasks[task]
            if task.unseen_error is not None:
                self._failed.append(task)

    def _end_tasks(self) -> None:
        """Cancel what still runs; close what will not end."""
        for task in list(self._tasks):
            task.cancel()
        until = self.turns + _LAST_TURNS
        while self._tasks and self.turns < until:
            if self._ready:
                self._turn()
            elif (when := self.clock.next_event()) is not None:
                self.turns += 1
                self.clock.advance(when)
            else:
                break
        for task in list(self._tasks):
            task.abandon()
        self._tasks.clear()
        self._ready.clear()
        self.ended = True
