"""The names that this side answers for, without I/O (RFC 6762 sections 6, 8 and 10)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from purertc.mdns.names import Labels
from purertc.mdns.records import HostRecord, Link, MdnsMessage, Question
from purertc.sansio.types import Address

__all__ = ["Reply", "Responder"]

_TTL = 120
"""Seconds; RFC 6762 section 10 recommends it for records with a host name."""

_LEGACY_TTL = 10
_ANNOUNCEMENTS = 2
_ANNOUNCEMENT_INTERVAL = 1.0
_RESPONSE_INTERVAL = 1.0
_MDNS_PORT = 5353

_Host = tuple[str, int | None]
"""A numeric address, and the interface where alone it means something if it is link-local."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Records to multicast on ``link``, on all links of an ``interface``, or on all there are.

    With ``destination`` it goes there alone; ``legacy`` is the query of an ordinary resolver,
    which its answer repeats.
    """

    records: tuple[HostRecord, ...]
    link: Link | None = None
    interface: int | None = None
    destination: Address | None = None
    legacy: MdnsMessage | None = None


@dataclass(slots=True, eq=False)
class _Name:
    """``hosts`` counts who announced each address.

    ``responses`` has the time of the last multicast response on each link, ``delayed`` when the
    next one may go out where one is owed.
    """

    hosts: dict[_Host, int] = field(default_factory=dict)
    announcements: int = 0
    announced: float = 0.0
    responses: dict[Link, float] = field(default_factory=dict)
    delayed: dict[Link, float] = field(default_factory=dict)

    @property
    def next_announcement(self) -> float | None:
        if self.announcements >= _ANNOUNCEMENTS:
            return None
        return self.announced + (_ANNOUNCEMENT_INTERVAL if self.announcements else 0.0)


class Responder:
    """Announces names, answers for them and says goodbye.

    Names are not probed for: nobody else makes up the same random one.
    """

    def __init__(self) -> None:
        self.labels = Labels()
        self._names: dict[str, _Name] = {}

    def __bool__(self) -> bool:
        return bool(self._names)

    def add(self, name: str, host: str, interface: int | None, now: float) -> None:
        """Answer ``name`` with ``host``, a numeric address without scope."""
        entry = self._names.setdefault(name, _Name())
        self.labels.add(name)
        entry.hosts[host, interface] = entry.hosts.get((host, interface), 0) + 1
        entry.announcements = 0
        entry.announced = now

    def remove(self, name: str, host: str, interface: int | None) -> list[Reply]:
        """Undo one :meth:`add`; after the last one the goodbye is returned."""
        entry = self._names.get(name)
        count = entry.hosts.get((host, interface)) if entry is not None else None
        if entry is None or count is None:
            return []
        if count > 1:
            entry.hosts[host, interface] = count - 1
            return []
        del entry.hosts[host, interface]
        if not entry.hosts:
            del self._names[name]
            self.labels.discard(name)
        return [Reply((HostRecord(name, host, 0),), interface=interface)]

    def answer(self, query: MdnsMessage, source: Address, link: Link, now: float) -> list[Reply]:
        """Return what to send at once; the rest is due later (RFC 6762 section 6)."""
        questions = [each for each in query.questions if each.name in self._names]
        if source[1] != _MDNS_PORT:
            answers = tuple(self._records(questions, link, _LEGACY_TTL))
            return [Reply(answers, link, None, source, query)] if answers else []
        known = {(each.name, each.host) for each in query.records if each.ttl >= _TTL // 2}
        unicast: list[HostRecord] = []
        multicast: list[HostRecord] = []
        for name in dict.fromkeys(question.name for question in questions):
            asked = [each for each in questions if each.name == name]
            records = [
                each
                for each in self._records(asked, link, _TTL)
                if (each.name, each.host) not in known
            ]
            if not records:
                continue
            if all(each.unicast for each in asked) and self._is_fresh(name, link, now):
                unicast += records
            elif self._may_respond(name, link, now):
                multicast += records
        replies = [Reply(tuple(unicast), link, destination=source)] if unicast else []
        return replies + ([Reply(tuple(multicast), link)] if multicast else [])

    def due(self, now: float) -> list[Reply]:
        """Return the announcements and delayed responses to send now."""
        replies: list[Reply] = []
        for name, entry in self._names.items():
            at = entry.next_announcement
            if at is not None and at <= now:
                entry.announcements += 1
                entry.announced = now
                replies += [
                    Reply((HostRecord(name, host, _TTL),), interface=interface)
                    for host, interface in entry.hosts
                ]
            for link in [link for link, due in entry.delayed.items() if due <= now]:
                del entry.delayed[link]
                entry.responses[link] = now
                replies.append(Reply(tuple(_records_on(link, name, entry, _TTL)), link))
        return replies

    def next_deadline(self) -> float | None:
        """Return when :meth:`due` has something to send."""
        times = [at for entry in self._names.values() for at in entry.delayed.values()]
        times += [
            at for entry in self._names.values() if (at := entry.next_announcement) is not None
        ]
        return min(times, default=None)

    def _records(
        self, questions: Iterable[Question], link: Link, ttl: int
    ) -> dict[HostRecord, None]:
        """Return what answers the questions, each record once."""
        return {
            record: None
            for question in questions
            for record in _records_on(link, question.name, self._names[question.name], ttl)
            if (question.v6 if ":" in record.host else question.v4)
        }

    def _is_fresh(self, name: str, link: Link, now: float) -> bool:
        """Whether all who listen heard of the name not long ago (RFC 6762 section 5.4)."""
        entry = self._names[name]
        latest = max(entry.announced, entry.responses.get(link, entry.announced))
        return bool(entry.announcements) and now - latest < _TTL / 4

    def _may_respond(self, name: str, link: Link, now: float) -> bool:
        """Whether the last response is long enough ago; otherwise the next one is delayed."""
        entry = self._names[name]
        last = entry.responses.get(link)
        if last is None or now - last >= _RESPONSE_INTERVAL:
            entry.responses[link] = now
            return True
        entry.delayed.setdefault(link, last + _RESPONSE_INTERVAL)
        return False


def _records_on(link: Link, name: str, entry: _Name, ttl: int) -> Iterator[HostRecord]:
    for host, interface in entry.hosts:
        if interface is None or interface == link.interface:
            yield HostRecord(name, host, ttl)
