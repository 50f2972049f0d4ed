"""How the window answers to losses: by CUBIC, or not at all where nothing says it is full."""

from purertc.sansio.sctp.congestion import CongestionControl
from purertc.sansio.sctp.cubic import CubicGrowth


def delivering(control: CongestionControl, rate: int, round_trip: float, packets: int) -> None:
    """Let the path deliver ``rate`` bytes a second for as many packets of 1000 bytes."""
    now, each = 0.0, int(rate * round_trip)
    control.limited = False
    for tsn in range(max(2, packets * 1000 // each)):
        control.delivery.sent(tsn, now)
        now += round_trip
        control.delivery.acknowledged(tsn, each, tsn + 1, now)
        control.acknowledged(each, tsn, now)


def test_a_loss_in_a_full_path_takes_three_tenths() -> None:
    control = CongestionControl(1000)
    delivering(control, 1_000_000, 0.05, 1000)
    control.window = 100_000
    control.lost(1000, 5000)
    assert control.window == 70_000
    assert not control.in_slow_start


def test_a_loss_leaves_what_is_in_flight_without_a_queue() -> None:
    control = CongestionControl(1000)
    delivering(control, 1_000_000, 0.05, 1000)
    control.window = 52_000
    control.lost(1000, 5000)
    assert control.window == 50_000


def test_many_losses_are_a_full_path() -> None:
    control = CongestionControl(1000)
    delivering(control, 1_000_000, 0.05, 1000)
    control.window = 52_000
    control.lost(30_000, 5000)
    assert control.window == 36_400


def test_a_flight_is_reduced_once() -> None:
    control = CongestionControl(1000)
    control.window = 100_000
    control.lost(1000, 50)
    control.lost(1000, 60)
    assert control.window == 70_000
    control.acknowledged(1000, 50, 1.0)
    control.lost(1000, 70)
    assert control.window == 49_000


def test_the_curve_returns_to_the_window_of_the_loss_and_goes_on() -> None:
    growth = CubicGrowth(1000)
    growth.reduced(100_000, 70_000)
    window, now = 70_000.0, 0.0
    windows = []
    for _ in range(40):
        for _ in range(10):
            window = growth.grow(window, int(window / 10), 0.2, now)
            now += 0.02
        windows.append(window)
    # K is the cube root of 30 packets over 0.4: 4.2 s.
    plateau = windows[int(4.2 / 0.2)]
    assert 95_000 < plateau < 105_000
    assert windows[5] > 80_000
    assert windows[-1] > 115_000


def test_a_second_loss_below_the_first_gives_room_away() -> None:
    growth = CubicGrowth(1000)
    growth.reduced(100_000, 70_000)
    growth.reduced(80_000, 56_000)
    assert growth.window_max == 68_000
