"""On a simulated network names are known to the hosts behind the same translator."""

from purertc.mdns import Announcer, resolve_local_name
from purertc.testing import NatKind, SimulatedNetwork, VirtualRuntime

NAME = "1f92e7db-2290-4b6d-a8f3-7c2ea6e0e3ae.local"


def world() -> VirtualRuntime:
    network = SimulatedNetwork(seed=1)
    network.add_host("public", "192.0.2.1")
    network.add_host("other", "192.0.2.2")
    nat = network.add_nat("nat", NatKind.FULL_CONE, "203.0.113.1")
    network.add_host("inside", "192.168.1.2", nat=nat)
    network.add_host("printer.local", "192.0.2.9")
    return VirtualRuntime(seed=1, network=network)


def test_an_announced_name_is_known_on_its_network_until_the_close() -> None:
    virtual = world()
    hosts = virtual.simulated_network.hosts

    async def main() -> None:
        announcer = Announcer(virtual.on(hosts["public"]))
        announcer.announce(NAME, "192.0.2.1")
        announcer.announce(NAME, "192.0.2.1")
        found = [
            await resolve_local_name(virtual.on(hosts[name]), NAME.upper())
            for name in ("public", "other", "inside")
        ]
        assert found == [["192.0.2.1"], ["192.0.2.1"], []]
        announcer.close()
        announcer.close()
        assert await resolve_local_name(virtual.on(hosts["other"]), NAME) == []
        assert virtual.simulated_network.local_names == {}

    virtual.run(main)


def test_a_host_may_have_such_a_name() -> None:
    virtual = world()

    async def main() -> None:
        host = virtual.simulated_network.hosts["inside"]
        assert await resolve_local_name(virtual.on(host), "printer.local") == ["192.0.2.9"]

    virtual.run(main)


def test_withdrawing_what_is_unknown_does_nothing() -> None:
    host = world().simulated_network.hosts["public"]
    host.withdraw_name(NAME, "192.0.2.1")
    host.announce_name(NAME, "192.0.2.1")
    host.withdraw_name(NAME, "192.0.2.7")
    assert host.find_name(NAME) == ["192.0.2.1"]
