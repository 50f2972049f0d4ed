"""The page that the browsers load, served from this process, and what a test may do with it."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from tests.support.browsers.browser import Browser, Tab
from tests.support.stack_protocol import ChannelOptions, Message

__all__ = ["BrowserChannel", "Page", "open_page"]

_HERE = Path(__file__).parent

Signal = dict[str, dict[str, object] | None]
"""What one side tells the other: a "description" or a "candidate", as browsers write them."""


class Page:
    """The one connection of a page."""

    def __init__(self, tab: Tab, signals: asyncio.Queue[Signal]) -> None:
        self._tab = tab
        self.signals = signals

    async def invoke(self, command: str, *values: object) -> object:
        """Run a command of ``page.js``. What it throws is raised as AssertionError."""
        arguments = ", ".join(json.dumps(value) for value in (command, *values))
        result: object = json.loads(await self._tab.evaluate(f"invoke({arguments})"))
        return result

    async def start(
        self, *, trickles: bool, greetings: Sequence[Message], configuration: object
    ) -> None:
        """Make the connection. Its channels send ``greetings`` at the moment they open.

        ``configuration`` is the dictionary of RTCPeerConnection.
        """
        options = {
            "trickles": trickles,
            "greetings": [_encode(each) for each in greetings],
            "configuration": configuration,
        }
        await self.invoke("start", options)

    async def create_channel(self, label: str, options: ChannelOptions) -> "BrowserChannel":
        """Call ``createDataChannel``."""
        return BrowserChannel(self, await self.invoke("create", label, _init(options)))

    async def announced(self) -> "BrowserChannel":
        """Wait for a channel that the other side opened."""
        return BrowserChannel(self, await self.invoke("announced"))


class BrowserChannel:
    """One end of a data channel, in the page."""

    def __init__(self, page: Page, handle: object) -> None:
        self._page = page
        self._handle = handle

    async def describe(self) -> dict[str, object]:
        """Return the attributes of the channel by their JavaScript names."""
        attributes = await self._page.invoke("describe", self._handle)
        assert isinstance(attributes, dict)
        return attributes

    async def opened(self) -> None:
        """Wait until it is open."""
        await self._page.invoke("opened", self._handle)

    async def closed(self) -> None:
        """Wait until it is closed."""
        await self._page.invoke("closed", self._handle)

    async def close(self) -> None:
        """Begin to close it."""
        await self._page.invoke("close", self._handle)

    async def send(self, *messages: Message) -> None:
        """Send all of them without waiting in between."""
        await self._page.invoke("send", self._handle, [_encode(each) for each in messages])

    async def send_and_close(self, *messages: Message) -> None:
        """Send all of them and close the channel at once."""
        await self._page.invoke("sendAndClose", self._handle, [_encode(each) for each in messages])

    async def echo(self) -> None:
        """From now on send back each message as it comes."""
        await self._page.invoke("echo", self._handle)

    async def receive(self) -> Message:
        """Wait for a message."""
        return _decode(await self._page.invoke("receive", self._handle))

    async def receive_many(self, count: int) -> list[Message]:
        """Wait for ``count`` messages."""
        return [await self.receive() for _ in range(count)]


@asynccontextmanager
async def open_page(browser: Browser) -> AsyncIterator[Page]:
    """Serve the page on a free port of the loopback address and load it."""
    signals: asyncio.Queue[Signal] = asyncio.Queue()

    async def take_signal(request: web.Request) -> web.Response:
        signals.put_nowait(json.loads(await request.text()))
        return web.Response()

    async def send_page(request: web.Request) -> web.FileResponse:
        return web.FileResponse(_HERE / "page.html")

    async def send_script(request: web.Request) -> web.FileResponse:
        return web.FileResponse(_HERE / "page.js")

    application = web.Application()
    application.router.add_get("/", send_page)
    application.router.add_get("/page.js", send_script)
    application.router.add_post("/signal", take_signal)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        async with browser.open(f"http://127.0.0.1:{port}/") as tab:
            yield Page(tab, signals)
    finally:
        await runner.cleanup()


def _encode(message: Message) -> list[str]:
    if isinstance(message, str):
        return ["text", message]
    return ["binary", base64.b64encode(message).decode("ascii")]


def _decode(encoded: object) -> Message:
    assert isinstance(encoded, list)
    kind, text = encoded
    return text if kind == "text" else base64.b64decode(text)


def _init(options: ChannelOptions) -> dict[str, object]:
    """RTCDataChannelInit, without the members that the options leave open."""
    members = {
        "ordered": options.ordered,
        "maxPacketLifeTime": options.max_packet_life_time,
        "maxRetransmits": options.max_retransmits,
        "protocol": options.protocol,
        "negotiated": options.negotiated,
        "id": options.id,
    }
    return {name: value for name, value in members.items() if value is not None}
