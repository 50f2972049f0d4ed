"""A machine moves to another network, or a path is gone for a while."""

import pytest

from purertc import ConnectionState
from purertc.testing import NatKind
from tests.support.conversation import Conversation
from tests.support.nat_world import STUN, TURN, Peer, World, echoes, negotiate

NEW = "203.0.113.77"


async def connected(world: World, *peers: Peer) -> Conversation:
    talk = Conversation(world.runtime, *peers)
    await negotiate(*peers)
    await peers[0].pc.connected()
    talk.start()
    await world.runtime.sleep(1)
    return talk


def move(world: World, number: int, address: str = NEW) -> None:
    host = world.hosts[number]
    host.remove_address(host.addresses[0])
    host.add_address(address)


@pytest.mark.parametrize("mover", [0, 1])
@pytest.mark.parametrize("offerer", [0, 1])
def test_a_new_address_with_a_restart(mover: int, offerer: int) -> None:
    world = World.make()

    async def main() -> None:
        peers = world.peers([STUN])
        async with peers[0].pc, peers[1].pc:
            talk = await connected(world, *peers)
            move(world, mover)
            await world.runtime.sleep(0.5)
            peers[offerer].pc.restart_ice()
            await negotiate(peers[offerer], peers[1 - offerer])
            await talk.complete()
            description = peers[mover].pc.local_description
            assert description is not None
            assert NEW in description.sdp
            old = f"203.0.113.{mover + 10}"
            assert old not in description.sdp

    world.runtime.run(main)


@pytest.mark.parametrize("mover", [0, 1])
def test_a_new_address_without_a_restart_when_the_other_side_is_public(mover: int) -> None:
    world = World.make()

    async def main() -> None:
        peers = world.peers()
        async with peers[0].pc, peers[1].pc:
            talk = await connected(world, *peers)
            move(world, mover)
            moved = world.runtime.now()
            await talk.complete()
            assert peers[mover].states[-1] is ConnectionState.CONNECTED
            assert peers[1 - mover].states[-1] is ConnectionState.CONNECTED
            assert ConnectionState.FAILED not in peers[0].states + peers[1].states
            assert world.runtime.now() - moved < 25

    world.runtime.run(main)


def test_an_address_that_comes_back_after_a_while() -> None:
    world = World.make()

    async def main() -> None:
        peers = world.peers()
        async with peers[0].pc, peers[1].pc:
            talk = await connected(world, *peers)
            world.hosts[0].remove_address("203.0.113.10")
            await world.runtime.sleep(12)
            assert peers[0].pc.connection_state is ConnectionState.DISCONNECTED
            world.hosts[0].add_address("203.0.113.10")
            await talk.complete()

    world.runtime.run(main)


def test_the_address_in_use_goes_and_another_one_is_left() -> None:
    world = World.make()
    world.hosts[0].add_address("203.0.113.20")

    async def main() -> None:
        peers = world.peers()
        async with peers[0].pc, peers[1].pc:
            talk = await connected(world, *peers)
            ice = peers[0].pc._endpoint.peer.transport.ice
            assert ice.selected is not None
            world.hosts[0].remove_address(ice.selected.local_address[0])
            await talk.complete()
            assert ConnectionState.FAILED not in peers[0].states + peers[1].states

    world.runtime.run(main)


@pytest.mark.parametrize("seconds", [4, 12, 24])
@pytest.mark.parametrize("kind", [None, NatKind.PORT_RESTRICTED])
def test_a_cut_shorter_than_the_failed_timeout_heals_by_itself(
    seconds: float, kind: NatKind | None
) -> None:
    world = World.make(kind, kind)

    async def main() -> None:
        peers = world.peers([STUN])
        async with peers[0].pc, peers[1].pc:
            talk = await connected(world, *peers)
            with world.network.partition([world.hosts[0]]):
                await world.runtime.sleep(seconds)
                if seconds > 6:
                    assert peers[0].pc.connection_state is ConnectionState.DISCONNECTED
                    assert peers[1].pc.connection_state is ConnectionState.DISCONNECTED
            healed = world.runtime.now()
            for peer in peers:
                assert await world.until(
                    lambda peer=peer: peer.pc.connection_state == "connected", 3
                )
            assert world.runtime.now() - healed < 2
            await talk.complete()
            assert ConnectionState.FAILED not in peers[0].states + peers[1].states

    world.runtime.run(main)


def test_a_translator_that_forgets_its_mappings() -> None:
    """The public side hears the moved one from another port, and follows."""
    world = World.make(NatKind.PORT_RESTRICTED, None)

    async def main() -> None:
        peers = world.peers([STUN])
        async with peers[0].pc, peers[1].pc:
            talk = await connected(world, *peers)
            nat = world.hosts[0].nat
            assert nat is not None
            nat.table.forget()
            await talk.complete()
            assert ConnectionState.FAILED not in peers[0].states + peers[1].states

    world.runtime.run(main)


def test_a_relay_takes_over_when_the_direct_path_is_cut_for_good() -> None:
    world = World.make()

    async def main() -> None:
        peers = world.peers([STUN, TURN])
        async with peers[0].pc, peers[1].pc:
            channel = peers[0].pc.create_data_channel("x")
            await negotiate(*peers)
            await channel.opened()
            await peers[0].pc.gathering_complete()
            await world.runtime.sleep(2)
            world.network.partition([world.hosts[0]], [world.hosts[1]])
            async with world.runtime.timeout(30):
                assert await echoes(channel, "over the relay")
            selected = peers[0].pc._endpoint.peer.transport.ice.selected
            assert selected is not None
            assert selected.relayed

    world.runtime.run(main)
