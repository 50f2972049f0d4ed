"""Runs one test body on each runtime, and gives it what it needs of a loop.

The helpers stand on :class:`purertc.Runtime` alone, so they work on every loop that has one.
"""

import asyncio
import functools
import importlib.util
import inspect
import sys
from collections.abc import Callable, Coroutine, Iterable
from contextvars import ContextVar
from typing import Any, Generic, TypeVar

import pytest
import trio

from examples_new.custom_runtime import custom_runtime
from examples_new.custom_runtime.custom_runtime import Loop, LoopRuntime
from purertc.runtime.asyncio import AsyncioRuntime
from purertc.runtime.base import Event, Runtime, TaskHandle
from purertc.runtime.detect import running_runtime
from purertc.runtime.trio import TrioRuntime
from purertc.testing import VirtualRuntime
from purertc.testing.tasks import TaskCancelled, current_task
from tests.support import leftovers

__all__ = [
    "CANCELLATIONS",
    "LIMIT",
    "RUNTIMES",
    "Cancelled",
    "Mailbox",
    "Started",
    "new_event",
    "on_each_runtime",
    "on_each_runtime_of_this_machine",
    "on_each_runtime_without_scope",
    "open_sockets",
    "other_tasks",
    "outcomes",
    "run_on",
    "running",
    "sleep",
    "start",
    "together",
    "troubles_of_the_loop",
    "turns",
    "within",
]

T = TypeVar("T")
AsyncTest = Callable[..., Coroutine[Any, Any, None]]
Test = Callable[..., None]
Body = Callable[[], Coroutine[Any, Any, T]]

LIMIT = 20.0
"""Seconds after which a test that waits has failed."""

CANCELLATIONS = (
    asyncio.CancelledError,
    trio.Cancelled,
    custom_runtime.Cancelled,
    TaskCancelled,
)
"""What the loops raise in a task that is cancelled."""

_current: ContextVar[Runtime] = ContextVar("runtime_of_the_test")


class Cancelled(Exception):
    """The task whose result was asked for was cancelled."""


def running() -> Runtime:
    """Return the runtime of the test."""
    return _current.get()


def other_tasks() -> list[str]:
    """Return the names of the tasks that run beside the test."""
    runtime = running()
    if isinstance(runtime, AsyncioRuntime):
        return [task.get_name() for task in asyncio.all_tasks() - {asyncio.current_task()}]
    if isinstance(runtime, TrioRuntime):
        return _names_below(trio.lowlevel.current_task())
    if isinstance(runtime, LoopRuntime):
        return [task.name for task in runtime.loop.tasks - {runtime.loop.current}]
    if isinstance(runtime, VirtualRuntime):
        return [task.name for task in runtime._scheduler._tasks if task is not current_task()]
    raise NotImplementedError(runtime.name)


def _names_below(task: trio.lowlevel.Task) -> list[str]:
    children = [child for nursery in task.child_nurseries for child in nursery.child_tasks]
    return [name for child in children for name in (child.name, *_names_below(child))]


def open_sockets(runtime: Runtime | None = None) -> int:
    """Count the sockets of this process, or those of the simulated network of the runtime."""
    runtime = runtime or running()
    if isinstance(runtime, VirtualRuntime):
        return len(runtime.simulated_network.sockets)
    return leftovers.open_sockets()


def troubles_of_the_loop() -> list[dict[str, Any]]:
    """Return a list to which asyncio adds what it reports to nobody else.

    With other loops it stays empty: they raise such errors out of the test.
    """
    troubles: list[dict[str, Any]] = []
    if isinstance(running(), AsyncioRuntime):
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: troubles.append(context))
    return troubles


def new_event() -> Event:
    return running().new_event()


async def sleep(seconds: float) -> None:
    runtime = running()
    awake = runtime.new_event()
    timer = runtime.new_timer(awake.set)
    timer.schedule(runtime.now() + seconds)
    try:
        await awake.wait()
    finally:
        timer.close()


