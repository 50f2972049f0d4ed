"""With the relay policy nothing but relayed candidates is signalled, checked or used."""

import pytest

from purertc import Configuration, IceTransportPolicy
from purertc.testing import Trace
from tests.support.nat_world import STUN, TURN, TURN_TCP, Peer, World, echoes, negotiate

RELAY = IceTransportPolicy.RELAY
ALL = IceTransportPolicy.ALL


def sides(world: World, *policies: IceTransportPolicy) -> tuple[Peer, Peer]:
    servers = (STUN, TURN, TURN_TCP)
    a, b = (
        world.peer(number, Configuration(ice_servers=servers, ice_transport_policy=policy))
        for number, policy in enumerate(policies)
    )
    a.other, b.other = b, a
    return a, b


def own_addresses(world: World, number: int) -> list[str]:
    return list(world.hosts[number].addresses)


@pytest.mark.parametrize("policies", [(RELAY, RELAY), (RELAY, ALL), (ALL, RELAY)])
def test_a_relay_only_side_tells_nothing_of_its_machine(
    policies: tuple[IceTransportPolicy, IceTransportPolicy],
) -> None:
    world = World.make()
    world.network.trace = trace = Trace()

    async def main() -> None:
        peers = sides(world, *policies)
        async with peers[0].pc, peers[1].pc:
            channel = peers[0].pc.create_data_channel("x")
            await negotiate(*peers)
            await channel.opened()
            assert await echoes(channel, "relayed")
            await world.runtime.sleep(12)
            for number, (peer, policy) in enumerate(zip(peers, policies, strict=True)):
                if policy is RELAY:
                    check_side(world, number, peer)
        for number, policy in enumerate(policies):
            if policy is RELAY:
                check_traffic(world, trace, number)

    world.runtime.run(main)


def check_side(world: World, number: int, peer: Peer) -> None:
    assert peer.kinds == ["relay"]
    description = peer.pc.local_description
    assert description is not None
    texts = [each.candidate for each in peer.candidates if each is not None]
    for address in own_addresses(world, number):
        assert address not in description.sdp
        assert not any(address in text for text in texts)
    assert all("raddr 0.0.0.0 rport 9" in text for text in texts)
    ice = peer.pc._endpoint.peer.transport.ice
    assert ice.pairs
    assert {each.type for each in ice.local_candidates} == {"relay"}
    assert ice.selected is not None
    assert ice.selected.local.candidate.type == "relay"


def check_traffic(world: World, trace: Trace, number: int) -> None:
    """What leaves the machine goes to the TURN server."""
    own = own_addresses(world, number)
    sent = [each.details for each in trace.entries if each.what == "send"]
    destinations = {
        text.split(" > ")[1].rpartition(":")[0]
        for text in sent
        if text.split(" > ")[0].split(" ")[1].rpartition(":")[0] in own
    }
    assert destinations == {"198.51.100.2"}
