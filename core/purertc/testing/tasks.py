"""Coroutines on virtual time: tasks, and the one thing they can wait for."""

import contextvars
import threading
import types
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context
from typing import Any, Generic, TypeVar

__all__ = ["TaskCancelled", "VirtualEvent", "VirtualTask", "current_task", "suspend"]

ResultT = TypeVar("ResultT")
Wake = Callable[[], None]


class _Running(threading.local):
    task: "VirtualTask[Any] | None" = None


_running = _Running()


class TaskCancelled(BaseException):
    """Raised in a coroutine at the point where it waits when its task is cancelled."""


class _Trap:
    """What a coroutine yields to its task: how to be woken."""

    __slots__ = ("arm",)

    def __init__(self, arm: Callable[[Wake], Callable[[], None]]) -> None:
        self.arm = arm


@types.coroutine
def suspend(arm: Callable[[Wake], Callable[[], None]]) -> Generator[_Trap, None, None]:
    """Wait until woken. ``arm`` gets the function that wakes and returns one that disarms."""
    yield _Trap(arm)


def current_task() -> "VirtualTask[Any]":
    """Return the task that runs. Raises RuntimeError outside of one."""
    task = _running.task
    if task is None:
        raise RuntimeError("no task of a VirtualRuntime is running here")
    return task


class VirtualEvent:
    """A flag that is set once and never cleared."""

    __slots__ = ("_is_set", "_waiting")

    def __init__(self) -> None:
        self._is_set = False
        self._waiting: dict[Wake, None] = {}

    def set(self) -> None:
        """Wake everyone who waits, in the order in which they came."""
        self._is_set = True
        waiting, self._waiting = self._waiting, {}
        for wake in waiting:
            wake()

    def is_set(self) -> bool:
        """Whether :meth:`set` was called."""
        return self._is_set

    async def wait(self) -> None:
        """Wait until the flag is set. Cancelling one waiter leaves the others alone."""
        if not self._is_set:
            await suspend(self._arm)

    def _arm(self, wake: Wake) -> Callable[[], None]:
        if self._is_set:  # since wait() looked, by code that saw the coroutine suspend
            wake()
        else:
            self._waiting[wake] = None

        def disarm() -> None:
            self._waiting.pop(wake, None)

        return disarm


class VirtualTask(Generic[ResultT]):
    """A coroutine that a :class:`VirtualRuntime` runs."""

    def __init__(
        self,
        coroutine: Coroutine[Any, Any, ResultT],
        name: str,
        make_ready: Callable[["VirtualTask[Any]"], None],
    ) -> None:
        self.name = name
        self._coroutine = coroutine
        self._make_ready = make_ready
        self._context: Context = contextvars.copy_context()
        self._disarm: Callable[[], None] | None = None
        self._waits_for_turn = True
        self._error_to_throw: BaseException | None = None
        self._cancellations = 0
        self._ended = VirtualEvent()
        self._result: ResultT | None = None
        self._error: BaseException | None = None
        self._was_joined = False

    def __repr__(self) -> str:
        return f"<VirtualTask {self.name}>"

    def done(self) -> bool:
        """Whether the coroutine has ended."""
        return self._ended.is_set()

    def cancelling(self) -> int:
        """How often :meth:`cancel` was called before the coroutine ended."""
        return self._cancellations

    def uncancel(self) -> None:
        """Take one cancellation back, as the one who asked for it and caught it."""
        self._cancellations -= 1

    def cancel(self) -> bool:
        """Raise TaskCancelled where the coroutine waits; False once it has ended."""
        if self.done():
            return False
        self._cancellations += 1
        self._error_to_throw = TaskCancelled()
        self._wake()
        return True

    async def join(self) -> ResultT:
        """Wait for the end; return the result or raise what the coroutine raised.

        Raises TaskCancelled when it ended by being cancelled.
        """
        await self._ended.wait()
        return self.result()

    def result(self) -> ResultT:
        """Return the result of a coroutine that has ended, or raise what it raised."""
        self._was_joined = True
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]  # set when there is no error

    @property
    def unseen_error(self) -> BaseException | None:
        """What it raised and nobody has joined it for; a cancellation does not count."""
        if self._was_joined or isinstance(self._error, TaskCancelled):
            return None
        return self._error

    def step(self) -> None:
        """Run the coroutine to its next suspension."""
        self._waits_for_turn = False
        error, self._error_to_throw = self._error_to_throw, None
        _running.task = self
        try:
            trap = self._context.run(self._resume, error)
        except StopIteration as stop:
            self._end(stop.value, None)
        except BaseException as raised:  # noqa: BLE001  # kept for whoever joins
            self._end(None, _without_frames_of_the_task(raised))
        else:
            self._park(trap)
        finally:
            _running.task = None

    def abandon(self) -> None:
        """Close a coroutine that will not be cancelled."""
        if not self.done():
            self._stop_waiting()
            self._context.run(self._coroutine.close)
            self._end(None, TaskCancelled())

    def _resume(self, error: BaseException | None) -> object:
        if error is not None:
            return self._coroutine.throw(error)
        return self._coroutine.send(None)

    def _park(self, trap: object) -> None:
        if isinstance(trap, _Trap):
            if self._error_to_throw is None:
                self._disarm = trap.arm(self._wake)
            else:
                self._wake()
            return
        self._error_to_throw = RuntimeError(
            f"a task of a VirtualRuntime awaited {trap!r}, which belongs to another event loop"
        )
        self._wake()

    def _wake(self) -> None:
        self._stop_waiting()
        if not self._waits_for_turn and not self.done():
            self._waits_for_turn = True
            self._make_ready(self)

    def _stop_waiting(self) -> None:
        disarm, self._disarm = self._disarm, None
        if disarm is not None:
            disarm()

    def _end(self, result: ResultT | None, error: BaseException | None) -> None:
        self._result, self._error = result, error
        self._ended.set()


def _without_frames_of_the_task(error: BaseException) -> BaseException:
    """Drop the frames of step and _resume: they hold the task, and the task holds the error."""
    traceback = error.__traceback__
    for _ in range(2):
        traceback = traceback and traceback.tb_next
    return error.with_traceback(traceback)
