"""aiortc's process ends without a goodbye, and purertc notices."""

import asyncio

import pytest

from tests.support.legacy_stack import LegacyConnection
from tests.support.purertc_stack import PurertcConnection, PurertcStack
from tests.support.stacks import STACKS, Pairing, linked

IMPATIENT = PurertcStack(disconnected_timeout=0.1, failed_timeout=0.3)


def vanish(connection: LegacyConnection) -> None:
    """Close its sockets, as the end of its process would."""
    for protocol in connection.pc.sctp.transport.transport._connection._protocols:
        protocol.transport.abort()


@pytest.mark.parametrize("aiortc_offers", [True, False], ids=["aiortc offers", "purertc offers"])
async def test_the_connection_fails_with_a_reason(aiortc_offers: bool) -> None:
    theirs = STACKS["aiortc"]
    pairing = Pairing(theirs, IMPATIENT) if aiortc_offers else Pairing(IMPATIENT, theirs)
    async with linked(pairing) as link:
        await link.connect_with_channel()
        ends = (link.offering, link.answering)
        gone, stays = ends if aiortc_offers else reversed(ends)
        assert isinstance(gone, LegacyConnection)
        assert isinstance(stays, PurertcConnection)
        vanish(gone)
        states = []
        while stays.state != "failed":
            states.append(stays.state)
            await asyncio.sleep(0.01)
        assert "disconnected" in states
        assert stays.pc.close_reason
