"""Sockets follow the addresses of the machine: at each gathering, and while ICE is disconnected."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import pytest

from purertc.driver import Driver
from purertc.network import OwnSockets
from purertc.runtime.detect import RuntimeSource
from purertc.sansio.config import Configuration
from purertc.sansio.events import GatheringWanted, IceConnectionStateChanged
from purertc.sansio.network_settings import IceTcpPolicy, NetworkSettings
from purertc.sansio.types import ConnectionState, IceConnectionState
from purertc.testing import SimulatedHost, SimulatedNetwork, VirtualRuntime
from tests.support.fake_peer import FakePeer, Owner

PASSIVE = NetworkSettings(ice_tcp=IceTcpPolicy.PASSIVE)


class Setup:
    """A driver on a simulated host whose addresses change."""

    def __init__(self, settings: NetworkSettings) -> None:
        self.network = SimulatedNetwork()
        self.host: SimulatedHost = self.network.add_host("host", "192.0.2.1", "192.0.2.2")
        self.world = VirtualRuntime(network=self.network)
        self.peer, self.owner = FakePeer(), Owner()
        runtime = RuntimeSource(self.world.on(self.host))
        configuration = Configuration(network=settings)
        self.driver = Driver(
            self.peer, runtime, self.owner, OwnSockets(runtime, configuration), settings
        )

    async def gather(self) -> None:
        self.peer.events.append(GatheringWanted())
        self.driver.drain()
        self.driver.gather_soon()
        await self.world.sleep(0.001)

    def tell(self, state: IceConnectionState) -> None:
        self.peer.events.append(IceConnectionStateChanged(state))
        self.driver.drain()

    @property
    def bound(self) -> list[str]:
        return sorted(sock.local[0] for sock in self.network.sockets.values())

    @property
    def listening(self) -> list[str]:
        return sorted(host for host, _ in self.host.listeners)


Body = Callable[[Setup], Coroutine[Any, Any, None]]


def run(body: Body, settings: NetworkSettings | None = None) -> None:
    setup = Setup(settings or NetworkSettings())

    async def main() -> None:
        await body(setup)
        setup.driver.close()
        await setup.world.sleep(1)
        assert setup.driver.released
        assert (setup.bound, setup.listening) == ([], [])

    setup.world.run(main)


def hosts(setup: Setup) -> list[str]:
    return sorted(host for host, _ in setup.peer.locals)


def test_a_second_gathering_keeps_sockets_drops_lost_ones_and_binds_new_ones() -> None:
    async def body(setup: Setup) -> None:
        await setup.gather()
        assert hosts(setup) == setup.bound == ["192.0.2.1", "192.0.2.2"]
        kept = next(each for each in setup.peer.locals if each[0] == "192.0.2.1")
        setup.host.remove_address("192.0.2.2")
        setup.host.add_address("192.0.2.3")
        await setup.gather()
        assert setup.bound == ["192.0.2.1", "192.0.2.3"]
        assert hosts(setup) == ["192.0.2.1", "192.0.2.1", "192.0.2.3"]
        assert setup.peer.locals.count(kept) == 2
        assert setup.peer.calls == ["end of local addresses"] * 2

    run(body)


def test_addresses_are_followed_while_ice_is_disconnected() -> None:
    async def body(setup: Setup) -> None:
        await setup.gather()
        setup.host.remove_address("192.0.2.2")
        setup.tell(IceConnectionState.DISCONNECTED)
        await setup.world.sleep(0.001)
        assert hosts(setup) == setup.bound == ["192.0.2.1"]
        setup.host.add_address("192.0.2.9")
        await setup.world.sleep(2)
        assert hosts(setup) == setup.bound == ["192.0.2.1", "192.0.2.9"]
        setup.host.remove_address("192.0.2.1")
        setup.host.remove_address("192.0.2.9")
        await setup.world.sleep(2)
        assert hosts(setup) == []
        setup.host.add_address("2001:db8::5")
        await setup.world.sleep(2)
        assert "2001:db8::5" in hosts(setup)
        assert setup.peer.calls == ["end of local addresses"]

    run(body)


@pytest.mark.parametrize(
    "state",
    [
        IceConnectionState.CHECKING,
        IceConnectionState.CONNECTED,
        IceConnectionState.COMPLETED,
        IceConnectionState.FAILED,
    ],
)
def test_nothing_is_looked_at_in_other_states(state: IceConnectionState) -> None:
    async def body(setup: Setup) -> None:
        await setup.gather()
        setup.tell(IceConnectionState.DISCONNECTED)
        setup.tell(state)
        before = setup.world.turns
        setup.host.add_address("192.0.2.9")
        await setup.world.sleep(60)
        assert hosts(setup) == ["192.0.2.1", "192.0.2.2"]
        assert setup.world.turns - before <= 2

    run(body)


def test_the_peer_is_drained_when_addresses_have_changed_and_only_then() -> None:
    async def body(setup: Setup) -> None:
        await setup.gather()
        setup.tell(IceConnectionState.DISCONNECTED)
        await setup.world.sleep(10)
        progress = setup.owner.progress
        await setup.world.sleep(10)
        assert setup.owner.progress == progress
        setup.host.add_address("192.0.2.9")
        await setup.world.sleep(2)
        assert setup.owner.progress == progress + 1

    run(body)


def test_close_while_disconnected_leaves_no_timer() -> None:
    async def body(setup: Setup) -> None:
        await setup.gather()
        setup.tell(IceConnectionState.DISCONNECTED)
        setup.driver.close()
        await setup.world.sleep(5)
        before = setup.world.turns
        await setup.world.sleep(60)
        assert setup.world.turns - before <= 2

    run(body)


def test_passive_tcp_listens_on_each_host_before_gathering_ends() -> None:
    async def body(setup: Setup) -> None:
        await setup.gather()
        assert setup.listening == ["192.0.2.1", "192.0.2.2"]
        assert sorted(setup.peer.listeners) == sorted(setup.host.listeners)
        assert setup.peer.calls == ["end of local addresses"]
        setup.host.remove_address("192.0.2.2")
        setup.host.add_address("192.0.2.3")
        setup.peer.listeners.clear()
        await setup.gather()
        assert setup.listening == ["192.0.2.1", "192.0.2.3"]
        assert sorted(setup.peer.listeners) == sorted(setup.host.listeners)

    run(body, PASSIVE)


def test_new_addresses_are_listened_on_too() -> None:
    async def body(setup: Setup) -> None:
        await setup.gather()
        setup.tell(IceConnectionState.DISCONNECTED)
        setup.host.add_address("192.0.2.9")
        await setup.world.sleep(2)
        assert setup.listening == ["192.0.2.1", "192.0.2.2", "192.0.2.9"]
        assert setup.peer.calls == ["end of local addresses"]

    run(body, PASSIVE)


def test_listeners_keep_to_the_port_range_and_leave_out_a_full_host() -> None:
    settings = NetworkSettings(ice_tcp=IceTcpPolicy.PASSIVE, port_range=(5000, 5001))

    async def body(setup: Setup) -> None:
        setup.host.listeners["192.0.2.1", 5000] = setup.host.listeners["192.0.2.1", 5001] = _Other()
        await setup.gather()
        ((host, port),) = setup.peer.listeners
        assert host == "192.0.2.2"
        assert port in (5000, 5001)
        setup.host.listeners.pop(("192.0.2.1", 5000))
        setup.host.listeners.pop(("192.0.2.1", 5001))

    run(body, settings)


def test_who_connects_is_given_to_the_peer() -> None:
    async def body(setup: Setup) -> None:
        other = setup.network.add_host("other", "192.0.2.77")
        await setup.gather()
        listener = setup.peer.listeners[0]
        tcp = await setup.world.on(other).connect_tcp(listener)
        await tcp.send_all(b"hello")
        await setup.world.sleep(0.1)
        (stream,) = setup.peer.accepted
        assert stream.remote == tcp.local
        assert setup.peer.received[stream] == b"hello"
        setup.driver.close()
        assert await tcp.receive_some() == b""
        tcp.close()

    run(body, PASSIVE)


class _Other:
    """Somebody else who listens."""

    def take(self, end: object) -> None:
        raise AssertionError(end)


def test_a_peer_that_closes_by_itself_is_released_in_the_end() -> None:
    async def body(setup: Setup) -> None:
        await setup.gather()
        setup.peer.connection_state = ConnectionState.CLOSED
        setup.world.on(setup.host).run_threadsafe(partial(setup.driver.drain))
        await setup.world.sleep(0.001)
        assert setup.owner.released == 1

    run(body, PASSIVE)
