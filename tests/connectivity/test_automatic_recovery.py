"""AutomaticIceRestart and PerfectNegotiator bring a connection back by themselves."""

import pytest

from purertc import ConnectionState
from purertc.signaling import AutomaticIceRestart
from purertc.testing import NatKind
from tests.support.conversation import Conversation
from tests.support.nat_world import STUN, TURN, Peer, World
from tests.support.negotiated import Negotiated

KINDS = [None, NatKind.PORT_RESTRICTED, NatKind.SYMMETRIC]


async def talk(world: World, peers: tuple[Peer, Peer]) -> tuple[Conversation, Negotiated]:
    conversation = Conversation(world.runtime, *peers)
    negotiated = Negotiated(world, *peers)
    assert await world.until(lambda: peers[0].pc.connection_state == "connected", 20)
    conversation.start()
    await world.runtime.sleep(1)
    return conversation, negotiated


@pytest.mark.parametrize("both", [False, True], ids=["one helper", "two helpers"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_and_a_move_at_once(kind: NatKind | None, both: bool) -> None:
    """Both machines come back with other addresses: no check can find the other side."""
    world = World.make(kind, kind)

    async def main() -> None:
        peers = world.peers([STUN, TURN])
        async with peers[0].pc, peers[1].pc:
            helpers = [AutomaticIceRestart(peer.pc) for peer in peers[: 1 + both]]
            conversation, _ = await talk(world, peers)
            with world.network.partition([world.hosts[0]]):
                await world.runtime.sleep(8)
                for number, host in enumerate(world.hosts):
                    host.remove_address(host.addresses[0])
                    prefix = "203.0.113" if kind is None else f"10.{number}.0"
                    host.add_address(f"{prefix}.{number + 77}")
            await conversation.complete()
            assert await world.until(lambda: peers[0].pc.connection_state == "connected", 20)
            assert sum(helper.restarts for helper in helpers) == 0

    world.runtime.run(main)


def test_after_a_long_cut_with_the_signalling_down_as_well() -> None:
    world = World.make()

    async def main() -> None:
        peers = world.peers([STUN])
        async with peers[0].pc, peers[1].pc:
            AutomaticIceRestart(peers[0].pc)
            conversation, negotiated = await talk(world, peers)
            with world.network.partition([world.hosts[0]]):
                negotiated.down = True
                await world.runtime.sleep(90)
                assert ConnectionState.FAILED in peers[0].states
            negotiated.down = False
            await negotiated.left.resend()
            await negotiated.right.resend()
            await conversation.complete()
            assert peers[0].pc.connection_state is ConnectionState.CONNECTED

    world.runtime.run(main)


def test_a_short_cut_costs_no_restart() -> None:
    world = World.make()

    async def main() -> None:
        peers = world.peers([STUN])
        async with peers[0].pc, peers[1].pc:
            helper = AutomaticIceRestart(peers[0].pc)
            conversation, _ = await talk(world, peers)
            before = peers[0].pc._endpoint.peer.transport.ice.local_parameters
            with world.network.partition([world.hosts[0]]):
                await world.runtime.sleep(6)
            await conversation.complete()
            assert helper.restarts == 0
            assert peers[0].pc._endpoint.peer.transport.ice.local_parameters == before

    world.runtime.run(main)
