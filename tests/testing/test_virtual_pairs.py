"""Real connections on a VirtualRuntime: bad links, cuts, translators, many at once."""

import gc

import pytest

from purertc import (
    Configuration,
    ConnectionFailed,
    ConnectionState,
    NetworkSettings,
    PeerConnection,
    PeerConnectionHandler,
)
from purertc.testing import LinkConditions, NatKind, SimulatedNetwork, VirtualRuntime
from tests.support.virtual_pairs import Echo, describe_to_each_other, two_hosts, virtual_pair

MESSAGES: list[str | bytes] = [f"message {number}" for number in range(20)]


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_a_pair_over_a_bad_link(seed: int, shuffle: bool) -> None:
    conditions = LinkConditions(
        latency=0.03, jitter=0.02, loss=0.15, duplication=0.2, reordering=0.1
    )
    network = two_hosts(seed, conditions)
    world = VirtualRuntime(seed=seed, network=network, shuffle=shuffle)

    async def main() -> list[str | bytes]:
        async with virtual_pair(world, network) as pair:
            return await pair.echo(MESSAGES)

    assert world.run(main) == MESSAGES
    counters = network.counters
    assert min(counters.lost, counters.duplicated, counters.reordered) > 0
    assert not network.sockets


def test_a_slow_link_is_used_and_not_flooded() -> None:
    network = two_hosts(1, LinkConditions(latency=0.02, bandwidth=1_000_000, queue=30_000))
    world = VirtualRuntime(network=network)

    async def main() -> float:
        async with virtual_pair(world, network) as pair:
            start = world.now()
            assert await pair.echo([bytes(100_000)] * 5) == [bytes(100_000)] * 5
            return world.now() - start

    seconds = world.run(main)
    assert 4 < seconds < 12
    assert network.counters.queue_full < network.counters.sent / 10


@pytest.mark.parametrize("mtu", [1280, 1500])
def test_nothing_is_too_large_for_the_smallest_ipv6_link(mtu: int) -> None:
    network = two_hosts(1, LinkConditions(mtu=mtu))
    network.hosts["left"].remove_address("192.0.2.1")
    world = VirtualRuntime(network=network)

    async def main() -> None:
        settings = NetworkSettings(max_path_mtu=mtu)
        async with virtual_pair(world, network, Configuration(network=settings)) as pair:
            assert await pair.echo([bytes(50_000)]) == [bytes(50_000)]

    world.run(main)
    assert network.counters.too_large == 0


def test_a_cut_that_heals_and_one_that_does_not() -> None:
    network = two_hosts(1)
    world = VirtualRuntime(network=network)
    states: list[tuple[int, str]] = []

    class Watch(PeerConnectionHandler):
        async def on_connection_state_change(self, state: ConnectionState) -> None:
            states.append((round(world.now()), state))

    async def main() -> None:
        async with virtual_pair(world, network) as pair:
            pair.left.attach(Watch())
            await world.sleep(60 - world.now())
            with network.partition([network.hosts["left"]]):
                await world.sleep(15)
            assert await pair.echo(MESSAGES) == MESSAGES
            await world.sleep(120 - world.now())
            network.partition([network.hosts["left"]])
            await world.sleep(60)
            assert pair.left.connection_state is ConnectionState.FAILED
            with pytest.raises(ConnectionFailed):
                await pair.left.connected()

    world.run(main)
    assert [state for _, state in states] == [
        "disconnected", "connected", "disconnected", "failed", "closed",
    ]  # fmt: skip
    for (when, _), expected in zip(states, (65, 76, 125, 150), strict=False):
        assert abs(when - expected) <= 5


@pytest.mark.parametrize("kind", list(NatKind))
def test_from_behind_a_translator_to_a_public_host(kind: NatKind) -> None:
    network = SimulatedNetwork(seed=2)
    nat = network.add_nat("home", kind, "203.0.113.1", timeout=30)
    network.add_host("left", "192.168.1.2", nat=nat)
    network.add_host("right", "198.51.100.1")
    world = VirtualRuntime(network=network)

    async def main() -> None:
        async with virtual_pair(world, network) as pair:
            await world.sleep(600)
            assert await pair.echo(MESSAGES) == MESSAGES

    world.run(main)


def test_between_two_port_restricted_homes_nothing_goes_without_a_server() -> None:
    network = SimulatedNetwork()
    for name, outside in (("left", "203.0.113.1"), ("right", "203.0.113.2")):
        nat = network.add_nat(f"{name} nat", NatKind.PORT_RESTRICTED, outside)
        network.add_host(name, f"192.168.{len(network.hosts)}.2", nat=nat)
    world = VirtualRuntime(network=network)

    async def main() -> None:
        with pytest.raises(ConnectionFailed):
            async with virtual_pair(world, network):
                raise AssertionError("it connected")

    world.run(main)
    assert 25 < world.now() < 60


def test_fifty_connections_in_one_world() -> None:
    network = SimulatedNetwork(conditions=LinkConditions(loss=0.02))
    server = network.add_host("server", "198.51.100.1")
    world = VirtualRuntime(network=network)

    async def client(number: int) -> list[str | bytes]:
        host = network.add_host(f"client {number}", f"192.0.2.{number}")
        async with (
            PeerConnection(runtime=world.on(host)) as left,
            PeerConnection(Echo(), runtime=world.on(server)) as right,
        ):
            channel = left.create_data_channel("echo")
            await describe_to_each_other(left, right)
            await channel.opened()
            await channel.send(f"{number}")
            return [await channel.receive()]

    async def main() -> list[list[str | bytes]]:
        return await world.gather(*(client(number) for number in range(50)))

    assert world.run(main) == [[f"{number}"] for number in range(50)]
    assert not network.sockets


def test_connections_find_the_world_and_the_active_host() -> None:
    network = two_hosts(1)
    world = VirtualRuntime(network=network)

    async def main() -> None:
        async with PeerConnection() as pc:
            pc.create_data_channel("x")
            with network.hosts["right"].active():
                await pc.set_local_description()
            await pc.gathering_complete()
            assert pc.local_description is not None
            assert "198.51.100.1" in pc.local_description.sdp
            assert "192.0.2.1" not in pc.local_description.sdp

    world.run(main)


def test_a_host_without_addresses_offers_loopback() -> None:
    network = SimulatedNetwork()
    host = network.add_host("bare")
    world = VirtualRuntime(network=network)

    async def main() -> None:
        configuration = Configuration()
        async with (
            PeerConnection(runtime=world.on(host), configuration=configuration) as left,
            PeerConnection(Echo(), runtime=world.on(host)) as right,
        ):
            channel = left.create_data_channel("x")
            await describe_to_each_other(left, right)
            await channel.opened()

    world.run(main)


def test_a_dropped_connection_is_closed_and_warned_about() -> None:
    network = two_hosts(1)
    world = VirtualRuntime(network=network)

    async def main() -> None:
        pc = PeerConnection(runtime=world.on(network.hosts["left"]))
        pc.create_data_channel("x")
        await pc.set_local_description()
        await world.sleep(1)
        assert network.sockets
        with pytest.warns(ResourceWarning, match="dropped without close"):
            del pc
        await world.sleep(1)
        assert not network.sockets

    gc.disable()
    try:
        world.run(main)
    finally:
        gc.enable()
