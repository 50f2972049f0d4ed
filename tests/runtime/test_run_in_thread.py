"""Functions that block run beside every loop."""

import threading
from contextvars import ContextVar

import pytest

from tests.support.all_runtimes import on_all_runtimes
from tests.support.runtimes import LIMIT, Cancelled, running, start, together, turns, within

_colour: ContextVar[str] = ContextVar("colour", default="none")


@on_all_runtimes
async def test_it_returns_what_the_function_returns_in_another_thread() -> None:
    def function(*arguments: int) -> tuple[int, int]:
        return sum(arguments), threading.get_ident()

    total, thread = await within(running().run_in_thread(function, 1, 2, 3))
    assert total == 6
    assert thread != threading.get_ident()


@on_all_runtimes
async def test_it_raises_what_the_function_raises() -> None:
    def function() -> None:
        raise LookupError("nothing there")

    with pytest.raises(LookupError, match="nothing there"):
        await within(running().run_in_thread(function))


@on_all_runtimes
async def test_the_function_sees_the_callers_context() -> None:
    async def ask() -> str:
        _colour.set("green")
        return await running().run_in_thread(_colour.get)

    assert await within(ask()) == "green"


@on_all_runtimes
async def test_the_loop_goes_on_meanwhile() -> None:
    asked = threading.Event()

    async def answer() -> None:
        await turns()
        asked.set()

    waited, _ = await together(running().run_in_thread(asked.wait, LIMIT), answer())
    assert waited


@on_all_runtimes
async def test_a_function_goes_on_when_nobody_waits_any_more() -> None:
    begun, released, ended = threading.Event(), threading.Event(), threading.Event()

    def function() -> None:
        begun.set()
        released.wait(LIMIT)
        ended.set()
        raise LookupError("for nobody")

    task = start(running().run_in_thread(function))
    await turns()
    assert begun.wait(LIMIT)
    task.cancel()
    with pytest.raises(Cancelled):
        await task.result()
    assert not ended.is_set()
    released.set()
    assert ended.wait(LIMIT)
    assert await within(running().run_in_thread(lambda: "and the next one")) == "and the next one"


@on_all_runtimes
async def test_many_at_once() -> None:
    runtime = running()
    results = await together(*(runtime.run_in_thread(pow, 2, each) for each in range(20)))
    assert results == [2**each for each in range(20)]
