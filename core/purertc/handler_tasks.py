"""Runs handler methods in tasks of the connection's scope: started, awaited, ended with it."""

import logging
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextvars import ContextVar
from typing import Any, Protocol

from purertc.runtime.base import Event, TaskHandle, Timer
from purertc.runtime.detect import RuntimeSource

__all__ = ["CLOSE_GRACE", "ErrorReceiver", "HandlerScope", "HandlerTask", "Stepped"]

_logger = logging.getLogger("purertc.handler")

CLOSE_GRACE = 1.0
"""Seconds that handlers have to end after the connection closed, before they are cancelled. Half
of it later those are cancelled that got the last events after that, and after another half the
connection gives up on those that will not be cancelled."""

_inside: ContextVar[object] = ContextVar("purertc_handler_scope", default=None)


class ErrorReceiver(Protocol):
    """A handler, as far as its errors are concerned."""

    async def on_error(self, error: Exception, where: str) -> None:
        """Hear what one of the methods raised."""


class Stepped:
    """Awaits a coroutine and calls ``suspended`` when it suspends for the first time.

    It passes on whatever the loop sends or throws (PEP 380), so it works on any loop.
    """

    __slots__ = ("_coroutine", "_suspended")

    def __init__(
        self, coroutine: Coroutine[Any, Any, object], suspended: Callable[[], None]
    ) -> None:
        self._coroutine = coroutine
        self._suspended = suspended

    def __await__(self) -> Generator[Any, Any, None]:
        coroutine = self._coroutine
        try:
            wanted = coroutine.send(None)
            self._suspended()
            while True:
                try:
                    answer = yield wanted
                except GeneratorExit:
                    coroutine.close()
                    raise
                except BaseException as error:  # noqa: BLE001  # the coroutine gets it
                    wanted = coroutine.throw(error)
                else:
                    try:
                        wanted = coroutine.send(answer)
                    finally:
                        # Trio sends errors, too; one that is raised now refers to this frame.
                        del answer
        except StopIteration:
            return


class HandlerScope:
    """The tasks in which the handlers of one connection run."""

    def __init__(self, runtime: RuntimeSource) -> None:
        self._runtime = runtime
        self._mark = object()
        self._tasks: dict[HandlerTask, None] = {}
        self._grace: Timer | None = None
        self._waiting: Event | None = None
        self._closing = False
        self._on_finished: Callable[[], None] = _ignore
        self._cancellations = 0
        self.finished = False
        """Whether the scope was closed and no task is left."""

    @property
    def is_inside(self) -> bool:
        """Whether the caller is one of these handlers, or a task that one of them started."""
        return _inside.get() is self._mark

    @property
    def grants_last_events(self) -> bool:
        """Whether handlers were cancelled by the close, and may still hear what is queued."""
        return self._cancellations == 1

    def spawn(self, body: "Callable[[HandlerTask], Coroutine[Any, Any, None]]", name: str) -> None:
        """Run ``body`` in a task of this scope. It starts after this call returned."""
        task = HandlerTask(self, self._mark)
        self._tasks[task] = None
        task.handle = self._runtime.get().spawn(task.run(body), name=f"purertc {name}")

    def new_event(self) -> Event:
        """Return an event of the runtime."""
        return self._runtime.get().new_event()

    def close(self, on_finished: Callable[[], None]) -> None:
        """Let the tasks end; cancel them after a grace, forget them after another.

        ``on_finished`` is called when none is left, maybe at once.
        """
        if self._closing:
            return
        self._closing = True
        self._on_finished = on_finished
        if not self._tasks:
            self._finish()
            return
        runtime = self._runtime.get()
        self._grace = runtime.new_timer(self._grace_is_over)
        self._grace.schedule(runtime.now() + CLOSE_GRACE)

    async def wait_finished(self) -> None:
        """Wait until no task is left after the close."""
        if self.finished:
            return
        if self._waiting is None:
            self._waiting = self.new_event()
        await self._waiting.wait()

    def ended(self, task: "HandlerTask") -> None:
        """Forget a task that ended."""
        self._tasks.pop(task, None)
        if self._closing and not self._tasks:
            self._finish()

    def _grace_is_over(self) -> None:
        stuck = [task for task in self._tasks if not task.is_done]
        if stuck and self._cancellations < 2 and self._grace is not None:
            self._cancellations += 1
            for task in stuck:
                task.cancel()
            self._grace.schedule(self._runtime.get().now() + CLOSE_GRACE / 2)
            return
        if stuck:
            _logger.error(
                "%d handlers did not end when their connection closed, nor when cancelled",
                len(stuck),
            )
        self._finish()

    def _finish(self) -> None:
        self.finished = True
        while self._tasks:
            self._tasks.popitem()[0].release()
        on_finished, self._on_finished = self._on_finished, _ignore
        on_finished()
        if self._grace is not None:
            self._grace.close()
            self._grace = None
        if self._waiting is not None:
            self._waiting.set()
            self._waiting = None


