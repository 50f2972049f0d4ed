"""Two peers in processes of their own that hear of each other through the test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from tests.support.namespaces import HERE, Place
from tests.support.peers.process import PeerProcess, running
from tests.support.peers.settings import PeerSettings

__all__ = ["LIMIT", "PAIRINGS", "PeerPair", "Signaling", "Standing", "paired"]

LIMIT = 30.0
"""Seconds after which a test that waits has failed."""

PAIRINGS = (("purertc", "purertc"), ("purertc", "aiortc"), ("aiortc", "purertc"))
"""Who offers and who answers."""


class Signaling(StrEnum):
    """How candidates reach the other side (RFC 8838 section 3 and section 16)."""

    TRICKLE = "trickle"
    HALF_TRICKLE = "half trickle"
    COMPLETE = "complete descriptions"

    @property
    def offer_is_complete(self) -> bool:
        return self is not Signaling.TRICKLE

    @property
    def answer_is_complete(self) -> bool:
        return self is Signaling.COMPLETE


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Who stands where: an implementation, its place and its settings."""

    name: str = "purertc"
    place: Place = HERE
    settings: PeerSettings = field(default_factory=PeerSettings)


class PeerPair:
    """Made by :func:`paired`."""

    def __init__(self, offering: PeerProcess, answering: PeerProcess) -> None:
        self.offering = offering
        self.answering = answering
        self._carriers: list[asyncio.Task[None]] = []

    async def connect(self, signaling: Signaling = Signaling.TRICKLE) -> None:
        """Negotiate one channel and wait until it is open at both sides."""
        await self.offering.create_channel("channel")
        await self.negotiate(signaling)
        await self.connected()

    async def connected(self) -> None:
        """Wait until the channel is open; raises AssertionError with both sides' reports."""
        try:
            async with asyncio.timeout(LIMIT), asyncio.TaskGroup() as tasks:
                for peer in (self.offering, self.answering):
                    tasks.create_task(peer.opened("channel"))
        except TimeoutError:
            raise AssertionError(await self.explain()) from None

    async def explain(self) -> str:
        """Return what both sides have to say about their connection."""
        reports = [
            f"{peer.name} {peer.state} {peer.errors}\n{await peer.call('explain')}"
            for peer in (self.offering, self.answering)
        ]
        return "\n".join(reports)

    async def negotiate(
        self,
        signaling: Signaling = Signaling.TRICKLE,
        *,
        offerer: PeerProcess | None = None,
        restart: bool = False,
    ) -> None:
        """Exchange descriptions; candidates that trickle follow them from now on."""
        offering = offerer or self.offering
        answering = self.answering if offering is self.offering else self.offering
        self._stop_carrying()
        offer = await offering.call("offer", complete=signaling.offer_is_complete, restart=restart)
        answer = await answering.call("answer", offer=offer, complete=signaling.answer_is_complete)
        if not signaling.offer_is_complete:
            self._carry(offering, answering)
        await offering.call("accept", answer=answer)
        if not signaling.answer_is_complete:
            self._carry(answering, offering)

    async def exchange(self, text: str = "there and back") -> None:
        """Send a message each way and see that it arrives."""
        async with asyncio.timeout(LIMIT):
            for source, target in (
                (self.offering, self.answering),
                (self.answering, self.offering),
            ):
                await source.send("channel", f"{text} from {source.name}")
                assert await target.receive("channel") == f"{text} from {source.name}"

    async def close(self) -> None:
        """Close both connections; the processes go on."""
        self._stop_carrying()
        for peer in (self.offering, self.answering):
            await peer.close()

    def _carry(self, source: PeerProcess, target: PeerProcess) -> None:
        async def carry() -> None:
            while True:
                await target.call("add_candidate", candidate=await source.candidates.get())

        self._carriers.append(asyncio.create_task(carry()))

    def _stop_carrying(self) -> None:
        for carrier in self._carriers:
            carrier.cancel()
        self._carriers.clear()


@asynccontextmanager
async def paired(offering: Standing, answering: Standing) -> AsyncIterator[PeerPair]:
    """Run both sides until the block ends."""
    async with AsyncExitStack() as stack:
        first, second = [
            await stack.enter_async_context(running(each.name, each.place, each.settings))
            for each in (offering, answering)
        ]
        pair = PeerPair(first, second)
        stack.callback(pair._stop_carrying)
        yield pair
