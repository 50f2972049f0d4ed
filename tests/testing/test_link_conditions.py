"""Every impairment does what its name says, and as often as it says."""

import pytest

from purertc.errors import ArgumentError
from purertc.testing import LinkConditions
from tests.support.simulation import Wire

NUMBERS = [number.to_bytes(4, "big") for number in range(1000)]


def test_a_perfect_link_delivers_everything_in_order_after_the_latency() -> None:
    wire = Wire(LinkConditions(latency=0.25))
    assert wire.run(NUMBERS[:3]) == NUMBERS[:3]
    assert [when for when, _ in wire.arrivals] == [0.25] * 3
    assert wire.network.counters.sent == wire.network.counters.delivered == 3


def test_loss() -> None:
    wire = Wire(LinkConditions(loss=0.3))
    came = wire.run(NUMBERS)
    assert 620 < len(came) < 780
    assert came == sorted(came)
    assert wire.network.counters.lost == 1000 - len(came)


def test_loss_of_everything_and_of_nothing() -> None:
    assert Wire(LinkConditions(loss=1.0)).run(NUMBERS) == []
    assert Wire(LinkConditions(loss=0.0)).run(NUMBERS) == NUMBERS


def test_duplication() -> None:
    wire = Wire(LinkConditions(duplication=0.2))
    came = wire.run(NUMBERS)
    assert sorted(set(came)) == NUMBERS
    assert len(came) == 1000 + wire.network.counters.duplicated
    assert 140 < wire.network.counters.duplicated < 260


def test_jitter_varies_the_delay_but_not_the_order() -> None:
    wire = Wire(LinkConditions(latency=0.1, jitter=0.05))
    assert wire.run(NUMBERS, interval=0.001) == NUMBERS
    delays = [when - 0.001 * number for number, (when, _) in enumerate(wire.arrivals)]
    assert min(delays) >= 0.1
    assert max(delays) <= 0.15 + 1e-9
    assert max(delays) - min(delays) > 0.03


def test_reordering_lets_others_overtake() -> None:
    wire = Wire(LinkConditions(latency=0.1, reordering=0.1, reordering_delay=0.05))
    came = wire.run(NUMBERS, interval=0.01)
    assert came != NUMBERS
    assert sorted(came) == NUMBERS
    late = [when - 0.01 * int.from_bytes(payload, "big") for when, payload in wire.arrivals]
    assert sum(delay > 0.14 for delay in late) == wire.network.counters.reordered > 50


def test_bandwidth_spaces_datagrams_out() -> None:
    wire = Wire(LinkConditions(latency=0.0, bandwidth=80_000))
    wire.run([bytes(972)] * 3)
    assert [when for when, _ in wire.arrivals] == pytest.approx([0.1, 0.2, 0.3])


def test_a_full_queue_drops_the_tail_and_drains_with_time() -> None:
    wire = Wire(LinkConditions(latency=0.0, bandwidth=80_000, queue=3000))
    came = wire.run([bytes([number]) * 972 for number in range(10)])
    assert [payload[0] for payload in came] == [0, 1, 2]
    assert wire.network.counters.queue_full == 7
    wire.arrivals.clear()
    assert len(wire.run([bytes(972)] * 2)) == 2


def test_an_idle_link_takes_a_datagram_larger_than_its_queue() -> None:
    assert len(Wire(LinkConditions(bandwidth=8000, queue=0)).run([bytes(1000)])) == 1


@pytest.mark.parametrize(("v6", "largest"), [(False, 1252), (True, 1232)])
def test_the_mtu_counts_headers_of_the_family(v6: bool, largest: int) -> None:
    wire = Wire(LinkConditions(mtu=1280), v6=v6)
    assert wire.run([bytes(largest), bytes(largest + 1)]) == [bytes(largest)]
    assert wire.network.counters.too_large == 1


def test_conditions_can_change_in_mid_flight_and_differ_by_direction() -> None:
    wire = Wire(LinkConditions(latency=0.1))
    wire.send(b"before")
    wire.network.set_link(wire.left, wire.right, LinkConditions(loss=1.0), one_way=True)
    assert wire.run([b"after"]) == [b"before"]
    assert wire.network.link(wire.left, wire.right).counters.lost == 1
    wire.receiver.sendto(b"back", wire.sender.local)
    wire.network.clock.advance(wire.network.now + 1)
    assert wire.sender.recvfrom(100)[0] == b"back"
    wire.network.set_conditions(LinkConditions())
    assert wire.run([b"again"]) == [b"before", b"again"]


def test_one_condition_does_not_shift_the_luck_of_another() -> None:
    plain = Wire(LinkConditions(loss=0.3)).run(NUMBERS)
    jittery = Wire(LinkConditions(loss=0.3, jitter=0.01, duplication=0.1)).run(NUMBERS)
    assert list(dict.fromkeys(jittery)) == plain


@pytest.mark.parametrize(
    "wrong",
    [
        {"loss": 1.1}, {"duplication": -0.1}, {"reordering": 2}, {"latency": -1},
        {"jitter": -0.1}, {"bandwidth": 0}, {"queue": -1}, {"mtu": 20}, {"latency": float("nan")},
    ],
)  # fmt: skip
def test_impossible_conditions_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ArgumentError, match=next(iter(wrong))):
        LinkConditions(**wrong)  # type: ignore[arg-type]
