"""``explain`` says what a connection did, in every state and after it failed."""

import logging
import re
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

import pytest

from purertc import (
    Configuration,
    ConnectionState,
    IceServer,
    PeerConnection,
    SessionDescription,
    explain,
)
from purertc.testing import NatKind, SimulatedNetwork, VirtualRuntime
from tests.support.runtimes import on_each_runtime_without_scope

FULL_CONE, ADDRESS, PORT, SYMMETRIC = NatKind
Scenario = Callable[[PeerConnection, PeerConnection], Coroutine[Any, Any, None]]


def two_hosts() -> SimulatedNetwork:
    network = SimulatedNetwork(seed=1)
    network.add_host("alice", "192.0.2.1")
    network.add_host("bob", "198.51.100.1")
    return network


def behind_nats(kind: NatKind) -> SimulatedNetwork:
    network = SimulatedNetwork(seed=1)
    for name, outside in (("alice", "203.0.113.1"), ("bob", "203.0.113.2")):
        nat = network.add_nat(f"nat of {name}", kind, outside)
        network.add_host(name, "192.168.1.2", nat=nat)
    return network


def run(network: SimulatedNetwork, scenario: Scenario) -> float:
    """Run a scenario with connections of "alice" and "bob"; return how long it took."""
    world = VirtualRuntime(seed=1, network=network)

    async def main() -> None:
        async with AsyncExitStack() as stack:
            left, right = [
                await stack.enter_async_context(PeerConnection(runtime=world.on(host)))
                for host in (network.hosts["alice"], network.hosts["bob"])
            ]
            left.create_data_channel("chat")
            await scenario(left, right)

    begun = world.now()
    world.run(main)
    return world.now() - begun


async def describe(one: PeerConnection) -> SessionDescription:
    await one.set_local_description()
    return await one.gathering_complete()


async def introduce(left: PeerConnection, right: PeerConnection) -> None:
    for one, other in ((left, right), (right, left)):
        await other.set_remote_description(await describe(one))


async def failure(pc: PeerConnection) -> None:
    await pc._endpoint.wait_until(lambda: pc.connection_state is ConnectionState.FAILED)


def likely(pc: PeerConnection) -> str:
    return explain(pc).splitlines()[-1]


def without_numbers(text: str) -> str:
    """Return a report with its counts as N and its times as T."""
    text = re.sub(r"\d+\.\d ms", "T ms", text)
    text = re.sub(r"(?<=\S) {2,}", " | ", text)
    text = re.sub(r"(?<=\| )\d+(?= \|)", "N", text)
    return re.sub(r"(?<![\d.:])\d+ (?=[a-z])", "N ", text)


def test_two_that_are_connected() -> None:
    async def scenario(left: PeerConnection, right: PeerConnection) -> None:
        channel = left.create_data_channel("more")
        await introduce(left, right)
        await channel.opened()
        report = without_numbers(explain(left)).splitlines()
        assert report[:6] == [
            "The connection is connected",
            "Signaling stable, gathering complete, ICE completed, DTLS connected, SCTP established",
            "Servers: none are configured",
            "Local candidates:",
            "  host udp 192.0.2.1:49152",
            "Remote candidates:",
        ]
        assert "192.0.2.1:49152 (host) -> 198.51.100.1:49152 (host) | succeeded" in "".join(report)
        assert "DTLS connected, server, TLS_ECDHE_ECDSA_WITH_" in explain(left)
        assert (
            likely(left) == "Likely: Nothing is wrong: data flows directly between the two sides."
        )

    run(two_hosts(), scenario)


def test_each_step_of_a_negotiation() -> None:
    async def scenario(left: PeerConnection, right: PeerConnection) -> None:
        assert "Nothing was negotiated" in likely(left)
        offer = await describe(left)
        assert "No answer has come" in likely(left)
        await right.set_remote_description(offer)
        assert "has no candidates yet" in likely(right) or "was not answered" in likely(right)
        await left.close()
        assert "closed before the two sides had negotiated" in likely(left)

    run(two_hosts(), scenario)


def test_a_firewall_between_them(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "purertc.ice")
    network = two_hosts()

    async def scenario(left: PeerConnection, right: PeerConnection) -> None:
        network.partition([network.hosts["alice"]])
        await introduce(left, right)
        await failure(left)
        report = explain(left)
        assert without_numbers(report) == FIREWALL
        logged = [each.getMessage() for each in caplog.records if each.name == "purertc.ice"]
        assert report in logged
        await left.close()
        assert explain(left) == report

    run(network, scenario)