class HandlerTask:
    """One task of a scope. It calls handler methods and contains what they raise."""

    __slots__ = ("_mark", "_scope", "handle")

    def __init__(self, scope: HandlerScope, mark: object) -> None:
        self._scope = scope
        self._mark = mark
        self.handle: TaskHandle | None = None

    @property
    def is_done(self) -> bool:
        """Whether the loop has finished with the task."""
        return self.handle is None or self.handle.done()

    @property
    def is_cancelled(self) -> bool:
        """Whether someone asked to cancel this task."""
        return self.handle is not None and bool(self.handle.cancelling())

    def cancel(self) -> None:
        """Cancel the task."""
        if self.handle is not None:
            self.handle.cancel()

    def release(self) -> None:
        """Let go of a task that ended before its first step, and so could not do it itself.

        Its CancelledError refers to the frame that holds this object.
        """
        if self.is_done:
            self.handle = None

    async def run(self, body: "Callable[[HandlerTask], Coroutine[Any, Any, None]]") -> None:
        """Be the task's coroutine."""
        _inside.set(self._mark)
        try:
            await body(self)
        finally:
            self._scope.ended(self)
            self.handle = None

    async def call(
        self,
        handler: ErrorReceiver,
        where: str,
        *arguments: object,
        suspended: Callable[[], None] | None = None,
    ) -> None:
        """Await the method ``where`` of ``handler``; what it raises goes to its ``on_error``.

        ``suspended`` is called when the method suspends for the first time. A cancellation of
        this task passes through; one that leaked out of something the method awaited is an
        error like others.
        """
        try:
            await Stepped(_invoke(handler, where, arguments), suspended or _ignore)
        except Exception as error:  # noqa: BLE001  # the handler's own door for errors
            await _report(handler, error, where)
        except (KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        except BaseException as error:
            if self.is_cancelled or _ends_program(error):
                if not isinstance(error, BaseExceptionGroup):
                    raise
                await _report_errors_in(error, handler, where)
                raise _without_errors(error) from None
            await _report(handler, _leaked_cancellation(where, error), where)


def _ignore() -> None:
    """Take no note of it."""


async def _invoke(handler: ErrorReceiver, where: str, arguments: tuple[object, ...]) -> None:
    awaitable = getattr(handler, where)(*arguments)
    if not isinstance(awaitable, Awaitable):
        raise TypeError(f"{type(handler).__qualname__}.{where} must be an 'async def' method")
    await awaitable


def _ends_program(raised: BaseException) -> bool:
    if isinstance(raised, BaseExceptionGroup):
        return raised.subgroup((KeyboardInterrupt, SystemExit)) is not None
    return False


async def _report_errors_in(
    group: BaseExceptionGroup[BaseException], handler: ErrorReceiver, where: str
) -> None:
    """Report the errors that a group of tasks raised along with what must pass through."""
    errors = group.subgroup(Exception)
    try:
        if errors is not None:
            await _report(handler, errors, where)
    finally:
        del errors


def _without_errors(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return what must pass through: cancellations, KeyboardInterrupt and their like."""
    return group.split(Exception)[1] or group


def _leaked_cancellation(where: str, error: BaseException) -> RuntimeError:
    """Wrap it here: in the frame that caught ``error`` a name for it would make a cycle."""
    leaked = RuntimeError(f"something that {where} awaited was cancelled")
    leaked.__cause__ = error
    return leaked


async def _report(handler: ErrorReceiver, error: Exception, where: str) -> None:
    try:
        await handler.on_error(error, where)
    except Exception:
        _logger.exception("%s.on_error raised", type(handler).__qualname__)
    finally:
        # An on_error that raises ``error`` again would tie it to this frame.
        del error
