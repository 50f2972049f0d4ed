"""The event emitter of the legacy objects: pyee's, with listeners kept apart from the network."""

import asyncio
import logging
from asyncio import iscoroutine
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, ClassVar

from pyee.asyncio import AsyncIOEventEmitter

from purertc_compat._deprecation import warn_legacy
from purertc_compat._recording import active_recorder

__all__ = ["LegacyEmitter"]

logger = logging.getLogger("purertc_compat.emitter")


class LegacyEmitter(AsyncIOEventEmitter):
    """pyee's AsyncIOEventEmitter, as users of aiortc know it.

    An exception that a listener raises for an event of the library is reported to the loop's
    exception handler and goes no further, unless the program listens to ``error``. In aiortc it
    unwinds the receive path and takes the connection down. For events that the program emits
    itself pyee's rule stays: it is raised out of ``emit``.
    """

    _never_emitted: ClassVar[frozenset[str]] = frozenset()
    """Events of the browsers' API that programs listen to in vain, here as in aiortc."""

    _legacy_name: ClassVar[str | None] = None
    """The name under which adding a listener is deprecated."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        super().__init__(loop)
        self._event_of_library: str | None = None
        self._emitting_error = False

    def emit(self, event: str, *args: object, **kwargs: object) -> bool:
        """Call the listeners of ``event``; says whether there were any (pyee)."""
        if event == "new_listener":
            self._note_listener(str(args[0]), args[1])
        elif (recorder := active_recorder()) is not None:
            recorder.fired(self, event, len(self.listeners(event)))
        if event == "error":
            return self._emit_error(*args, **kwargs)
        return super().emit(event, *args, **kwargs)

    def _emit_error(self, *args: object, **kwargs: object) -> bool:
        """Emit ``error`` once: what its own listeners raise is raised, not emitted again."""
        if self._emitting_error and args and isinstance(args[0], Exception):
            raise args[0]
        self._emitting_error = True
        try:
            return super().emit("error", *args, **kwargs)
        finally:
            self._emitting_error = False

    def _fire(self, event: str, *args: object) -> None:
        """Emit an event of the library; nothing that a listener raises comes back."""
        before, self._event_of_library = self._event_of_library, event
        try:
            self.emit(event, *args)
        finally:
            self._event_of_library = before

    def _emit_run(
        self, f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        event, self._event_of_library = self._event_of_library, None
        recorder = active_recorder()
        pending = set() if recorder is None or self.complete else set(self._waiting)
        try:
            super()._emit_run(f if event is None else partial(self._guard, event, f), args, kwargs)
        except Exception as error:
            if event is None:
                raise
            self._report("error", f, error)
        finally:
            self._event_of_library = event
        if recorder is not None and pending and self._waiting - pending:
            recorder.overlapped(self, event or "", f)

    def _guard(self, event: str, listener: Callable[..., Any], *args: object) -> object:
        """Call a listener; report here what it raises, unless somebody listens to ``error``.

        pyee would raise it through frames that refer to it, a cycle that keeps the connection.
        """
        try:
            result = listener(*args)
        except Exception as error:
            if self.listeners("error"):
                raise
            self._report(event, listener, error)
            return None
        return self._guard_async(event, listener, result) if iscoroutine(result) else result

    async def _guard_async(
        self, event: str, listener: Callable[..., Any], coroutine: Coroutine[Any, Any, object]
    ) -> None:
        try:
            await coroutine
        except Exception as error:
            if self.listeners("error"):
                raise
            self._report(event, listener, error)

    def _report(self, event: str, listener: Callable[..., Any], error: Exception) -> None:
        message = (
            f"{type(self).__name__}: the listener {listener!r} of {event!r} raised; "
            "the connection goes on"
        )
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            logger.error(message, exc_info=error)
            return
        loop.call_exception_handler({"message": message, "exception": error, "emitter": self})

    def _note_listener(self, event: str, listener: object) -> None:
        if (recorder := active_recorder()) is not None:
            recorder.registered(self, event, listener)
        if self._legacy_name is not None:
            warn_legacy(self._legacy_name)
        if event in self._never_emitted:
            logger.warning(
                "%s never emits %r, here as in aiortc: %r will not run",
                type(self).__name__,
                event,
                listener,
            )
