"""What a handler raises goes to its on_error, and nothing else comes to harm (promise 6)."""

import asyncio
import logging

import pytest

from purertc import events
from purertc.dispatcher import Dispatcher
from purertc.handler import DataChannelHandler, PeerConnectionHandler
from purertc.handler_tasks import HandlerScope
from purertc.runtime.detect import RuntimeSource
from purertc.sansio.types import ConnectionState
from tests.support.runtimes import on_each_runtime, on_each_runtime_without_scope, within

CHANGED = events.ConnectionStateChanged(ConnectionState.NEW)


class Failing(PeerConnectionHandler):
    """Raises what it was given, once."""

    def __init__(self, error: BaseException) -> None:
        self.error: BaseException | None = error
        self.calls = 0
        self.errors: list[tuple[Exception, str]] = []

    async def on_connection_state_change(self, state: ConnectionState) -> None:
        self.calls += 1
        error, self.error = self.error, None
        if error is not None:
            raise error

    async def on_error(self, error: Exception, where: str) -> None:
        self.errors.append((error, where))


async def end(scope: HandlerScope) -> None:
    scope.close(lambda: None)
    await within(scope.wait_finished())


@pytest.mark.parametrize(
    "error", [ValueError("no"), ExceptionGroup("several", [ValueError("no"), KeyError("x")])]
)
@on_each_runtime_without_scope
async def test_an_exception_goes_to_on_error_and_the_next_event_arrives(error: Exception) -> None:
    scope = HandlerScope(RuntimeSource())
    dispatcher = Dispatcher(scope)
    handler = Failing(error)
    dispatcher.attach(handler)
    dispatcher.deliver(CHANGED)
    dispatcher.deliver(CHANGED)
    await dispatcher.settle()
    assert handler.errors == [(error, "on_connection_state_change")]
    assert handler.calls == 2
    await end(scope)


@on_each_runtime_without_scope
async def test_the_other_handlers_still_hear_the_event() -> None:
    scope = HandlerScope(RuntimeSource())
    dispatcher = Dispatcher(scope)
    failing, healthy = Failing(ValueError("no")), Failing(ValueError("unused"))
    healthy.error = None
    dispatcher.attach(failing)
    dispatcher.attach(healthy)
    dispatcher.deliver(CHANGED)
    await dispatcher.settle()
    assert healthy.calls == 1
    await end(scope)


@on_each_runtime_without_scope
async def test_a_cancellation_that_leaks_is_an_error() -> None:
    scope = HandlerScope(RuntimeSource())
    dispatcher = Dispatcher(scope)
    leaked = asyncio.CancelledError()
    handler = Failing(leaked)
    dispatcher.attach(handler)
    dispatcher.deliver(CHANGED)
    dispatcher.deliver(CHANGED)
    await dispatcher.settle()
    ((error, where),) = handler.errors
    assert isinstance(error, RuntimeError)
    assert error.__cause__ is leaked
    assert where == "on_connection_state_change"
    assert handler.calls == 2
    await end(scope)


@on_each_runtime_without_scope
async def test_a_method_that_is_no_coroutine_is_explained() -> None:
    scope = HandlerScope(RuntimeSource())
    dispatcher = Dispatcher(scope)

    class Plain(Failing):
        def on_connection_state_change(self, state: ConnectionState) -> None:  # type: ignore[override]
            self.calls += 1

    handler = Plain(ValueError("unused"))
    dispatcher.attach(handler)
    dispatcher.deliver(CHANGED)
    await dispatcher.settle()
    ((error, _),) = handler.errors
    assert "Plain.on_connection_state_change must be an 'async def' method" in str(error)
    await end(scope)


@on_each_runtime_without_scope
async def test_by_default_the_error_is_logged_with_its_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    scope = HandlerScope(RuntimeSource())
    dispatcher = Dispatcher(scope)

    class Silent(PeerConnectionHandler):
        async def on_connection_state_change(self, state: ConnectionState) -> None:
            raise ValueError("told you")

    dispatcher.attach(Silent())
    with caplog.at_level(logging.ERROR, "purertc.handler"):
        dispatcher.deliver(CHANGED)
        await dispatcher.settle()
    (record,) = caplog.records
    assert record.name == "purertc.handler"
    assert "Silent.on_connection_state_change raised" in record.getMessage()
    assert record.exc_info
    assert "told you" in str(record.exc_info[1])
    await end(scope)


@on_each_runtime_without_scope
async def test_an_error_in_on_error_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    scope = HandlerScope(RuntimeSource())
    dispatcher = Dispatcher(scope)

    class Hopeless(Failing):
        async def on_error(self, error: Exception, where: str) -> None:
            raise KeyError(where)

    handler = Hopeless(ValueError("no"))
    dispatcher.attach(handler)
    with caplog.at_level(logging.ERROR, "purertc.handler"):
        dispatcher.deliver(CHANGED)
        dispatcher.deliver(CHANGED)
        await dispatcher.settle()
    assert "on_error raised" in caplog.text
    assert handler.calls == 2
    await end(scope)


@on_each_runtime
async def test_the_default_of_a_channel_handler_logs_too(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR, "purertc.handler"):
        await DataChannelHandler().on_error(ValueError("oh"), "on_message")
    assert "DataChannelHandler.on_message raised" in caplog.text
