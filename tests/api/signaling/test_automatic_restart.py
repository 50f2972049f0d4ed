"""ICE is restarted when the path is lost, after a while and not for ever."""

import gc
import weakref

import pytest

from purertc import IceConnectionState, PeerConnection
from purertc.errors import ArgumentError
from purertc.signaling import AutomaticIceRestart
from tests.support.connected import connect
from tests.support.runtimes import on_each_runtime, run_on, running, sleep, turns

DISCONNECTED = IceConnectionState.DISCONNECTED
FAILED = IceConnectionState.FAILED


class Restartable(PeerConnection):
    """A connection that writes down when it was asked to restart, and has a state as told."""

    shown = IceConnectionState.CONNECTED

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []

    @property
    def ice_connection_state(self) -> IceConnectionState:
        return self.shown

    def restart_ice(self) -> None:
        self.times.append(running().now())


class Scene:
    """A connection with its helper, whose states the test decides on."""

    def __init__(self, connection: Restartable, helper: AutomaticIceRestart) -> None:
        self.connection = connection
        self.helper = helper
        self.began = running().now()

    async def tell(self, state: IceConnectionState) -> None:
        self.connection.shown = state
        await self.helper.on_ice_connection_state_change(state)

    def times(self) -> list[float]:
        return [round(time - self.began, 3) for time in self.connection.times]


def test_after_a_while_of_disconnection() -> None:
    async def body() -> None:
        async with Restartable() as connection:
            scene = Scene(connection, AutomaticIceRestart(connection))
            await scene.tell(DISCONNECTED)
            await sleep(2.9)
            assert scene.times() == []
            await sleep(1)
            assert scene.times() == [3.0]

    run_on("virtual", body)


def test_not_when_the_path_comes_back_in_time() -> None:
    async def body() -> None:
        async with Restartable() as connection:
            scene = Scene(connection, AutomaticIceRestart(connection))
            await scene.tell(DISCONNECTED)
            await sleep(2.9)
            await scene.tell(IceConnectionState.CONNECTED)
            await sleep(100)
            assert scene.times() == []

    run_on("virtual", body)


def test_at_once_when_ice_failed() -> None:
    async def body() -> None:
        async with Restartable() as connection:
            scene = Scene(connection, AutomaticIceRestart(connection, after=20))
            await scene.tell(DISCONNECTED)
            await sleep(1)
            await scene.tell(FAILED)
            assert scene.times() == [1.0]

    run_on("virtual", body)


def test_pauses_double_up_to_the_longest_and_the_tries_end() -> None:
    async def body() -> None:
        async with Restartable() as connection:
            helper = AutomaticIceRestart(connection, pause=5, longest_pause=30, tries=6)
            scene = Scene(connection, helper)
            await scene.tell(FAILED)
            for _ in range(1000):
                await sleep(1)
                await scene.tell(IceConnectionState.CHECKING)
                await scene.tell(FAILED)
            assert scene.times() == [0.0, 5.0, 15.0, 35.0, 65.0, 95.0]
            assert helper.restarts == 6

    run_on("virtual", body)


def test_a_connection_that_came_back_counts_anew() -> None:
    async def body() -> None:
        async with Restartable() as connection:
            helper = AutomaticIceRestart(connection, tries=1)
            scene = Scene(connection, helper)
            await scene.tell(FAILED)
            await scene.tell(IceConnectionState.CONNECTED)
            assert helper.restarts == 0
            await sleep(10)
            await scene.tell(FAILED)
            assert scene.times() == [0.0, 10.0]

    run_on("virtual", body)


def test_not_when_the_path_is_back_and_nobody_said_so_yet() -> None:
    async def body() -> None:
        async with Restartable() as connection:
            scene = Scene(connection, AutomaticIceRestart(connection))
            await scene.tell(DISCONNECTED)
            connection.shown = IceConnectionState.COMPLETED
            await sleep(10)
            assert scene.times() == []

    run_on("virtual", body)


def test_not_after_the_close() -> None:
    async def body() -> None:
        async with Restartable() as connection:
            scene = Scene(connection, AutomaticIceRestart(connection))
            await scene.tell(DISCONNECTED)
        await sleep(100)
        assert scene.times() == []

    run_on("virtual", body)


@on_each_runtime
async def test_it_hears_of_the_states_of_its_connection() -> None:
    async with Restartable() as left, PeerConnection() as right:
        helper = AutomaticIceRestart(left, after=0.01)
        left.create_data_channel("channel")
        await connect(left, right)
        await turns(20)
        assert helper in left.handlers
        left.shown = DISCONNECTED
        await helper.on_ice_connection_state_change(DISCONNECTED)
        for _ in range(1000):
            if left.times:
                break
            await sleep(0.01)
        assert len(left.times) == 1


@on_each_runtime
async def test_the_connection_is_not_kept_alive() -> None:
    async with Restartable() as connection:
        helper = AutomaticIceRestart(connection)
        reference = weakref.ref(connection)
    del connection
    gc.collect()
    assert reference() is None
    await helper.on_ice_connection_state_change(DISCONNECTED)


@on_each_runtime
async def test_times_that_make_no_sense() -> None:
    async with Restartable() as connection:
        for wrong in ({"after": 0}, {"pause": 0}, {"pause": 61}, {"tries": 0}):
            with pytest.raises(ArgumentError):
                AutomaticIceRestart(connection, **wrong)
        assert connection.handlers == ()
