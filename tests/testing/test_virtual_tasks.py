"""Coroutines on a VirtualRuntime: order, time, cancellation and errors."""

import asyncio
import threading
from collections.abc import Generator

import pytest

from purertc.errors import ArgumentError
from purertc.testing import (
    SimulatedNetwork,
    StuckError,
    TaskCancelled,
    Trace,
    VirtualRuntime,
)


@pytest.fixture
def world() -> VirtualRuntime:
    return VirtualRuntime(seed=1)


def test_time_jumps(world: VirtualRuntime) -> None:
    async def main() -> str:
        await world.sleep(3600)
        return "done"

    assert world.run(main) == "done"
    assert world.now() == 3600


def test_tasks_take_turns_in_order(world: VirtualRuntime) -> None:
    said: list[str] = []

    async def talk(name: str, pause: float) -> None:
        for _ in range(2):
            said.append(f"{name} {world.now():g}")
            await world.sleep(pause)

    async def main() -> None:
        await world.gather(talk("slow", 2), talk("fast", 1), talk("busy", 0))

    world.run(main)
    assert said == ["slow 0", "fast 0", "busy 0", "busy 0", "fast 1", "slow 2"]


def schedule_of(seed: int, *, shuffle: bool) -> list[int]:
    world, order = VirtualRuntime(seed=seed, shuffle=shuffle), list[int]()

    async def note(number: int) -> None:
        order.append(number)

    async def main() -> None:
        await world.gather(*(note(number) for number in range(10)))

    world.run(main)
    return order


def test_the_seed_shuffles_who_runs_next() -> None:
    assert schedule_of(1, shuffle=False) == schedule_of(2, shuffle=False) == list(range(10))
    orders = [schedule_of(seed, shuffle=True) for seed in range(5)]
    assert all(sorted(order) == list(range(10)) for order in orders)
    assert len({tuple(order) for order in orders}) == 5
    assert orders == [schedule_of(seed, shuffle=True) for seed in range(5)]


def test_an_event_wakes_everyone_and_forgets_the_cancelled(world: VirtualRuntime) -> None:
    woken: list[str] = []
    event = world.new_event()

    async def wait(name: str) -> None:
        await event.wait()
        woken.append(name)

    async def main() -> None:
        tasks = [world.start(wait(name), name=name) for name in "abc"]
        await world.sleep(1)
        tasks[1].cancel()
        event.set()
        for task in (tasks[0], tasks[2]):
            await task.join()
        await event.wait()
        with pytest.raises(TaskCancelled):
            await tasks[1].join()

    world.run(main)
    assert woken == ["a", "c"]
    assert event.is_set()


def test_an_event_set_by_who_sees_the_wait_suspend_still_wakes_it(world: VirtualRuntime) -> None:
    event = world.new_event()
    woken: list[bool] = []

    class SetWhenItSuspends:
        def __await__(self) -> Generator[object, None, None]:
            wait = event.wait()
            trap = wait.send(None)
            event.set()
            yield trap
            with pytest.raises(StopIteration):
                wait.send(None)

    async def main() -> None:
        await SetWhenItSuspends()
        woken.append(True)

    world.run(main)
    assert woken == [True]


def test_cancellation_reaches_the_point_of_waiting(world: VirtualRuntime) -> None:
    steps: list[str] = []

    async def work() -> None:
        try:
            await world.sleep(100)
        except TaskCancelled:
            steps.append(f"cancelled at {world.now():g}")
            await world.sleep(1)
            steps.append("cleaned up")
            raise

    async def main() -> None:
        task = world.start(work())
        await world.sleep(5)
        assert task.cancel()
        assert task.cancelling() == 1
        assert not task.done()
        with pytest.raises(TaskCancelled):
            await task.join()
        assert task.done()
        assert not task.cancel()

    world.run(main)
    assert steps == ["cancelled at 5", "cleaned up"]
    assert world.now() == 6


def test_a_task_cancelled_before_its_first_turn_does_nothing(world: VirtualRuntime) -> None:
    async def work() -> None:
        raise AssertionError("it ran")

    async def main() -> None:
        task = world.start(work())
        task.cancel()
        await world.sleep(1)
        assert task.done()

    world.run(main)


def test_a_timeout_ends_its_block_only(world: VirtualRuntime) -> None:
    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with world.timeout(2):
                await world.sleep(10)
        assert world.now() == 2
        async with world.timeout(2):
            await world.sleep(1)
        await world.sleep(10)

    world.run(main)