async def turns(count: int = 5) -> None:
    """Let everything run that is ready."""
    runtime = running()
    for _ in range(count):
        if isinstance(runtime, TrioRuntime):
            await trio.lowlevel.checkpoint()
        elif isinstance(runtime, AsyncioRuntime):
            await asyncio.sleep(0)
        else:
            await sleep(0)


class Started(Generic[T]):
    """A task that a test started."""

    def __init__(self, coroutine: Coroutine[Any, Any, T]) -> None:
        self._ended = new_event()
        self._value: list[T] = []
        self._error: BaseException | None = None
        self._coroutine: Coroutine[Any, Any, T] | None = coroutine
        self._handle: TaskHandle | None = None
        handle = running().spawn(self._run(), name="test")
        if not self._ended.is_set():
            self._handle = handle

    def cancel(self) -> None:
        """Cancel it; one that has not begun will not begin, whatever the loop does with it."""
        coroutine, self._coroutine = self._coroutine, None
        if coroutine is not None:
            coroutine.close()
            self._ended.set()
        if self._handle is not None:
            self._handle.cancel()

    def done(self) -> bool:
        return self._ended.is_set()

    async def ended(self) -> None:
        """Wait until it ended in whatever way."""
        await self._ended.wait()

    async def result(self) -> T:
        """Return what it returned, raise what it raised, or Cancelled; within the limit."""
        await within(self.ended())
        if self._error is not None:
            raise self._error
        if not self._value:
            raise Cancelled
        return self._value[0]

    async def _run(self) -> None:
        coroutine, self._coroutine = self._coroutine, None
        if coroutine is None:
            return
        try:
            self._value.append(await coroutine)
        except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001  # result() raises it
            self._error = error
        finally:
            self._handle = None  # which may hold the cancellation, with this frame
            self._ended.set()


def start(coroutine: Coroutine[Any, Any, T]) -> Started[T]:
    """Start a task. Two that are started in the same turn run in any order under trio."""
    return Started(coroutine)


async def within(coroutine: Coroutine[Any, Any, T], seconds: float = LIMIT) -> T:
    """Await in a task of its own. Raises TimeoutError after ``seconds``, having cancelled it."""
    runtime = running()
    task = Started(coroutine)
    timed_out: list[bool] = []

    def give_up() -> None:
        timed_out.append(True)
        task.cancel()

    timer = runtime.new_timer(give_up)
    timer.schedule(runtime.now() + seconds)
    try:
        await task.ended()
    except BaseException:
        task.cancel()
        raise
    finally:
        timer.close()
    if timed_out and not task._value:
        raise TimeoutError(f"not done within {seconds} seconds")
    return await _result_of(task)


async def _result_of(task: Started[T]) -> T:
    if task._error is not None:
        raise task._error
    if not task._value:
        raise Cancelled
    return task._value[0]


async def outcomes(tasks: Iterable[Started[Any]]) -> list[object]:
    """Return what each task returned or raised."""
    results: list[object] = []
    for task in tasks:
        try:
            results.append(await task.result())
        except Exception as error:  # noqa: BLE001  # the test looks at it
            results.append(error)
    return results


async def together(*coroutines: Coroutine[Any, Any, Any]) -> list[Any]:
    """Run them at the same time and return their results."""
    tasks = [start(each) for each in coroutines]
    return [await task.result() for task in tasks]


class Mailbox(Generic[T]):
    """An unbounded queue with one reader."""

    def __init__(self) -> None:
        self._items: list[T] = []
        self._arrived: Event | None = None

    def put(self, item: T) -> None:
        self._items.append(item)
        arrived, self._arrived = self._arrived, None
        if arrived is not None:
            arrived.set()

    def empty(self) -> bool:
        return not self._items

    async def get(self) -> T:
        while not self._items:
            self._arrived = new_event()
            await self._arrived.wait()
        return self._items.pop(0)


