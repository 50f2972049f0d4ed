"""Every public coroutine is cancelled wherever it can be; nothing hangs and nothing is lost."""

import inspect

import pytest

import purertc
from purertc import handler_tasks
from tests.cancellation import channel_scenarios, connection_scenarios, mux_scenarios
from tests.support.cancellation import backends, walk

SCENARIOS = connection_scenarios.SCENARIOS | channel_scenarios.SCENARIOS | mux_scenarios.SCENARIOS

NEVER_WAIT = {
    "PeerConnection.close of an unused one",
    "PeerConnection.get_stats",
    "PeerConnectionBuilder.build",
}

CALLED_BY_PURERTC = {purertc.PeerConnectionHandler, purertc.DataChannelHandler}


def public_coroutines() -> set[str]:
    """Name the coroutine methods of the public classes."""
    classes = {each for name in purertc.__all__ if isinstance(each := getattr(purertc, name), type)}
    return {
        f"{each.__name__}.{name}"
        for each in classes - CALLED_BY_PURERTC
        for name, member in inspect.getmembers(each, inspect.iscoroutinefunction)
        if not getattr(each, "_is_protocol", False)
        and (not name.startswith("_") or name.startswith("__"))
    }


def test_none_is_forgotten() -> None:
    runtimes = {"AsyncioRuntime", "TrioRuntime"}
    ours = {name for name in public_coroutines() if name.split(".")[0] not in runtimes}
    assert {name.split()[0] for name in SCENARIOS} == ours


@pytest.mark.parametrize("backend", backends())
@pytest.mark.parametrize("name", SCENARIOS)
def test_cancelled_at_every_suspension_point(
    name: str, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler_tasks, "CLOSE_GRACE", 0.01)
    points = walk(SCENARIOS[name], backends()[backend])
    assert points or name in NEVER_WAIT
