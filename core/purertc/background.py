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

    def start(self, body: Callable[[], Coroutine[Any, Any, None]], name: str) -> object:
        """Run ``body()`` in a task, which begins after this call returned; return its key.

        Raises RuntimeUnavailable when the loop runs nothing more for this connection.
        """
        key = object()
        handle = self._runtime.get().spawn(self._run(key, body), name=f"purertc {name}")
        self._handles[key] = handle
        return key

    def cancel(self, key: object) -> None:
        """Cancel one task and forget it; nothing happens when it has ended."""
        handle = self._handles.pop(key, None)
        if handle is not None:
            # A loop that is closed runs it no more, and cannot cancel it either.
            with suppress(RuntimeError):
                handle.cancel()

    def cancel_all(self) -> None:
        """Cancel all tasks and forget them."""
        for key in list(self._handles):
            self.cancel(key)

    async def _run(self, key: object, body: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await body()
        except Exception:
            _logger.exception("a task of the connection raised")
        finally:
            self._handles.pop(key, None)
