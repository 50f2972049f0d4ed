"""A relay that dies takes the connection with it, until a restart finds another one."""

import pytest

from purertc import Configuration, ConnectionState, IceServer, IceTransportPolicy
from purertc.testing import SimulatedTurnServer
from tests.support.conversation import Conversation
from tests.support.nat_world import TURN, TURN_TCP, Peer, World, negotiate

SPARE = IceServer("turn:198.51.100.3", "user", "password")
RELAY = IceTransportPolicy.RELAY


def configuration(server: IceServer) -> Configuration:
    return Configuration(ice_servers=[server], ice_transport_policy=RELAY)


def timeline(world: World, peer: Peer) -> dict[ConnectionState, float]:
    """Note when each state comes, from now on."""
    times: dict[ConnectionState, float] = {}
    note = peer.on_connection_state_change

    async def on_change(state: ConnectionState) -> None:
        times.setdefault(state, world.runtime.now())
        await note(state)

    peer.on_connection_state_change = on_change  # type: ignore[method-assign]
    return times


@pytest.mark.parametrize("server", [TURN, TURN_TCP], ids=["udp", "tcp"])
def test_the_states_come_in_time(server: IceServer) -> None:
    world = World.make()

    async def main() -> None:
        left, right = world.peers(configuration=configuration(server))
        async with left.pc, right.pc:
            channel = left.pc.create_data_channel("x")
            await negotiate(left, right)
            await channel.opened()
            await world.runtime.sleep(20)
            died = world.runtime.now()
            times = timeline(world, left)
            world.turn.die()
            assert await world.until(lambda: left.pc.connection_state == "failed", 60)
            silence = times[ConnectionState.DISCONNECTED] - died
            assert 0 <= silence <= 5.5
            assert 24 <= times[ConnectionState.FAILED] - died <= 31
            assert left.pc.close_reason

    world.runtime.run(main)


@pytest.mark.parametrize("server", [TURN, TURN_TCP], ids=["udp", "tcp"])
@pytest.mark.parametrize("failed", [False, True], ids=["disconnected", "failed"])
def test_a_restart_with_another_server_loses_no_message(server: IceServer, failed: bool) -> None:
    world = World.make()
    spare = SimulatedTurnServer(world.network.add_host("spare", "198.51.100.3"))

    async def main() -> None:
        left, right = world.peers(configuration=configuration(server))
        async with left.pc, right.pc:
            talk = Conversation(world.runtime, left, right)
            await negotiate(left, right)
            await talk.channels[0].opened()
            talk.start()
            await world.runtime.sleep(1)
            world.turn.die()
            state = ConnectionState.FAILED if failed else ConnectionState.DISCONNECTED
            for peer in (left, right):
                assert await world.until(lambda peer=peer: peer.pc.connection_state is state)
                peer.pc.set_configuration(configuration(SPARE))
            left.pc.restart_ice()
            await negotiate(left, right)
            await talk.complete()
            assert left.pc.connection_state is ConnectionState.CONNECTED
            assert len(spare.allocations) == 2
        await world.runtime.sleep(1)
        assert spare.allocations == []

    world.runtime.run(main)
