"""One question to a STUN server: which address do you see me at? (RFC 8489 section 6)."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from purertc.errors import BadPacket
from purertc.sansio.entropy import Entropy
from purertc.sansio.types import Address
from purertc.wire.address import split_scope
from purertc.wire.stun import BINDING, MessageClass, StunMessage

__all__ = [
    "MappedAddress",
    "StunQuery",
    "StunRefusal",
    "binding_indication",
    "is_possible",
    "transaction_of",
]

_FIRST_WAIT: Final = 0.25
_TRANSACTION_ID: Final = slice(8, 20)


@dataclass(frozen=True, slots=True)
class MappedAddress:
    """The server's answer: the address it saw."""

    address: Address


@dataclass(frozen=True, slots=True)
class StunRefusal:
    """The server's answer: an error code of RFC 8489 section 14.8 and its reason."""

    code: int
    reason: str


class StunQuery:
    """A Binding request, sent again after 0.25, 0.75, 1.75 … s until ``deadline``.

    The waits double, from less than the 500 ms of RFC 8489 section 6.2.1: a server is near or
    silent, and a lost packet should not cost more.
    """

    __slots__ = ("_next", "_wait", "datagram", "deadline", "transaction_id")

    def __init__(self, now: float, deadline: float, entropy: Entropy) -> None:
        self.transaction_id = entropy(12)
        self.datagram = StunMessage(MessageClass.REQUEST, self.transaction_id).to_bytes()
        self.deadline = deadline
        self._wait = _FIRST_WAIT
        self._next = now

    def is_due(self, now: float) -> bool:
        """Return whether the request is to be sent now, and count on it."""
        if now < self._next or self.expired(now):
            return False
        self._next = now + self._wait
        self._wait *= 2
        return True

    def expired(self, now: float) -> bool:
        """Whether the time for an answer is over."""
        return now >= self.deadline

    def next_deadline(self) -> float:
        """Return when something is due: the next repetition or the end."""
        return min(self._next, self.deadline)

    def read(self, data: bytes) -> MappedAddress | StunRefusal:
        """Return what the answer says. Raises BadPacket when it is none, or makes no sense."""
        message = StunMessage.parse(data)
        if message.transaction_id != self.transaction_id or message.method != BINDING:
            raise BadPacket("an answer to another question")
        if message.message_class is MessageClass.ERROR:
            error = message.error_code()
            if error is None:
                raise BadPacket("an error response without ERROR-CODE")
            return StunRefusal(*error)
        mapped = message.mapped_address()
        if message.message_class is not MessageClass.SUCCESS or mapped is None:
            raise BadPacket("no answer with a mapped address")
        return MappedAddress(mapped)


def transaction_of(data: bytes) -> bytes:
    """Return the transaction id a message claims to have; shorter when it is no STUN message."""
    return data[_TRANSACTION_ID]


def is_possible(mapped: Address, base: Address) -> bool:
    """Whether a socket at ``base`` can be seen at ``mapped`` by a server that tells the truth."""
    host = ip_address(mapped[0])
    local = ip_address(split_scope(base[0])[0])
    return (
        mapped[1] != 0
        and host.version == local.version
        and not host.is_unspecified
        and not host.is_multicast
    )


def binding_indication(entropy: Entropy) -> bytes:
    """Return a message that keeps a NAT binding alive unanswered (RFC 8445 section 11)."""
    return StunMessage(MessageClass.INDICATION, entropy(12)).to_bytes()
