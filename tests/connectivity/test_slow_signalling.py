"""Descriptions that are carried by hand: candidates stay good while nobody uses them."""

import pytest

from purertc import Configuration, IceServer
from purertc.testing import NatKind
from tests.support.nat_world import STUN, TURN, TURN_TCP, World, copied, echoes

WHILE = 1200.0
SOON = 20.0
"""Less than the answering side goes on checking."""


@pytest.mark.parametrize(
    ("kind", "server"),
    [
        (NatKind.PORT_RESTRICTED, STUN),
        (NatKind.SYMMETRIC, TURN),
        (NatKind.SYMMETRIC, TURN_TCP),
    ],
    ids=["reflexive", "relayed over UDP", "relayed over TCP"],
)
def test_an_offer_that_is_answered_after_twenty_minutes(kind: NatKind, server: IceServer) -> None:
    world = World.make(kind, kind)

    async def main() -> None:
        left, right = world.peers(configuration=Configuration(ice_servers=[server]))
        left.other = right.other = None
        async with left.pc, right.pc:
            channel = left.pc.create_data_channel("x")
            await left.pc.set_local_description()
            await left.pc.gathering_complete()
            await world.runtime.sleep(WHILE)
            await right.pc.set_remote_description(copied(left.pc.local_description))
            await right.pc.set_local_description()
            await right.pc.gathering_complete()
            await world.runtime.sleep(SOON)
            await left.pc.set_remote_description(copied(right.pc.local_description))
            async with world.runtime.timeout(20):
                await channel.opened()
                assert await echoes(channel, "by hand")
        await world.runtime.sleep(1)
        assert world.turn.allocations == []

    world.runtime.run(main)
