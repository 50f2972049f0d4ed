"""All servers are asked at once, and one that does not answer holds nobody up."""

import pytest

from purertc import Configuration, ConnectionState, IceCandidate, IceServer
from purertc.testing import SimulatedStunServer, SimulatedTurnServer
from tests.support.nat_world import STUN, TURN, Peer, World, copied, negotiate

SILENT_STUN = IceServer("stun:198.51.100.66")
SILENT_TURN = IceServer("turn:198.51.100.66:3479", "user", "password")
REFUSING = IceServer("turn:198.51.100.66:3480", "user", "password")
UNRESOLVABLE = IceServer("stun:nowhere.example")
NOBODY_TCP = IceServer("turn:198.51.100.66:81?transport=tcp", "user", "password")
SERVERS = (SILENT_STUN, SILENT_TURN, REFUSING, UNRESOLVABLE, NOBODY_TCP, STUN, TURN)
TIMEOUT = 4.0


def make() -> World:
    world = World.make()
    host = world.network.add_host("bad", "198.51.100.66")
    SimulatedStunServer(host, silent=True)
    SimulatedTurnServer(host, 3479).silent = True
    SimulatedTurnServer(host, 3480).refuse_with = (508, "Insufficient Capacity")
    return world


class Timed(Peer):
    """Notes when candidates come."""

    def __init__(self, world: World, number: int, servers: tuple[IceServer, ...]) -> None:
        configuration = Configuration(ice_servers=servers, server_timeout=TIMEOUT)
        super().__init__(world.peer(number, configuration).pc)
        self.world = world
        self.times: dict[str, float] = {}

    async def on_ice_candidate(self, candidate: IceCandidate | None) -> None:
        kind = "end" if candidate is None else candidate.candidate.split(" typ ")[1].split()[0]
        self.times.setdefault(kind, self.world.runtime.now())
        await super().on_ice_candidate(candidate)


def test_candidates_of_the_others_come_at_once_and_each_bad_one_is_named() -> None:
    world = make()
    world.network.set_link(world.hosts[0], world.network.hosts["stun"], world.network.conditions)

    async def main() -> None:
        peer = Timed(world, 0, SERVERS)
        async with peer.pc:
            peer.pc.create_data_channel("x")
            await peer.pc.set_local_description()
            assert world.runtime.now() == 0
            description = await peer.pc.gathering_complete()
            await world.runtime.sleep(0)
            assert world.runtime.now() == pytest.approx(TIMEOUT, abs=0.05)
            assert peer.times["host"] < 0.001
            assert peer.times["relay"] < 0.1
            assert peer.times["end"] == pytest.approx(TIMEOUT, abs=0.05)
            assert "typ relay" in description.sdp
            assert description.sdp.count("a=end-of-candidates") == 1
            check_errors(peer)

    world.runtime.run(main)


def check_errors(peer: Peer) -> None:
    errors = {each.url: each for each in peer.errors}
    assert len(errors) == len(peer.errors)
    assert set(errors) == {url for server in SERVERS[:5] for url in server.url_list}
    assert {each.error_code for each in errors.values()} == {701, 508}
    refused = errors["turn:198.51.100.66:3480"]
    assert (refused.error_code, refused.error_text) == (508, "Insufficient Capacity")
    assert all(each.error_text for each in errors.values())
    assert "nowhere.example" in errors["stun:nowhere.example"].error_text or (
        "no simulated host" in errors["stun:nowhere.example"].error_text
    )


def test_the_host_pair_is_connected_long_before_a_silent_server_times_out() -> None:
    world = make()
    network = world.network
    fast = type(network.conditions)(latency=0.0005)
    network.set_link(*world.hosts, fast)

    async def main() -> float:
        a, b = Timed(world, 0, SERVERS), Timed(world, 1, SERVERS)
        a.other, b.other = b, a
        async with a.pc, b.pc:
            a.pc.create_data_channel("x")
            await negotiate(a, b)
            await a.pc.connected()
            await b.pc.connected()
            connected_at = world.runtime.now()
            assert a.pc.ice_gathering_state == "gathering"
            await a.pc.gathering_complete()
            assert a.pc.connection_state is ConnectionState.CONNECTED
            return connected_at

    assert world.runtime.run(main) < 0.05


def test_half_trickle_the_description_waits_for_the_slowest_server_only() -> None:
    world = make()

    async def main() -> None:
        a, b = Timed(world, 0, SERVERS), Timed(world, 1, (STUN,))
        async with a.pc, b.pc:
            a.pc.create_data_channel("x")
            await a.pc.set_local_description()
            await a.pc.gathering_complete()
            await b.pc.set_remote_description(copied(a.pc.local_description))
            await b.pc.set_local_description()
            b.other = a
            await a.pc.set_remote_description(copied(b.pc.local_description))
            await a.pc.connected()
            assert world.runtime.now() < TIMEOUT + 0.3

    world.runtime.run(main)
