"""Connections to a mux from clients that have ports of their own, on any runtime."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from purertc import Configuration, DataChannel, NetworkSettings, PeerConnection, UdpMux
from purertc.runtime.base import Runtime
from tests.support.virtual_pairs import Echo, describe_to_each_other

__all__ = ["LOOPBACK", "MuxedPair", "loopback_mux", "muxed_pair", "ping"]

LOOPBACK = Configuration(
    include_loopback=True, network=NetworkSettings(address_filter=lambda host: host == "127.0.0.1")
)
"""One socket, on the address of :func:`loopback_mux`."""


def loopback_mux() -> UdpMux:
    """Return a mux on one loopback address."""
    return UdpMux(addresses=["127.0.0.1"])


@dataclass
class MuxedPair:
    """A client and the connection of the mux that answers it."""

    client: PeerConnection
    served: PeerConnection
    channel: DataChannel


async def ping(pair: MuxedPair, message: str | bytes) -> str | bytes:
    """Send a message to the connection of the mux; return its echo."""
    await pair.channel.send(message)
    return await pair.channel.receive()


@asynccontextmanager
async def muxed_pair(
    mux: UdpMux,
    configuration: Configuration | None = LOOPBACK,
    client_runtime: Runtime | None = None,
    runtime: Runtime | None = None,
) -> AsyncIterator[MuxedPair]:
    """Connect a client to an echo on the mux."""
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(
            PeerConnection(configuration=configuration, runtime=client_runtime)
        )
        served = await stack.enter_async_context(
            PeerConnection(Echo(), runtime=runtime, udp_mux=mux)
        )
        channel = client.create_data_channel("echo")
        await describe_to_each_other(client, served)
        await client.connected()
        await served.connected()
        await channel.opened()
        yield MuxedPair(client, served, channel)
