"""Cuts come and go."""

import pytest

from purertc.sansio.types import Transport
from purertc.testing import (
    LinkConditions,
    SimulatedHost,
    SimulatedNetwork,
    SimulatedSocket,
    VirtualRuntime,
)
from tests.support.simulation import drain, received


class Three:
    """Three hosts with a socket each."""

    def __init__(self) -> None:
        self.network = SimulatedNetwork(conditions=LinkConditions(latency=0.1))
        self.hosts: list[SimulatedHost] = []
        self.sockets: list[SimulatedSocket] = []
        for number in range(3):
            host = self.network.add_host(
                f"host {number}", f"192.0.2.{number}", f"2001:db8::{number}"
            )
            self.hosts.append(host)
            self.sockets.append(host.bind(f"192.0.2.{number}", 7))

    def reached(self) -> set[tuple[int, int]]:
        """Return who reaches whom."""
        for number, sock in enumerate(self.sockets):
            for other in self.sockets:
                if other is not sock:
                    sock.sendto(bytes([number]), other.local)
        drain(self.network)
        return {
            (payload[0], number)
            for number, sock in enumerate(self.sockets)
            for payload, _ in received(sock)
        }


ALL = {(one, other) for one in range(3) for other in range(3) if one != other}


@pytest.fixture
def three() -> Three:
    return Three()


def test_one_against_all_others(three: Three) -> None:
    cut = three.network.partition([three.hosts[0]])
    assert three.reached() == {(1, 2), (2, 1)}
    assert three.network.counters.partitioned == 4
    cut.heal()
    cut.heal()
    assert three.reached() == ALL


def test_between_two_groups(three: Three) -> None:
    with three.network.partition([three.hosts[0]], [three.hosts[1]]):
        assert three.reached() == ALL - {(0, 1), (1, 0)}
    assert three.reached() == ALL


def test_cuts_overlap(three: Three) -> None:
    first = three.network.partition([three.hosts[0]])
    second = three.network.partition([three.hosts[0], three.hosts[1]])
    assert three.reached() == set()
    first.heal()
    assert three.reached() == {(0, 1), (1, 0)}
    second.heal()
    assert three.reached() == ALL


def test_an_address_alone_can_be_cut_off(three: Three) -> None:
    v6 = [host.bind(host.addresses[1], 8) for host in three.hosts]
    with three.network.partition(["192.0.2.0"]):
        v6[0].sendto(b"other way", v6[1].local)
        assert three.reached() == {(1, 2), (2, 1)}
        assert len(received(v6[1])) == 1


def test_what_is_on_its_way_is_lost(three: Three) -> None:
    three.sockets[0].sendto(b"under way", three.sockets[1].local)
    three.network.clock.advance(0.05)
    with three.network.partition([three.hosts[1]]):
        drain(three.network)
    assert received(three.sockets[1]) == []


def test_cuts_on_a_schedule(three: Three) -> None:
    clock = three.network.clock

    def cut() -> None:
        partition = three.network.partition([three.hosts[0]])
        clock.schedule(clock.now + 10.0, partition.heal)

    clock.schedule(10.0, cut)
    arrived = []
    for _ in range(30):
        three.sockets[0].sendto(b"tick", three.sockets[1].local)
        clock.advance(clock.now + 1)
        arrived.append(len(received(three.sockets[1])))
    assert arrived == [1] * 10 + [0] * 10 + [1] * 10


def test_a_host_always_reaches_itself(three: Three) -> None:
    own = three.hosts[0].bind("127.0.0.1", 9)
    with three.network.partition([three.hosts[0]]):
        three.hosts[0].bind("127.0.0.1").sendto(b"me", own.local)
        drain(three.network)
    assert len(received(own)) == 1


def test_a_firewall_that_stops_one_transport_only(three: Three) -> None:
    runtime = VirtualRuntime(network=three.network)

    async def is_tcp_through() -> bool:
        listener = runtime.on(three.hosts[1]).listen_tcp("192.0.2.1", 7)
        try:
            async with runtime.timeout(2):
                stream = await runtime.on(three.hosts[0]).connect_tcp(listener.local)
                stream.close()
                return True
        except TimeoutError:
            return False
        finally:
            listener.close()

    async def main() -> None:
        with three.network.partition([three.hosts[0]], transport=Transport.UDP):
            assert three.reached() == {(1, 2), (2, 1)}
            assert await is_tcp_through()
        with three.network.partition([three.hosts[0]], transport=Transport.TCP):
            assert three.reached() == ALL
            assert not await is_tcp_through()

    runtime.run(main)
