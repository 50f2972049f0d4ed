"""Resetting and adding streams with RE-CONFIG (RFC 6525)."""

from collections.abc import Sequence
from typing import Final

from purertc.sansio.sctp.context import AssociationContext
from purertc.sansio.sctp.events import OutgoingResetDone, StreamsReset
from purertc.sansio.sctp.receiver import Receiver
from purertc.sansio.sctp.sender import Sender
from purertc.wire.sctp.chunks import ChunkType, encode_chunk
from purertc.wire.sctp.reconfig import (
    AddStreamsRequest,
    OutgoingResetRequest,
    ReconfigParameter,
    ReconfigResponse,
    ReconfigResult,
    encode_reconfig_parameter,
    parse_reconfig,
)
from purertc.wire.serial import SERIAL_MASK, unwrap

__all__ = ["StreamReconfiguration"]

_MAX_STREAMS_PER_REQUEST: Final = 256
_RESET_DONE: Final = (ReconfigResult.NOTHING_TO_DO, ReconfigResult.PERFORMED)
_TRY_AGAIN: Final = (ReconfigResult.IN_PROGRESS, ReconfigResult.ALREADY_IN_PROGRESS)


class StreamReconfiguration:
    """One request of ours at a time, and the peer's requests one after the other."""

    __slots__ = (
        "_answered",
        "_attempts",
        "_context",
        "_deferred",
        "_next_request",
        "_peer_request",
        "_pending",
        "_receiver",
        "_request",
        "_sender",
        "_supported",
    )

    def __init__(self, context: AssociationContext, sender: Sender, receiver: Receiver) -> None:
        self._context = context
        self._sender = sender
        self._receiver = receiver
        self._next_request = 0
        # The sequence number that the peer's next request has.
        self._peer_request = 0
        self._supported = True
        # Streams to be reset as soon as their queues are empty, in the order of the calls.
        self._pending: dict[int, None] = {}
        self._request: OutgoingResetRequest | None = None
        self._attempts = 0
        # A request of the peer that must wait for data which is still missing.
        self._deferred: OutgoingResetRequest | None = None
        self._answered: ReconfigResponse | None = None

    def start(self, local_tsn: int, peer_tsn: int, *, supported: bool) -> None:
        """Requests are numbered from the initial TSNs (RFC 6525 section 4.1)."""
        self._next_request = local_tsn
        self._peer_request = peer_tsn
        self._supported = supported

    # Our streams

    def reset(self, streams: Sequence[int]) -> None:
        """Reset these outgoing streams once everything queued on them was sent."""
        self._pending.update(dict.fromkeys(streams))

    @property
    def wants_request(self) -> bool:
        """Whether streams wait for their reset and no request is under way."""
        return self._request is None and bool(self._pending)

    def send_request(self, now: float) -> None:
        """Send the next request if one is wanted, possible and none is under way."""
        if not self._pending or self._request is not None:
            return
        queue = self._sender.queue
        ready = [stream for stream in self._pending if not queue.buffered(stream)]
        ready = ready[:_MAX_STREAMS_PER_REQUEST]
        if not ready:
            return
        for stream in ready:
            del self._pending[stream]
        if not self._supported:
            # Without RE-CONFIG the stream cannot be reused, but closing must still end.
            self._context.events.append(OutgoingResetDone(tuple(ready)))
            return
        for stream in ready:
            queue.hold(stream)
        last_tsn = (self._sender.outstanding.next_tsn - 1) & SERIAL_MASK
        self._request = OutgoingResetRequest(
            self._next_request, (self._peer_request - 1) & SERIAL_MASK, last_tsn, tuple(ready)
        )
        self._next_request = (self._next_request + 1) & SERIAL_MASK
        self._attempts = 0
        self._transmit(now)

    def _transmit(self, now: float) -> None:
        if self._request is not None:
            self._send(self._request)
            delay = self._context.rto.value * (1 << min(self._attempts, 6))
            self._context.timers.set("reconfig", now + min(delay, self._context.config.rto_max))

    def timed_out(self, now: float) -> None:
        """Repeat the request; too many in vain end the association (RFC 6525 section 5.1.1)."""
        self._attempts += 1
        if self._attempts > self._context.config.max_retransmits:
            self._context.end("the peer did not answer a stream reset", aborted=True)
            return
        self._transmit(now)

    def _received_response(self, response: ReconfigResponse, now: float) -> None:
        request = self._request
        if request is None or response.response != request.request:
            return
        if response.result in _TRY_AGAIN:
            self._attempts = 0
            self._context.timers.set("reconfig", now + self._context.rto.value)
            return
        self._request = None
        self._context.timers.stop("reconfig")
        for stream in request.streams:
            self._sender.queue.restart(stream, sequence_reset=response.result in _RESET_DONE)
        self._context.events.append(OutgoingResetDone(request.streams))

    # The peer's streams

    def received(self, value: bytes, now: float) -> None:
        """Take in a RE-CONFIG chunk; raises BadPacket."""
        for parameter in parse_reconfig(value)[:2]:
            if isinstance(parameter, ReconfigResponse):
                self._received_response(parameter, now)
            else:
                self._received_request(parameter)

    def _received_request(self, request: ReconfigParameter) -> None:
        number = request[0]
        answered = self._answered
        if number == self._peer_request:
            self._peer_request = (number + 1) & SERIAL_MASK
            self._deferred = None
            self._answer(number, self._carry_out(request))
        elif answered is None or number != answered.response:
            self._send(ReconfigResponse(number, ReconfigResult.BAD_SEQUENCE_NUMBER))
        else:
            self._retry_deferred()
            if self._answered is not None:
                self._send(self._answered)

    def _carry_out(self, request: ReconfigParameter) -> ReconfigResult:
        match request:
            case OutgoingResetRequest():
                return self._reset_incoming(request)
            case AddStreamsRequest(_, count, True) if self._receiver.add_streams(count):
                return ReconfigResult.PERFORMED
            case _:
                return ReconfigResult.DENIED

    def _reset_incoming(self, request: OutgoingResetRequest) -> ReconfigResult:
        cumulative = self._receiver.cumulative
        if unwrap(request.last_tsn, cumulative) > cumulative:
            self._deferred = request
            return ReconfigResult.IN_PROGRESS
        self._receiver.reassembly.reset(request.streams)
        self._context.events.append(StreamsReset(request.streams))
        return ReconfigResult.PERFORMED

    def _retry_deferred(self) -> bool:
        request = self._deferred
        if request is None:
            return False
        self._deferred = None
        result = self._reset_incoming(request)
        if result is ReconfigResult.IN_PROGRESS:
            return False
        self._answered = ReconfigResponse(request.request, result)
        return True

    def data_arrived(self) -> None:
        """Carry out a request that waited for data, if it has come."""
        if self._deferred is not None and self._retry_deferred() and self._answered is not None:
            self._send(self._answered)

    def _answer(self, number: int, result: ReconfigResult) -> None:
        self._answered = ReconfigResponse(number, result)
        self._send(self._answered)

    def _send(self, parameter: ReconfigParameter) -> None:
        value = encode_reconfig_parameter(parameter)
        self._context.reply(encode_chunk(ChunkType.RE_CONFIG, 0, value))
