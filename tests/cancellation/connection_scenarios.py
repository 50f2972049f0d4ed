"""What is cancelled on a connection, and what must hold afterwards."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from purertc import IceCandidate, PeerConnection, SessionDescription
from tests.cancellation.linked import linked, signal, turns, unconnected
from tests.support.cancellation import Cancelling, Scenario

__all__ = ["SCENARIOS"]


@asynccontextmanager
async def busy(pc: PeerConnection) -> AsyncIterator[None]:
    """Let another negotiation call of ``pc`` run for some turns; more of them wait behind it."""
    started = anyio.Event()

    async def hold() -> None:
        async with pc._endpoint.operations:
            started.set()
            await turns(6)

    async def negotiate() -> None:
        async with pc._endpoint.operations:
            await turns(1)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(hold)
        await started.wait()
        tasks.start_soon(negotiate)
        yield
        tasks.start_soon(negotiate)


async def create_offer(cancelling: Cancelling) -> None:
    async with unconnected() as (left, right):
        async with busy(left):
            await cancelling(left.create_offer())
        assert left.signaling_state == "stable"
        await signal(left, right)


async def create_answer(cancelling: Cancelling) -> None:
    async with unconnected() as (left, right):
        await left.set_local_description()
        await left.gathering_complete()
        await right.set_remote_description(description_of(left))
        async with busy(right):
            await cancelling(right.create_answer())
        assert right.signaling_state == "have-remote-offer"
        await right.set_local_description()
        await right.gathering_complete()
        await left.set_remote_description(description_of(right))


async def set_local_description(cancelling: Cancelling) -> None:
    """The call waits for the handlers that it triggered: it was applied."""
    async with unconnected() as (left, right):
        await cancelling(left.set_local_description())
        assert left.signaling_state == "have-local-offer"
        await signal(left, right)


async def set_local_description_in_turn(cancelling: Cancelling) -> None:
    async with unconnected() as (left, right):
        async with busy(left):
            ended = await cancelling(left.set_local_description())
        if not ended.cancelled:
            assert left.signaling_state == "have-local-offer"
        await signal(left, right)


async def set_remote_description(cancelling: Cancelling) -> None:
    async with unconnected() as (left, right):
        await left.set_local_description()
        await left.gathering_complete()
        ended = await cancelling(right.set_remote_description(description_of(left)))
        assert right.signaling_state == "have-remote-offer" or ended.cancelled
        await signal(left, right)


async def set_remote_description_in_turn(cancelling: Cancelling) -> None:
    async with unconnected() as (left, right):
        await left.set_local_description()
        await left.gathering_complete()
        await right.set_remote_description(description_of(left))
        await right.set_local_description()
        await right.gathering_complete()
        async with busy(left):
            ended = await cancelling(left.set_remote_description(description_of(right)))
        if left.signaling_state == "have-local-offer":
            assert ended.cancelled
            await left.set_remote_description(description_of(right))


async def add_ice_candidate(cancelling: Cancelling) -> None:
    """Without the candidate the two cannot connect; taking it twice does no harm."""
    async with unconnected() as (left, right):
        await left.set_local_description()
        await left.gathering_complete()
        offer = description_of(left)
        await right.set_remote_description(offer)
        await right.set_local_description()
        await right.gathering_complete()
        answer, candidates = without_candidates(description_of(right))
        await left.set_remote_description(answer)
        async with busy(left):
            await cancelling(left.add_ice_candidate(candidates[0]))
        for candidate in candidates:
            await left.add_ice_candidate(candidate)


async def get_stats(cancelling: Cancelling) -> None:
    async with linked() as world:
        ended = await cancelling(world.left.get_stats())
        assert ended.value is not None
        assert ended.value.selected_pair is not None
        await world.still_works()


async def connected(cancelling: Cancelling) -> None:
    async with unconnected() as (left, right):
        await signal(left, right)
        ended = await cancelling(left.connected())
        assert ended.cancelled or left.connection_state == "connected"
        await left.connected()


async def gathering_complete(cancelling: Cancelling) -> None:
    async with unconnected() as (left, right), anyio.create_task_group() as tasks:

        async def later() -> None:
            await turns(3)
            await signal(left, right)

        tasks.start_soon(later)
        await cancelling(left.gathering_complete())


async def closed(cancelling: Cancelling) -> None:
    """The other side closes; cancelled, the wait leaves the connection as it is."""
    async with linked() as world, anyio.create_task_group() as tasks:

        async def later() -> None:
            await turns(8)
            await world.right.close()

        tasks.start_soon(later)
        ended = await cancelling(world.left.closed())
        assert ended.cancelled or world.left.connection_state == "closed"
        await world.left.closed()


async def close(cancelling: Cancelling) -> None:
    """The handler of the right one has to be cancelled: the close takes its time."""
    async with linked(lingers=True) as world:
        await cancelling(world.right.close())
        assert world.right.connection_state == "closed"
        assert world.far.ready_state == "closed"
        await world.right.closed()
        await world.right.close()
        await world.left.closed()


async def close_of_nothing(cancelling: Cancelling) -> None:
    async with PeerConnection() as pc:
        await cancelling(pc.close())
        assert pc.connection_state == "closed"


async def whole_life(cancelling: Cancelling) -> None:
    """``async with`` is left by the cancellation wherever it comes."""
    made: list[PeerConnection] = []

    async def live() -> None:
        async with linked(lingers=True) as world:
            made.extend((world.left, world.right))
            await world.still_works()

    await cancelling(live())
    assert [pc.connection_state for pc in made] in ([], ["closed", "closed"])
    for pc in made:
        await pc.closed()


async def build(cancelling: Cancelling) -> None:
    ended = await cancelling(PeerConnection.builder().build())
    assert isinstance(ended.value, PeerConnection)


def description_of(pc: PeerConnection) -> SessionDescription:
    assert pc.local_description is not None
    return pc.local_description


def without_candidates(
    description: SessionDescription,
) -> tuple[SessionDescription, list[IceCandidate]]:
    """Take the candidates out of a description."""
    lines = description.sdp.splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(("a=candidate", "a=end-of"))]
    taken = [
        IceCandidate(line.strip().removeprefix("a="), "0", 0)
        for line in lines
        if line.startswith("a=candidate")
    ]
    return SessionDescription(description.type, "".join(kept)), taken


SCENARIOS: dict[str, Scenario] = {
    "PeerConnectionBuilder.build": build,
    "PeerConnection.create_offer": create_offer,
    "PeerConnection.create_answer": create_answer,
    "PeerConnection.set_local_description": set_local_description,
    "PeerConnection.set_local_description in its turn": set_local_description_in_turn,
    "PeerConnection.set_remote_description": set_remote_description,
    "PeerConnection.set_remote_description in its turn": set_remote_description_in_turn,
    "PeerConnection.add_ice_candidate": add_ice_candidate,
    "PeerConnection.get_stats": get_stats,
    "PeerConnection.connected": connected,
    "PeerConnection.gathering_complete": gathering_complete,
    "PeerConnection.closed": closed,
    "PeerConnection.close": close,
    "PeerConnection.close of an unused one": close_of_nothing,
    "PeerConnection.__aenter__": whole_life,
    "PeerConnection.__aexit__": whole_life,
}
"""By the coroutine that is cancelled, and what is special about it."""
