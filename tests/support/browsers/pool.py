"""The browsers of a test run: each is started when a test first wants it, and once."""

import tempfile
from functools import cache
from pathlib import Path
from typing import Protocol

from tests.support.browsers import chromium, firefox
from tests.support.browsers.browser import Browser
from tests.support.browsers.process import executable_version, find_executable
from tests.support.turn_certificates import Authority

__all__ = ["BROWSERS", "BrowserPool", "installed_version"]


class _Starts(Protocol):
    def __call__(self, executable: str, *, mdns: bool, authority: Path) -> Browser: ...


BROWSERS: dict[str, tuple[tuple[str, ...], _Starts]] = {
    "chromium": (chromium.EXECUTABLES, chromium.Chromium),
    "firefox": (firefox.EXECUTABLES, firefox.Firefox),
}
"""Name → the names of its program, and the class that drives it."""


@cache
def installed_version(name: str) -> str:
    """Return the version of a browser. Raises BrowserMissingError."""
    return executable_version(find_executable(*BROWSERS[name][0]))


class BrowserPool:
    """Browsers that run until :meth:`stop`."""

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="purertc-authority-")
        self.authority = Authority(Path(self._directory.name))
        """They trust it, besides those that they come with."""
        self._running: dict[tuple[str, bool], Browser] = {}

    def get(self, name: str, *, mdns: bool = False) -> Browser:
        """Return the browser, hiding its addresses behind mDNS names or not.

        Raises BrowserMissingError.
        """
        if (name, mdns) not in self._running:
            executables, start = BROWSERS[name]
            self._running[name, mdns] = start(
                find_executable(*executables), mdns=mdns, authority=self.authority.path
            )
        return self._running[name, mdns]

    def stop(self) -> None:
        """End them all."""
        for browser in self._running.values():
            browser.stop()
        self._running.clear()
        self._directory.cleanup()
