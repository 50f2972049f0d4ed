"""Whole connections on simulated networks find the size of packets and survive when it shrinks."""

import pytest

from purertc import Configuration, DataChannel, NetworkSettings, PeerConnection
from purertc.stats import SctpTransportStats
from purertc.testing import LinkConditions, SimulatedNetwork, VirtualRuntime
from tests.support.virtual_pairs import two_hosts, virtual_pair

MESSAGE = bytes(16_384)
V4, V6 = "192.0.2.1", "2001:db8::1"
HEADERS = {V4: 28 + 37, V6: 48 + 37}
FLOOR = 1188


def size_for(mtu: int, host: str) -> int:
    return mtu - HEADERS[host] & ~3


def network_of(host: str, mtu: int) -> SimulatedNetwork:
    """A link with this MTU for packets of one IP version."""
    conditions = LinkConditions(mtu=mtu, latency=0.01, bandwidth=1e8, queue=10**6)
    network = two_hosts(1, conditions)
    network.hosts["left"].remove_address(V6 if host == V4 else V4)
    return network


def set_mtu(network: SimulatedNetwork, mtu: int) -> None:
    """Make the path as small as that; larger packets arrive in fragments where it is allowed."""
    conditions = LinkConditions(
        mtu=mtu, latency=0.01, bandwidth=1e8, queue=10**6, fragmentation=True
    )
    left, right = network.hosts["left"], network.hosts["right"]
    network.set_link(left, right, conditions)
    network.set_link(right, left, conditions)


async def stats_of(connection: PeerConnection) -> SctpTransportStats:
    (stats,) = (await connection.get_stats()).of_type(SctpTransportStats)
    return stats


async def echo_for(world: VirtualRuntime, channel: DataChannel, seconds: float) -> None:
    """Send some messages now and then, and wait for what comes back."""
    end = world.now() + seconds
    while world.now() < end:
        for _ in range(20):
            await channel.send(MESSAGE)
        for _ in range(20):
            assert await channel.receive() == MESSAGE
        await world.sleep(0.2)


def configured(limit: int) -> Configuration:
    return Configuration(network=NetworkSettings(max_path_mtu=limit))


@pytest.mark.parametrize(
    ("host", "mtu", "limit", "found"),
    [
        (V4, 1280, 1500, 0),
        (V4, 1400, 1500, 1400),
        (V6, 1492, 1500, 1492),
        (V6, 1500, 9000, 1500),
        (V4, 9000, 9000, 9000),
        (V4, 9000, 1280, 0),
    ],
)
def test_the_size_of_the_path_is_found(host: str, mtu: int, limit: int, found: int) -> None:
    network = network_of(host, mtu)
    world = VirtualRuntime(network=network)

    async def main() -> None:
        async with virtual_pair(world, network, configured(limit)) as pair:
            channel = pair.left.create_data_channel("bulk")
            await channel.opened()
            await echo_for(world, channel, 6.0)
            for side in (pair.left, pair.right):
                stats = await stats_of(side)
                assert stats.mtu == (size_for(found, host) if found else FLOOR)
                assert stats.retransmission_timeouts == 0

    world.run(main)


@pytest.mark.parametrize("limit", [1500, 9000])
@pytest.mark.parametrize("host", [V4, V6])
def test_all_arrives_when_the_path_shrinks(host: str, limit: int) -> None:
    network = network_of(host, limit)
    world = VirtualRuntime(network=network)

    async def main() -> None:
        async with virtual_pair(world, network, configured(limit)) as pair:
            channel = pair.left.create_data_channel("bulk")
            await channel.opened()
            await echo_for(world, channel, 2.0)
            assert (await stats_of(pair.left)).mtu == size_for(limit, host)
            for _ in range(60):
                await channel.send(MESSAGE)
            set_mtu(network, 1300)
            begin = world.now()
            for _ in range(60):
                assert await channel.receive() == MESSAGE
            assert world.now() - begin < 10.0
            await echo_for(world, channel, 2.0)
            if host == V6:
                # No router cuts what is too large; of IPv4 the fragments arrive, and nobody knows.
                assert (await stats_of(pair.left)).mtu == FLOOR

    world.run(main)


def test_a_restart_on_a_smaller_path_begins_at_the_floor() -> None:
    network = network_of(V4, 1500)
    world = VirtualRuntime(network=network)

    async def main() -> None:
        async with virtual_pair(world, network) as pair:
            channel = pair.left.create_data_channel("bulk")
            await channel.opened()
            await echo_for(world, channel, 2.0)
            assert (await stats_of(pair.left)).mtu == size_for(1500, V4)
            for _ in range(60):
                await channel.send(MESSAGE)
            set_mtu(network, 1280)
            offer = await pair.left.create_offer(ice_restart=True)
            await pair.left.set_local_description(offer)
            await pair.left.gathering_complete()
            assert pair.left.local_description is not None
            await pair.right.set_remote_description(pair.left.local_description)
            await pair.right.set_local_description()
            await pair.right.gathering_complete()
            assert pair.right.local_description is not None
            await pair.left.set_remote_description(pair.right.local_description)
            for _ in range(60):
                assert await channel.receive() == MESSAGE
            await echo_for(world, channel, 6.0)
            assert (await stats_of(pair.left)).mtu == FLOOR

    world.run(main)
