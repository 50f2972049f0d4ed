"""One way to drive every implementation, so that a test of interoperation is written once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from unittest.mock import patch

from tests.support.legacy_stack import LegacyStack
from tests.support.purertc_stack import PurertcStack
from tests.support.stack_protocol import ChannelEnd, ChannelOptions, ConnectionEnd, Message, Stack

__all__ = [
    "LIMIT",
    "PAIRINGS",
    "STACKS",
    "ChannelEnd",
    "ChannelOptions",
    "ConnectionEnd",
    "Link",
    "Message",
    "Pairing",
    "Stack",
    "aioice_on_loopback",
    "linked",
    "negotiate",
]

LIMIT = 20.0
"""Seconds after which a test that waits has failed."""

STACKS: dict[str, Stack] = {
    "aiortc": LegacyStack("aiortc"),
    "compat": LegacyStack("purertc_compat"),
    "purertc": PurertcStack(),
}


@dataclass(frozen=True, slots=True)
class Pairing:
    """Who offers and who answers."""

    offering: Stack
    answering: Stack

    @property
    def name(self) -> str:
        return f"{self.offering.name}-{self.answering.name}"


PAIRINGS = tuple(
    Pairing(offering, answering)
    for offering in STACKS.values()
    for answering in STACKS.values()
    if offering is not answering
)


@dataclass(slots=True)
class Link:
    """Two connections that may be connected."""

    offering: ConnectionEnd
    answering: ConnectionEnd

    def other(self, end: ConnectionEnd) -> ConnectionEnd:
        return self.answering if end is self.offering else self.offering

    async def connect(self) -> None:
        """Negotiate and wait until both sides say that they are connected."""
        await negotiate(self.offering, self.answering)
        await self.offering.connected()
        await self.answering.connected()

    async def connect_with_channel(self) -> tuple[ChannelEnd, ChannelEnd]:
        """Connect with one channel; return its end at the offering side, then the other one."""
        channel = self.offering.create_channel("first", ChannelOptions())
        await self.connect()
        await channel.opened()
        return channel, await self.answering.announced()

    async def open(
        self, source: ConnectionEnd, label: str, options: ChannelOptions | None = None
    ) -> tuple[ChannelEnd, ChannelEnd]:
        """Open a channel from ``source``; return its end there and the one announced."""
        near = source.create_channel(label, options or ChannelOptions())
        await near.opened()
        far = await self.other(source).announced()
        assert far.label == label
        return near, far


async def negotiate(offering: ConnectionEnd, answering: ConnectionEnd) -> None:
    """Exchange complete descriptions."""
    answer = await answering.answer(await offering.offer())
    await offering.accept(answer)


def aioice_on_loopback() -> AbstractContextManager[object]:
    """Let aioice, which leaves loopback addresses out, use nothing else."""
    return patch(
        "aioice.ice.get_host_addresses",
        lambda use_ipv4, use_ipv6: ["127.0.0.1"] if use_ipv4 else [],
    )


@asynccontextmanager
async def linked(pairing: Pairing) -> AsyncIterator[Link]:
    """Make two ends, not negotiated yet; they are closed at the end."""
    link = Link(pairing.offering.create(), pairing.answering.create())
    with aioice_on_loopback():
        async with asyncio.timeout(LIMIT):
            try:
                yield link
            finally:
                await link.offering.close()
                await link.answering.close()
