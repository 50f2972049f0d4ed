"""TURN over TLS: whose word for the server's certificate is taken."""

from pathlib import Path

from tests.support.coturn import Coturn
from tests.support.peers.pair import paired
from tests.support.turn_certificates import Authority
from tests.support.turn_standing import TurnNetwork, candidate_types, turn_server


async def test_an_unknown_authority_is_refused(network: TurnNetwork, coturn: Coturn) -> None:
    """``test_relay.py`` has the connections with the right one."""
    side = network.standing("purertc", turn_server(coturn, "tls"))
    async with paired(side, network.standing("purertc")) as pair:
        await pair.connect()
        assert await pair.offering.error() == {"url": coturn.url("tls"), "code": 701}
        assert candidate_types(await pair.offering.call("local_sdp")) == {"host"}
        assert "ALLOCATE processed" not in coturn.log


async def test_an_authority_of_another_server_is_refused(
    network: TurnNetwork, coturn: Coturn, tmp_path: Path
) -> None:
    other = Authority(tmp_path)
    side = network.relayed("purertc", coturn, "tls", authority=other.path)
    async with paired(side, network.standing("purertc")) as pair:
        await pair.offering.create_channel("channel")
        await pair.negotiate()
        assert await pair.offering.error() == {"url": coturn.url("tls"), "code": 701}
        assert "ALLOCATE processed" not in coturn.log
