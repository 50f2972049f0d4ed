"""What messages of multicast DNS say, as far as host names need it (RFC 6762)."""

from dataclasses import dataclass

__all__ = ["HostRecord", "Link", "MdnsMessage", "Question"]


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks for the addresses of a host. ``name`` is in lower case, without the last dot."""

    name: str
    v4: bool = True
    v6: bool = True
    unicast: bool = False


@dataclass(frozen=True, slots=True)
class HostRecord:
    """An A or AAAA record. ``host`` is numeric; ``ttl`` in seconds, 0 for a goodbye."""

    name: str
    host: str
    ttl: int


@dataclass(frozen=True, slots=True)
class MdnsMessage:
    """A query with the answers its sender knows, or a response."""

    id: int
    is_response: bool
    questions: tuple[Question, ...]
    records: tuple[HostRecord, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """The network on one interface over one IP version. ``interface`` is its index."""

    interface: int
    v6: bool
