"""Connections whose candidates hide behind names find each other, in simulation and for real."""

import re

from purertc import Configuration, ConnectionState, NetworkSettings, PeerConnection, explain
from purertc.testing import NatKind, SimulatedNetwork, VirtualRuntime
from tests.support.connected import connected_pair
from tests.support.multicast import needs_multicast
from tests.support.runtimes import on_each_runtime_of_this_machine, open_sockets, turns

HIDDEN = Configuration(network=NetworkSettings(obfuscate_host_addresses=True))
HOST = re.compile(r"^a=candidate:.* (\S+) \d+ typ host", re.MULTILINE)


async def introduce(left: PeerConnection, right: PeerConnection) -> None:
    for one, other in ((left, right), (right, left)):
        await one.set_local_description()
        await other.set_remote_description(await one.gathering_complete())


def hosts_of(pc: PeerConnection) -> list[str]:
    assert pc.local_description is not None
    return HOST.findall(pc.local_description.sdp)


def run(network: SimulatedNetwork, expected: ConnectionState, likely: str) -> None:
    world = VirtualRuntime(seed=1, network=network)

    async def main() -> None:
        runtimes = [world.on(network.hosts[name]) for name in ("alice", "bob")]
        async with (
            PeerConnection(runtime=runtimes[0], configuration=HIDDEN) as left,
            PeerConnection(runtime=runtimes[1], configuration=HIDDEN) as right,
        ):
            left.create_data_channel("chat")
            await introduce(left, right)
            for pc in (left, right):
                assert hosts_of(pc)
                assert all(host.endswith(".local") for host in hosts_of(pc))
            final = (ConnectionState.CONNECTED, ConnectionState.FAILED)
            await left._endpoint.wait_until(lambda: left.connection_state in final)
            assert left.connection_state is expected
            assert likely in explain(left)
        assert network.local_names == {}

    world.run(main)


def test_two_on_one_network() -> None:
    network = SimulatedNetwork(seed=1)
    network.add_host("alice", "192.0.2.1")
    network.add_host("bob", "192.0.2.2")
    run(network, ConnectionState.CONNECTED, "Nothing is wrong")


def test_two_on_networks_of_their_own() -> None:
    network = SimulatedNetwork(seed=1)
    for number, name in enumerate(("alice", "bob"), 1):
        nat = network.add_nat(f"nat {name}", NatKind.FULL_CONE, f"203.0.113.{number}")
        network.add_host(name, f"192.168.{number}.2", nat=nat)
    run(network, ConnectionState.FAILED, "nobody answered for them by multicast DNS")


@needs_multicast
@on_each_runtime_of_this_machine
async def test_two_on_this_machine() -> None:
    before = open_sockets()
    async with connected_pair(configuration=HIDDEN) as pair:
        here, there = await pair.channel()
        await here.send("hello")
        assert await there.receive() == "hello"
        assert all(host.endswith(".local") for host in hosts_of(pair.left) + hosts_of(pair.right))
    await turns()
    assert open_sockets() == before
