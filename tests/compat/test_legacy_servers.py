"""STUN and TURN servers of a legacy configuration do what they do with aiortc."""

import asyncio

import pytest

from purertc.testing import NatKind
from tests.support.legacy_town import Legacy, LegacyTown

STUN = "stun:192.0.2.53"
TURN = "turn:192.0.2.54"
SILENT = "stun:192.0.2.66"
SILENT_TURN = "turn:192.0.2.66"
SERVER_TIMEOUT = 5.0

both = pytest.mark.parametrize("package", ["aiortc", "purertc_compat"])


def kinds(sdp: str) -> set[tuple[str, str]]:
    """Return the types and addresses of the candidates in a description."""
    lines = [line.split() for line in sdp.splitlines() if line.startswith("a=candidate:")]
    return {(line[7], line[4]) for line in lines}


@both
def test_a_description_has_the_candidates_of_all_servers_at_once(package: str) -> None:
    town = LegacyTown(package)

    async def main() -> None:
        pc = town.connection(town.alice, STUN, TURN)
        pc.createDataChannel("chat")
        sdp = await town.offer(town.alice, pc)
        assert pc.iceGatheringState == "complete"
        assert kinds(sdp) == {
            ("host", "192.168.1.2"),
            ("srflx", "203.0.113.1"),
            ("relay", "192.0.2.54"),
        }
        assert sdp.count("a=end-of-candidates\r\n") == 1
        assert " typ srflx raddr 192.168.1.2 rport " in sdp
        assert town.network.now < 0.5
        gathered = pc.sctp.transport.transport.iceGatherer.getLocalCandidates()
        assert {each.type for each in gathered} == {"host", "srflx", "relay"}
        await pc.close()

    town.run(main)


@both
@pytest.mark.parametrize("urls", [[SILENT], [SILENT_TURN], [SILENT, STUN]])
def test_a_silent_server_delays_a_description_by_five_seconds(
    package: str, urls: list[str]
) -> None:
    town = LegacyTown(package)

    async def main() -> None:
        pc = town.connection(town.alice, *urls)
        pc.createDataChannel("chat")
        sdp = await town.offer(town.alice, pc)
        assert ("host", "192.168.1.2") in kinds(sdp)
        assert sdp.count("a=end-of-candidates") == 1
        assert pc.iceGatheringState == "complete"
        assert town.network.now == pytest.approx(SERVER_TIMEOUT, abs=0.1)
        await pc.close()

    town.run(main)


def test_a_silent_server_does_not_keep_others_from_being_used() -> None:
    """aiortc takes the first STUN server only, and waits for it in vain."""
    town = LegacyTown("purertc_compat")

    async def main() -> None:
        pc = town.connection(town.alice, SILENT, STUN)
        pc.createDataChannel("chat")
        assert ("srflx", "203.0.113.1") in kinds(await town.offer(town.alice, pc))
        await pc.close()

    town.run(main)


@both
def test_ten_connections_do_not_wait_for_a_default_server_that_has_no_address(
    package: str,
) -> None:
    town = LegacyTown(package)

    async def main() -> None:
        connections = [town.connection(town.alice, default=True) for _ in range(10)]
        for pc in connections:
            pc.createDataChannel("chat")
        offers = await asyncio.gather(*(town.offer(town.alice, pc) for pc in connections))
        assert town.network.now < 0.1
        assert [kinds(sdp) for sdp in offers] == [{("host", "192.168.1.2")}] * 10
        for pc in connections:
            await pc.close()

    town.run(main)


async def chat(town: LegacyTown, left: Legacy, right: Legacy) -> list[str]:
    """Connect, let the left one speak, and return what the right one heard."""
    heard: list[str] = []
    done = asyncio.Event()

    def on_message(message: str) -> None:
        heard.append(message)
        done.set()

    right.on("datachannel", lambda channel: channel.on("message", on_message))
    channel = left.createDataChannel("chat")
    channel.on("open", lambda: channel.send("hello"))
    await town.connect(left, right)
    async with asyncio.timeout(30):
        await done.wait()
    await left.close()
    await right.close()
    return heard


@both
def test_two_hosts_behind_symmetric_translators_meet_over_a_relay(package: str) -> None:
    town = LegacyTown(package)

    async def main() -> None:
        left, right = (town.connection(host, TURN) for host in (town.alice, town.bob))
        assert await chat(town, left, right) == ["hello"]

    town.run(main)


def test_two_hosts_behind_cones_meet_through_a_stun_server() -> None:
    town = LegacyTown("purertc_compat", NatKind.PORT_RESTRICTED)

    async def main() -> None:
        left, right = (town.connection(host, STUN) for host in (town.alice, town.bob))
        assert await chat(town, left, right) == ["hello"]

    town.run(main)


def test_the_relay_policy_shows_relayed_candidates_only() -> None:
    town = LegacyTown("purertc_compat")

    async def main() -> None:
        left, right = (
            town.connection(host, STUN, TURN, relay=True) for host in (town.alice, town.bob)
        )
        assert await chat(town, left, right) == ["hello"]
        for pc in (left, right):
            assert kinds(pc.localDescription.sdp) == {("relay", "192.0.2.54")}

    town.run(main)


@both
def test_a_wrong_password_costs_the_relay_only(package: str) -> None:
    town = LegacyTown(package)
    town.turn.access.password = "another"  # noqa: S105  # of a simulation

    async def main() -> None:
        pc = town.connection(town.alice, STUN, TURN)
        pc.createDataChannel("chat")
        sdp = await town.offer(town.alice, pc)
        assert kinds(sdp) == {("host", "192.168.1.2"), ("srflx", "203.0.113.1")}
        assert town.network.now < 1
        await pc.close()

    town.run(main)
