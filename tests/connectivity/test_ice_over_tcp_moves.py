"""A machine moves to another network while ICE goes over TCP."""

import pytest

from purertc import Configuration, ConnectionState, IceTcpPolicy, NetworkSettings
from purertc.sansio.types import Transport
from tests.support.conversation import Conversation
from tests.support.nat_world import Peer, World, negotiate

PASSIVE, ACTIVE = IceTcpPolicy.PASSIVE, IceTcpPolicy.ACTIVE
NEW = "203.0.113.77"


async def begin(world: World, *policies: IceTcpPolicy) -> tuple[Peer, Peer, Conversation]:
    a, b = (
        world.peer(number, Configuration(network=NetworkSettings(ice_tcp=policy)))
        for number, policy in enumerate(policies)
    )
    a.other, b.other = b, a
    talk = Conversation(world.runtime, a, b)
    await negotiate(a, b)
    await a.pc.connected()
    talk.start()
    await world.runtime.sleep(1)
    return a, b, talk


def move(world: World, number: int) -> None:
    host = world.hosts[number]
    host.remove_address(host.addresses[0])
    host.add_address(NEW)


@pytest.mark.parametrize("policies", [(PASSIVE, ACTIVE), (PASSIVE, PASSIVE)], ids=" - ".join)
@pytest.mark.parametrize("mover", [0, 1])
def test_with_a_restart(policies: tuple[IceTcpPolicy, ...], mover: int) -> None:
    world = World.make()
    world.network.partition([world.hosts[0]], transport=Transport.UDP)

    async def main() -> None:
        a, b, talk = await begin(world, *policies)
        async with a.pc, b.pc:
            move(world, mover)
            await world.runtime.sleep(0.5)
            a.pc.restart_ice()
            await negotiate(a, b)
            await talk.complete()
            description = (a, b)[mover].pc.local_description
            assert description is not None
            assert f"203.0.113.{mover + 10}" not in description.sdp

    world.runtime.run(main)
    assert not any(host.listeners for host in world.hosts)


@pytest.mark.parametrize("policies", [(PASSIVE, ACTIVE), (PASSIVE, PASSIVE)], ids=" - ".join)
def test_without_a_restart_the_one_who_moved_connects_again(
    policies: tuple[IceTcpPolicy, ...],
) -> None:
    """Its new address is that of a connection to the listener that did not move."""
    world = World.make()
    world.network.partition([world.hosts[0]], transport=Transport.UDP)

    async def main() -> None:
        a, b, talk = await begin(world, *policies)
        async with a.pc, b.pc:
            move(world, 1)
            await talk.complete()
            assert ConnectionState.FAILED not in a.states + b.states

    world.runtime.run(main)
    assert not any(host.listeners for host in world.hosts)
