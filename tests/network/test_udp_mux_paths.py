"""Clients behind translators reach a shared port; two shared ports carry one connection."""

import pytest

from purertc import ConnectionFailed, PeerConnection, UdpMux
from purertc.testing import LinkConditions, NatKind, SimulatedNetwork, VirtualRuntime
from tests.support.muxed import muxed_pair, ping
from tests.support.virtual_pairs import Echo, describe_to_each_other

SERVER = "192.0.2.1"


@pytest.mark.parametrize("kind", NatKind)
def test_clients_behind_one_translator(kind: NatKind) -> None:
    network = SimulatedNetwork(seed=3, conditions=LinkConditions(latency=0.02))
    server = network.add_host("server", SERVER)
    nat = network.add_nat("nat", kind, "198.51.100.1")
    clients = [network.add_host(f"client {n}", f"10.0.0.{n}", nat=nat) for n in range(1, 4)]
    world = VirtualRuntime(network=network)

    async def talk(mux: UdpMux, number: int) -> None:
        places = world.on(clients[number]), world.on(server)
        async with muxed_pair(mux, None, *places) as pair:
            for count in range(20):
                assert await ping(pair, f"{number} {count}") == f"{number} {count}"
                await world.sleep(1.0)

    async def main() -> None:
        async with UdpMux(runtime=world.on(server)) as mux:
            await world.gather(*(talk(mux, number) for number in range(3)))
            assert mux.connection_count == 0

    world.run(main)


def test_of_two_connections_between_two_shared_ports_the_second_fails() -> None:
    network = SimulatedNetwork(seed=3, conditions=LinkConditions(latency=0.02))
    here, there = network.add_host("here", SERVER), network.add_host("there", "192.0.2.2")
    world = VirtualRuntime(network=network)

    async def main() -> None:
        left_place, right_place = world.on(here), world.on(there)
        async with (
            UdpMux(runtime=left_place) as left_mux,
            UdpMux(runtime=right_place) as right_mux,
            PeerConnection(runtime=left_place, udp_mux=left_mux) as left,
            PeerConnection(Echo(), runtime=right_place, udp_mux=right_mux) as right,
            PeerConnection(runtime=left_place, udp_mux=left_mux) as late_left,
            PeerConnection(Echo(), runtime=right_place, udp_mux=right_mux) as late_right,
        ):
            channel = left.create_data_channel("first")
            await describe_to_each_other(left, right)
            await channel.opened()
            late_left.create_data_channel("second")
            await describe_to_each_other(late_left, late_right)
            with pytest.raises(ConnectionFailed):
                await late_left.connected()
            assert left_mux.refused + right_mux.refused > 0
            await channel.send("still there")
            assert await channel.receive() == "still there"

    world.run(main)


def test_a_client_that_comes_back_on_its_old_port_is_served_again() -> None:
    network = SimulatedNetwork(seed=3, conditions=LinkConditions(latency=0.02))
    server, client = network.add_host("server", SERVER), network.add_host("client", "192.0.2.2")
    world = VirtualRuntime(network=network)

    async def main() -> None:
        places = world.on(client), world.on(server)
        async with UdpMux(runtime=places[1]) as mux:
            forgotten = PeerConnection(Echo(), runtime=places[1], udp_mux=mux)
            async with (
                UdpMux(4000, runtime=places[0]) as port,
                PeerConnection(runtime=places[0], udp_mux=port) as first,
            ):
                first.create_data_channel("x")
                await describe_to_each_other(first, forgotten)
                await forgotten.connected()
                with network.partition([client]):
                    port.close()
            await world.sleep(31.0)
            async with UdpMux(4000, runtime=places[0]) as port:
                second = PeerConnection(runtime=places[0], udp_mux=port)
                served = PeerConnection(Echo(), runtime=places[1], udp_mux=mux)
                channel = second.create_data_channel("x")
                await describe_to_each_other(second, served)
                await channel.opened()
                await channel.send("back")
                assert await channel.receive() == "back"
                for each in (second, served, forgotten):
                    await each.close()

    world.run(main)
