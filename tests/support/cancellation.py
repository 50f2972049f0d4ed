"""Cancels a call at each of its suspension points, one after the other, on any event loop.

A scenario is a coroutine function that builds what the call needs, makes the call through the
:class:`Cancelling` it is given, and judges what is there afterwards. It runs once for each point.
"""

import asyncio
import importlib.util
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from itertools import count
from typing import Any, Generic, TypeVar

import anyio
import sniffio
import trio

__all__ = ["Cancelling", "Ended", "Scenario", "When", "backends", "walk"]

LIMIT = 10.0
"""Seconds after which a scenario hangs."""

T = TypeVar("T")


class When(Enum):
    """Whether the cancellation comes before or with what the call waits for."""

    WAITING = "while it waits"
    WOKEN = "when it is woken"


@dataclass
class Ended(Generic[T]):
    """How the call ended."""

    cancelled: bool
    value: T | None = None


@dataclass(frozen=True)
class Backend:
    """An event loop on which scenarios run, with the options that anyio wants for it."""

    name: str
    use_uvloop: bool = False

    def run(self, main: Callable[[], Awaitable[None]]) -> None:
        options = {"use_uvloop": True} if self.use_uvloop else {}
        anyio.run(main, backend=self.name, backend_options=options)


def backends() -> dict[str, Backend]:
    """Return the backends that this environment has, by name."""
    found = {"asyncio": Backend("asyncio"), "trio": Backend("trio")}
    if importlib.util.find_spec("uvloop"):
        found["uvloop"] = Backend("asyncio", use_uvloop=True)
    return found


class Cancelling:
    """Makes a call and cancels it at its suspension ``point``, counted from 0."""

    def __init__(self, point: int, when: When) -> None:
        self._point = point
        self.when = when
        self.reached = False
        """Whether the call had so many suspension points."""

    async def __call__(self, call: Coroutine[Any, Any, T]) -> Ended[T]:
        """Make the call; what it raises, other than the cancellation, passes."""
        if sniffio.current_async_library() == "trio":
            return await self._on_trio(call)
        return await self._on_asyncio(call)

    async def _on_trio(self, call: Coroutine[Any, Any, T]) -> Ended[T]:
        with trio.CancelScope() as scope:
            value = await _Stepped(call, self._hook(lambda _: scope.cancel()))
            return Ended(cancelled=False, value=value)
        return Ended(cancelled=True)

    async def _on_asyncio(self, call: Coroutine[Any, Any, T]) -> Ended[T]:
        async def body() -> T:
            return await _Stepped(call, self._hook(request))

        def request(wanted: object) -> None:
            if self.when is When.WOKEN and isinstance(wanted, asyncio.Future):
                wanted.add_done_callback(lambda _: task.cancel())
            else:
                asyncio.get_running_loop().call_soon(task.cancel)

        task = asyncio.create_task(body())
        await asyncio.wait([task])
        if task.cancelled():
            return Ended(cancelled=True)
        return Ended(cancelled=False, value=task.result())

    def _hook(self, request: Callable[[object], None]) -> "_Hook":
        return _Hook(self, self._point, self.when, request)


class _Hook:
    """Asks for the cancellation at the right step of the call.

    Trio delivers a cancellation only where a task suspends, so "with what it waits for" means
    there: after that came and before the call goes on.
    """

    def __init__(
        self, owner: Cancelling, point: int, when: When, request: Callable[[object], None]
    ) -> None:
        self._owner = owner
        self._point = point
        self._after = when is When.WOKEN and sniffio.current_async_library() == "trio"
        self._request = request

    def suspends(self, step: int, wanted: object) -> None:
        if step == self._point:
            self._owner.reached = True
            if not self._after:
                self._request(wanted)

    def resumes(self, step: int) -> None:
        if step == self._point and self._after:
            self._request(None)


class _Stepped(Generic[T]):
    """Awaits a coroutine, and lets a hook see each of its suspensions."""

    def __init__(self, coroutine: Coroutine[Any, Any, T], hook: _Hook) -> None:
        self._coroutine = coroutine
        self._hook = hook

    def __await__(self) -> Generator[Any, Any, T]:
        try:
            wanted = self._coroutine.send(None)
            for step in count():
                self._hook.suspends(step, wanted)
                try:
                    answer = yield wanted
                except BaseException as error:  # noqa: BLE001  # the coroutine gets it
                    wanted = self._coroutine.throw(error)
                else:
                    self._hook.resumes(step)
                    wanted = self._coroutine.send(answer)
        except StopIteration as stop:
            value: T = stop.value
            return value
        raise AssertionError("count() does not end")


Scenario = Callable[[Cancelling], Coroutine[Any, Any, None]]


def walk(scenario: Scenario, backend: Backend) -> int:
    """Run ``scenario`` for every suspension point of its call; return how many there are.

    Each run must end in time and leave no task and no error that only the loop was told of.
    """
    points = 0
    for when in When:
        for point in count():
            cancelling = Cancelling(point, when)

            async def main(cancelling: Cancelling = cancelling) -> None:
                async with _watched():
                    await scenario(cancelling)

            try:
                backend.run(main)
            except BaseException as error:
                error.add_note(f"cancelled at suspension {point}, {when.value}")
                raise
            if not cancelling.reached:
                break
            points = max(points, point + 1)
    return points


@asynccontextmanager
async def _watched() -> AsyncIterator[None]:
    if sniffio.current_async_library() == "trio":
        before = trio.lowlevel.current_statistics().tasks_living
        with trio.fail_after(LIMIT):
            yield
        assert trio.lowlevel.current_statistics().tasks_living == before
        return
    problems: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: problems.append(context))
    async with asyncio.timeout(LIMIT):
        yield
    for _ in range(3):
        await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert problems == []
