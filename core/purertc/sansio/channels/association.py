"""What data channels need of an SCTP association."""

from collections.abc import Sequence
from typing import Protocol

from purertc.sansio.sctp.events import AssociationState, SctpEvent

__all__ = ["Association"]


class Association(Protocol):
    """The part of SctpAssociation that carries messages on streams."""

    inbox: list[tuple[int, int, bytes]]
    """Complete messages: stream, payload protocol identifier, payload."""

    @property
    def state(self) -> AssociationState:
        """The state of RFC 9260 section 4."""

    @property
    def outbound_streams(self) -> int:
        """How many streams may be sent on; final once the association is established."""

    def send(
        self,
        stream: int,
        ppid: int,
        data: bytes,
        now: float,
        *,
        ordered: bool = True,
        max_retransmits: int | None = None,
        lifetime: float | None = None,
    ) -> None:
        """Queue a message; ``lifetime`` is in seconds."""

    def consumed(self, size: int, now: float) -> None:
        """Take note that so many bytes of the inbox are no longer held for the application."""

    def take_released(self) -> dict[int, int]:
        """Return per stream the bytes sent for the first time, or given up, since the last call."""

    def reset_streams(self, streams: Sequence[int], now: float) -> None:
        """Reset outgoing streams once all that is queued on them is sent (RFC 6525)."""

    def next_event(self) -> SctpEvent | None:
        """Take the next event, or None."""
