"""The loop of the guide ends well also when what it runs does not."""

import pytest

from examples_new.custom_runtime.custom_runtime import Cancelled, Event, Loop, LoopRuntime
from purertc.errors import RuntimeUnavailable
from purertc.runtime.detect import detect_runtime, running_runtime


async def runtime_of(loop: Loop) -> LoopRuntime:
    runtime = running_runtime.get()
    assert isinstance(runtime, LoopRuntime)
    assert runtime.loop is loop
    return runtime


def test_the_result_of_main_is_returned() -> None:
    loop = Loop()
    assert isinstance(loop.run(runtime_of(loop)), LoopRuntime)


def test_a_loop_that_ended_is_not_found_and_takes_no_callback() -> None:
    loop = Loop()
    runtime = loop.run(runtime_of(loop))
    with pytest.raises(RuntimeUnavailable):
        detect_runtime()
    assert not runtime.run_threadsafe(print)


def test_an_error_of_main_is_raised_and_what_it_left_is_cancelled() -> None:
    loop = Loop()
    ends: list[str] = []

    async def left_behind(runtime: LoopRuntime) -> None:
        try:
            await runtime.new_event().wait()
        except Cancelled:
            ends.append("cancelled")
            raise

    async def main() -> None:
        runtime = await runtime_of(loop)
        runtime.spawn(left_behind(runtime), name="left behind")
        tick = runtime.new_event()
        runtime.new_timer(tick.set).schedule(runtime.now())
        await tick.wait()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        loop.run(main())
    assert ends == ["cancelled"]


def test_only_a_task_can_wait() -> None:
    loop = Loop()
    runtime = loop.run(runtime_of(loop))
    waiting = Event(runtime.loop).wait()
    with pytest.raises(RuntimeError, match="only a task"):
        waiting.send(None)
