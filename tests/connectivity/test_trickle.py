"""Candidates that come late, twice, in any order or not at all."""

import pytest

from purertc import (
    ArgumentError,
    Configuration,
    ConnectionState,
    IceCandidate,
    PeerConnection,
)
from purertc.testing import NatKind
from tests.support.conversation import Conversation
from tests.support.nat_world import STUN, TURN, Peer, World, copied, negotiate
from tests.support.signalling import BadSignalling, SilentPeer

SERVERS = (STUN, TURN)


def joined(world: World, signalling: BadSignalling) -> tuple[Peer, Peer]:
    peers = [
        SilentPeer(
            PeerConnection(
                configuration=Configuration(ice_servers=SERVERS), runtime=world.runtime.on(host)
            ),
            signalling,
        )
        for host in world.hosts
    ]
    peers[0].other, peers[1].other = peers[1], peers[0]
    return peers[0], peers[1]


@pytest.mark.parametrize("seed", range(12))
def test_bad_signalling_connects_and_restarts(seed: int) -> None:
    kinds = [None, *NatKind]
    world = World.make(kinds[seed % 5], kinds[seed * 2 % 5], seed=seed)

    async def main() -> None:
        signalling = BadSignalling(world, seed)
        left, right = joined(world, signalling)
        async with left.pc, right.pc:
            talk = Conversation(world.runtime, left, right)
            await signalling.negotiate(left, right)
            async with world.runtime.timeout(20):
                await left.pc.connected()
            talk.start()
            for number in range(4):
                await world.runtime.sleep(0.7)
                first, second = (left, right) if number % 2 else (right, left)
                first.pc.restart_ice()
                await signalling.negotiate(first, second)
            await talk.complete()
            assert await world.until(lambda: not signalling.under_way)
            assert signalling.errors == []
            await world.runtime.sleep(40)
            assert left.pc.connection_state is ConnectionState.CONNECTED
            assert not left.pc._endpoint.peer.transport.ice.restarting

    world.runtime.run(main)


def test_half_trickle_with_the_answer_complete_and_no_candidate_signalled() -> None:
    world = World.make(NatKind.PORT_RESTRICTED, NatKind.PORT_RESTRICTED)

    async def main() -> None:
        left, right = world.peers(SERVERS)
        left.other = right.other = None
        async with left.pc, right.pc:
            channel = left.pc.create_data_channel("x")
            for one, other in ((left, right), (right, left)):
                await one.pc.set_local_description()
                description = copied(await one.pc.gathering_complete())
                assert "a=end-of-candidates" in description.sdp
                await other.pc.set_remote_description(description)
            await channel.opened()

    world.runtime.run(main)


def test_after_the_end_of_candidates_a_hopeless_side_fails_early() -> None:
    """Both sides have said all, and nothing works: the patience of RFC 8863, and no more."""
    world = World.make(NatKind.SYMMETRIC, NatKind.SYMMETRIC)

    async def main() -> None:
        left, right = world.peers([STUN])
        async with left.pc, right.pc:
            left.pc.create_data_channel("x")
            await negotiate(left, right)
            assert await world.until(lambda: left.pc.connection_state == "failed", 45)
            assert None in left.candidates
            assert left.pc.close_reason is not None

    world.runtime.run(main)


def test_candidates_before_the_description_are_kept() -> None:
    world = World.make()

    async def main() -> None:
        left, right = world.peers([STUN])
        right.other = None
        async with left.pc, right.pc:
            channel = left.pc.create_data_channel("x")
            await left.pc.set_local_description()
            bare = copied(left.pc.local_description)
            await left.pc.gathering_complete()
            await world.runtime.sleep(0.1)
            assert "a=candidate" not in bare.sdp
            assert right.pc._endpoint.peer.remote_description is None
            await right.pc.set_remote_description(bare)
            await right.pc.set_local_description()
            await left.pc.set_remote_description(copied(right.pc.local_description))
            await channel.opened()
            assert "a=candidate" in copied(right.pc.remote_description).sdp

    world.runtime.run(main)


def test_candidates_of_the_old_generation_after_a_restart_harm_nothing() -> None:
    world = World.make()

    async def main() -> None:
        left, right = world.peers([STUN])
        async with left.pc, right.pc:
            channel = left.pc.create_data_channel("x")
            await negotiate(left, right)
            await channel.opened()
            await world.runtime.sleep(1)
            old = [each for each in left.candidates if each is not None]
            left.pc.restart_ice()
            await negotiate(left, right)
            for candidate in old:
                await right.pc.add_ice_candidate(candidate)
            await world.runtime.sleep(3)
            ice = right.pc._endpoint.peer.transport.ice
            assert not ice.restarting
            ufrag = old[0].username_fragment
            assert all(each.username_fragment != ufrag for each in ice.remote_candidates)
            assert f"ufrag {ufrag}" not in copied(right.pc.remote_description).sdp

    world.runtime.run(main)


def test_a_candidate_for_the_wrong_section_is_refused_and_changes_nothing() -> None:
    world = World.make()

    async def main() -> None:
        left, right = world.peers([STUN])
        async with left.pc, right.pc:
            channel = left.pc.create_data_channel("x")
            await negotiate(left, right)
            await channel.opened()
            good = next(each for each in left.candidates if each is not None)
            before = copied(right.pc.remote_description)
            for wrong in (
                IceCandidate(good.candidate, "other", None, good.username_fragment),
                IceCandidate(good.candidate, None, 5, good.username_fragment),
                IceCandidate(good.candidate, None, None, good.username_fragment),
            ):
                with pytest.raises(ArgumentError):
                    await right.pc.add_ice_candidate(wrong)
            assert copied(right.pc.remote_description) == before

    world.runtime.run(main)
