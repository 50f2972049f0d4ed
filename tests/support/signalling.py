"""Signalling that delays, repeats and reorders what the two sides tell each other."""

from random import Random

from purertc import IceCandidate, PeerConnection, SessionDescription
from tests.support.nat_world import Peer, World, copied

__all__ = ["BadSignalling", "SilentPeer"]


class SilentPeer(Peer):
    """Gives its candidates to a list of listeners only."""

    def __init__(self, pc: PeerConnection, signalling: "BadSignalling") -> None:
        super().__init__(pc)
        self.signalling = signalling

    async def on_ice_candidate(self, candidate: IceCandidate | None) -> None:
        self.candidates.append(candidate)
        self.signalling.carry(self, candidate)


class BadSignalling:
    """Carries each candidate for up to ``longest`` seconds, and a third of them twice.

    Descriptions take as long, but each is applied once: a second one is no repetition that
    W3C's signalling states know.
    """

    def __init__(self, world: World, seed: int, longest: float = 1.0) -> None:
        self._world = world
        self._random = Random(seed)
        self._longest = longest
        self.errors: list[Exception] = []
        self.under_way = 0

    def carry(self, origin: Peer, candidate: IceCandidate | None) -> None:
        """Let a candidate arrive once or twice, some time from now."""
        for _ in range(1 + (self._random.random() < 1 / 3)):
            self.under_way += 1
            delay = self._random.random() * self._longest
            self._world.runtime.start(self._deliver(origin, candidate, delay))

    async def describe(self, origin: Peer, target: Peer) -> None:
        """Apply the due description here, and some time later there."""
        await origin.pc.set_local_description()
        description: SessionDescription = copied(origin.pc.local_description)
        await self._world.runtime.sleep(self._random.random() * self._longest)
        await target.pc.set_remote_description(description)

    async def negotiate(self, offerer: Peer, answerer: Peer) -> None:
        """Exchange an offer and an answer."""
        await self.describe(offerer, answerer)
        await self.describe(answerer, offerer)

    async def _deliver(self, origin: Peer, candidate: IceCandidate | None, delay: float) -> None:
        await self._world.runtime.sleep(delay)
        try:
            if origin.other is not None:
                await origin.other.pc.add_ice_candidate(candidate)
        except Exception as error:  # noqa: BLE001  # the test looks at them
            self.errors.append(error)
        finally:
            self.under_way -= 1
