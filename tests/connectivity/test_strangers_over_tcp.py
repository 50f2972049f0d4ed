"""What strangers can do to a TCP listener, and what a peer can make others suffer with TCP."""

import pytest

from purertc import Configuration, ConnectionState, IceCandidate, IceTcpPolicy, NetworkSettings
from purertc.sansio.types import Address, Transport
from purertc.testing import VirtualTcpStream
from tests.support.nat_world import Peer, World, echoes, negotiate

TCP = Configuration(network=NetworkSettings(ice_tcp=IceTcpPolicy.PASSIVE))


def listener_of(world: World) -> Address:
    (address,) = world.hosts[0].listeners
    return address


async def connect(world: World, address: Address) -> VirtualTcpStream:
    stranger = world.network.hosts["stranger"]
    return await world.runtime.on(stranger).connect_tcp(address)


async def is_ended(world: World, stream: VirtualTcpStream) -> bool:
    """Whether the other side has closed the connection."""
    try:
        async with world.runtime.timeout(0.1):
            return await stream.receive_some() == b""
    except TimeoutError:
        return False
    except OSError:
        return True


NONSENSE = {
    "nothing": b"",
    "HTTP": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a frame longer than any": b"\xff\xff" + bytes(70000),
    "empty frames": b"\0\0" * 20000,
    "half a frame": b"\x01\x00" + bytes(10),
    "no STUN": b"\x00\x14" + b"\x16" * 20,
    "a TLS record": b"\x00\x20" + bytes([22, 254, 253]) + bytes(29),
}


@pytest.mark.parametrize("what", NONSENSE)
def test_a_hundred_connections_that_prove_nothing(what: str) -> None:
    world = World.make()
    world.network.add_host("stranger", "203.0.113.66")
    world.network.partition([world.hosts[0]], [world.hosts[1]], transport=Transport.UDP)

    async def main() -> None:
        left, right = world.peers(configuration=TCP)
        async with left.pc, right.pc:
            channel = left.pc.create_data_channel("x")
            await negotiate(left, right)
            await channel.opened()
            address = listener_of(world)
            streams = [await connect(world, address) for _ in range(100)]
            for stream in streams:
                try:
                    await stream.send_all(NONSENSE[what])
                except OSError:
                    continue
            await world.runtime.sleep(0.5)
            ended = [await is_ended(world, stream) for stream in streams]
            assert sum(ended) >= 76
            assert await echoes(channel, "as if nothing had been")
            await world.runtime.sleep(11)
            assert all([await is_ended(world, stream) for stream in streams])
            assert await echoes(channel, "and after that")
            left.pc.restart_ice()
            await negotiate(left, right)
            await world.runtime.sleep(2)
            assert not left.pc._endpoint.peer.transport.ice.restarting
            assert left.states == [ConnectionState.CONNECTING, ConnectionState.CONNECTED]
            for stream in streams:
                stream.close()

    world.runtime.run(main)


def test_candidates_do_not_make_a_machine_scan_others() -> None:
    """Thousands of TCP candidates lead to few connections."""
    world = World.make()
    victim = world.network.add_host("stranger", "203.0.113.66")
    attempts: list[object] = []

    class Counting:
        def take(self, end: object) -> None:
            attempts.append(end)

    for port in range(1, 2000):
        victim.listeners["203.0.113.66", port] = Counting()

    async def main() -> None:
        left, right = world.peers()
        async with left.pc, right.pc:
            channel = left.pc.create_data_channel("x")
            await negotiate(left, right)
            await add_many(left)
            await channel.opened()
            await world.runtime.sleep(60)
            assert await echoes(channel, "well")

    world.runtime.run(main)
    assert len(attempts) <= 100


async def add_many(peer: Peer) -> None:
    for port in range(1, 2000):
        text = (
            f"candidate:{port} 1 tcp {2000000000 + port} 203.0.113.66 {port} typ host"
            " tcptype passive"
        )
        await peer.pc.add_ice_candidate(IceCandidate(text, "0", 0))
