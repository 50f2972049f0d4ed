"""Runs a program written for aiortc on either implementation and notes what it sees.

A scenario is a coroutine function that takes a :class:`Stage`. It makes its connections and
channels through the stage, which listens to all their events. What one connection and its channels
say is one trace; how the traces of two connections interleave is free and is not compared.
"""

import asyncio
import importlib
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, nullcontext
from types import ModuleType
from typing import Any
from unittest.mock import patch

import aioice.ice

__all__ = ["Legacy", "Scenario", "Stage", "run_scenario", "with_local_address"]

CONNECTION_EVENTS = (
    "signalingstatechange",
    "icegatheringstatechange",
    "iceconnectionstatechange",
    "connectionstatechange",
)
CHANNEL_EVENTS = ("open", "close")

Legacy = Any
"""An object of either implementation."""

Scenario = Callable[["Stage"], Coroutine[None, None, None]]


class Stage:
    """The implementation under test, and what was seen."""

    def __init__(self, package: str) -> None:
        self.api: ModuleType = importlib.import_module(package)
        self.sdp: ModuleType = importlib.import_module(f"{package}.sdp")
        self.exceptions: ModuleType = importlib.import_module(f"{package}.exceptions")
        self.traces: dict[str, list[str]] = {}
        self._connections: list[Any] = []

    def connection(self, name: str) -> Legacy:
        """Make a connection without servers; its trace gets ``name``."""
        pc = self.api.RTCPeerConnection(self.api.RTCConfiguration(iceServers=[]))
        self._connections.append(pc)
        self.traces[name] = []
        for event in CONNECTION_EVENTS:
            pc.on(event, self._state_listener(name, event, pc))
        pc.on("datachannel", lambda channel: self.note(name, f"datachannel {describe(channel)}"))
        return pc

    def watch(self, name: str, channel: Legacy, *, low: bool = False) -> Legacy:
        """Note the events of a channel in the trace ``name``.

        ``low`` includes ``bufferedamountlow``, whose place among the others is free: it comes from
        a task that flushes in the background.
        """
        for event in (*CHANNEL_EVENTS, "bufferedamountlow") if low else CHANNEL_EVENTS:
            channel.on(event, self._channel_listener(name, event, channel))
        channel.on("message", lambda message: self.note(name, f"message {shorten(message)}"))
        return channel

    def note(self, name: str, text: str) -> None:
        """Add a line to a trace."""
        self.traces[name].append(text)

    def note_error(self, name: str, error: BaseException) -> None:
        """Add what was raised."""
        self.note(name, f"raised {type(error).__name__}: {error}")

    async def connect(self, offerer: Legacy, answerer: Legacy) -> None:
        """Exchange an offer and an answer as programs do."""
        await offerer.setLocalDescription(await offerer.createOffer())
        await answerer.setRemoteDescription(offerer.localDescription)
        await answerer.setLocalDescription(await answerer.createAnswer())
        await offerer.setRemoteDescription(answerer.localDescription)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for ``condition``; fails after ten seconds."""
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110  # it looks from outside, as programs do
                await asyncio.sleep(0.001)

    async def settle(self) -> None:
        """Let what is under way arrive: a few round trips on this machine."""
        await asyncio.sleep(0.05)

    async def finish(self) -> None:
        """Close what the scenario left open."""
        for pc in self._connections:
            await pc.close()

    def _state_listener(self, name: str, event: str, pc: Legacy) -> Callable[[], None]:
        def listener() -> None:
            self.note(
                name,
                f"{event} signaling={pc.signalingState} gathering={pc.iceGatheringState} "
                f"ice={pc.iceConnectionState} connection={pc.connectionState}",
            )

        return listener

    def _channel_listener(
        self,
        name: str,
        event: str,
        channel: Legacy,
    ) -> Callable[[], None]:
        def listener() -> None:
            self.note(name, f"{channel.label} {event} {channel.readyState}")

        return listener


def describe(channel: Legacy) -> str:
    """Everything that a program can ask of a channel."""
    return (
        f"{channel.label!r} {channel.protocol!r} id={channel.id} ordered={channel.ordered} "
        f"retransmits={channel.maxRetransmits} life={channel.maxPacketLifeTime} "
        f"negotiated={channel.negotiated} {channel.readyState} "
        f"buffered={channel.bufferedAmount} low={channel.bufferedAmountLowThreshold}"
    )


def shorten(message: str | bytes) -> str:
    """Say what a message is without quoting a long one."""
    if len(message) <= 40:
        return repr(message)
    return f"{type(message).__name__} of {len(message)}, {hash(message)}"


def with_local_address() -> AbstractContextManager[object]:
    """Let aioice use the loopback address where the machine has no other one."""
    if aioice.ice.get_host_addresses(use_ipv4=True, use_ipv6=True):
        return nullcontext()
    return patch("aioice.ice.get_host_addresses", return_value=["127.0.0.1"])


async def run_scenario(package: str, scenario: Scenario) -> dict[str, list[str]]:
    """Run a scenario on ``aiortc`` or ``purertc_compat`` and return its traces."""
    stage = Stage(package)
    with with_local_address():
        try:
            async with asyncio.timeout(20):
                await scenario(stage)
        finally:
            await stage.finish()
    return stage.traces
