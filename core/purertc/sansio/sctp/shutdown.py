"""Ending an association in order (RFC 9260 section 9.2)."""

from typing import Final

from purertc.sansio.sctp.context import AssociationContext
from purertc.sansio.sctp.events import AssociationState
from purertc.sansio.sctp.receiver import Receiver
from purertc.sansio.sctp.sender import Sender
from purertc.wire.sctp.chunks import ChunkType, encode_chunk, parse_cumulative_tsn
from purertc.wire.serial import SERIAL_MASK

__all__ = ["Shutdown"]

_GUARD_FACTOR: Final = 5
_DONE: Final = "the association was shut down"


class Shutdown:
    """SHUTDOWN, SHUTDOWN ACK, SHUTDOWN COMPLETE and the timers T2 and T5."""

    __slots__ = ("_attempts", "_context", "_receiver", "_sender")

    def __init__(self, context: AssociationContext, sender: Sender, receiver: Receiver) -> None:
        self._context = context
        self._sender = sender
        self._receiver = receiver
        self._attempts = 0

    def start(self, now: float) -> None:
        """Shut down as soon as everything queued is acknowledged."""
        context = self._context
        if context.state is AssociationState.ESTABLISHED:
            context.state = AssociationState.SHUTDOWN_PENDING
            self.proceed(now)
        elif context.state in (AssociationState.COOKIE_WAIT, AssociationState.COOKIE_ECHOED):
            context.end(_DONE, aborted=False)

    def proceed(self, now: float) -> None:
        """Take the next step if no data is outstanding any more."""
        state = self._context.state
        if state is AssociationState.SHUTDOWN_PENDING and self._sender.drained():
            self._context.state = AssociationState.SHUTDOWN_SENT
            guard = now + _GUARD_FACTOR * self._context.config.rto_max
            self._context.timers.set("shutdown-guard", guard)
            self._transmit(now)
        elif state is AssociationState.SHUTDOWN_RECEIVED and self._sender.drained():
            self._context.state = AssociationState.SHUTDOWN_ACK_SENT
            self._transmit(now)

    def _transmit(self, now: float) -> None:
        context = self._context
        if context.state is AssociationState.SHUTDOWN_SENT:
            context.reply(self._shutdown_chunk())
        else:
            context.reply(encode_chunk(ChunkType.SHUTDOWN_ACK))
        context.timers.set("shutdown", now + context.rto.value)

    def _shutdown_chunk(self) -> bytes:
        cumulative = self._receiver.cumulative & SERIAL_MASK
        return encode_chunk(ChunkType.SHUTDOWN, 0, cumulative.to_bytes(4, "big"))

    def timed_out(self, now: float) -> None:
        """T2-shutdown has expired."""
        self._attempts += 1
        if self._attempts > self._context.config.max_retransmits:
            self._context.end("the peer did not answer the shutdown", aborted=True)
            return
        self._context.rto.back_off()
        self._transmit(now)

    def guard_expired(self) -> None:
        """T5-shutdown-guard has expired: the peer keeps sending."""
        self._context.end("the peer did not complete the shutdown", aborted=True)

    def received_data(self) -> None:
        """DATA in SHUTDOWN-SENT is answered with SHUTDOWN at once."""
        if self._context.state is AssociationState.SHUTDOWN_SENT:
            self._context.reply(self._shutdown_chunk())

    def received_shutdown(self, value: bytes, now: float) -> None:
        """Stop taking new messages; acknowledge when ours are through. Raises BadPacket."""
        cumulative_tsn = parse_cumulative_tsn(value)
        context = self._context
        state = context.state
        if state in (AssociationState.ESTABLISHED, AssociationState.SHUTDOWN_PENDING):
            context.state = AssociationState.SHUTDOWN_RECEIVED
        if context.state is AssociationState.SHUTDOWN_RECEIVED:
            self._sender.cumulative_only(cumulative_tsn, now)
            self.proceed(now)
        elif state is AssociationState.SHUTDOWN_SENT:
            # Both began at once (section 9.2, last but one paragraph).
            context.state = AssociationState.SHUTDOWN_ACK_SENT
            context.timers.stop("shutdown-guard")
            self._transmit(now)
        elif state is AssociationState.SHUTDOWN_ACK_SENT:
            self._transmit(now)

    def received_shutdown_ack(self, tag: int) -> bool:
        """Complete; False when the chunk is out of place."""
        context = self._context
        if context.state not in (
            AssociationState.SHUTDOWN_SENT,
            AssociationState.SHUTDOWN_ACK_SENT,
        ):
            return False
        context.end(_DONE, aborted=False)
        context.send_alone(encode_chunk(ChunkType.SHUTDOWN_COMPLETE), tag)
        return True

    def received_shutdown_complete(self) -> bool:
        """The peer is done; False when the chunk is out of place."""
        if self._context.state is not AssociationState.SHUTDOWN_ACK_SENT:
            return False
        self._context.end(_DONE, aborted=False)
        return True
