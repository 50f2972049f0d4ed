"""A connection between this process and a page, each of which may make the offer."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from purertc import (
    Configuration,
    ConnectionState,
    DataChannel,
    DataChannelHandler,
    IceCandidate,
    IceServer,
    NetworkSettings,
    PeerConnection,
    PeerConnectionHandler,
    SessionDescription,
    SignalingState,
)
from purertc.sansio.types import IceTransportPolicy
from purertc.wire.candidate import Candidate
from tests.support.browsers.browser import Browser
from tests.support.browsers.page import BrowserChannel, Page, Signal, open_page
from tests.support.peers.settings import Server
from tests.support.stack_protocol import ChannelOptions, Message

__all__ = ["LIMIT", "BrowserLink", "LinkSettings", "Path", "Side", "linked"]

LIMIT = 30.0
"""Seconds after which a test that waits has failed."""


class Side(StrEnum):
    """One end of the connection."""

    BROWSER = "browser"
    PYTHON = "python"


class Path(Protocol):
    """What is between the two sides; it may change what they tell each other."""

    def to_browser(self, signal: Signal) -> Signal | None:
        """Return what the page gets; None for nothing."""

    def to_python(self, signal: Signal) -> Signal | None:
        """Return what this process gets; None for nothing."""


class DirectPath:
    """Both sides hear what the other one said."""

    def to_browser(self, signal: Signal) -> Signal | None:
        return signal

    def to_python(self, signal: Signal) -> Signal | None:
        return signal


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSettings:
    """Who offers, whether candidates follow the descriptions, and what channels say at once.

    With ``complete`` that side sends its candidates in its description, and the other one after
    it. Both sides ask ``servers``; those that are ``relaying`` use relayed candidates only.
    ``network`` is of this process.
    """

    offerer: Side
    trickles: bool = True
    complete: Side | None = None
    greetings: Sequence[Message] = ()
    path: Path = field(default_factory=DirectPath)
    servers: Sequence[Server] = ()
    relaying: Sequence[Side] = ()
    network: NetworkSettings = field(default_factory=NetworkSettings)

    def trickles_from(self, side: Side) -> bool:
        """Whether the candidates of ``side`` follow its description."""
        return self.trickles and side is not self.complete


class _PythonEnd(PeerConnectionHandler):
    """Tells the other side of its candidates and keeps the channels that it announced."""

    def __init__(self, settings: LinkSettings) -> None:
        self._settings = settings
        self.signals: asyncio.Queue[Signal] = asyncio.Queue()
        self.channels: asyncio.Queue[DataChannel] = asyncio.Queue()
        self.signaling: asyncio.Queue[SignalingState] = asyncio.Queue()

    async def on_ice_candidate(self, candidate: IceCandidate | None) -> None:
        if self._settings.trickles_from(Side.PYTHON):
            written: dict[str, object] | None = (
                None if candidate is None else {**candidate.to_json()}
            )
            self.signals.put_nowait({"candidate": written})

    async def on_signaling_state_change(self, state: SignalingState) -> None:
        self.signaling.put_nowait(state)

    async def on_data_channel(self, channel: DataChannel) -> None:
        for greeting in self._settings.greetings:
            await channel.send(greeting)
        self.channels.put_nowait(channel)


class _Greets(DataChannelHandler):
    """Sends at the moment the channel opens."""

    def __init__(self, channel: DataChannel, greetings: Sequence[Message]) -> None:
        self._channel = channel
        self._greetings = greetings

    async def on_open(self) -> None:
        for greeting in self._greetings:
            await self._channel.send(greeting)


class BrowserLink:
    """Both ends. Made by :func:`linked`."""

    def __init__(self, page: Page, settings: LinkSettings) -> None:
        self.page = page
        self.settings = settings
        self.heard_candidates: list[Candidate] = []
        self._heard_end = asyncio.Event()
        self._end = _PythonEnd(settings)
        self.python = PeerConnection(
            self._end,
            configuration=Configuration(
                include_loopback=True,
                send_high_water=None,
                ice_servers=[
                    IceServer(server.urls, username=server.username, credential=server.credential)
                    for server in settings.servers
                ],
                ice_transport_policy=IceTransportPolicy(_policy(settings, Side.PYTHON)),
                network=settings.network,
            ),
        )

    async def connect(self) -> None:
        """Negotiate and wait until both sides say that they are connected."""
        await self.offer(self.settings.offerer)
        await self.python.connected()
        await self.page.invoke("connected")

    async def offer(self, side: Side) -> None:
        """Let one side make an offer; the answer comes by itself."""
        if side is Side.BROWSER:
            await self.page.invoke("offer")
        else:
            await self._describe()

    async def restart(self, side: Side) -> None:
        """Let one side restart ICE; the answer comes by itself."""
        if side is Side.BROWSER:
            await self.page.invoke("restart")
        else:
            self.python.restart_ice()
            await self._describe()

    async def settled(self) -> None:
        """Wait until both sides have the answer to the last offer."""
        await self.page.invoke("stable")
        while self.python.signaling_state is not SignalingState.STABLE:
            await self._end.signaling.get()

    async def gathered(self) -> None:
        """Wait until each side has told of the end of its candidates; both must trickle."""
        await self.python.gathering_complete()
        await self._heard_end.wait()

    @property
    def python_sdp(self) -> str:
        """The local description of this process."""
        description = self.python.local_description
        assert description is not None
        return description.sdp

    @property
    def browser_sdp(self) -> str:
        """The description that the page sent last."""
        description = self.python.remote_description
        assert description is not None
        return description.sdp

    async def connect_with_channel(self) -> tuple[DataChannel, BrowserChannel]:
        """Connect with one channel that the offering side makes; return its ends."""
        return await self.open(self.settings.offerer, "first", connect=True)

    async def open(
        self,
        opener: Side,
        label: str,
        options: ChannelOptions | None = None,
        *,
        connect: bool = False,
    ) -> tuple[DataChannel, BrowserChannel]:
        """Open a channel from one side; return the end of this process, then that of the page."""
        if opener is Side.PYTHON:
            python = self.create_here(label, options)
            if connect:
                await self.connect()
            browser = await self.page.announced()
        else:
            browser = await self.page.create_channel(label, options or ChannelOptions())
            if connect:
                await self.connect()
            python = await self._end.channels.get()
        await python.opened()
        await browser.opened()
        return python, browser

    def create_here(self, label: str, options: ChannelOptions | None = None) -> DataChannel:
        """Make a channel of this process."""
        options = options or ChannelOptions()
        channel = self.python.create_data_channel(
            label,
            ordered=options.ordered,
            max_packet_life_time=options.max_packet_life_time,
            max_retransmits=options.max_retransmits,
            protocol=options.protocol,
            negotiated=options.negotiated,
            id=options.id,
        )
        channel.attach(_Greets(channel, self.settings.greetings))
        return channel

    async def _describe(self) -> None:
        await self.python.set_local_description()
        if not self.settings.trickles_from(Side.PYTHON):
            await self.python.gathering_complete()
        description = self.python.local_description
        assert description is not None
        self._end.signals.put_nowait({"description": {**description.to_json()}})

    async def carry_to_browser(self) -> None:
        """Give the page what this process signals, in order, until cancelled."""
        while True:
            signal = self.settings.path.to_browser(await self._end.signals.get())
            if signal is None:
                continue
            if "description" in signal:
                await self.page.invoke("accept", signal["description"])
            else:
                await self.page.invoke("add", signal["candidate"])

    async def carry_to_python(self) -> None:
        """Give this process what the page signals, in order, until cancelled."""
        while True:
            signal = self.settings.path.to_python(await self.page.signals.get())
            if signal is None or self.python.connection_state is ConnectionState.CLOSED:
                continue
            self.heard_candidates += _candidates_in(signal)
            description = signal.get("description")
            if description is None:
                if signal["candidate"] is None:
                    self._heard_end.set()
                await self.python.add_ice_candidate(signal["candidate"])
                continue
            await self.python.set_remote_description(SessionDescription.from_json(description))
            if description["type"] == "offer":
                await self._describe()


@asynccontextmanager
async def linked(browser: Browser, settings: LinkSettings) -> AsyncIterator[BrowserLink]:
    """Make two ends, not negotiated yet; they are closed at the end."""
    async with asyncio.timeout(LIMIT), open_page(browser) as page, asyncio.TaskGroup() as tasks:
        await page.start(
            trickles=settings.trickles_from(Side.BROWSER),
            greetings=settings.greetings,
            configuration=_page_configuration(settings),
        )
        link = BrowserLink(page, settings)
        async with link.python:
            carriers = [
                tasks.create_task(link.carry_to_browser()),
                tasks.create_task(link.carry_to_python()),
            ]
            try:
                yield link
            finally:
                for carrier in carriers:
                    carrier.cancel()


def _policy(settings: LinkSettings, side: Side) -> str:
    return "relay" if side in settings.relaying else "all"


def _page_configuration(settings: LinkSettings) -> dict[str, object]:
    servers = [
        {"urls": server.urls}
        if server.username is None
        else {"urls": server.urls, "username": server.username, "credential": server.credential}
        for server in settings.servers
    ]
    return {"iceServers": servers, "iceTransportPolicy": _policy(settings, Side.BROWSER)}


def _candidates_in(signal: Signal) -> list[Candidate]:
    description, candidate = signal.get("description"), signal.get("candidate")
    lines = str(description["sdp"]).splitlines() if description else []
    if candidate:
        lines.append(f"a={candidate['candidate']}")
    return [Candidate.parse(line) for line in lines if line.startswith("a=candidate:")]