def test_a_cancellation_inside_a_timeout_stays_one(world: VirtualRuntime) -> None:
    async def work() -> None:
        async with world.timeout(10):
            await world.sleep(100)

    async def main() -> None:
        task = world.start(work())
        await world.sleep(1)
        task.cancel()
        with pytest.raises(TaskCancelled):
            await task.join()

    world.run(main)


def test_errors_reach_who_joins(world: VirtualRuntime) -> None:
    async def fail() -> None:
        raise ValueError("mine")

    async def main() -> None:
        with pytest.raises(ValueError, match="mine"):
            await world.start(fail()).join()
        with pytest.raises(ValueError, match="mine"):
            await world.gather(world.sleep(100), fail(), world.sleep(100))

    world.run(main)
    assert world.now() == 100


def test_errors_that_nobody_saw_are_raised_at_the_end(world: VirtualRuntime) -> None:
    async def fail() -> None:
        raise ValueError("unseen")

    async def main() -> None:
        world.start(fail())
        await world.sleep(1)

    with pytest.raises(ExceptionGroup) as group:
        world.run(main)
    assert [str(error) for error in group.value.exceptions] == ["unseen"]


def test_the_error_of_main_is_raised_as_it_is(world: VirtualRuntime) -> None:
    async def main() -> None:
        await world.sleep(1)
        raise KeyError("main")

    with pytest.raises(KeyError):
        world.run(main)


def test_what_is_left_is_cancelled_at_the_end(world: VirtualRuntime) -> None:
    ended: list[str] = []

    async def linger(name: str) -> None:
        try:
            await world.sleep(1e6)
        finally:
            await world.sleep(1)
            ended.append(name)

    async def main() -> None:
        for name in "ab":
            world.start(linger(name))
        await world.sleep(0)

    world.run(main)
    assert ended == ["a", "b"]


def test_a_world_that_can_never_go_on_says_who_waits(world: VirtualRuntime) -> None:
    async def wait() -> None:
        await world.new_event().wait()

    async def main() -> None:
        await world.start(wait(), name="waiter").join()

    with pytest.raises(StuckError, match="main, waiter"):
        world.run(main)


def test_the_time_limit(world: VirtualRuntime) -> None:
    async def main() -> None:
        while True:
            await world.sleep(10)

    with pytest.raises(StuckError, match="100 virtual seconds"):
        world.run(main, time_limit=100)


def test_what_belongs_to_another_loop_is_refused(world: VirtualRuntime) -> None:
    async def main() -> None:
        with pytest.raises(RuntimeError, match="another event loop"):
            await asyncio.sleep(0)
        await world.sleep(1)

    world.run(main)
    assert world.now() == 1


def test_a_world_runs_one_program(world: VirtualRuntime) -> None:
    async def main() -> None:
        pass

    world.run(main)
    assert not world.run_threadsafe(lambda: None)
    with pytest.raises(RuntimeError, match="has ended"):
        world.run(main)


def test_calls_from_other_threads_come_in_a_turn(world: VirtualRuntime) -> None:
    called = threading.Event()
    threads: list[int] = []

    def call() -> None:
        threads.append(threading.get_ident())

    def other() -> None:
        assert world.run_threadsafe(call)
        called.set()

    async def main() -> None:
        thread = threading.Thread(target=other)
        thread.start()
        assert called.wait(10)
        thread.join()
        assert world.run_threadsafe(call)
        await world.sleep(1)

    world.run(main)
    assert threads == [threading.get_ident()] * 2


def test_timers_move(world: VirtualRuntime) -> None:
    fired: list[float] = []

    async def main() -> None:
        timer = world.new_timer(lambda: fired.append(world.now()))
        timer.schedule(10)
        timer.schedule(5)
        await world.sleep(20)
        timer.schedule(1)
        assert fired == [5]
        await world.sleep(0)
        timer.schedule(30)
        timer.cancel()
        await world.sleep(20)
        timer.close()
        timer.schedule(50)
        await world.sleep(20)

    world.run(main)
    assert fired == [5, 20]


def test_a_host_of_another_network_is_refused(world: VirtualRuntime) -> None:
    stranger = SimulatedNetwork().add_host("stranger", "192.0.2.1")
    with pytest.raises(ArgumentError, match="another network"):
        world.on(stranger)


def test_the_trace_names_every_turn() -> None:
    trace = Trace()
    world = VirtualRuntime(network=SimulatedNetwork(trace=trace))

    async def main() -> None:
        await world.start(world.sleep(1), name="sleeper").join()

    world.run(main)
    assert [str(entry) for entry in trace.entries] == [
        "0.000000 run main",
        "0.000000 run sleeper",
        "1.000000 run sleeper",
        "1.000000 run main",
    ]
    assert trace.counts() == {"run": 4}
