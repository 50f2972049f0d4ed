"""Tasks that a connection runs for itself, beside those of its handlers."""

import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from purertc.runtime.base import TaskHandle
from purertc.runtime.detect import RuntimeSource

__all__ = ["BackgroundTasks"]

_logger = logging.getLogger("purertc.driver")


class BackgroundTasks:
    """Tasks that end with their owner at the latest."""

    def __init__(self, runtime: RuntimeSource) -> None:
        self._runtime = runtime
        self._handles: dict[object, TaskHandle] = {}

    def __bool__(self) -> bool:
        """Whether a task is left."""
        return bool(self._handles)

    def start(self, body: Callable[[], Coroutine[Any, Any, None]], name: str) -> TaskHandle:
        """Run ``body()`` in a task, which begins after this call returned.

        Raises RuntimeUnavailable when the loop runs nothing more for this connection.
        """
        key = object()
        handle = self._runtime.get().spawn(self._run(key, body), name=f"purertc {name}")
        self._handles[key] = handle
        return handle

    def cancel(self) -> None:
        """Cancel all tasks and forget them."""
        handles = list(self._handles.values())
        self._handles.clear()
        for handle in handles:
            # A loop that is closed runs them no more, and cannot cancel them either.
            with suppress(RuntimeError):
                handle.cancel()

    async def _run(self, key: object, body: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await body()
        except Exception:
            _logger.exception("a task of the connection raised")
        finally:
            self._handles.pop(key, None)
