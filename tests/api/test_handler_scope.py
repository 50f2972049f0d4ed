"""Handler tasks end with their connection: by themselves, by cancellation, or given up."""

import logging
from collections.abc import Generator
from contextlib import nullcontext

import pytest
import trio

from purertc import handler_tasks
from purertc.handler_tasks import HandlerScope, HandlerTask, Stepped
from purertc.runtime.detect import RuntimeSource
from purertc.runtime.trio import TrioRuntime
from tests.support.runtimes import (
    CANCELLATIONS,
    Cancelled,
    new_event,
    on_each_runtime_without_scope,
    running,
    sleep,
    start,
    turns,
    within,
)


@pytest.fixture
def scope(monkeypatch: pytest.MonkeyPatch) -> HandlerScope:
    monkeypatch.setattr(handler_tasks, "CLOSE_GRACE", 0.01)
    return HandlerScope(RuntimeSource())


def test_a_scope_without_tasks_is_finished_at_once(scope: HandlerScope) -> None:
    calls: list[str] = []
    scope.close(lambda: calls.append("finished"))
    scope.close(lambda: calls.append("twice"))
    assert scope.finished
    assert calls == ["finished"]


@on_each_runtime_without_scope
async def test_close_waits_for_tasks_that_end(scope: HandlerScope) -> None:
    gate = new_event()
    trace: list[str] = []

    async def run(task: HandlerTask) -> None:
        await gate.wait()
        trace.append("ended")

    scope.spawn(run, "test")
    await turns()
    scope.close(lambda: trace.append("finished"))
    assert trace == []
    gate.set()
    await scope.wait_finished()
    assert trace == ["ended", "finished"]
    assert not scope.grants_last_events


@on_each_runtime_without_scope
async def test_a_task_that_does_not_end_is_cancelled(scope: HandlerScope) -> None:
    trace: list[str] = []

    async def run(task: HandlerTask) -> None:
        try:
            await new_event().wait()
        except CANCELLATIONS:
            trace.append(f"cancelled {task.is_cancelled}")
            raise

    scope.spawn(run, "test")
    await turns()
    scope.close(lambda: trace.append("finished"))
    await scope.wait_finished()
    assert trace == ["cancelled True", "finished"]


@on_each_runtime_without_scope
async def test_a_task_that_will_not_be_cancelled_is_given_up(
    scope: HandlerScope, caplog: pytest.LogCaptureFixture
) -> None:
    gate = new_event()

    async def run(task: HandlerTask) -> None:
        while not gate.is_set():
            try:
                await gate.wait()
            except CANCELLATIONS:
                continue

    scope.spawn(run, "test")
    await turns()
    with caplog.at_level(logging.ERROR, "purertc.handler"):
        scope.close(lambda: None)
        await within(scope.wait_finished(), 5)
    assert "1 handlers did not end" in caplog.text
    gate.set()
    await sleep(0.001)


@on_each_runtime_without_scope
async def test_the_inside_is_a_handler_and_the_tasks_it_starts(scope: HandlerScope) -> None:
    trace: list[bool] = []

    async def look() -> None:
        trace.append(scope.is_inside)

    async def run(task: HandlerTask) -> None:
        await look()
        await start(look()).result()

    await look()
    scope.spawn(run, "test")
    scope.close(lambda: None)
    await scope.wait_finished()
    await look()
    assert trace == [False, True, True, False]


async def clean_up() -> None:
    """Suspend in a task that is cancelled, as its loop wants that to be done."""
    with trio.CancelScope(shield=True) if isinstance(running(), TrioRuntime) else nullcontext():
        await turns(1)


@on_each_runtime_without_scope
async def test_the_first_suspension_is_told_once_and_cancellation_passes() -> None:
    trace: list[str] = []

    async def method() -> None:
        trace.append("begun")
        await turns(1)
        trace.append("middle")
        try:
            await new_event().wait()
        except CANCELLATIONS:
            await clean_up()
            trace.append("cleaned up")
            raise

    async def outer() -> None:
        await Stepped(method(), lambda: trace.append("suspended"))

    task = start(outer())
    await sleep(0.001)
    assert trace == ["begun", "suspended", "middle"]
    task.cancel()
    with pytest.raises(Cancelled):
        await task.result()
    assert trace[-1] == "cleaned up"


@on_each_runtime_without_scope
async def test_a_coroutine_that_never_suspends_is_not_told() -> None:
    trace: list[str] = []

    async def method() -> None:
        trace.append("done")

    await Stepped(method(), lambda: trace.append("suspended"))
    assert trace == ["done"]


def test_a_stepped_coroutine_can_be_closed() -> None:
    trace: list[str] = []

    class Suspend:
        def __await__(self) -> Generator[str, None, None]:
            yield "token"

    async def method() -> None:
        try:
            await Suspend()
        finally:
            trace.append("closed")

    steps = Stepped(method(), lambda: None).__await__()
    assert next(steps) == "token"
    steps.close()
    assert trace == ["closed"]
