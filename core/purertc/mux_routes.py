"""Which connection a datagram belongs to, on a socket that many of them share.

A connection has the addresses that it sends STUN requests to, and those from which a request
with its user name came (RFC 8445 section 7.3), unless another living connection has them. Answers
go to who asked, by the transaction. An address that answered a request in the last 30 seconds
cannot be taken by another connection: the transaction id, which nobody can guess who does not see
the request, has proven that it belongs to this one, and consent (RFC 7675) renews it.
"""

import math
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from purertc.errors import BadPacket
from purertc.sansio.types import Address, Datagram
from purertc.wire.stun import Attribute, StunMessage

__all__ = ["FlowOwner", "Flows", "MuxRoutes"]

_FIRST_NON_STUN = 4
"""RFC 7983 section 7."""

_HEADER_SIZE = 20
_IS_RESPONSE = 0x01
"""In the first byte of a message type (RFC 8489 section 5)."""
_IS_ERROR_OR_INDICATION = 0x10
"""In the second byte."""

_MAX_SOURCES = 512
_MAX_REQUESTS = 256
_CONSENT_EXPIRES = 30.0
_NEVER = -math.inf


class Flows:
    """What one connection has in the tables of one socket."""

    __slots__ = ("requests", "sources")

    def __init__(self) -> None:
        self.sources: dict[Address, float] = {}
        """When the latest answer to a request came from each address; the one used least recently
        is the first."""
        self.requests: dict[bytes, Address] = {}
        """Where each request went, by its transaction id; the oldest is the first."""


class FlowOwner(Protocol):
    """A connection, as far as it matters here."""

    @property
    def flows(self) -> Flows:
        """What it has in the tables."""


OwnerT = TypeVar("OwnerT", bound=FlowOwner)


class MuxRoutes(Generic[OwnerT]):
    """The tables of one socket. Each connection has a bounded part of them.

    ``find`` returns the connection that has a local user name fragment.
    """

    def __init__(self, find: Callable[[str], OwnerT | None], now: Callable[[], float]) -> None:
        self._find = find
        self._now = now
        self._by_source: dict[Address, OwnerT] = {}
        self._by_transaction: dict[bytes, OwnerT] = {}
        self.refused = 0
        """Requests to one connection from an address that belongs to another one."""

    @property
    def size(self) -> int:
        """The number of entries."""
        return len(self._by_source) + len(self._by_transaction)

    def owner_of(self, datagram: Datagram) -> OwnerT | None:
        """Return the connection that is to receive a datagram, or a run of them."""
        payload = datagram.payload
        owner = self._by_source.get(datagram.source)
        if not payload or payload[0] >= _FIRST_NON_STUN:
            return owner
        if datagram.segment_size:
            payload = payload[: datagram.segment_size]
        if len(payload) < _HEADER_SIZE:
            return None
        if payload[0] & _IS_RESPONSE:
            return self._owner_of_response(payload, datagram.source, owner)
        if payload[1] & _IS_ERROR_OR_INDICATION:
            return owner
        return self._owner_of_request(payload, datagram.source, owner)

    def sent(self, owner: OwnerT, payload: bytes, destination: Address) -> None:
        """Learn from a STUN message that a connection sends."""
        if len(payload) < _HEADER_SIZE or payload[0] & _IS_RESPONSE:
            return
        if payload[1] & _IS_ERROR_OR_INDICATION:
            return
        self._remember_request(owner, payload[8:_HEADER_SIZE], destination)
        holder = self._by_source.get(destination)
        if holder is None:
            self._assign(owner, destination)
        elif holder is owner:
            sources = owner.flows.sources
            sources[destination] = sources.pop(destination)

    def forget(self, owner: OwnerT) -> None:
        """Drop all entries of a connection."""
        for source in owner.flows.sources:
            del self._by_source[source]
        for transaction in owner.flows.requests:
            del self._by_transaction[transaction]
        owner.flows.sources.clear()
        owner.flows.requests.clear()

    def _owner_of_response(
        self, payload: bytes, source: Address, holder: OwnerT | None
    ) -> OwnerT | None:
        transaction = payload[8:_HEADER_SIZE]
        asker = self._by_transaction.get(transaction)
        if asker is None or asker.flows.requests[transaction] != source:
            return holder
        if not payload[1] & _IS_ERROR_OR_INDICATION:
            self._confirm(asker, source, holder)
        return asker

    def _owner_of_request(
        self, payload: bytes, source: Address, holder: OwnerT | None
    ) -> OwnerT | None:
        fragment = _local_fragment(payload)
        called = None if fragment is None else self._find(fragment)
        if called is None or called is holder:
            return holder
        if holder is not None and self._is_confirmed(holder, source):
            self.refused += 1
            return None
        self._assign(called, source)
        return called

    def _confirm(self, asker: OwnerT, source: Address, holder: OwnerT | None) -> None:
        if holder is not asker:
            if holder is not None and self._is_confirmed(holder, source):
                return
            if not self._assign(asker, source):
                return
        asker.flows.sources[source] = self._now()

    def _is_confirmed(self, holder: OwnerT, source: Address) -> bool:
        return self._now() - holder.flows.sources[source] < _CONSENT_EXPIRES

    def _assign(self, owner: OwnerT, source: Address) -> bool:
        """Give an address to a connection; False when it has enough that it needs."""
        sources = owner.flows.sources
        if len(sources) >= _MAX_SOURCES and not self._evict_one(owner):
            return False
        holder = self._by_source.get(source)
        if holder is not None:
            del holder.flows.sources[source]
        self._by_source[source] = owner
        sources[source] = _NEVER
        return True

    def _evict_one(self, owner: OwnerT) -> bool:
        for source in owner.flows.sources:
            if not self._is_confirmed(owner, source):
                del owner.flows.sources[source], self._by_source[source]
                return True
        return False

    def _remember_request(self, owner: OwnerT, transaction: bytes, destination: Address) -> None:
        holder = self._by_transaction.get(transaction)
        if holder is not None and holder is not owner:
            return
        requests = owner.flows.requests
        if holder is None and len(requests) >= _MAX_REQUESTS:
            oldest = next(iter(requests))
            del requests[oldest], self._by_transaction[oldest]
        requests[transaction] = destination
        self._by_transaction[transaction] = owner


def _local_fragment(payload: bytes) -> str | None:
    """Return what a request says before the colon: the receiver's fragment (RFC 8445 s. 7.2.2)."""
    try:
        name = StunMessage.parse(payload).text(Attribute.USERNAME)
    except BadPacket:
        return None
    return None if name is None else name.partition(":")[0]
