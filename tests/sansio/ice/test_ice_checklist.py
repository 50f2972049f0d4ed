"""The order of checks, freezing, and room for pairs (RFC 8445 section 6.1.2)."""

from purertc.sansio.ice.candidates import LocalBase, RemoteCandidate, pair_priority
from purertc.sansio.ice.checklist import CandidatePair, Checklist, PairState
from purertc.sansio.types import Address
from purertc.wire.candidate import Candidate

LOCAL = LocalBase.udp(("192.0.2.1", 5000), 0, "us")


def remote(port: int, priority: int, foundation: str = "1") -> RemoteCandidate:
    candidate = Candidate(foundation, 1, "udp", priority, "192.0.2.2", port, "host")
    known = RemoteCandidate.signalled(candidate)
    assert known is not None
    return known


def add(checklist: Checklist, port: int, priority: int, foundation: str = "1") -> CandidatePair:
    pair = checklist.add(LOCAL, remote(port, priority, foundation))
    assert pair is not None
    return pair


def test_pair_priority() -> None:
    assert pair_priority(1, 2) == (1 << 32) + 4
    assert pair_priority(2, 1) == (1 << 32) + 5
    assert pair_priority(2, 2) == (2 << 32) + 4


def test_best_pair_is_checked_first() -> None:
    checklist = Checklist(controlling=True, limit=10)
    for port, priority in ((1, 5), (2, 9), (3, 7)):
        add(checklist, port, priority, str(port))

    order = []
    while (pair := checklist.next_ordinary()) is not None:
        pair.state = PairState.IN_PROGRESS
        order.append(pair.remote.address[1])

    assert order == [2, 3, 1]


def test_pairs_of_one_foundation_wait_for_the_first() -> None:
    checklist = Checklist(controlling=True, limit=10)
    first, second, third = (add(checklist, port, 10 - port) for port in (1, 2, 3))
    assert [pair.state for pair in checklist.pairs] == ["waiting", "frozen", "frozen"]

    first.state = PairState.IN_PROGRESS
    assert checklist.next_ordinary() is None
    checklist.failed(first)
    assert checklist.next_ordinary() is second
    second.state = PairState.IN_PROGRESS
    checklist.succeeded(second)

    assert third.state is PairState.WAITING
    assert add(checklist, 4, 1).state is PairState.WAITING


def test_triggered_check_is_queued_once_and_not_when_it_is_moot() -> None:
    checklist = Checklist(controlling=False, limit=10)
    pair, other = add(checklist, 1, 1, "1"), add(checklist, 2, 2, "2")

    for _ in range(3):
        checklist.trigger(pair)
    checklist.trigger(other)
    checklist.succeeded(other)

    assert list(checklist.take_triggered()) == [pair]
    assert list(checklist.take_triggered()) == []


def test_removed_pair_leaves_no_trace() -> None:
    checklist = Checklist(controlling=False, limit=10)
    pair = add(checklist, 1, 1)
    checklist.succeeded(pair)
    checklist.trigger(pair)

    checklist.remove([pair])

    assert checklist.find(*pair.key) is None
    assert checklist.validated == {}
    assert list(checklist.take_triggered()) == []
    assert checklist.pairs == []


def test_full_list_makes_room_for_better_unchecked_pairs_only() -> None:
    checklist = Checklist(controlling=True, limit=2)
    low, high = add(checklist, 1, 10, "1"), add(checklist, 2, 20, "2")

    assert checklist.add(LOCAL, remote(3, 5, "3")) is None
    better = checklist.add(LOCAL, remote(4, 30, "4"))
    assert better is not None
    assert checklist.pairs == [better, high]
    assert checklist.find(*low.key) is None
    for pair in checklist.pairs:
        pair.state = PairState.IN_PROGRESS

    assert checklist.add(LOCAL, remote(5, 40, "5")) is None


def test_pair_is_found_by_the_addresses_of_a_datagram() -> None:
    checklist = Checklist(controlling=True, limit=2)
    pair = add(checklist, 1, 10)
    source: Address = ("192.0.2.2", 1)

    assert checklist.find(source, LOCAL.address) is pair
    assert checklist.find(source, ("192.0.2.1", 5001)) is None
    assert checklist.add(LOCAL, remote(1, 99)) is pair


def test_role_change_reorders() -> None:
    checklist = Checklist(controlling=True, limit=10)
    pair = add(checklist, 1, 1)
    controlling = pair.priority

    checklist.reprioritise(controlling=False)

    assert controlling % 2 == 1
    assert pair.priority % 2 == 0
