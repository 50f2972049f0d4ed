"""Finds the event loop that runs the caller."""

import sys

from purertc.errors import RuntimeUnavailable
from purertc.runtime.base import Runtime

__all__ = ["RuntimeSource", "detect_runtime"]


def detect_runtime() -> Runtime:
    """Return a runtime for the loop that is running. Raises RuntimeUnavailable without one.

    Nothing is imported that the program has not imported: a loop that runs has its library
    loaded.
    """
    asyncio = sys.modules.get("asyncio")
    if asyncio is not None and asyncio._get_running_loop() is not None:
        from purertc.runtime.asyncio import AsyncioRuntime  # noqa: PLC0415  # loads asyncio

        return AsyncioRuntime(asyncio.get_running_loop())
    raise RuntimeUnavailable(
        "no event loop that purertc knows is running here; call this from a coroutine under"
        " asyncio, or pass runtime= to the connection"
    )


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
