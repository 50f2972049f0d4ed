"""Gap blocks agree with a set of TSNs."""

from hypothesis import given
from hypothesis import strategies as st

from purertc.sansio.sctp.gaps import GapBlocks


def blocks_of(tsns: set[int], cumulative: int) -> list[tuple[int, int]]:
    blocks: list[tuple[int, int]] = []
    for tsn in sorted(tsns):
        offset = tsn - cumulative
        if blocks and blocks[-1][1] == offset - 1:
            blocks[-1] = (blocks[-1][0], offset)
        else:
            blocks.append((offset, offset))
    return blocks


@given(st.lists(st.integers(11, 50), max_size=40))
def test_blocks(tsns: list[int]) -> None:
    gaps, seen = GapBlocks(), set[int]()
    for tsn in tsns:
        assert gaps.add(tsn) is (tsn not in seen)
        seen.add(tsn)
        assert gaps.blocks(9, 100) == blocks_of(seen, 9)
        assert gaps.highest() == max(seen)


@given(st.sets(st.integers(11, 40)), st.integers(10, 45))
def test_advance(tsns: set[int], expected: int) -> None:
    gaps = GapBlocks()
    for tsn in tsns:
        gaps.add(tsn)
    following = expected
    while following in tsns:
        following += 1
    assert gaps.advance(expected) == following
    assert gaps.blocks(0, 100) == blocks_of({tsn for tsn in tsns if tsn > following}, 0)
    assert bool(gaps) is any(tsn > following for tsn in tsns)


def test_the_number_of_blocks_is_limited() -> None:
    gaps = GapBlocks()
    for tsn in range(2, 100, 2):
        gaps.add(tsn)
    assert gaps.blocks(0, 3) == [(2, 2), (4, 4), (6, 6)]
