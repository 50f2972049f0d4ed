"""Relays and ICE over TCP on real sockets, on each runtime."""

import pytest

from purertc import IceTcpPolicy
from purertc.sansio.types import Transport
from tests.support.real_connections import RealPeer, exchange, loopback, relayed, with_peer
from tests.support.real_turn_host import RealTurnServer
from tests.support.runtimes import on_each_runtime_of_this_machine, sleep, within

LARGE = bytes(index * 7 % 251 for index in range(262144))


async def close_both(left: RealPeer, right: RealPeer) -> None:
    left.other = right.other = None
    await left.pc.close()
    await right.pc.close()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@on_each_runtime_of_this_machine
async def test_a_relay_carries_messages_through_a_restart(transport: str) -> None:
    with RealTurnServer() as server:
        configuration = relayed(server.port, transport)
        left, right = RealPeer(configuration), RealPeer(configuration)
        async with left.pc, right.pc:
            channel = await within(with_peer(left, right))
            for message in ("text", b"", LARGE):
                await within(channel.send(message))
                assert await within(channel.receive()) == message
            left.pc.restart_ice()
            await within(exchange(left, right))
            await within(channel.send("after"))
            assert await within(channel.receive()) == "after"
            assert server.allocations == 2
            await close_both(left, right)
        for _ in range(100):
            if not server.allocations:
                break
            await sleep(0.02)
        assert server.allocations == 0


@on_each_runtime_of_this_machine
async def test_tcp_alone_carries_large_messages_through_restarts() -> None:
    def tcp_only(candidate: str) -> bool:
        return " tcp " in candidate

    left = RealPeer(loopback(ice_tcp=IceTcpPolicy.PASSIVE), tcp_only)
    right = RealPeer(loopback(ice_tcp=IceTcpPolicy.ACTIVE), tcp_only)
    async with left.pc, right.pc:
        channel = await within(with_peer(left, right))
        for offerer, answerer in ((left, right), (right, left)):
            selected = left.pc._endpoint.peer.transport.ice.selected
            assert selected is not None
            assert selected.transport is Transport.TCP
            await within(channel.send(LARGE))
            assert await within(channel.receive()) == LARGE
            offerer.pc.restart_ice()
            await within(exchange(offerer, answerer))
        await within(channel.send(LARGE))
        assert await within(channel.receive()) == LARGE
        await close_both(left, right)
