"""What the measured programs need of an event loop: asyncio, uvloop or trio."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Protocol, TypeVar

__all__ = ["AsyncioLoop", "Event", "Loop", "TrioLoop", "named"]

ResultT = TypeVar("ResultT")


class Event(Protocol):
    """A flag to wait for."""

    def set(self) -> Any: ...
    def is_set(self) -> bool: ...
    async def wait(self) -> Any: ...


class Loop(Protocol):
    """One event loop."""

    def run(self, main: Callable[[], Coroutine[Any, Any, ResultT]]) -> ResultT:
        """Run to the end of ``main``."""

    def new_event(self) -> Event:
        """Return an event that is not set."""

    async def sleep(self, seconds: float) -> Any:
        """Wait."""

    async def in_thread(self, function: Callable[[], ResultT]) -> ResultT:
        """Call a function that blocks."""

    async def all_of(self, tasks: Sequence[Callable[[], Awaitable[None]]]) -> None:
        """Run all at once, to their end."""


class AsyncioLoop:
    """asyncio's own loop, or uvloop's."""

    def __init__(self, factory: Callable[[], asyncio.AbstractEventLoop] | None = None) -> None:
        self._factory = factory

    def run(self, main: Callable[[], Coroutine[Any, Any, ResultT]]) -> ResultT:
        with asyncio.Runner(loop_factory=self._factory) as runner:
            return runner.run(main())

    def new_event(self) -> Event:
        return asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def in_thread(self, function: Callable[[], ResultT]) -> ResultT:
        return await asyncio.to_thread(function)

    async def all_of(self, tasks: Sequence[Callable[[], Awaitable[None]]]) -> None:
        await asyncio.gather(*(task() for task in tasks))


class TrioLoop:
    """trio."""

    def __init__(self) -> None:
        self._trio = importlib.import_module("trio")

    def run(self, main: Callable[[], Coroutine[Any, Any, ResultT]]) -> ResultT:
        result: ResultT = self._trio.run(main)
        return result

    def new_event(self) -> Event:
        event: Event = self._trio.Event()
        return event

    async def sleep(self, seconds: float) -> None:
        await self._trio.sleep(seconds)

    async def in_thread(self, function: Callable[[], ResultT]) -> ResultT:
        result: ResultT = await self._trio.to_thread.run_sync(function)
        return result

    async def all_of(self, tasks: Sequence[Callable[[], Awaitable[None]]]) -> None:
        async with self._trio.open_nursery() as nursery:
            for task in tasks:
                nursery.start_soon(task)


def named(name: str) -> Loop:
    """Return a loop. Raises ImportError where it is not installed."""
    if name == "trio":
        return TrioLoop()
    if name == "uvloop":
        return AsyncioLoop(importlib.import_module("uvloop").new_event_loop)
    return AsyncioLoop()
