"""Host candidates that hide behind ``.local`` names, on both sides or one."""

from dataclasses import replace

import pytest

from purertc import Configuration, IceCandidate, NetworkSettings
from purertc.testing import NatKind
from tests.support.nat_world import STUN, Peer, World, copied, echoes, negotiate

HIDING = Configuration(ice_servers=[STUN], network=NetworkSettings(obfuscate_host_addresses=True))
OPEN = Configuration(ice_servers=[STUN])


async def talk(world: World, left: Peer, right: Peer) -> None:
    channel = left.pc.create_data_channel("x")
    await negotiate(left, right)
    async with world.runtime.timeout(20):
        await channel.opened()
        assert await echoes(channel, "through")


def joined(world: World, *configurations: Configuration) -> tuple[Peer, Peer]:
    a, b = (world.peer(number, each) for number, each in enumerate(configurations))
    a.other, b.other = b, a
    return a, b


@pytest.mark.parametrize("configurations", [(HIDING, HIDING), (HIDING, OPEN), (OPEN, HIDING)])
def test_names_connect_and_tell_no_address(configurations: tuple[Configuration, ...]) -> None:
    world = World.make()

    async def main() -> None:
        peers = joined(world, *configurations)
        async with peers[0].pc, peers[1].pc:
            await talk(world, *peers)
            for peer, host, configuration in zip(peers, world.hosts, configurations, strict=True):
                if configuration is HIDING:
                    description = await peer.pc.gathering_complete()
                    hosts = [line for line in description.sdp.splitlines() if "typ host" in line]
                    assert hosts
                    assert all(".local " in line for line in hosts)
                    assert host.addresses[0] not in "".join(hosts)
            selected = peers[0].pc._endpoint.peer.transport.ice.selected
            assert selected is not None
            assert selected.remote.candidate.type in ("host", "prflx")
        await world.runtime.sleep(1)
        assert world.network.local_names == {}

    world.runtime.run(main)


def test_behind_a_translator_the_raddr_of_reflexive_candidates_is_hidden() -> None:
    world = World.make(NatKind.PORT_RESTRICTED, NatKind.PORT_RESTRICTED)

    async def main() -> None:
        peers = joined(world, HIDING, HIDING)
        async with peers[0].pc, peers[1].pc:
            await talk(world, *peers)
            for peer, host in zip(peers, world.hosts, strict=True):
                description = await peer.pc.gathering_complete()
                assert "typ srflx" in description.sdp
                assert host.addresses[0] not in description.sdp
                texts = [each.candidate for each in peer.candidates if each is not None]
                assert not any(host.addresses[0] in text for text in texts)

    world.runtime.run(main)


def test_a_name_is_kept_over_a_restart_and_gone_after_the_close() -> None:
    world = World.make()

    async def main() -> None:
        peers = joined(world, HIDING, HIDING)
        async with peers[0].pc, peers[1].pc:
            await talk(world, *peers)
            before = names_of(peers[0])
            peers[1].pc.restart_ice()
            await negotiate(peers[1], peers[0])
            await peers[0].pc.gathering_complete()
            assert names_of(peers[0]) == before
            assert len(world.network.local_names) == 2
            assert await world.until(
                lambda: not peers[0].pc._endpoint.peer.transport.ice.restarting, 10
            )
        assert world.network.local_names == {}

    world.runtime.run(main)


def names_of(peer: Peer) -> set[str]:
    sdp = copied(peer.pc.local_description).sdp
    return {word for word in sdp.split() if word.endswith(".local")}


def test_a_name_that_nobody_has_loses_its_candidate_only() -> None:
    world = World.make()

    async def main() -> None:
        peers = joined(world, OPEN, OPEN)
        async with peers[0].pc, peers[1].pc:
            await talk(world, *peers)
            good = next(each for each in peers[0].candidates if each is not None)
            words = good.candidate.split()
            for name in ("0b1e4cf1-0000-4000-8000-000000000000.local", "a.b.local", "-.local"):
                words[4] = name
                await peers[1].pc.add_ice_candidate(replace(good, candidate=" ".join(words)))
            await world.runtime.sleep(10)
            channel = peers[0].pc.create_data_channel("again")
            await channel.opened()
            assert await echoes(channel, "still well")
            names = peers[1].pc._endpoint.peer.unresolved_names
            assert names[0] == "0b1e4cf1-0000-4000-8000-000000000000.local"

    world.runtime.run(main)


def test_thousands_of_odd_names_are_bounded_work() -> None:
    world = World.make()

    async def main() -> None:
        peers = joined(world, OPEN, OPEN)
        async with peers[0].pc, peers[1].pc:
            await talk(world, *peers)
            good = next(each for each in peers[0].candidates if each is not None)
            words = good.candidate.split()
            turns = world.runtime.turns
            for number in range(3000):
                words[4] = f"name-{number}.local"
                candidate = IceCandidate(
                    " ".join(words), good.sdp_mid, None, good.username_fragment
                )
                await peers[1].pc.add_ice_candidate(candidate)
            await world.runtime.sleep(10)
            assert world.runtime.turns - turns < 3000 * 6
            channel = peers[0].pc.create_data_channel("again")
            await channel.opened()
            assert await echoes(channel, "still well")
            assert len(peers[1].pc._endpoint.peer.unresolved_names) <= 100

    world.runtime.run(main)
