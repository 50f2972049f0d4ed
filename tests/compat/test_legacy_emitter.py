"""Listeners behave as with pyee, but what they raise never reaches the network."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest
from pyee.asyncio import AsyncIOEventEmitter

from purertc_compat._emitter import LegacyEmitter


class Emitter(LegacyEmitter):
    _never_emitted = frozenset({"icecandidate"})

    def fire(self, event: str, *args: object) -> None:
        self._fire(event, *args)


def collect_loop_errors() -> list[dict[str, Any]]:
    errors: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))
    return errors


def raiser(error: Exception) -> Callable[..., None]:
    def listener(*_: object) -> None:
        raise error

    return listener


def test_it_is_a_real_pyee_emitter_also_in_a_mixed_hierarchy() -> None:
    class Mixed(Emitter, AsyncIOEventEmitter):
        pass

    assert isinstance(Mixed(), AsyncIOEventEmitter)


def test_every_form_of_registration_returns_the_function_and_fires_in_order() -> None:
    emitter, calls = Emitter(), []

    @emitter.on("x")
    def first(value: int) -> None:
        calls.append(("first", value))

    def second(value: int) -> None:
        calls.append(("second", value))

    def third(value: int) -> None:
        calls.append(("third", value))

    assert emitter.on("x", second) is second
    assert emitter.on("x")(third) is third
    emitter.on("x", first)
    emitter.once("x", lambda value: calls.append(("once", value)))
    emitter.fire("x", 1)
    assert calls == [("first", 1), ("second", 1), ("third", 1), ("once", 1)]
    emitter.remove_listener("x", second)
    calls.clear()
    emitter.fire("x", 2)
    assert calls == [("first", 2), ("third", 2)]


def test_a_listener_added_while_an_event_fires_does_not_run_in_it() -> None:
    emitter, calls = Emitter(), []

    @emitter.on("x")
    def outer() -> None:
        emitter.on("x", lambda: calls.append("late"))

    emitter.fire("x")
    assert calls == []


async def test_asynchronous_listeners_start_in_order_and_overlap() -> None:
    emitter, order = Emitter(), []

    @emitter.on("message")
    async def slow(number: int) -> None:
        order.append(f"start{number}")
        await asyncio.sleep(0)
        if number == 1:
            await asyncio.sleep(0)
        order.append(f"end{number}")

    emitter.fire("message", 1)
    emitter.fire("message", 2)
    assert order == []
    await emitter.wait_for_complete()
    assert order == ["start1", "start2", "end2", "end1"]


async def test_a_raising_listener_is_reported_and_the_others_run() -> None:
    emitter, errors = Emitter(), collect_loop_errors()
    calls: list[str] = []
    error = RuntimeError("boom")
    emitter.on("message", raiser(error))
    emitter.on("message", calls.append)
    emitter.fire("message", "hello")
    assert calls == ["hello"]
    assert [context["exception"] for context in errors] == [error]
    assert "message" in errors[0]["message"]


async def test_an_asynchronous_listener_that_raises_is_reported() -> None:
    emitter, errors = Emitter(), collect_loop_errors()
    error = RuntimeError("boom")

    @emitter.on("message")
    async def listener() -> None:
        raise error

    emitter.fire("message")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert [context["exception"] for context in errors] == [error]


def test_without_a_loop_a_raising_listener_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    emitter = Emitter()
    emitter.on("close", raiser(RuntimeError("boom")))
    with caplog.at_level(logging.ERROR):
        emitter.fire("close")
    assert "boom" in caplog.text


async def test_an_error_listener_takes_the_exception() -> None:
    emitter, errors = Emitter(), collect_loop_errors()
    taken: list[Exception] = []
    error = RuntimeError("boom")
    emitter.on("error", taken.append)
    emitter.on("message", raiser(error))
    emitter.fire("message")
    assert (taken, errors) == ([error], [])


async def test_a_raising_error_listener_is_reported_as_well() -> None:
    emitter, errors = Emitter(), collect_loop_errors()
    emitter.on("error", raiser(KeyError("worse")))
    emitter.on("message", raiser(RuntimeError("boom")))
    emitter.fire("message")
    assert [type(context["exception"]) for context in errors] == [KeyError]


def test_an_event_of_the_program_keeps_raising() -> None:
    emitter = Emitter()
    emitter.on("custom", raiser(ValueError("mine")))
    with pytest.raises(ValueError, match="mine"):
        emitter.emit("custom")


async def test_an_event_of_the_program_inside_one_of_the_library_raises_into_the_listener() -> None:
    emitter, caught = Emitter(), []
    emitter.on("custom", raiser(ValueError("mine")))

    @emitter.on("open")
    def listener() -> None:
        try:
            emitter.emit("custom")
        except ValueError as error:
            caught.append(str(error))

    emitter.fire("open")
    assert caught == ["mine"]


def test_an_event_that_never_fires_is_pointed_out(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        Emitter().on("icecandidate", print)
    assert "icecandidate" in caplog.text


async def test_a_lambda_that_returns_a_future_is_tracked() -> None:
    emitter = Emitter()
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    emitter.on("x", lambda: future)
    emitter.fire("x")
    assert not emitter.complete
    future.set_result(None)
    await emitter.wait_for_complete()
