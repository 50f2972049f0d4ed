"""Processes that are measured, and what they say."""

import contextlib
import json
import os
import queue
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

__all__ = ["ROOT", "MeasurementError", "Process"]

ROOT = Path(__file__).resolve().parent.parent
SHOWN_OF_ERRORS = 300
"""Characters of the last of its error output that a failed process is reported with."""


class MeasurementError(Exception):
    """A measurement came to nothing, and why."""


class Process:
    """A child that says one line of JSON at a time. It ends with the block."""

    def __init__(
        self, command: Sequence[str], *, environment: Mapping[str, str] | None = None
    ) -> None:
        self._command = command
        self._environment = environment or {}
        self._heard: queue.Queue[dict[str, Any] | None] = queue.Queue()

    def __enter__(self) -> Self:
        self._errors = tempfile.TemporaryFile()  # open as long as the process
        self._child = subprocess.Popen(
            list(self._command),
            cwd=ROOT,
            env=os.environ | dict(self._environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._child.kill()
        self._child.wait()
        self._listener.join()
        self._errors.close()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                pipe.close()

    def _listen(self) -> None:
        """Libraries may print, too; only what is one of our messages counts."""
        for line in self._child.stdout or ():
            with contextlib.suppress(json.JSONDecodeError):
                message = json.loads(line)
                if isinstance(message, dict) and "type" in message:
                    self._heard.put(message)
        self._heard.put(None)

    def tell(self, **message: object) -> None:
        """Send one line. Raises MeasurementError when the process has ended."""
        if self._child.stdin is None:
            raise MeasurementError("it was started without a pipe")
        try:
            self._child.stdin.write(json.dumps(message) + "\n")
            self._child.stdin.flush()
        except OSError:
            raise self._failure("ended too soon") from None

    def expect(self, kind: str, timeout: float) -> dict[str, Any]:
        """Wait for a line of this type and skip others.

        Raises MeasurementError when it does not come within ``timeout`` seconds, or the process
        ends.
        """
        deadline = time.monotonic() + timeout
        while True:
            try:
                message = self._heard.get(timeout=max(deadline - time.monotonic(), 0))
            except queue.Empty:
                raise self._failure(f"said no {kind!r} in {timeout:.0f} s") from None
            if message is None:
                raise self._failure(f"ended before it said {kind!r}")
            if message["type"] == kind:
                return message

    def _failure(self, what: str) -> MeasurementError:
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip().splitlines()
        last = said[-1][-SHOWN_OF_ERRORS:] if said else ""
        return MeasurementError(what + (f": {last}" if last else ""))
