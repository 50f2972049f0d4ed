"""Two connections of purertc on simulated hosts, under any loop that has ``on(host)``."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from purertc import Configuration, DataChannel, PeerConnection, PeerConnectionHandler
from purertc.runtime.base import Runtime
from purertc.testing import LinkConditions, SimulatedHost, SimulatedNetwork, Trace

__all__ = ["Echo", "Place", "VirtualPair", "describe_to_each_other", "two_hosts", "virtual_pair"]


class Place(Protocol):
    """A loop with simulated hosts."""

    def on(self, host: SimulatedHost, /) -> Runtime: ...


class Echo(PeerConnectionHandler):
    """Sends every message back."""

    async def on_data_channel(self, channel: DataChannel) -> None:
        async for message in channel:
            await channel.send(message)


@dataclass
class VirtualPair:
    """Two connected connections; the right one answers on every channel with an echo."""

    left: PeerConnection
    right: PeerConnection

    async def echo(self, messages: Sequence[str | bytes]) -> list[str | bytes]:
        """Send messages on a new channel; return what comes back."""
        channel = self.left.create_data_channel("echo")
        await channel.opened()
        for message in messages:
            await channel.send(message)
        return [await channel.receive() for _ in messages]


def two_hosts(
    seed: int, conditions: LinkConditions | None = None, trace: Trace | None = None
) -> SimulatedNetwork:
    """Return a network with the hosts "left" and "right"."""
    network = SimulatedNetwork(seed=seed, conditions=conditions, trace=trace)
    network.add_host("left", "192.0.2.1", "2001:db8::1")
    network.add_host("right", "198.51.100.1", "2001:db8::2")
    return network


async def describe_to_each_other(left: PeerConnection, right: PeerConnection) -> None:
    """Exchange complete descriptions."""
    for one, other in ((left, right), (right, left)):
        await one.set_local_description()
        await one.gathering_complete()
        assert one.local_description is not None
        await other.set_remote_description(one.local_description)


@asynccontextmanager
async def virtual_pair(
    place: Place, network: SimulatedNetwork, configuration: Configuration | None = None
) -> AsyncIterator[VirtualPair]:
    """Connect "left" and "right"; closed at the end."""
    runtimes = [place.on(network.hosts[name]) for name in ("left", "right")]
    async with (
        PeerConnection(runtime=runtimes[0], configuration=configuration) as left,
        PeerConnection(Echo(), runtime=runtimes[1], configuration=configuration) as right,
    ):
        left.create_data_channel("first", negotiated=True, id=1000)
        right.create_data_channel("first", negotiated=True, id=1000)
        await describe_to_each_other(left, right)
        await left.connected()
        await right.connected()
        yield VirtualPair(left, right)
