"""ICE restarts while messages flow both ways: none is lost, none comes twice, the order holds."""

from collections.abc import Awaitable, Callable

import pytest

from purertc import ConnectionState
from purertc.testing import LinkConditions, NatKind
from tests.support.conversation import Conversation
from tests.support.nat_world import STUN, TURN, Peer, World, negotiate
from tests.support.negotiated import Negotiated

Disturb = Callable[[World, Peer, Peer], Awaitable[None]]

LOSSY = LinkConditions(latency=0.02, jitter=0.005, loss=0.03)


def talk_through(
    disturb: Disturb, *, count: int = 200, interval: float = 0.02, seed: int = 1, nat: bool = False
) -> None:
    kind = NatKind.PORT_RESTRICTED if nat else None
    world = World.make(kind, kind, seed=seed)

    async def main() -> None:
        left, right = world.peers([STUN, TURN])
        async with left.pc, right.pc:
            talk = Conversation(world.runtime, left, right, count=count, interval=interval)
            await negotiate(left, right)
            await left.pc.connected()
            talk.start()
            await disturb(world, left, right)
            await talk.complete()
            assert left.pc.connection_state is ConnectionState.CONNECTED
            assert not left.pc._endpoint.peer.transport.ice.restarting
        await world.runtime.sleep(1)
        assert world.turn.allocations == []

    world.runtime.run(main)


async def restart(offerer: Peer, answerer: Peer) -> None:
    offerer.pc.restart_ice()
    await negotiate(offerer, answerer)


@pytest.mark.parametrize("nat", [False, True], ids=["public", "translated"])
@pytest.mark.parametrize("offerer", [0, 1], ids=["same offerer", "other offerer"])
def test_a_restart_by_either_side(offerer: int, nat: bool) -> None:
    async def disturb(world: World, left: Peer, right: Peer) -> None:
        await world.runtime.sleep(0.5)
        ice = left.pc._endpoint.peer.transport.ice
        before, selected = ice.local_parameters, ice.selected
        await restart(*((left, right) if not offerer else (right, left)))
        assert ice.local_parameters != before
        await world.until(lambda: not ice.restarting, 5)
        assert ice.selected is not selected

    talk_through(disturb, nat=nat)


def test_twenty_restarts_in_turn() -> None:
    async def disturb(world: World, left: Peer, right: Peer) -> None:
        for number in range(20):
            await restart(*((left, right) if number % 2 else (right, left)))
            await world.runtime.sleep(0.2)
        # What follows each restart, memory among it, is bounded.
        for peer in (left, right):
            assert len(peer.pc._endpoint.peer.transport.ice.pairs) < 20

    talk_through(disturb)


def test_twenty_restarts_at_once_without_a_pause() -> None:
    async def disturb(world: World, left: Peer, right: Peer) -> None:
        for number in range(20):
            await restart(*((left, right) if number % 2 else (right, left)))

    talk_through(disturb)


@pytest.mark.parametrize("seed", range(3))
def test_restarts_over_a_lossy_link(seed: int) -> None:
    async def disturb(world: World, left: Peer, right: Peer) -> None:
        world.network.set_conditions(LOSSY)
        for number in range(10):
            await world.runtime.sleep(0.4)
            await restart(*((left, right) if number % 2 else (right, left)))

    talk_through(disturb, seed=seed)


def test_a_restart_while_disconnected() -> None:
    async def disturb(world: World, left: Peer, right: Peer) -> None:
        await world.runtime.sleep(0.5)
        with world.network.partition([world.hosts[0]]):
            assert await world.until(lambda: left.pc.connection_state == "disconnected", 10)
            assert await world.until(lambda: right.pc.connection_state == "disconnected", 10)
            await restart(left, right)
            await world.runtime.sleep(3)
        assert await world.until(lambda: left.pc.connection_state == "connected", 10)

    talk_through(disturb)


def test_a_restart_after_the_failure() -> None:
    async def disturb(world: World, left: Peer, right: Peer) -> None:
        await world.runtime.sleep(0.5)
        with world.network.partition([world.hosts[0]]):
            assert await world.until(lambda: left.pc.connection_state == "failed", 60)
            await world.runtime.sleep(300)
        await restart(right, left)
        assert await world.until(lambda: left.pc.connection_state == "connected", 10)
        assert left.pc.close_reason is None

    talk_through(disturb)


@pytest.mark.parametrize("seed", range(4))
def test_restarts_of_both_sides_at_once(seed: int) -> None:
    """Perfect negotiation settles the glare; each side restarts ten times."""
    world = World.make(seed=seed)

    async def main() -> None:
        left, right = world.peers([STUN])
        async with left.pc, right.pc:
            talk = Conversation(world.runtime, left, right)
            Negotiated(world, left, right)
            assert await world.until(lambda: left.pc.connection_state == "connected", 20)
            talk.start()
            for _ in range(10):
                left.pc.restart_ice()
                right.pc.restart_ice()
                await world.runtime.sleep(0.3)
            await talk.complete()
            assert await world.until(
                lambda: not left.pc._endpoint.peer.transport.ice.restarting, 20
            )
            assert left.pc.connection_state is ConnectionState.CONNECTED

    world.runtime.run(main)
