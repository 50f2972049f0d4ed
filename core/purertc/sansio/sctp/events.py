"""States of an association and what it tells its owner."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "AssociationClosed",
    "AssociationEstablished",
    "AssociationRestarted",
    "AssociationState",
    "OutgoingResetDone",
    "SctpEvent",
    "StreamsReset",
]


class AssociationState(StrEnum):
    """States of RFC 9260 section 4."""

    CLOSED = "closed"
    COOKIE_WAIT = "cookie-wait"
    COOKIE_ECHOED = "cookie-echoed"
    ESTABLISHED = "established"
    SHUTDOWN_PENDING = "shutdown-pending"
    SHUTDOWN_SENT = "shutdown-sent"
    SHUTDOWN_RECEIVED = "shutdown-received"
    SHUTDOWN_ACK_SENT = "shutdown-ack-sent"


@dataclass(frozen=True, slots=True)
class AssociationEstablished:
    """Both sides may send (COMMUNICATION UP, RFC 9260 section 11.2)."""


@dataclass(frozen=True, slots=True)
class AssociationRestarted:
    """The peer lost its state and began anew (RESTART, RFC 9260 sections 5.2.4 and 11.2).

    Messages that were queued or not acknowledged are lost, and all streams start over. The
    first ``earlier_messages`` in the inbox arrived before.
    """

    earlier_messages: int = 0


@dataclass(frozen=True, slots=True)
class StreamsReset:
    """The peer has reset its outgoing streams, our incoming ones (RFC 6525 section 6.3.1).

    No streams means all of them.
    """

    streams: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OutgoingResetDone:
    """The peer has answered our reset of these outgoing streams; they may be used again."""

    streams: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AssociationClosed:
    """The association is over; ``aborted`` unless both sides had shut it down in order."""

    reason: str
    aborted: bool


SctpEvent = (
    AssociationEstablished
    | AssociationRestarted
    | StreamsReset
    | OutgoingResetDone
    | AssociationClosed
)
