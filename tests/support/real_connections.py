"""Pairs of connections over real sockets of the loopback, with candidates as the test lets pass."""

from collections.abc import Callable

from purertc import (
    Configuration,
    DataChannel,
    IceCandidate,
    IceServer,
    IceTcpPolicy,
    IceTransportPolicy,
    NetworkSettings,
    PeerConnection,
    PeerConnectionHandler,
    SessionDescription,
)

__all__ = ["RealPeer", "exchange", "loopback", "relayed", "with_peer"]


def loopback(
    *servers: IceServer,
    policy: IceTransportPolicy = IceTransportPolicy.ALL,
    ice_tcp: IceTcpPolicy = IceTcpPolicy.NONE,
) -> Configuration:
    """Settings that keep to 127.0.0.1."""
    return Configuration(
        ice_servers=servers,
        ice_transport_policy=policy,
        include_loopback=True,
        network=NetworkSettings(address_filter=lambda host: host == "127.0.0.1", ice_tcp=ice_tcp),
    )


def relayed(port: int, transport: str) -> Configuration:
    """Settings for relays of the server at that port only."""
    server = IceServer(f"turn:127.0.0.1:{port}?transport={transport}", "user", "password")
    return loopback(server, policy=IceTransportPolicy.RELAY)


class RealPeer(PeerConnectionHandler):
    """Gives its candidates to the other side, those that ``passes`` lets through."""

    def __init__(
        self, configuration: Configuration, passes: Callable[[str], bool] = lambda _: True
    ) -> None:
        self.pc = PeerConnection(self, configuration=configuration)
        self.other: RealPeer | None = None
        self._passes = passes

    async def on_ice_candidate(self, candidate: IceCandidate | None) -> None:
        other = self.other
        if other is not None and (candidate is None or self._passes(candidate.candidate)):
            await other.pc.add_ice_candidate(candidate)

    async def on_data_channel(self, channel: DataChannel) -> None:
        async for message in channel:
            await channel.send(message)


async def exchange(offerer: RealPeer, answerer: RealPeer) -> None:
    """Negotiate with descriptions that hold no candidates: those trickle."""
    for one, other in ((offerer, answerer), (answerer, offerer)):
        await one.pc.set_local_description()
        description = one.pc.local_description
        assert description is not None
        lines = description.sdp.splitlines(keepends=True)
        bare = "".join(each for each in lines if not each.startswith("a=candidate:"))
        await other.pc.set_remote_description(SessionDescription(description.type, bare))


async def with_peer(left: RealPeer, right: RealPeer) -> DataChannel:
    """Join both sides and connect; return an open channel that answers with an echo."""
    left.other, right.other = right, left
    channel = left.pc.create_data_channel("x")
    await exchange(left, right)
    await channel.opened()
    return channel
