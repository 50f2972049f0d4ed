"""What a user may say about the network, seen from the other side."""

import pytest

from purertc import (
    Configuration,
    ExternalAddressType,
    IceServer,
    IceTcpPolicy,
    IceTransportPolicy,
    NetworkSettings,
    SessionDescription,
)
from purertc.testing import NatKind, SimulatedTurnServer
from tests.support.nat_world import STUN, TURN, Peer, World, copied, echoes, negotiate


def candidates(description: SessionDescription | None) -> list[list[str]]:
    """The words of each candidate."""
    return [
        line.partition(":")[2].split()
        for line in copied(description).sdp.splitlines()
        if line.startswith("a=candidate:")
    ]


async def talk(world: World, left: Peer, right: Peer) -> None:
    channel = left.pc.create_data_channel("x")
    await negotiate(left, right)
    async with world.runtime.timeout(20):
        await channel.opened()
        assert await echoes(channel, "through")


@pytest.mark.parametrize("kind", list(ExternalAddressType))
def test_an_address_that_a_cloud_translates_one_to_one(kind: ExternalAddressType) -> None:
    """A full cone whose port is kept is what such a translator is."""
    world = World.make(NatKind.FULL_CONE, None)
    nat = world.hosts[0].nat
    assert nat is not None
    # One to one: the port outside is the one inside.
    nat.table._free_port = lambda host: 50001  # type: ignore[method-assign]
    settings = NetworkSettings(
        external_addresses={"10.0.0.2": "203.0.113.1"},
        external_address_type=kind,
        port_range=(50001, 50001),
    )

    async def main() -> None:
        left = world.peer(0, Configuration(network=settings))
        right = world.peer(1, Configuration())
        right.other = left
        async with left.pc, right.pc:
            channel = left.pc.create_data_channel("x")
            await left.pc.set_local_description()
            description = await left.pc.gathering_complete()
            found = [(words[4], words[5], words[7]) for words in candidates(description)]
            if kind is ExternalAddressType.HOST:
                assert found == [("203.0.113.1", "50001", "host")]
            else:
                assert found == [
                    ("10.0.0.2", "50001", "host"),
                    ("203.0.113.1", "50001", "srflx"),
                ]
            left.other = right
            await right.pc.set_remote_description(copied(description))
            await right.pc.set_local_description()
            await left.pc.set_remote_description(copied(right.pc.local_description))
            await channel.opened()
            assert await echoes(channel, "through")

    world.runtime.run(main)


def test_filters_and_port_ranges_hold_for_udp_and_tcp() -> None:
    world = World.make()
    for number, host in enumerate(world.hosts):
        host.add_address(f"192.0.2.{number + 1}")
        host.add_address(f"2001:db8::{number + 1}")
    settings = NetworkSettings(
        address_filter=lambda address: not address.startswith("203."),
        interface_filter=lambda name: name != "eth1",
        port_range=(42000, 42003),
        ice_tcp=IceTcpPolicy.PASSIVE,
    )

    async def main() -> None:
        left, right = world.peers(configuration=Configuration(network=settings))
        async with left.pc, right.pc:
            await talk(world, left, right)
            for number, peer in enumerate((left, right)):
                found = candidates(await peer.pc.gathering_complete())
                assert {words[4] for words in found} == {f"2001:db8::{number + 1}"}
                ports = {int(words[5]) for words in found if "active" not in words}
                assert ports <= set(range(42000, 42004))
                assert {words[2].lower() for words in found} == {"udp", "tcp"}

    world.runtime.run(main)


def test_pooled_candidates_are_there_with_the_first_description() -> None:
    world = World.make(NatKind.PORT_RESTRICTED, NatKind.PORT_RESTRICTED)
    configuration = Configuration(ice_servers=[STUN, TURN], ice_candidate_pool_size=1)

    async def main() -> None:
        left, right = world.peers(configuration=configuration)
        left.other = right.other = None
        async with left.pc, right.pc:
            channel = left.pc.create_data_channel("x")
            offer = await left.pc.create_offer()
            await world.runtime.sleep(1)
            assert left.candidates == []
            assert left.pc.ice_gathering_state == "new"
            await left.pc.set_local_description(offer)
            kinds = {words[7] for words in candidates(left.pc.local_description)}
            assert kinds == {"host", "srflx", "relay"}
            assert left.pc.ice_gathering_state == "complete"
            await right.pc.set_remote_description(copied(left.pc.local_description))
            await world.runtime.sleep(1)
            await right.pc.set_local_description()
            assert right.pc.ice_gathering_state == "complete"
            await left.pc.set_remote_description(copied(right.pc.local_description))
            await channel.opened()
            assert left.candidates[-1] is None
            assert left.kinds == ["host", "srflx", "relay"]

    world.runtime.run(main)


def test_pooled_candidates_of_another_policy_are_neither_told_nor_used() -> None:
    world = World.make()
    pooled = Configuration(ice_servers=[STUN], ice_candidate_pool_size=1)
    hidden = Configuration(ice_servers=[TURN], ice_transport_policy=IceTransportPolicy.RELAY)

    async def main() -> None:
        left, right = world.peers(configuration=pooled)
        async with left.pc, right.pc:
            channel = left.pc.create_data_channel("x")
            await left.pc.create_offer()
            await world.runtime.sleep(1)
            left.pc.set_configuration(hidden)
            await negotiate(left, right)
            await channel.opened()
            assert {words[7] for words in candidates(await left.pc.gathering_complete())} == {
                "relay"
            }
            assert left.kinds == ["relay"]
            ice = left.pc._endpoint.peer.transport.ice
            assert {pair.local.candidate.type for pair in ice.pairs} == {"relay"}

    world.runtime.run(main)


def test_a_restart_uses_the_servers_that_were_set() -> None:
    world = World.make()
    other = SimulatedTurnServer(world.network.add_host("other", "198.51.100.3"))
    spare = IceServer("turn:198.51.100.3", "user", "password")
    relay = IceTransportPolicy.RELAY

    async def main() -> None:
        left, right = world.peers([STUN])
        async with left.pc, right.pc:
            channel = left.pc.create_data_channel("x")
            await negotiate(left, right)
            await channel.opened()
            assert not other.allocations
            for peer in (left, right):
                peer.pc.set_configuration(
                    Configuration(ice_servers=[spare], ice_transport_policy=relay)
                )
            await world.runtime.sleep(5)
            assert not other.allocations
            left.pc.restart_ice()
            await negotiate(left, right)
            await left.pc.gathering_complete()
            assert [words[7] for words in candidates(left.pc.local_description)] == ["relay"]
            await world.runtime.sleep(5)
            assert await echoes(channel, "over the new relay")
            selected = left.pc._endpoint.peer.transport.ice.selected
            assert selected is not None
            assert selected.local.candidate.type == "relay"
            # And back again.
            for peer in (left, right):
                peer.pc.set_configuration(Configuration())
            right.pc.restart_ice()
            await negotiate(right, left)
            await world.runtime.sleep(5)
            selected = left.pc._endpoint.peer.transport.ice.selected
            assert selected is not None
            assert selected.local.candidate.type == "host"
            assert await echoes(channel, "direct")
        await world.runtime.sleep(1)
        assert other.allocations == []

    world.runtime.run(main)
