"""What a program registers and what fires, as JSON lines, when PURERTC_COMPAT_RECORD names a file.

Each line is an object with ``what``: ``registered`` (a listener, with its place), ``fired`` (an
event, with the number of listeners) or ``overlapped`` (an asynchronous listener started while an
earlier one of the same object still ran). ``object`` is the class and a number.
"""

import inspect
import json
import os
from io import TextIOWrapper
from itertools import count
from pathlib import Path
from weakref import WeakKeyDictionary

from purertc_compat._deprecation import user_frame

__all__ = ["Recorder", "active_recorder", "record_to"]


class Recorder:
    """Writes the lines. One process may append where another one ended."""

    def __init__(self, path: Path) -> None:
        self._file: TextIOWrapper = path.open("a", encoding="utf-8", buffering=1)
        self._numbers: WeakKeyDictionary[object, int] = WeakKeyDictionary()
        self._next_number = count(1)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def registered(self, emitter: object, event: str, listener: object) -> None:
        """Note that ``listener`` was added for ``event``."""
        frame = user_frame()
        self._write(
            "registered",
            emitter,
            event,
            listener=_name_of(listener),
            is_async=_is_async(listener),
            file=frame.f_code.co_filename if frame else None,
            line=frame.f_lineno if frame else None,
        )

    def fired(self, emitter: object, event: str, listeners: int) -> None:
        """Note that ``event`` was emitted."""
        self._write("fired", emitter, event, listeners=listeners)

    def overlapped(self, emitter: object, event: str, listener: object) -> None:
        """Note that ``listener`` started while an earlier asynchronous one still ran."""
        self._write("overlapped", emitter, event, listener=_name_of(listener))

    def _write(self, what: str, emitter: object, event: str, **more: object) -> None:
        number = self._numbers.get(emitter)
        if number is None:
            number = self._numbers[emitter] = next(self._next_number)
        line = {"what": what, "object": f"{type(emitter).__name__}#{number}", "event": event}
        self._file.write(json.dumps(line | more) + "\n")


def _name_of(listener: object) -> str:
    name = getattr(listener, "__qualname__", None)
    module = getattr(listener, "__module__", None)
    return f"{module}.{name}" if name else repr(listener)


def _is_async(listener: object) -> bool:
    return inspect.iscoroutinefunction(listener)


class _Active:
    """The recorder of this process, if any."""

    def __init__(self) -> None:
        path = os.environ.get("PURERTC_COMPAT_RECORD")
        self.recorder = Recorder(Path(path)) if path else None


_active = _Active()


def active_recorder() -> Recorder | None:
    """Return the recorder that is on, or None."""
    return _active.recorder


def record_to(path: Path | None) -> None:
    """Start to record to ``path``, or stop with None. Raises OSError when it cannot be opened."""
    if _active.recorder is not None:
        _active.recorder.close()
    _active.recorder = Recorder(path) if path is not None else None
