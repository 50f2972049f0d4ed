"""Chromium, driven over the Chrome DevTools Protocol."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.browsers.browser import Tab
from tests.support.browsers.command_socket import CommandError, CommandSocket, open_commands
from tests.support.browsers.process import BrowserProcess
from tests.support.browsers.trust import trust

__all__ = ["EXECUTABLES", "Chromium"]

EXECUTABLES = ("chromium", "chromium-browser")

_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--allow-loopback-in-peer-connection",
    "--remote-debugging-port=0",
)

_CAMERA_GRANTED = "--use-fake-ui-for-media-stream"
"""A page that may use the camera gathers on every address and tells them; any other one only on
that of the default route, which gets an mDNS name."""


class Chromium:
    """One process; every :meth:`open` is a tab and a connection of its own."""

    def __init__(self, executable: str, *, mdns: bool, authority: Path) -> None:
        def command(profile: Path) -> list[str]:
            trust(profile / ".pki" / "nssdb", authority)
            granted = [] if mdns else [_CAMERA_GRANTED]
            return [executable, *_ARGUMENTS, *granted, f"--user-data-dir={profile}", "about:blank"]

        self._process = BrowserProcess(command, r"DevTools listening on (ws://\S+)", {})

    def stop(self) -> None:
        self._process.stop()

    @asynccontextmanager
    async def open(self, url: str) -> AsyncIterator[Tab]:
        async with open_commands(self._process.remote_url) as commands:
            created = await commands.command("Target.createTarget", {"url": url})
            target = {"targetId": created["targetId"]}
            attached = await commands.command("Target.attachToTarget", {**target, "flatten": True})
            tab = _ChromiumTab(commands, attached["sessionId"])
            await tab.wait_loaded(url)
            try:
                yield tab
            finally:
                await commands.command("Target.closeTarget", target)


class _ChromiumTab:
    def __init__(self, commands: CommandSocket, session: str) -> None:
        self._commands = commands
        self._session = session

    async def wait_loaded(self, url: str) -> None:
        """A new target begins with an empty document that the wanted one replaces."""
        while True:
            try:
                if await self.evaluate(_WHEN_LOADED) == url:
                    return
            except CommandError as error:
                if "context" not in str(error) and "navigated" not in str(error):
                    raise

    async def evaluate(self, expression: str) -> str:
        parameters = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        reply = await self._commands.command(
            "Runtime.evaluate", parameters, sessionId=self._session
        )
        if "exceptionDetails" in reply:
            details = reply["exceptionDetails"]
            thrown = details.get("exception", {}).get("description", details["text"])
            raise AssertionError(f"in the page: {thrown}")
        value = reply["result"]["value"]
        assert isinstance(value, str)
        return value


_WHEN_LOADED = """
document.readyState === "complete"
    ? location.href
    : new Promise((done) => addEventListener("load", () => done(location.href)))
"""
