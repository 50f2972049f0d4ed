"""One SCTP association (RFC 9260), as data channels use it (RFC 8831 section 6)."""

from collections.abc import Sequence
from typing import Final

from purertc.errors import ArgumentError, InvalidStateError
from purertc.sansio.entropy import Entropy
from purertc.sansio.sctp.config import SctpConfig
from purertc.sansio.sctp.context import AssociationContext
from purertc.sansio.sctp.dispatch import Dispatcher
from purertc.sansio.sctp.events import AssociationState, SctpEvent
from purertc.sansio.sctp.path_mtu import PathMtuState
from purertc.sansio.sctp.reliability import PartialMessage
from purertc.wire.sctp.causes import CauseCode

__all__ = ["SctpAssociation"]

_ESTABLISHED: Final = AssociationState.ESTABLISHED
_OPENING: Final = (
    AssociationState.CLOSED,
    AssociationState.COOKIE_WAIT,
    AssociationState.COOKIE_ECHOED,
)


class SctpAssociation:
    """Reliable and partially reliable messages over an unreliable packet transport.

    The owner feeds packets to :meth:`receive`, calls :meth:`handle_timeout` at
    :meth:`next_deadline`, and after every call sends what :meth:`packets` returns until that
    is nothing, takes :meth:`next_event` until None, and empties ``inbox``.

    ``inbox`` holds complete messages as (stream, ppid, payload). They count against the
    receive window until the owner calls :meth:`consumed`. An association on which
    :meth:`connect` was not called answers a peer that connects.

    All times are seconds of the caller's monotonic clock. Input never raises.
    """

    __slots__ = ("_context", "_machines", "inbox")

    def __init__(self, config: SctpConfig, entropy: Entropy) -> None:
        self.inbox: list[tuple[int, int, bytes]] = []
        self._context = AssociationContext(config)
        self._machines = Dispatcher(self._context, self.inbox, entropy)

    # State

    @property
    def state(self) -> AssociationState:
        """The state of RFC 9260 section 4."""
        return self._context.state

    @property
    def remote_port(self) -> int:
        """The peer's SCTP port (``a=sctp-port``, RFC 8841); settable before the handshake.

        Setting it later raises InvalidStateError.
        """
        return self._context.remote_port

    @remote_port.setter
    def remote_port(self, port: int) -> None:
        if port == self._context.remote_port:
            return
        if self._context.state is not AssociationState.CLOSED or self._context.ended:
            raise InvalidStateError("remote_port cannot change after the handshake has begun")
        if not 0 < port <= 65_535:
            raise ArgumentError(f"{port} is no port number")
        self._context.remote_port = port
        self._context.set_tags(self._machines.handshake.local_tag, None)

    @property
    def outbound_streams(self) -> int:
        """How many streams may be sent on; known for certain once established."""
        return self._machines.handshake.outbound_streams

    # Commands

    def connect(self, now: float) -> None:
        """Begin the handshake; ignored when it has begun already.

        Both sides may call it at once (RFC 9260 section 5.2.1).
        Raises InvalidStateError when the association is over.
        """
        if self._context.ended:
            raise InvalidStateError("the association is closed; make a new one")
        if self._context.state is AssociationState.CLOSED:
            self._machines.handshake.start(now)

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
        """Queue one message; before the association is up it waits.

        ``max_retransmits`` and ``lifetime`` (seconds) limit reliability (RFC 7496); a peer
        without FORWARD-TSN gets the message reliably.

        Raises ArgumentError for an empty message or a stream out of range, InvalidStateError
        when the association is shutting down or closed.
        """
        if not data:
            raise ArgumentError("SCTP cannot carry an empty message")
        context, machines = self._context, self._machines
        if not 0 <= stream < machines.handshake.outbound_streams:
            raise ArgumentError(
                f"stream {stream} does not exist; there are {self.outbound_streams} streams"
            )
        state = context.state
        if state is not _ESTABLISHED and (state not in _OPENING or context.ended):
            raise InvalidStateError(f"the association is {state}; it takes no data")
        partial = None
        if max_retransmits is not None or lifetime is not None:
            expires = None if lifetime is None else now + lifetime
            partial = PartialMessage(max_retransmits, expires)
        machines.sender.queue.push(stream, ppid, data, ordered, partial)

    def consumed(self, size: int, now: float) -> None:  # noqa: ARG002 - as every command
        """Count ``size`` payload bytes as read, which opens the receive window again.

        Raises ArgumentError when fewer bytes were delivered.
        """
        receiver = self._machines.receiver
        if not 0 <= size <= receiver.reassembly.unread:
            raise ArgumentError(
                f"{size} bytes cannot have been read: {receiver.reassembly.unread} are unread"
            )
        receiver.consumed(size)

    def reset_streams(self, streams: Sequence[int], now: float) -> None:  # noqa: ARG002
        """Reset outgoing streams when all that is queued on them was sent (RFC 6525).

        What is sent on them later waits for the end of the reset, told by OutgoingResetDone.
        Raises ArgumentError for a stream out of range.
        """
        for stream in streams:
            if not 0 <= stream < self.outbound_streams:
                raise ArgumentError(f"stream {stream} does not exist")
        if not self._context.ended:
            self._machines.streams.reset(streams)

    def shutdown(self, now: float) -> None:
        """Close in order after everything queued has been acknowledged (RFC 9260 section 9.2)."""
        if not self._context.ended:
            self._machines.shutdown.start(now)

    def abort(self, reason: str = "") -> None:
        """Close at once; an ABORT goes into :meth:`packets` (RFC 9260 section 9.1)."""
        self._machines.abort(CauseCode.USER_INITIATED_ABORT, reason)

    # Input, output, time

    def receive(self, packets: Sequence[bytes], now: float) -> None:
        """Take in packets that arrived together; at most one SACK answers them all."""
        if packets:
            self._machines.receive(packets, now)

    def has_output(self) -> bool:
        """Whether :meth:`packets` may give something; never False when it would."""
        return self._machines.has_output()

    def packets(self, now: float, limit: int = 52) -> list[bytes]:
        """Return up to about ``limit`` packets to send now; call again until it is empty."""
        return self._machines.packets(now, limit)

    # The size of packets (RFC 8899)

    def use_path(self, overhead: int, limit: int) -> None:
        """Begin to search how large packets may be on a path, from ``SctpConfig.mtu`` on.

        IP packets are ``overhead`` bytes longer than those of SCTP. With ``limit`` bytes at most,
        or fewer than the smallest ones have, nothing is searched, as before the first call.
        """
        self._machines.path_mtu.begin(overhead, limit)
        self._machines.sender.adopt_packet_size()

    @property
    def packet_size(self) -> int:
        """The size of a full packet on the present path."""
        return self._machines.path_mtu.size

    @property
    def packet_size_search(self) -> PathMtuState:
        """Whether larger packets may still turn out to pass."""
        return self._machines.path_mtu.state

    def probe_due(self, now: float) -> bool:
        """Whether :meth:`probe` may give something; to be asked after :meth:`packets`."""
        return self._machines.path_mtu.due <= now

    def probe(self, now: float) -> bytes | None:
        """Return a packet that shows, if it arrives, that the path takes packets of its size.

        It must not be fragmented on its way. None while little is to be sent.
        """
        return self._machines.probe(now)

    def probe_refused(self, now: float) -> None:
        """The system would not send the last probe unfragmented."""
        self._machines.path_mtu.refused(now)
        self._machines.sender.adopt_packet_size()

    def packets_refused(self, now: float) -> None:
        """The system has to fragment packets of the present size."""
        self._machines.path_mtu.too_large(now)
        self._machines.sender.adopt_packet_size()

    def handle_timeout(self, now: float) -> None:
        """Run the timers that are due."""
        self._machines.handle_timeout(now)

    def next_deadline(self) -> float | None:
        """Return when :meth:`handle_timeout` should be called, or None."""
        return self._machines.next_deadline()

    def next_event(self) -> SctpEvent | None:
        """Return the next event, or None."""
        events = self._context.events
        return events.pop(0) if events else None

    # Buffers and statistics

    def buffered(self, stream: int) -> int:
        """Return the payload bytes of a stream queued and not yet transmitted once."""
        return self._machines.sender.queue.buffered(stream)

    @property
    def buffered_total(self) -> int:
        """The payload bytes of all streams queued and not yet transmitted once."""
        return self._machines.sender.queue.total()

    def take_released(self) -> dict[int, int]:
        """Return stream → payload bytes that were sent or abandoned since the last call."""
        return self._machines.sender.queue.take_released()

    @property
    def smoothed_round_trip(self) -> float | None:
        """The smoothed round-trip time in seconds, None before the first sample."""
        return self._context.rto.smoothed

    @property
    def congestion_window(self) -> int:
        """The congestion window in bytes."""
        return self._machines.sender.congestion.window

    @property
    def peer_receive_window(self) -> int:
        """The receive window the peer advertised last."""
        return self._machines.sender.first.peer_window

    @property
    def receive_window_is_low(self) -> bool:
        """Whether the peer was told of so little room that reading may call for another SACK."""
        return self._machines.receiver.window_is_low

    @property
    def is_drained(self) -> bool:
        """Whether nothing is queued, and nothing waits for its acknowledgement."""
        return self._machines.sender.drained()

    @property
    def bytes_in_flight(self) -> int:
        """Payload bytes sent and neither acknowledged nor counted as lost."""
        return self._machines.sender.outstanding.in_flight

    @property
    def retransmitted_chunks(self) -> int:
        """How many DATA chunks were sent again."""
        return self._machines.sender.retransmitted

    @property
    def retransmission_timeouts(self) -> int:
        """How often T3-rtx has expired."""
        return self._machines.sender.timeouts

    @property
    def duplicates(self) -> int:
        """How many DATA chunks arrived more than once."""
        return self._machines.receiver.duplicates

    @property
    def packets_received(self) -> int:
        """How many packets arrived, bad ones included."""
        return self._machines.packets_received

    @property
    def bad_packets(self) -> int:
        """How many packets were malformed in whole or in part."""
        return self._machines.bad_packets + self._machines.receiver.malformed

    @property
    def dropped(self) -> int:
        """How many chunks were well-formed but out of place or out of bounds."""
        return self._machines.dropped + self._machines.receiver.dropped
