"""Every coroutine of the signalling lines is cancelled wherever it can be."""

import inspect

import pytest

from purertc import signaling
from tests.cancellation.signaling_scenarios import SCENARIOS
from tests.support.cancellation import backends, walk

BY_HAND = "CopyAndPasteSignaling"
"""One scenario makes all of its calls."""

LOOPS = {name: backend for name, backend in backends().items() if name != "trio"}


def test_none_is_forgotten() -> None:
    tested = {name.split()[0] for name in SCENARIOS}
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
            }
            assert methods <= tested


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("name", SCENARIOS)
def test_cancelled_at_every_suspension_point(name: str, loop: str) -> None:
    assert walk(SCENARIOS[name], LOOPS[loop])
