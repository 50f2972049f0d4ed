"""Finds the event loop that runs the caller."""

import sys
from contextvars import ContextVar
from functools import cache
from types import TracebackType
from typing import cast

from purertc.errors import RuntimeUnavailable
from purertc.runtime.base import HasScope, Runtime

__all__ = ["RuntimeSource", "detect_runtime", "running_runtime"]

running_runtime: ContextVar[Runtime | None] = ContextVar("purertc_running_runtime", default=None)
"""Set by a loop that purertc cannot know in the context of all that it runs."""


def detect_runtime() -> Runtime:
    """Return a runtime for the loop that is running. Raises RuntimeUnavailable without one.

    Nothing is imported that the program has not imported: a loop that runs has its library
    loaded.
    """
    runtime = running_runtime.get()
    if runtime is not None:
        return runtime
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_task():
        from purertc.runtime.trio import TrioRuntime  # noqa: PLC0415  # loads trio

        return TrioRuntime()
    asyncio = sys.modules.get("asyncio")
    if asyncio is not None and asyncio._get_running_loop() is not None:
        from purertc.runtime.asyncio import AsyncioRuntime  # noqa: PLC0415  # loads asyncio

        return AsyncioRuntime(asyncio.get_running_loop())
    raise RuntimeUnavailable(
        "no event loop that purertc knows is running here; call this from a coroutine under"
        " asyncio or trio, or pass runtime= to the connection"
    )


@cache
def _has_scope(kind: type) -> bool:
    """Whether runtimes of a class have a scope; to ask each of them is slow."""
    return issubclass(kind, HasScope)


def _with_scope(runtime: Runtime) -> HasScope | None:
    return cast("HasScope", runtime) if _has_scope(type(runtime)) else None


class RuntimeSource:
    """The runtime of one connection: the one given, or the one found at the first need."""

    __slots__ = ("_runtime",)

    def __init__(self, runtime: Runtime | None = None) -> None:
        self._runtime = runtime

    def get(self) -> Runtime:
        """Return the runtime. Raises RuntimeUnavailable when none is given and none runs."""
        if self._runtime is None:
            self._runtime = detect_runtime()
        return self._runtime

    async def enter(self) -> None:
        """Enter the runtime where it has a scope."""
        scope = _with_scope(self.get())
        if scope is not None:
            await scope.__aenter__()

    async def leave(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leave what :meth:`enter` entered."""
        scope = _with_scope(self.get())
        if scope is not None:
            await scope.__aexit__(kind, error, traceback)
