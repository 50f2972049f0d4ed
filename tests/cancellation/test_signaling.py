"""Every coroutine for signalling is cancelled wherever it can be."""

import inspect

import pytest

from purertc import PeerConnectionHandler, signaling
from tests.cancellation import negotiator_scenarios, signaling_scenarios
from tests.support.cancellation import backends, walk

BY_HAND = "CopyAndPasteSignaling"
"""One scenario makes all of its calls."""

LINES = signaling_scenarios.SCENARIOS
"""For asyncio."""

HELPERS = negotiator_scenarios.SCENARIOS
"""For each event loop."""

NEVER_WAIT = {"AutomaticIceRestart.on_ice_connection_state_change"}

LOOPS = {name: backend for name, backend in backends().items() if name != "trio"}


def does_nothing(method: str, function: object) -> bool:
    """Whether it is a method of handlers that was not overridden."""
    return getattr(PeerConnectionHandler, method, None) is function


def test_none_is_forgotten() -> None:
    tested = {name.split()[0] for name in LINES | HELPERS}
    for name in signaling.__all__:
        each = getattr(signaling, name)
        if inspect.iscoroutinefunction(each):
            assert name in tested
        elif isinstance(each, type) and not inspect.isabstract(each) and name != BY_HAND:
            methods = {
                f"{name}.{method}"
                for method, function in inspect.getmembers(each)
                if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)
                if not method.startswith("_") or method.startswith("__")
                if not does_nothing(method, function)
            }
            assert methods <= tested


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("name", LINES)
def test_a_line_cancelled_at_every_suspension_point(name: str, loop: str) -> None:
    assert walk(LINES[name], LOOPS[loop])


@pytest.mark.parametrize("backend", backends())
@pytest.mark.parametrize("name", HELPERS)
def test_a_helper_cancelled_at_every_suspension_point(name: str, backend: str) -> None:
    points = walk(HELPERS[name], backends()[backend])
    assert points or name in NEVER_WAIT
