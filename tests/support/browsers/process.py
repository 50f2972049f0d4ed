"""A browser as a process of its own, with a profile that goes when it ends."""

import os
import queue
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

__all__ = ["BrowserMissingError", "BrowserProcess", "executable_version", "find_executable"]

START_LIMIT = 30.0
"""Seconds until a browser that says nothing of its remote end counts as broken."""


class BrowserMissingError(Exception):
    """The browser, or what its tests need beside it, is not installed."""


def find_executable(*names: str, package: str | None = None) -> str:
    """Return the path of the first of ``names`` that is installed; ``package`` has it."""
    for name in names:
        path = shutil.which(name)
        if path is not None:
            return path
    raise BrowserMissingError(f"{names[0]} is not installed: apt-get install {package or names[0]}")


def executable_version(executable: str) -> str:
    """Return the version number that the browser prints of itself."""
    output = subprocess.run([executable, "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"\d+(\.\w+)+", output.stdout)
    assert found, output.stdout
    return found.group()


class BrowserProcess:
    """Runs until :meth:`stop`; ``remote_url`` is where it listens for commands.

    ``command`` makes the command line from the path of the new profile. ``announcement`` finds
    the URL in a line of the browser's standard error.
    """

    def __init__(
        self,
        command: Callable[[Path], Sequence[str]],
        announcement: str,
        environment: Mapping[str, str],
    ) -> None:
        self._profile = Path(tempfile.mkdtemp(prefix="purertc-browser-"))
        self._announcement = re.compile(announcement)
        self._last_lines: deque[str] = deque(maxlen=30)
        self._found: queue.Queue[str | None] = queue.Queue()
        self._process = subprocess.Popen(
            command(self._profile),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env={**os.environ, "HOME": str(self._profile), **environment},
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.remote_url = self._wait_for_url()

    def stop(self) -> None:
        """End the process with all its children and remove the profile."""
        for number, limit in ((signal.SIGTERM, 5.0), (signal.SIGKILL, None)):
            try:
                os.killpg(self._process.pid, number)
                self._process.wait(limit)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        self._process.wait()
        self._reader.join()
        shutil.rmtree(self._profile, ignore_errors=True)

    def _wait_for_url(self) -> str:
        try:
            url = self._found.get(timeout=START_LIMIT)
        except queue.Empty:
            url = None
        if url is None:
            self.stop()
            raise AssertionError("the browser did not start:\n" + "".join(self._last_lines))
        return url

    def _read(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            for line in lines:
                self._last_lines.append(line)
                found = self._announcement.search(line)
                if found:
                    self._found.put(found.group(1))
        self._found.put(None)
