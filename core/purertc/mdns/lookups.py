"""The names that this side asks for, without I/O: when to ask again, and what an answer is."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field

from purertc.mdns.names import Labels
from purertc.mdns.records import HostRecord

__all__ = ["Lookup", "Lookups"]

_REPEATS = (0.25, 0.75, 1.0)
"""Seconds from one query to the next (RFC 6762 section 5.2); then they double."""

_MAX_LOOKUPS = 64
_MAX_ADDRESSES = 8


@dataclass(slots=True, eq=False)
class Lookup:
    """One who waits for the addresses of a name until ``deadline``."""

    name: str
    deadline: float
    addresses: list[str] = field(default_factory=list)
    done: bool = False


@dataclass(slots=True, eq=False)
class _Question:
    next_query: float
    queries: int = 0
    waiting: list[Lookup] = field(default_factory=list)


class Lookups:
    """All lookups under way. Those of one name share its queries."""

    def __init__(self) -> None:
        self.labels = Labels()
        self._questions: dict[str, _Question] = {}

    def __bool__(self) -> bool:
        return bool(self._questions)

    def start(self, lookup: Lookup, now: float) -> bool:
        """Begin to ask; False when too many names are asked for."""
        question = self._questions.get(lookup.name)
        if question is None:
            if len(self._questions) >= _MAX_LOOKUPS:
                return False
            question = self._questions[lookup.name] = _Question(next_query=now)
            self.labels.add(lookup.name)
        question.waiting.append(lookup)
        return True

    def stop(self, lookup: Lookup) -> None:
        """Forget one who waits, whether it has its answer or not."""
        question = self._questions.get(lookup.name)
        if question is None:
            return
        if lookup in question.waiting:
            question.waiting.remove(lookup)
        if not question.waiting:
            self._forget(lookup.name)

    def answer(self, records: Iterable[HostRecord]) -> list[Lookup]:
        """Give the records to those who wait; return the lookups that are done by it."""
        found: dict[str, list[str]] = {}
        for record in records:
            if record.ttl and record.name in self._questions and _is_unicast(record.host):
                found.setdefault(record.name, []).append(record.host)
        done: list[Lookup] = []
        for name, hosts in found.items():
            for lookup in self._forget(name).waiting:
                lookup.addresses = list(dict.fromkeys(hosts))[:_MAX_ADDRESSES]
                lookup.done = True
                done.append(lookup)
        return done

    def expire(self, now: float) -> list[Lookup]:
        """Return the lookups whose time is up."""
        late = [
            lookup
            for question in self._questions.values()
            for lookup in question.waiting
            if lookup.deadline <= now
        ]
        for lookup in late:
            lookup.done = True
            self.stop(lookup)
        return late

    def due(self, now: float) -> list[str]:
        """Return the names to send a query for, and note that it was sent."""
        names: list[str] = []
        for name, question in self._questions.items():
            if question.next_query <= now:
                names.append(name)
                question.next_query = now + _interval(question.queries)
                question.queries += 1
        return names

    def next_deadline(self) -> float | None:
        """Return when :meth:`expire` and :meth:`due` have something to do."""
        times = [question.next_query for question in self._questions.values()]
        times += [each.deadline for one in self._questions.values() for each in one.waiting]
        return min(times, default=None)

    def _forget(self, name: str) -> _Question:
        self.labels.discard(name)
        return self._questions.pop(name)


def _interval(queries: int) -> float:
    if queries < len(_REPEATS):
        return _REPEATS[queries]
    return _REPEATS[-1] * 2.0 ** (queries - len(_REPEATS) + 1)


def _is_unicast(host: str) -> bool:
    address = ipaddress.ip_address(host)
    return not (address.is_multicast or address.is_unspecified or address.is_reserved)
