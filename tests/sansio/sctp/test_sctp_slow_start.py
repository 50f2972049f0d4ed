"""Slow start ends when round trips grow (RFC 9406)."""

from purertc.sansio.sctp.slow_start import SlowStart


def rounds(slow_start: SlowStart, *round_trips: float) -> list[int]:
    """Let one sample each round pass; return the divisors after them."""
    divisors = []
    for round_trip in round_trips:
        slow_start.new_round()
        slow_start.sample(round_trip)
        divisors.append(slow_start.divisor)
    return divisors


def test_steady_round_trips_let_it_go_on() -> None:
    assert rounds(SlowStart(), 0.05, 0.051, 0.0525, 0.05) == [1, 1, 1, 1]


def test_a_longer_round_trip_makes_it_careful() -> None:
    assert rounds(SlowStart(), 0.05, 0.0563) == [1, 4]


def test_four_milliseconds_are_the_least_that_count() -> None:
    assert rounds(SlowStart(), 0.001, 0.0049) == [1, 1]
    assert rounds(SlowStart(), 0.001, 0.0051) == [1, 4]


def test_sixteen_milliseconds_always_count() -> None:
    assert rounds(SlowStart(), 1.0, 1.017) == [1, 4]


def test_a_round_trip_that_falls_again_was_no_queue() -> None:
    assert rounds(SlowStart(), 0.05, 0.06, 0.05) == [1, 4, 1]


def test_after_five_careful_rounds_it_ends() -> None:
    slow_start = SlowStart()
    rounds(slow_start, 0.05, 0.06)
    ended = []
    for _ in range(5):
        ended.append(slow_start.new_round())
        slow_start.sample(0.06)
    assert ended == [False] * 4 + [True]
