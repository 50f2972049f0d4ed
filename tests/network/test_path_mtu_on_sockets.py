"""On real sockets packets grow to what the loopback interface takes, and the data arrives."""

import asyncio
import sys

import pytest

from purertc import Configuration, DataChannel, NetworkSettings, PeerConnection
from purertc.runtime import udp
from purertc.stats import SctpTransportStats
from tests.support.virtual_pairs import describe_to_each_other

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="GSO and loopback as on Linux")

MESSAGE = bytes(range(256)) * 64


async def packet_size(connection: PeerConnection) -> int:
    (stats,) = (await connection.get_stats()).of_type(SctpTransportStats)
    return stats.mtu


async def send_until_grown(channel: DataChannel, connection: PeerConnection, size: int) -> int:
    """Send in portions until packets have that size; return how many messages went out."""
    for portion in range(1, 100):
        for _ in range(40):
            await channel.send(MESSAGE)
        await channel.drain()
        if await packet_size(connection) == size:
            return portion * 40
    raise AssertionError(f"packets of {await packet_size(connection)} bytes")


@pytest.mark.parametrize(("limit", "size"), [(1500, 1432), (9000, 8932), (1280, 1188)])
@pytest.mark.parametrize("offload", [True, False])
async def test_size_grows_and_data_arrives(
    limit: int, size: int, offload: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not offload:
        monkeypatch.setattr(udp, "_UDP_SEGMENT", 9999)
    settings = NetworkSettings(
        max_path_mtu=limit, address_filter=lambda address: address == "127.0.0.1"
    )
    configuration = Configuration(network=settings, include_loopback=True)
    async with (
        PeerConnection(configuration=configuration) as left,
        PeerConnection(configuration=configuration) as right,
    ):
        ours = left.create_data_channel("bulk", negotiated=True, id=1)
        theirs = right.create_data_channel("bulk", negotiated=True, id=1)
        await describe_to_each_other(left, right)
        await ours.opened()
        arrived = 0

        async def read() -> None:
            nonlocal arrived
            async for message in theirs:
                assert message == MESSAGE
                arrived += 1

        reader = asyncio.create_task(read())
        sent = await send_until_grown(ours, left, size)
        await ours.close()
        await reader
        assert arrived == sent
