"""The record of sent chunks agrees with a simple model."""

from hypothesis import given
from hypothesis import strategies as st

from purertc.sansio.sctp.outstanding import Outstanding


def filled(sizes: list[int], base: int = 100) -> Outstanding:
    outstanding = Outstanding(base)
    chunks = [bytes(16 + size) for size in sizes]
    outstanding.extend(chunks, sizes, list(range(1, len(sizes) + 1)))
    outstanding.serial = len(sizes)
    return outstanding


@given(
    st.lists(st.integers(1, 50), min_size=1, max_size=30),
    st.lists(
        st.tuples(
            st.integers(0, 30),
            st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=4),
        ),
        max_size=6,
    ),
)
def test_bytes_in_flight_match_the_model(
    sizes: list[int], sacks: list[tuple[int, list[tuple[int, int]]]]
) -> None:
    outstanding = filled(sizes)
    acknowledged: set[int] = set()
    cumulative = 99
    for step, gaps in sacks:
        target = min(cumulative + step, 99 + len(sizes))
        newly = 0
        if target > cumulative:
            newly += outstanding.acknowledge(target)
            cumulative = target
        newly += outstanding.acknowledge_gaps(gaps)
        held = set(range(100, cumulative + 1))
        for start, last in gaps:
            for offset in range(max(start, 1), last + 1):
                if cumulative + offset < 100 + len(sizes):
                    held.add(cumulative + offset)
        fresh = sum(sizes[tsn - 100] for tsn in held - acknowledged)
        assert newly == fresh
        acknowledged = held
        assert outstanding.in_flight == sum(sizes) - sum(sizes[tsn - 100] for tsn in held)
        assert len(outstanding) == len(sizes) - (cumulative - 99)


def test_three_later_packets_prove_a_loss() -> None:
    outstanding = filled([10] * 6)
    outstanding.acknowledge_gaps([(2, 3)])
    assert outstanding.find_lost() == []
    outstanding.acknowledge_gaps([(2, 4)])
    assert outstanding.find_lost() == [100]
    assert outstanding.lost == 1
    assert outstanding.in_flight == 20
    assert outstanding.find_lost() == []


def test_a_lost_retransmission_is_found_by_later_packets() -> None:
    outstanding = filled([10] * 4)
    outstanding.acknowledge_gaps([(2, 4)])
    outstanding.find_lost()
    assert len(outstanding.resend(100, 1.0)) == 1
    outstanding.extend([b"x"] * 3, [1] * 3, [6, 7, 8])
    outstanding.acknowledge_gaps([(2, 6)])
    assert outstanding.find_lost() == []
    outstanding.acknowledge_gaps([(2, 7)])
    assert outstanding.find_lost() == [100]
    assert outstanding.retransmissions == {100: 1}


def test_resending_fills_the_packet_with_the_oldest() -> None:
    outstanding = filled([10, 20, 30])
    outstanding.lose_all()
    assert [len(chunk) for chunk in outstanding.resend(70, 1.0)] == [26, 36]
    assert (outstanding.in_flight, outstanding.lost) == (30, 1)


def test_abandoned_chunks_leave_the_flight_and_can_be_acknowledged() -> None:
    outstanding = filled([10] * 5)
    outstanding.acknowledge_gaps([(2, 2)])
    outstanding.abandon(100, 102)
    assert outstanding.in_flight == 20
    assert list(outstanding.leading()) == [(100, True), (101, True), (102, True)]
    assert outstanding.acknowledge(103) == 10
    assert (outstanding.abandoned, outstanding.in_flight) == (0, 10)
