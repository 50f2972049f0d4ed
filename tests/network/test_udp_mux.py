"""Many connections live on one UDP port."""

import random
import socket
from collections.abc import Callable

import pytest

from purertc import (
    ArgumentError,
    InvalidStateError,
    NetworkSettings,
    PeerConnection,
    UdpMux,
)
from purertc.testing import SimulatedNetwork, VirtualRuntime
from tests.support.all_runtimes import on_all_runtimes
from tests.support.muxed import MuxedPair, loopback_mux, muxed_pair, ping
from tests.support.runtimes import on_each_runtime_without_scope, open_sockets

CONNECTIONS = 50


def candidate_ports(pc: PeerConnection) -> set[tuple[str, str]]:
    assert pc.local_description is not None
    lines = pc.local_description.sdp.splitlines()
    found = [line.split() for line in lines if line.startswith("a=candidate:")]
    return {(fields[4], fields[5]) for fields in found}


@on_all_runtimes
async def test_connections_share_the_port_and_each_has_its_own_messages() -> None:
    async with loopback_mux() as mux:
        (address,) = mux.addresses
        async with muxed_pair(mux) as one, muxed_pair(mux) as two, muxed_pair(mux) as three:
            pairs = (one, two, three)
            for pair in pairs:
                assert candidate_ports(pair.served) == {(address[0], str(address[1]))}
            for number, pair in enumerate(pairs):
                assert await ping(pair, f"to {number}") == f"to {number}"
                assert await ping(pair, bytes([number]) * 50_000) == bytes([number]) * 50_000
            assert mux.connection_count == 3
        assert mux.connection_count == 0


@on_all_runtimes
async def test_the_other_connections_go_on_when_one_is_closed() -> None:
    async with loopback_mux() as mux, muxed_pair(mux) as stays:
        async with muxed_pair(mux) as goes:
            assert await ping(goes, "a") == "a"
        assert await ping(stays, "b") == "b"
        await stays.served.close()
        assert mux.connection_count == 0
        assert mux.addresses
        async with muxed_pair(mux) as late:
            assert await ping(late, "c") == "c"


@on_each_runtime_without_scope
async def test_fifty_connections_close_in_any_order() -> None:
    order = random.Random(7)
    before = open_sockets()
    async with loopback_mux() as mux:
        contexts = [muxed_pair(mux) for _ in range(CONNECTIONS)]
        pairs: list[MuxedPair] = []
        opened = 0
        try:
            for context in contexts:
                pairs.append(await context.__aenter__())
                opened += 1
                assert open_sockets() - before == opened + 1, "one for each client, one for the mux"
            assert mux.connection_count == CONNECTIONS
            for _ in range(3):
                order.shuffle(pairs)
                for number, pair in enumerate(pairs):
                    assert await ping(pair, f"{number}") == f"{number}"
            remaining = CONNECTIONS
            order.shuffle(pairs)
            for pair in pairs:
                first, second = order.sample((pair.client, pair.served), 2)
                await first.close()
                await second.close()
                remaining -= 1
                assert mux.connection_count == remaining
        finally:
            for context in reversed(contexts[:opened]):
                await context.__aexit__(None, None, None)
        (shared,) = mux._sockets.shared.values()
        assert shared.routes.size == 0
        assert mux.refused == 0
    assert open_sockets() == before


@on_all_runtimes
async def test_a_mux_uses_every_address_of_the_machine() -> None:
    before = open_sockets()
    async with UdpMux() as mux:
        assert len(mux.addresses) >= 1
        async with muxed_pair(mux, None) as pair:
            assert await ping(pair, "hello") == "hello"
            ports = {str(port) for _, port in mux.addresses}
            assert {port for _, port in candidate_ports(pair.served)} == ports
    assert open_sockets() == before


async def test_a_port_of_choice_and_options() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        with pytest.raises(OSError, match="no address of the UdpMux"):
            UdpMux(port, addresses=["127.0.0.1"]).bind()
    settings = NetworkSettings(dscp=10)
    async with UdpMux(port, addresses=["127.0.0.1"], settings=settings) as mux:
        assert mux.addresses == [("127.0.0.1", port)]
        assert repr(mux) == f"<UdpMux 127.0.0.1 port {port}>"
    assert mux.addresses == []
    async with UdpMux(
        addresses=["127.0.0.1"], settings=NetworkSettings(port_range=(port, port))
    ) as mux:
        assert mux.addresses == [("127.0.0.1", port)]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: UdpMux(-1), "port is a number"),
        (lambda: UdpMux(65536), "port is a number"),
        (lambda: UdpMux(5000, settings=NetworkSettings(port_range=(1, 2))), "not both"),
        (lambda: UdpMux(addresses="127.0.0.1"), "takes a list"),
        (lambda: UdpMux(addresses=["localhost"]), "no numeric IP address"),
        (lambda: UdpMux(addresses=["0.0.0.0"]), "no address that others can reach"),
        (lambda: UdpMux(settings=5), "NetworkSettings"),  # type: ignore[arg-type]  # that is it
        (lambda: PeerConnection(udp_mux=5), "UdpMux object"),  # type: ignore[arg-type]  # that is it
    ],
)
def test_what_cannot_be_a_mux(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        make()


async def test_a_closed_mux_takes_no_connections() -> None:
    mux = loopback_mux()
    async with mux:
        assert mux.addresses
    assert mux.is_closed
    mux.close()
    with pytest.raises(InvalidStateError, match="make another one"):
        PeerConnection(udp_mux=mux)
    with pytest.raises(InvalidStateError, match="make another one"):
        mux.bind()


async def test_the_builder_takes_a_mux() -> None:
    async with loopback_mux() as mux:
        pc = await PeerConnection.builder().with_udp_mux(mux).build()
        pc.create_data_channel("x")
        await pc.set_local_description()
        await pc.gathering_complete()
        assert mux.connection_count == 1
        await pc.close()
        assert mux.connection_count == 0


def test_addresses_come_and_go() -> None:
    network = SimulatedNetwork()
    host = network.add_host("server", "192.0.2.1", "192.0.2.2")
    world = VirtualRuntime(network=network)

    async def main() -> None:
        async with UdpMux() as mux:
            source = mux.source(frozenset)
            assert source.hosts() == {"192.0.2.1", "192.0.2.2"}
            assert [bound.local[0] for bound in source.bind()] == ["192.0.2.1", "192.0.2.2"]
            host.remove_address("192.0.2.2")
            host.add_address("192.0.2.3")
            assert source.hosts() == {"192.0.2.1", "192.0.2.3"}
            assert [bound.local[0] for bound in source.bind(["192.0.2.1"])] == ["192.0.2.3"]
            host.add_address("192.0.2.2")
            (again,) = source.bind(["192.0.2.1", "192.0.2.3"])
            assert again.local in mux.addresses
            assert len(mux.addresses) == 3

    world.run(main)
