"""Two peers whose negotiators are joined by signalling that takes a while."""

from collections.abc import Awaitable, Callable

from purertc.signaling import NegotiationMessage, PerfectNegotiator
from tests.support.nat_world import Peer, World

__all__ = ["Negotiated"]


class Negotiated:
    """Messages take ``latency`` seconds and keep their order; nothing arrives while ``down``."""

    def __init__(self, world: World, left: Peer, right: Peer, latency: float = 0.05) -> None:
        left.other = right.other = None
        self.down = False
        self._world = world
        self._latency = latency
        self.left = PerfectNegotiator(left.pc, self._sender(lambda: self.right), polite=True)
        self.right = PerfectNegotiator(right.pc, self._sender(lambda: self.left), polite=False)

    def _sender(
        self, target: Callable[[], PerfectNegotiator]
    ) -> Callable[[NegotiationMessage], Awaitable[None]]:
        async def send(message: NegotiationMessage) -> None:
            await self._world.runtime.sleep(self._latency)
            if self.down:
                raise ConnectionError("the signalling is down")
            self._world.runtime.start(target().receive(message))

        return send
