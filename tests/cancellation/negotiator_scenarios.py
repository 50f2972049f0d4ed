"""What is cancelled on a helper for negotiation, and what must hold afterwards. Any event loop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio

from purertc import IceConnectionState, PeerConnection, SdpType, SessionDescription
from purertc.signaling import AutomaticIceRestart, NegotiationMessage, PerfectNegotiator
from tests.cancellation.linked import Arrivals, Linked, Unhurried, linked, turns
from tests.support.cancellation import Cancelling, Scenario

__all__ = ["SCENARIOS"]


class Negotiator(PerfectNegotiator):
    """Offers when :meth:`offer` is called. What it sends waits in ``sent``."""

    def __init__(self, connection: PeerConnection, *, polite: bool) -> None:
        self.sent: list[NegotiationMessage] = []
        self.broken = False
        super().__init__(connection, self._line, polite=polite)

    async def _line(self, message: NegotiationMessage) -> None:
        await turns(2)
        if self.broken:
            raise ConnectionError("the line is cut")
        self.sent.append(message)
        await turns(1)

    async def on_negotiation_needed(self) -> None:
        """Leave it to the scenario."""

    async def on_error(self, error: Exception, where: str) -> None:
        assert (type(error), where) == (ConnectionError, "send")

    async def offer(self) -> None:
        await super().on_negotiation_needed()


@dataclass
class Two:
    """The left one has something to offer."""

    one: PeerConnection
    left: Negotiator
    right: Negotiator
    taken: dict[Negotiator, int] = field(default_factory=dict)

    async def take(self, source: Negotiator, kind: SdpType | None = None) -> NegotiationMessage:
        """Return the oldest message of ``source`` that was not taken, or wait for it."""
        place = self.taken.get(source, 0)
        while len(source.sent) <= place:
            await turns(1)
        self.taken[source] = place + 1
        message = source.sent[place]
        if kind is not None:
            assert isinstance(message, SessionDescription)
            assert message.type is kind
        return message

    async def carry(self, source: Negotiator, target: Negotiator) -> None:
        while True:
            await target.receive(await self.take(source))


@asynccontextmanager
async def two() -> AsyncIterator[Two]:
    """Two negotiators; in the end everything is carried, and the connections must connect."""
    arrivals = Arrivals()
    async with PeerConnection(Unhurried()) as one, PeerConnection(arrivals) as other:
        pair = Two(one, Negotiator(one, polite=False), Negotiator(other, polite=True))
        near = one.create_data_channel("test")
        yield pair
        async with anyio.create_task_group() as lines:
            lines.start_soon(pair.carry, pair.left, pair.right)
            lines.start_soon(pair.carry, pair.right, pair.left)
            await pair.left.resend()
            await pair.right.resend()
            await near.opened()
            await Linked(one, other, near, await arrivals.channel()).still_works()
            lines.cancel_scope.cancel()


async def receive_an_offer(cancelling: Cancelling) -> None:
    """Given once more, the offer is answered, however far the first call came."""
    async with two() as pair:
        await pair.left.offer()
        offer = await pair.take(pair.left, SdpType.OFFER)
        ended = await cancelling(pair.right.receive(offer))
        if ended.cancelled:
            await pair.right.receive(offer)


async def receive_an_answer(cancelling: Cancelling) -> None:
    async with two() as pair:
        await pair.left.offer()
        await pair.right.receive(await pair.take(pair.left, SdpType.OFFER))
        answer = await pair.take(pair.right, SdpType.ANSWER)
        ended = await cancelling(pair.left.receive(answer))
        if ended.cancelled:
            await pair.left.receive(answer)


async def receive_a_candidate(cancelling: Cancelling) -> None:
    async with two() as pair:
        await pair.left.offer()
        await pair.right.receive(await pair.take(pair.left, SdpType.OFFER))
        candidate = await pair.take(pair.left)
        ended = await cancelling(pair.right.receive(candidate))
        if ended.cancelled:
            await pair.right.receive(candidate)


async def resend(cancelling: Cancelling) -> None:
    """What a cut line left behind arrives in order; at most one message comes twice."""
    async with two() as pair:
        pair.left.broken = True
        await pair.left.offer()
        while pair.left._sending or pair.left._outbox[-1] is not None:
            await turns(1)
        waiting = list(pair.left._outbox)
        assert isinstance(waiting[0], SessionDescription)
        assert pair.left.sent == []
        pair.left.broken = False
        await cancelling(pair.left.resend())
        await pair.left.resend()
        sent = pair.left.sent
        once = [each for place, each in enumerate(sent) if not place or each != sent[place - 1]]
        assert once[: len(waiting)] == waiting


async def on_negotiation_needed(cancelling: Cancelling) -> None:
    """An offer that was made is sent by resend(); one that was not is made when asked again."""
    async with two() as pair:
        await cancelling(pair.left.offer())
        if pair.one.signaling_state == "stable":
            await pair.left.offer()
        await pair.left.resend()
        await pair.right.receive(await pair.take(pair.left, SdpType.OFFER))


async def on_ice_candidate(cancelling: Cancelling) -> None:
    """The candidate is sent at the latest with the next message."""
    async with two() as pair:
        await cancelling(pair.left.on_ice_candidate(None))
        await pair.left.resend()
        assert set(pair.left.sent) == {None}
        pair.taken[pair.left] = len(pair.left.sent)
        await pair.left.offer()


async def on_ice_connection_state_change(cancelling: Cancelling) -> None:
    """It plans the restart, or does not, without waiting for anything."""
    async with linked() as world:
        restart = AutomaticIceRestart(world.left)
        state = IceConnectionState.DISCONNECTED
        ended = await cancelling(restart.on_ice_connection_state_change(state))
        assert not ended.cancelled
        assert restart.restarts == 0
        await restart.on_ice_connection_state_change(IceConnectionState.CONNECTED)
        await world.still_works()


SCENARIOS: dict[str, Scenario] = {
    "PerfectNegotiator.receive an offer": receive_an_offer,
    "PerfectNegotiator.receive an answer": receive_an_answer,
    "PerfectNegotiator.receive a candidate": receive_a_candidate,
    "PerfectNegotiator.resend": resend,
    "PerfectNegotiator.on_negotiation_needed": on_negotiation_needed,
    "PerfectNegotiator.on_ice_candidate": on_ice_candidate,
    "AutomaticIceRestart.on_ice_connection_state_change": on_ice_connection_state_change,
}
"""By the coroutine that is cancelled, and what is special about it."""
