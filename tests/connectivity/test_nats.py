"""Which pairs of translators are passed with STUN, and that TURN passes them all."""

import itertools

import pytest

from purertc import ConnectionState, IceServer
from purertc.testing import NatKind
from tests.support.nat_world import STUN, TURN, TURN_TCP, World, echoes, negotiate

FULL_CONE, ADDRESS, PORT, SYMMETRIC = NatKind
PAIRS = list(itertools.combinations_with_replacement([None, *NatKind], 2))
HOPELESS = {(SYMMETRIC, SYMMETRIC), (PORT, SYMMETRIC)}
"""The mapping that the symmetric side makes is not the one that the other side lets in."""


def name(kind: NatKind | None) -> str:
    return "public" if kind is None else kind.value


def connects(a: NatKind | None, b: NatKind | None, *servers: IceServer) -> bool:
    """Whether a message comes back from the other side."""
    world = World.make(a, b)

    async def main() -> bool:
        left, right = world.peers(servers)
        async with left.pc, right.pc:
            channel = left.pc.create_data_channel("x")
            await negotiate(left, right)
            final = (ConnectionState.CONNECTED, ConnectionState.FAILED)
            assert await world.until(lambda: left.pc.connection_state in final, 120)
            if left.pc.connection_state is ConnectionState.FAILED:
                return False
            await channel.opened()
            return await echoes(channel, "through")

    return world.runtime.run(main)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: " - ".join(map(name, pair)))
def test_stun_passes_what_can_be_passed(
    pair: tuple[NatKind | None, NatKind | None],
) -> None:
    a, b = pair
    assert connects(a, b, STUN) == (pair not in HOPELESS)
    assert connects(b, a, STUN) == (pair not in HOPELESS)


@pytest.mark.parametrize("server", [TURN, TURN_TCP], ids=["udp", "tcp"])
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: " - ".join(map(name, pair)))
def test_a_relay_passes_everything(
    pair: tuple[NatKind | None, NatKind | None], server: IceServer
) -> None:
    assert connects(*pair, server)


def test_without_servers_two_translators_keep_peers_apart() -> None:
    assert not connects(FULL_CONE, FULL_CONE)
    assert connects(None, SYMMETRIC)