FIREWALL = """\
The connection is failed: no answer on any of the N candidate pairs
Signaling stable, gathering complete, ICE failed, DTLS new, SCTP closed
Servers: none are configured
Local candidates:
  host udp 192.0.2.1:49152
Remote candidates:
  host udp 198.51.100.1:49152
Checks:
  ICE failed, controlling, N local and N remote candidates
  pair | state | checks sent | answered | checks received | round trip | note
  udp 192.0.2.1:49152 (host) -> 198.51.100.1:49152 (host) | in-progress | N | N | N | no answer
Transports:
  DTLS new, not started, N records dropped
  SCTP closed, N packets received, N chunks sent again, N bytes waiting, \
packets of N bytes (disabled)
  data channel 'chat' connecting, N messages sent, N received
Likely: Nothing came back, and only host candidates were tried: a firewall or a NAT is between the \
two sides, or the other one is not running; add a TURN server to ice_servers on at least one \
side."""


@pytest.mark.parametrize("kind", NatKind)
def test_nats_without_any_server(kind: NatKind) -> None:
    async def scenario(left: PeerConnection, right: PeerConnection) -> None:
        await introduce(left, right)
        await failure(left)
        assert "a firewall or a NAT is between the two sides" in likely(left)
        assert "add a TURN server" in likely(left)

    run(behind_nats(kind), scenario)


def test_candidates_that_were_never_signalled() -> None:
    async def scenario(left: PeerConnection, right: PeerConnection) -> None:
        await left.set_local_description()
        bare = left.local_description
        assert bare is not None
        await right.set_remote_description(bare)
        await right.set_local_description()
        assert right.local_description is not None
        await left.set_remote_description(right.local_description)
        await left.gathering_complete()
        assert "has sent no candidates" in likely(left)

    run(two_hosts(), scenario)


def test_a_path_that_was_lost() -> None:
    network = two_hosts()

    async def scenario(left: PeerConnection, right: PeerConnection) -> None:
        await introduce(left, right)
        await left.connected()
        network.partition([network.hosts["alice"]])
        await failure(left)
        assert "nothing came back any more" in likely(left)
        assert "no answer to consent checks" in explain(left)

    run(network, scenario)


def test_a_path_that_came_back_is_not_a_failure_any_more() -> None:
    network = two_hosts()

    async def scenario(left: PeerConnection, right: PeerConnection) -> None:
        await introduce(left, right)
        await right.connected()
        partition = network.partition([network.hosts["alice"]])
        disconnected = ConnectionState.DISCONNECTED
        await left._endpoint.wait_until(lambda: left.connection_state is disconnected)
        assert "nothing came back any more" in likely(left)
        partition.heal()
        await left.connected()
        assert "Nothing is wrong" in likely(left)
        await left.close()
        assert "connected, and then closed: this side closed" in likely(left)
        await right.closed()

    run(network, scenario)


def test_a_wrong_fingerprint() -> None:
    async def scenario(left: PeerConnection, right: PeerConnection) -> None:
        offer = await describe(left)
        await right.set_remote_description(offer)
        answer = await describe(right)
        tampered = re.sub(r"(sha-\d+) \w\w:\w\w", r"\1 00:00", answer.sdp)
        await left.set_remote_description(SessionDescription("answer", tampered))
        await failure(left)
        assert "do not trust each other" in likely(left)

    run(two_hosts(), scenario)


def test_what_the_other_side_wrote_does_no_harm_in_a_log() -> None:
    async def scenario(left: PeerConnection, right: PeerConnection) -> None:
        left._endpoint.peer.close(0.0, "evil\n\x1b[31mINFO fake line\r" + "x" * 5000)
        report = explain(left)
        assert report.startswith("The connection is closed: evil??[31mINFO fake line?xxx")
        assert max(map(len, report.splitlines())) <= 1000

    run(two_hosts(), scenario)


def test_a_connection_that_was_never_used() -> None:
    pc = PeerConnection(configuration=Configuration(ice_servers=[IceServer("stun:x.example")]))
    assert "stun:x.example: no answer yet" in explain(pc)
    assert "Nothing was negotiated" in likely(pc)


@on_each_runtime_without_scope
async def test_it_works_on_every_runtime_before_and_after_the_close() -> None:
    pc = PeerConnection()
    assert explain(pc).startswith("The connection is new\n")
    await pc.close()
    assert explain(pc).startswith("The connection is closed: this side closed the connection\n")


def test_a_flood_of_candidates_is_cut_short() -> None:
    async def scenario(left: PeerConnection, right: PeerConnection) -> None:
        await introduce(left, right)
        for number in range(90):
            await left.add_ice_candidate(
                {
                    "candidate": f"candidate:{number} 1 udp 1 203.0.113.{number + 1} 9 typ host",
                    "sdpMid": "0",
                }
            )
        assert len(explain(left).splitlines()) < 250
        assert re.search(r"and \d+ more", explain(left))

    run(two_hosts(), scenario)
