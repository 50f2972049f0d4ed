"""Two hosts behind translators, with servers outside, for programs with aiortc's API."""

import asyncio
import importlib
from collections.abc import Callable, Coroutine
from typing import Any

from purertc.testing import (
    NatKind,
    SimulatedHost,
    SimulatedNetwork,
    SimulatedStunServer,
    SimulatedTurnServer,
    run_virtual,
)

__all__ = ["Legacy", "LegacyTown"]

Legacy = Any
"""An object of either implementation."""


class LegacyTown:
    """``package`` is "aiortc" or "purertc_compat"; time and network are simulated."""

    def __init__(self, package: str, kind: NatKind = NatKind.SYMMETRIC) -> None:
        self.api: Legacy = importlib.import_module(package)
        self.network = SimulatedNetwork(seed=1)
        self.alice, self.bob = (self._home(kind, number) for number in (1, 2))
        self.stun = SimulatedStunServer(self.network.add_host("stun", "192.0.2.53"))
        self.turn = SimulatedTurnServer(self.network.add_host("turn", "192.0.2.54"))
        self.silent = SimulatedStunServer(
            self.network.add_host("silent", "192.0.2.66"), silent=True
        )

    def _home(self, kind: NatKind, number: int) -> SimulatedHost:
        nat = self.network.add_nat(f"nat {number}", kind, f"203.0.113.{number}")
        return self.network.add_host(f"host {number}", f"192.168.{number}.2", nat=nat)

    def run(self, main: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a program that makes connections on ``alice`` and ``bob``."""
        run_virtual(main, seed=1, network=self.network)

    def connection(
        self, host: SimulatedHost, *urls: str, relay: bool = False, default: bool = False
    ) -> Legacy:
        """Make a connection on ``host``; ``default`` leaves the servers out."""
        servers = [self.api.RTCIceServer(url, "user", "password") for url in urls]
        configuration = self.api.RTCConfiguration(None if default else servers)
        if relay:
            configuration.iceTransportPolicy = self.api.RTCIceTransportPolicy.RELAY
        with host.active():
            return self.api.RTCPeerConnection(configuration)

    def read_candidate(self, text: str) -> Legacy:
        """Return the candidate object of a ``candidate`` attribute."""
        return importlib.import_module(f"{self.api.__name__}.sdp").candidate_from_sdp(text)

    async def offer(self, host: SimulatedHost, pc: Legacy) -> str:
        """Apply an offer; return it as it is when the call has returned."""
        with host.active():
            await asyncio.create_task(_offer(pc))
        return str(pc.localDescription.sdp)

    async def connect(self, left: Legacy, right: Legacy) -> None:
        """Let ``left``, on ``alice``, and ``right``, on ``bob``, exchange descriptions."""
        await self.offer(self.alice, left)
        with self.bob.active():
            await asyncio.create_task(_answer(right, left.localDescription))
        with self.alice.active():
            await asyncio.create_task(left.setRemoteDescription(right.localDescription))


async def _offer(pc: Legacy) -> None:
    await pc.setLocalDescription(await pc.createOffer())


async def _answer(pc: Legacy, offer: Legacy) -> None:
    await pc.setRemoteDescription(offer)
    await pc.setLocalDescription(await pc.createAnswer())