def _run_asyncio(loop_factory: Callable[[], asyncio.AbstractEventLoop], body: Body[T]) -> T:
    async def main() -> T:
        _current.set(AsyncioRuntime(asyncio.get_running_loop()))
        return await body()

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(main())


def _eager_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    loop.set_task_factory(getattr(asyncio, "eager_task_factory"))  # noqa: B009  # since 3.12
    return loop


def _run_uvloop(body: Body[T]) -> T:
    import uvloop  # noqa: PLC0415  # optional

    return _run_asyncio(uvloop.new_event_loop, body)


def _run_trio(body: Body[T], *, nursery_is_given: bool) -> T:
    results: list[T] = []
    errors: list[BaseException] = []

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            runtime = TrioRuntime(nursery)
            _current.set(runtime)
            if nursery_is_given:
                running_runtime.set(runtime)
            try:
                results.append(await body())
            except trio.Cancelled:
                raise
            except BaseException as error:  # noqa: BLE001  # raised below, outside the nursery
                errors.append(error)
            nursery.cancel_scope.cancel()

    trio.run(main)
    if errors:
        raise errors.pop()
    return results[0]


def _run_custom(body: Body[T]) -> T:
    """Run on the loop and the runtime that the guide for custom runtimes makes."""
    loop = Loop()
    before = _current.set(LoopRuntime(loop))
    try:
        return loop.run(body())
    finally:
        _current.reset(before)


def _run_virtual(body: Body[T]) -> T:
    """Run in virtual time; all connections live on one host of the simulated network."""
    world = VirtualRuntime()

    async def main() -> T:
        _current.set(world)
        return await body()

    return world.run(main)


Runner = Callable[[Body[Any]], Any]

RUNTIMES: dict[str, Runner] = {
    "asyncio": functools.partial(_run_asyncio, asyncio.new_event_loop),
    "trio": functools.partial(_run_trio, nursery_is_given=False),
    "custom": _run_custom,
    "trio-nursery": functools.partial(_run_trio, nursery_is_given=True),
    "virtual": _run_virtual,
}
"""How to run a body on each runtime that this environment has, by name.

On ``trio`` each connection opens its own nursery, on ``trio-nursery`` they run in a given one.
"""
if importlib.util.find_spec("uvloop"):
    RUNTIMES["uvloop"] = _run_uvloop
if sys.version_info >= (3, 12):
    RUNTIMES["eager"] = functools.partial(_run_asyncio, _eager_loop)


def run_on(name: str, body: Body[T]) -> T:
    """Run a body on one runtime; it must leave no task behind."""
    result: T = RUNTIMES[name](body)
    return result


def on_each_runtime(test: AsyncTest) -> Test:
    """Run an async test on every runtime."""
    return _parametrized(test, list(RUNTIMES))


def on_each_runtime_without_scope(test: AsyncTest) -> Test:
    """Run an async test that uses connections without ``async with`` on every runtime.

    Under trio that needs a nursery that is given.
    """
    return _parametrized(test, [name for name in RUNTIMES if name != "trio"])


def on_each_runtime_of_this_machine(test: AsyncTest) -> Test:
    """Run an async test of sockets that refuse or die: those of a simulated network never do."""
    return _parametrized(test, [name for name in RUNTIMES if name != "virtual"])


def _parametrized(test: AsyncTest, names: list[str]) -> Test:
    @functools.wraps(test)
    def on_runtime(*args: object, runtime_name: str, **kwargs: object) -> None:
        run_on(runtime_name, functools.partial(test, *args, **kwargs))

    signature = inspect.signature(test)
    extra = inspect.Parameter("runtime_name", inspect.Parameter.KEYWORD_ONLY)
    parameters = [*signature.parameters.values(), extra]
    setattr(on_runtime, "__signature__", signature.replace(parameters=parameters))  # noqa: B010
    return pytest.mark.parametrize("runtime_name", names)(on_runtime)
