"""When a name is asked for, and which answers count."""

import pytest

from purertc.mdns.lookups import Lookup, Lookups
from purertc.mdns.records import HostRecord

NAME, OTHER = "one.local", "two.local"


def started(lookups: Lookups, name: str = NAME, timeout: float = 30.0, now: float = 0.0) -> Lookup:
    lookup = Lookup(name, now + timeout)
    assert lookups.start(lookup, now)
    return lookup


def test_queries_are_repeated_less_and_less_often() -> None:
    lookups = Lookups()
    started(lookups)
    times = []
    now: float | None = 0.0
    while now is not None and now < 20.0:
        if lookups.due(now):
            times.append(now)
        now = lookups.next_deadline()
    assert times == [0.0, 0.25, 1.0, 2.0, 4.0, 8.0, 16.0]


def test_lookups_of_one_name_share_its_queries() -> None:
    lookups = Lookups()
    both = [started(lookups), started(lookups)]
    assert lookups.due(0.0) == [NAME]
    assert lookups.answer([HostRecord(NAME, "192.0.2.1", 120)]) == both
    assert [each.addresses for each in both] == [["192.0.2.1"]] * 2
    assert not lookups


@pytest.mark.parametrize(
    "record",
    [
        HostRecord(OTHER, "192.0.2.1", 120),
        HostRecord(NAME, "192.0.2.1", 0),
        HostRecord(NAME, "224.0.0.251", 120),
        HostRecord(NAME, "0.0.0.0", 120),
        HostRecord(NAME, "255.255.255.255", 120),
        HostRecord(NAME, "::", 120),
        HostRecord(NAME, "ff02::fb", 120),
    ],
)
def test_other_names_goodbyes_and_groups_are_no_answers(record: HostRecord) -> None:
    lookups = Lookups()
    started(lookups)
    assert lookups.answer([record]) == []
    assert lookups


def test_an_answer_has_each_address_once_and_a_few_at_most() -> None:
    lookups = Lookups()
    lookup = started(lookups)
    records = [HostRecord(NAME, f"192.0.2.{n}", 120) for n in range(1, 30)]
    lookups.answer([records[0], *records])
    assert lookup.addresses == [f"192.0.2.{n}" for n in range(1, 9)]


def test_each_lookup_has_its_own_deadline() -> None:
    lookups = Lookups()
    short, long = started(lookups, timeout=1.0), started(lookups, timeout=5.0)
    lookups.due(0.9)
    assert lookups.next_deadline() == 1.0
    assert lookups.expire(1.0) == [short]
    assert lookups.expire(5.0) == [long]
    assert lookups.next_deadline() is None


def test_one_that_stops_leaves_the_others_alone() -> None:
    lookups = Lookups()
    gone, stays = started(lookups), started(lookups)
    lookups.stop(gone)
    lookups.stop(gone)
    assert lookups.answer([HostRecord(NAME, "192.0.2.1", 120)]) == [stays]
    lookups.stop(stays)


def test_there_is_a_limit_to_the_names() -> None:
    lookups = Lookups()
    names = [f"n{n}.local" for n in range(100)]
    begun = [lookups.start(Lookup(name, 9.0), 0.0) for name in names]
    assert begun.count(True) == 64
    assert lookups.start(Lookup(names[0], 9.0), 0.0)
