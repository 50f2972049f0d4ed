"""Firefox, driven over WebDriver BiDi."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.browsers.browser import Tab
from tests.support.browsers.command_socket import CommandSocket, open_commands
from tests.support.browsers.process import BrowserProcess
from tests.support.browsers.trust import trust

__all__ = ["EXECUTABLES", "Firefox"]

EXECUTABLES = ("firefox-esr", "firefox")

_PREFERENCES: dict[str, bool | int | str] = {
    "media.peerconnection.ice.loopback": True,
    # Nothing but the tests may use the network.
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.safebrowsing.blockedURIs.enabled": False,
    "browser.safebrowsing.downloads.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.enabled": False,
}


_CAMERA_GRANTED: dict[str, bool | int | str] = {
    "permissions.default.camera": 1,
    "permissions.default.microphone": 1,
}
"""A page that may use both gathers on every address and tells them; any other one only on that of
the default route, which gets an mDNS name."""


class Firefox:
    """One process. It takes one BiDi session at a time, so tabs are opened one after the other."""

    def __init__(self, executable: str, *, mdns: bool, authority: Path) -> None:
        preferences = _PREFERENCES if mdns else {**_PREFERENCES, **_CAMERA_GRANTED}

        def command(profile: Path) -> list[str]:
            trust(profile, authority)
            lines = [
                f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
                for name, value in preferences.items()
            ]
            (profile / "user.js").write_text("".join(lines), encoding="utf-8")
            options = ["--headless", "--no-remote", "--remote-debugging-port=0"]
            return [executable, *options, "--profile", str(profile), "about:blank"]

        self._process = BrowserProcess(
            command, r"WebDriver BiDi listening on (ws://\S+)", {"MOZ_HEADLESS": "1"}
        )

    def stop(self) -> None:
        self._process.stop()

    @asynccontextmanager
    async def open(self, url: str) -> AsyncIterator[Tab]:
        async with open_commands(f"{self._process.remote_url}/session") as commands:
            await commands.command("session.new", {"capabilities": {}})
            try:
                created = await commands.command("browsingContext.create", {"type": "tab"})
                context = {"context": created["context"]}
                await commands.command(
                    "browsingContext.navigate", {**context, "url": url, "wait": "complete"}
                )
                yield _FirefoxTab(commands, context)
                await commands.command("browsingContext.close", context)
            finally:
                await commands.command("session.end", {})


class _FirefoxTab:
    def __init__(self, commands: CommandSocket, target: dict[str, str]) -> None:
        self._commands = commands
        self._target = target

    async def evaluate(self, expression: str) -> str:
        parameters = {
            "expression": expression,
            "target": self._target,
            "awaitPromise": True,
            "userActivation": True,
        }
        reply = await self._commands.command("script.evaluate", parameters)
        if reply["type"] == "exception":
            raise AssertionError(f"in the page: {reply['exceptionDetails']['text']}")
        value = reply["result"]["value"]
        assert isinstance(value, str)
        return value
