"""``explain`` and statistics tell what servers answered, and which names nobody has."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from purertc import (
    Configuration,
    ConnectionState,
    IceServer,
    IceTransportPolicy,
    PeerConnection,
    SessionDescription,
    explain,
)
from purertc.stats import LocalCandidateStats
from purertc.testing import (
    NatKind,
    SimulatedNetwork,
    SimulatedStunServer,
    SimulatedTurnServer,
    VirtualRuntime,
)

STUN = IceServer("stun:192.0.2.53")
TURN = IceServer("turn:192.0.2.54?transport=udp", username="user", credential="password")
WRONG = IceServer("turn:192.0.2.54?transport=udp", username="user", credential="wrong")
RELAY = IceTransportPolicy.RELAY

Scenario = Callable[[PeerConnection, PeerConnection], Coroutine[Any, Any, None]]


class Town:
    """Two hosts behind translators of one kind, and a server of each sort outside."""

    def __init__(self, kind: NatKind = NatKind.SYMMETRIC) -> None:
        self.network = SimulatedNetwork(seed=1)
        for number, name in enumerate(("alice", "bob"), 1):
            nat = self.network.add_nat(f"nat of {name}", kind, f"203.0.113.{number}")
            self.network.add_host(name, f"192.168.{number}.2", nat=nat)
        self.stun = SimulatedStunServer(self.network.add_host("stun", "192.0.2.53"))
        self.turn = SimulatedTurnServer(self.network.add_host("turn", "192.0.2.54"))

    def run(self, scenario: Scenario, *servers: IceServer, **settings: Any) -> None:  # noqa: ANN401
        configuration = Configuration(ice_servers=servers, **settings)
        world = VirtualRuntime(seed=1, network=self.network)
        left, right = (world.on(self.network.hosts[name]) for name in ("alice", "bob"))

        async def main() -> None:
            async with (
                PeerConnection(runtime=left, configuration=configuration) as one,
                PeerConnection(runtime=right, configuration=configuration) as other,
            ):
                one.create_data_channel("chat")
                await introduce(one, other)
                await scenario(one, other)

        world.run(main)


async def introduce(left: PeerConnection, right: PeerConnection) -> None:
    for one, other in ((left, right), (right, left)):
        await one.set_local_description()
        await other.set_remote_description(await one.gathering_complete())


async def ended(pc: PeerConnection) -> ConnectionState:
    final = (ConnectionState.CONNECTED, ConnectionState.FAILED)
    await pc._endpoint.wait_until(lambda: pc.connection_state in final)
    return pc.connection_state


def likely(pc: PeerConnection) -> str:
    return explain(pc).splitlines()[-1]


def line(pc: PeerConnection, start: str) -> str:
    return next(each for each in explain(pc).splitlines() if each.strip().startswith(start))


def test_a_reflexive_candidate_is_not_enough_behind_symmetric_translators() -> None:
    async def scenario(left: PeerConnection, right: PeerConnection) -> None:
        assert await ended(left) is ConnectionState.FAILED
        assert line(left, "stun:").startswith("  stun:192.0.2.53: srflx 203.0.113.1:")
        assert "NATs or firewalls of the two sides" in likely(left)
        assert "add a TURN server" in likely(left)

    Town().run(scenario, STUN)


@pytest.mark.parametrize("kind", [NatKind.FULL_CONE, NatKind.PORT_RESTRICTED])
def test_a_reflexive_candidate_that_is_enough(kind: NatKind) -> None:
    async def scenario(left: PeerConnection, right: PeerConnection) -> None:
        assert await ended(left) is ConnectionState.CONNECTED
        assert "data flows directly" in likely(left)
        reflexive = [
            each
            for each in (await left.get_stats()).of_type(LocalCandidateStats)
            if each.candidate_type == "srflx"
        ]
        assert [each.url for each in reflexive] == ["stun:192.0.2.53"]
        assert [each.related_address for each in reflexive] == ["192.168.1.2"]

    Town(kind).run(scenario, STUN)


def test_a_relay_that_is_used() -> None:
    async def scenario(left: PeerConnection, right: PeerConnection) -> None:
        assert await ended(left) is ConnectionState.CONNECTED
        assert likely(left) == "Likely: Nothing is wrong: data flows over a relay."
        assert "relay 192.0.2.54:" in line(left, "turn:")
        report = await left.get_stats()
        pair = report.selected_pair
        assert pair is not None
        local = report[pair.local_candidate_id]
        assert isinstance(local, LocalCandidateStats)
        assert (local.candidate_type, local.url) == ("relay", TURN.urls)
        assert local.relay_protocol == "udp"

    Town().run(scenario, TURN, ice_transport_policy=RELAY)


def test_a_wrong_password() -> None:
    async def scenario(left: PeerConnection, right: PeerConnection) -> None:
        assert await ended(left) is ConnectionState.FAILED
        assert ": 401 " in line(left, "turn:")
        assert "401" in likely(left)
        assert "check username and credential" in likely(left)

    Town().run(scenario, WRONG)


def test_relays_only_and_a_wrong_password() -> None:
    async def scenario(left: PeerConnection, right: PeerConnection) -> None:
        assert "the policy allows relayed candidates only" in likely(left)
        assert "check username and credential" in likely(left)

    Town().run(scenario, WRONG, ice_transport_policy=RELAY)


def test_a_quota_that_is_used_up() -> None:
    async def scenario(left: PeerConnection, right: PeerConnection) -> None:
        assert await ended(left) is ConnectionState.FAILED
        assert "486" in likely(left)
        assert "too many allocations" in likely(left)

    town = Town()
    town.turn.quota = 0
    town.run(scenario, TURN)


def test_a_server_that_is_silent() -> None:
    async def scenario(left: PeerConnection, right: PeerConnection) -> None:
        assert await ended(left) is ConnectionState.FAILED
        assert ": 701 " in line(left, "turn:")
        assert "cannot be reached" in likely(left)

    town = Town()
    town.turn.silent = True
    town.run(scenario, TURN)


def test_a_stun_server_that_is_silent_is_shown_and_not_blamed() -> None:
    async def scenario(left: PeerConnection, right: PeerConnection) -> None:
        assert await ended(left) is ConnectionState.FAILED
        assert ": 701 " in line(left, "stun:")
        assert "only host candidates were tried" in likely(left)

    town = Town()
    town.stun.silent = True
    town.run(scenario, STUN)


def test_names_that_nobody_answers_for() -> None:
    network = SimulatedNetwork(seed=1)
    for name, address in (("alice", "192.0.2.1"), ("bob", "192.0.2.2")):
        network.add_host(name, address)
    world = VirtualRuntime(seed=1, network=network)

    async def main() -> None:
        async with (
            PeerConnection(runtime=world.on(network.hosts["alice"])) as left,
            PeerConnection(runtime=world.on(network.hosts["bob"])) as right,
        ):
            left.create_data_channel("chat")
            await left.set_local_description()
            await right.set_remote_description(await left.gathering_complete())
            await right.set_local_description()
            answer = (await right.gathering_complete()).sdp.replace("192.0.2.2 ", "hidden.local ")
            network.partition([network.hosts["bob"]])
            await left.set_remote_description(SessionDescription("answer", answer))
            assert await ended(left) is ConnectionState.FAILED
            assert "hidden.local: nobody answered" in explain(left)
            assert "hides its addresses behind .local names" in likely(left)

    world.run(main)
