"""A NAT before each side, both of them the kernel's, and a server between them."""

import itertools

import pytest

from tests.support.coturn import Coturn, CoturnSettings
from tests.support.peers.pair import Signaling, Standing, paired
from tests.support.peers.settings import PeerSettings, Server
from tests.support.topologies import SERVER, Internet, NatKind
from tests.support.turn_standing import TIMEOUTS, candidate_types, turn_server

KINDS = list(itertools.product(NatKind, NatKind))
IDS = [f"{first}-{second}" for first, second in KINDS]
PASSABLE = (NatKind.CONE, NatKind.CONE)
"""The only kinds of NATs here that let packets through without a relay."""


def settings(*servers: Server) -> PeerSettings:
    return PeerSettings(servers=servers, timeouts=TIMEOUTS)


@pytest.mark.parametrize("kinds", KINDS, ids=IDS)
async def test_stun_and_turn(
    net: Internet, names: tuple[str, str], kinds: tuple[NatKind, NatKind]
) -> None:
    hosts = [net.behind_nat(kind) for kind in kinds]
    with Coturn(net.router, CoturnSettings(hosts=[SERVER])) as coturn:
        servers = settings(Server([coturn.stun_url]), turn_server(coturn))
        offering, answering = (
            Standing(name=name, place=host, settings=servers)
            for name, host in zip(names, hosts, strict=True)
        )
        async with paired(offering, answering) as pair:
            await pair.connect()
            await pair.exchange()
            for peer in (pair.offering, pair.answering):
                sdp = await peer.call("local_sdp")
                assert candidate_types(sdp) == {"host", "srflx", "relay"}


async def test_stun_alone_passes_two_cones(net: Internet, names: tuple[str, str]) -> None:
    hosts = [net.behind_nat(kind) for kind in PASSABLE]
    with Coturn(net.router, CoturnSettings(hosts=[SERVER])) as coturn:
        servers = settings(Server([coturn.stun_url]))
        offering, answering = (
            Standing(name=name, place=host, settings=servers)
            for name, host in zip(names, hosts, strict=True)
        )
        async with paired(offering, answering) as pair:
            await pair.connect()
            await pair.exchange()
            for peer in (pair.offering, pair.answering):
                assert candidate_types(await peer.call("local_sdp")) == {"host", "srflx"}


@pytest.mark.parametrize("signaling", [Signaling.HALF_TRICKLE, Signaling.COMPLETE])
async def test_stun_without_trickle(net: Internet, signaling: Signaling) -> None:
    hosts = [net.behind_nat(kind) for kind in PASSABLE]
    with Coturn(net.router, CoturnSettings(hosts=[SERVER])) as coturn:
        servers = settings(Server([coturn.stun_url]))
        offering, answering = (Standing(place=host, settings=servers) for host in hosts)
        async with paired(offering, answering) as pair:
            await pair.connect(signaling)
            await pair.exchange()


@pytest.mark.parametrize("kinds", [each for each in KINDS if each != PASSABLE])
async def test_stun_alone_does_not_pass_a_symmetric_one(
    net: Internet, kinds: tuple[NatKind, NatKind]
) -> None:
    """Both sides say so in time."""
    hosts = [net.behind_nat(kind) for kind in kinds]
    with Coturn(net.router, CoturnSettings(hosts=[SERVER])) as coturn:
        servers = settings(Server([coturn.stun_url]))
        offering, answering = (Standing(place=host, settings=servers) for host in hosts)
        async with paired(offering, answering) as pair:
            await pair.offering.create_channel("channel")
            await pair.negotiate()
            for peer in (pair.offering, pair.answering):
                await peer.reached("failed")


@pytest.mark.parametrize("kind", NatKind)
async def test_one_side_in_the_open(net: Internet, names: tuple[str, str], kind: NatKind) -> None:
    """No server is needed: the other side learns the outer address from the checks."""
    hosts = net.behind_nat(kind), net.host()
    offering, answering = (
        Standing(name=name, place=host, settings=settings())
        for name, host in zip(names, hosts, strict=True)
    )
    async with paired(offering, answering) as pair:
        await pair.connect()
        await pair.exchange()
