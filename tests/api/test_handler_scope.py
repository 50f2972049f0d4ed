"""Handler tasks end with their connection: by themselves, by cancellation, or given up."""

import asyncio
import logging
from collections.abc import Generator

import pytest

from purertc import handler_tasks
from purertc.handler_tasks import HandlerScope, HandlerTask, Stepped
from purertc.runtime.detect import RuntimeSource


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


async def test_close_waits_for_tasks_that_end(scope: HandlerScope) -> None:
    gate = asyncio.Event()
    trace: list[str] = []

    async def run(task: HandlerTask) -> None:
        await gate.wait()
        trace.append("ended")

    scope.spawn(run, "test")
    await asyncio.sleep(0)
    scope.close(lambda: trace.append("finished"))
    assert trace == []
    gate.set()
    await scope.wait_finished()
    assert trace == ["ended", "finished"]
    assert not scope.grants_last_events


async def test_a_task_that_does_not_end_is_cancelled(scope: HandlerScope) -> None:
    trace: list[str] = []

    async def run(task: HandlerTask) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            trace.append(f"cancelled {task.is_cancelled}")
            raise

    scope.spawn(run, "test")
    await asyncio.sleep(0)
    scope.close(lambda: trace.append("finished"))
    await scope.wait_finished()
    assert trace == ["cancelled True", "finished"]


async def test_a_task_that_will_not_be_cancelled_is_given_up(
    scope: HandlerScope, caplog: pytest.LogCaptureFixture
) -> None:
    gate = asyncio.Event()

    async def run(task: HandlerTask) -> None:
        while not gate.is_set():
            try:
                await gate.wait()
            except asyncio.CancelledError:
                continue

    scope.spawn(run, "test")
    await asyncio.sleep(0)
    with caplog.at_level(logging.ERROR, "purertc.handler"):
        scope.close(lambda: None)
        await asyncio.wait_for(scope.wait_finished(), 5)
    assert "1 handlers did not end" in caplog.text
    gate.set()
    await asyncio.sleep(0.001)


async def test_the_inside_is_a_handler_and_the_tasks_it_starts(scope: HandlerScope) -> None:
    trace: list[bool] = []

    async def look() -> None:
        trace.append(scope.is_inside)

    async def run(task: HandlerTask) -> None:
        await look()
        await asyncio.create_task(look())

    await look()
    scope.spawn(run, "test")
    scope.close(lambda: None)
    await scope.wait_finished()
    await look()
    assert trace == [False, True, True, False]


async def test_the_first_suspension_is_told_once_and_cancellation_passes() -> None:
    trace: list[str] = []

    async def method() -> None:
        trace.append("begun")
        await asyncio.sleep(0)
        trace.append("middle")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            trace.append("cleaned up")
            raise

    async def outer() -> None:
        await Stepped(method(), lambda: trace.append("suspended"))

    task = asyncio.create_task(outer())
    await asyncio.sleep(0.001)
    assert trace == ["begun", "suspended", "middle"]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert trace[-1] == "cleaned up"


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
