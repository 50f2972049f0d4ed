"""The clock moves only when it is moved, and calls what is due in order."""

from purertc.testing import VirtualClock


def test_calls_come_in_order_of_time_then_of_scheduling() -> None:
    clock, calls = VirtualClock(), list[tuple[float, str]]()
    for when, name in ((2.0, "late"), (1.0, "first"), (1.0, "second")):
        clock.schedule(when, lambda name=name: calls.append((clock.now, name)))  # type: ignore[misc]
    assert clock.now == 0.0
    assert clock.next_event() == 1.0
    clock.advance(1.5)
    assert calls == [(1.0, "first"), (1.0, "second")]
    assert clock.now == 1.5
    clock.advance(3.0)
    assert calls[2:] == [(2.0, "late")]
    assert clock.next_event() is None


def test_what_a_call_schedules_in_time_is_called_too() -> None:
    clock, calls = VirtualClock(), list[float]()

    def again() -> None:
        calls.append(clock.now)
        clock.schedule(clock.now + 1, again)

    clock.schedule(1.0, again)
    clock.advance(3.5)
    assert calls == [1.0, 2.0, 3.0]


def test_a_cancelled_call_is_not_made_and_not_waited_for() -> None:
    clock, calls = VirtualClock(), list[str]()
    call = clock.schedule(1.0, lambda: calls.append("cancelled"))
    clock.schedule(2.0, lambda: calls.append("made"))
    states = [call.is_pending]
    call.cancel()
    assert [*states, call.is_pending] == [True, False]
    assert clock.next_event() == 2.0
    clock.advance(5.0)
    assert calls == ["made"]


def test_skipped_time_makes_calls_late() -> None:
    clock, calls = VirtualClock(), list[float]()
    clock.schedule(1.0, lambda: calls.append(clock.now))
    clock.skip(4.0)
    assert calls == []
    clock.advance(clock.now)
    assert calls == [4.0]
