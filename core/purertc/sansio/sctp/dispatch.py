"""Which machine of an association each packet, chunk and timer goes to."""

from collections.abc import Callable, Sequence
from typing import Final

from purertc.errors import BadPacket, ProtocolError
from purertc.sansio.entropy import Entropy
from purertc.sansio.sctp.context import AssociationContext
from purertc.sansio.sctp.events import (
    AssociationEstablished,
    AssociationRestarted,
    AssociationState,
)
from purertc.sansio.sctp.handshake import CookieVerdict, Handshake
from purertc.sansio.sctp.heartbeat import Heartbeats
from purertc.sansio.sctp.out_of_the_blue import refuse
from purertc.sansio.sctp.path_mtu import PathMtu
from purertc.sansio.sctp.receiver import Receiver
from purertc.sansio.sctp.sender import Sender
from purertc.sansio.sctp.shutdown import Shutdown
from purertc.sansio.sctp.streams import StreamReconfiguration
from purertc.wire.sctp.causes import (
    Cause,
    CauseCode,
    describe_causes,
    encode_causes,
    invalid_stream,
)
from purertc.wire.sctp.chunks import (
    DESTINATION_TAG_UNKNOWN,
    ChunkType,
    encode_chunk,
    parse_forward_tsn,
    parse_sack,
)
from purertc.wire.sctp.packet import PacketHeader, iterate_chunks, open_packet
from purertc.wire.sctp.tlv import UnknownAction, unknown_chunk

__all__ = ["Dispatcher"]

_RECEIVING: Final = (
    AssociationState.ESTABLISHED,
    AssociationState.SHUTDOWN_PENDING,
    AssociationState.SHUTDOWN_SENT,
)
_SENDING: Final = (
    AssociationState.ESTABLISHED,
    AssociationState.SHUTDOWN_PENDING,
    AssociationState.SHUTDOWN_RECEIVED,
)
_CONNECTED: Final = (*_SENDING, AssociationState.SHUTDOWN_SENT, AssociationState.SHUTDOWN_ACK_SENT)
_MAX_REPORTED: Final = 256
_BULK_PACKETS: Final = 16
_BATCH_BYTES: Final = 63_000
"""What fits one send of many datagrams (GSO) with the records around it."""
_MAX_ABORT_REASON: Final = 256


class Dispatcher:
    """Holds the machines of one association and routes input to them.

    Whatever the bytes, nothing is raised: malformed packets are counted in ``bad_packets``,
    well-formed ones that are out of place in ``dropped``.
    """

    __slots__ = (
        "_context",
        "_entropy",
        "_heartbeats",
        "_inbox",
        "bad_packets",
        "dropped",
        "handshake",
        "packets_received",
        "path_mtu",
        "receiver",
        "sender",
        "shutdown",
        "streams",
    )

    def __init__(
        self,
        context: AssociationContext,
        inbox: list[tuple[int, int, bytes]],
        entropy: Entropy,
    ) -> None:
        self._context = context
        self._inbox = inbox
        self._entropy = entropy
        self.handshake = Handshake(context, entropy)
        self.path_mtu = PathMtu(context.config.mtu, context.rto, entropy)
        self.bad_packets = 0
        self.dropped = 0
        self.packets_received = 0
        self._build_machines()

    def _build_machines(self) -> None:
        context = self._context
        self.sender = Sender(context.config, context.rto, self.path_mtu)
        self.receiver = Receiver(context.config, self._inbox)
        self.streams = StreamReconfiguration(context, self.sender, self.receiver)
        self.shutdown = Shutdown(context, self.sender, self.receiver)
        self._heartbeats = Heartbeats(context, self.sender, self._entropy)

    # Input

    def receive(self, packets: Sequence[bytes], now: float) -> None:
        """Take in a batch of packets."""
        context = self._context
        if context.ended:
            self.dropped += len(packets)
            try:
                refuse(context, packets[0])
            except BadPacket:
                self.bad_packets += 1
            return
        self.packets_received += len(packets)
        frame = context.frame_in
        bodies = [b""] * len(packets) if frame is None else frame.open_all(packets)
        index = 0
        while index < len(packets):
            position = 0
            try:
                if context.state in _RECEIVING and frame is context.frame_in:
                    index, position = self.receiver.receive_run(bodies, index)
                    if index == len(packets):
                        break
                index += 1
                # A restart changes the tags; packets opened with the old ones are not ours.
                if bodies[index - 1] and frame is context.frame_in:
                    self._receive_chunks(bodies[index - 1], position, now)
                else:
                    self._receive_unmatched(packets[index - 1], now)
            except BadPacket:
                self.bad_packets += 1
            except ProtocolError as error:
                self.abort(CauseCode.PROTOCOL_VIOLATION, str(error))
            if self._context.ended:
                return
        self._batch_done(now)

    def _batch_done(self, now: float) -> None:
        receiver = self.receiver
        if receiver.wants_sack():
            receiver.batch_done(now)
            self.streams.data_arrived()
            self.shutdown.received_data()
        if receiver.invalid_streams:
            self._report_invalid_streams()
        if self._context.state is not AssociationState.ESTABLISHED:
            self.shutdown.proceed(now)

    def _receive_chunks(self, chunks: bytes, position: int, now: float) -> None:
        size = len(chunks)
        while position < size:
            if not chunks[position] and self._context.state in _RECEIVING:
                position = self.receiver.receive_data(chunks, position)
                continue
            if size - position < 4:
                raise BadPacket("trailing bytes that are no chunk")
            length = chunks[position + 2] << 8 | chunks[position + 3]
            end = position + length
            if length < 4 or end > size:
                raise BadPacket("a chunk length that does not fit the packet")
            kind, flags = chunks[position], chunks[position + 1]
            handler = _HANDLERS.get(kind)
            if handler is not None:
                if not handler(self, flags, chunks[position + 4 : end], now):
                    self.dropped += 1
                if self._context.ended:
                    return
            elif not self._unknown(kind, chunks[position:end]):
                return
            position = (end + 3) & ~3

    def _unknown(self, kind: int, chunk: bytes) -> bool:
        """Handle a chunk without handler; False ends the packet (RFC 9260 section 3.2)."""
        self.dropped += 1
        if kind in ChunkType._value2member_map_:
            return True
        action = unknown_chunk(kind)
        if action & UnknownAction.REPORT:
            self._report(Cause(CauseCode.UNRECOGNIZED_CHUNK_TYPE, chunk[:_MAX_REPORTED]))
        return bool(action & UnknownAction.SKIP)

    def _report(self, cause: Cause) -> None:
        self._context.reply(encode_chunk(ChunkType.ERROR, 0, encode_causes([cause])))

    def _report_invalid_streams(self) -> None:
        for stream in self.receiver.invalid_streams:
            self._report(invalid_stream(stream))
        self.receiver.invalid_streams.clear()

    # Packets that do not bear our verification tag (RFC 9260 section 8.5.1)

    def _receive_unmatched(self, packet: bytes, now: float) -> None:
        header, chunks = open_packet(packet)
        context = self._context
        ports = (header.source_port, header.destination_port)
        if ports != (context.remote_port, context.config.port):
            self.dropped += 1
            return
        kind, flags, value = next(iterate_chunks(chunks))
        if kind == ChunkType.INIT:
            self._received_init(header, chunks, value, now)
        elif kind == ChunkType.COOKIE_ECHO:
            self._received_cookie_echo(value, header.verification_tag, now)
            self._receive_rest(chunks, now)
        elif flags & DESTINATION_TAG_UNKNOWN and self._bears_peer_tag(header):
            if kind == ChunkType.ABORT:
                self._received_abort(flags, value, now)
            elif kind == ChunkType.SHUTDOWN_COMPLETE:
                self.shutdown.received_shutdown_complete()
        else:
            self.dropped += 1

    def _bears_peer_tag(self, header: PacketHeader) -> bool:
        peer = self.handshake.peer
        return peer is not None and header.verification_tag == peer.tag

    def _received_init(self, header: PacketHeader, chunks: bytes, value: bytes, now: float) -> None:
        if header.verification_tag or len(chunks) >= 8 + len(value):
            raise BadPacket("an INIT with a verification tag, or not alone in its packet")
        if self._context.state is AssociationState.SHUTDOWN_ACK_SENT:
            self.dropped += 1
            return
        self.handshake.received_init(value, now)

    def _received_cookie_echo(self, value: bytes, tag: int, now: float) -> None:
        verdict = self.handshake.received_cookie_echo(value, tag, now)
        if verdict is CookieVerdict.IGNORE:
            self.dropped += 1
            return
        if verdict is CookieVerdict.RESTART:
            self._restart()
        if verdict is not CookieVerdict.DUPLICATE:
            self._established(now)
        if verdict is CookieVerdict.ESTABLISH:
            self._context.events.append(AssociationEstablished())
        self._context.reply(encode_chunk(ChunkType.COOKIE_ACK))

    def _receive_rest(self, chunks: bytes, now: float) -> None:
        """Take in what was bundled behind a COOKIE ECHO."""
        length = chunks[2] << 8 | chunks[3]
        rest = chunks[(length + 3) & ~3 :]
        if rest and self._context.state is AssociationState.ESTABLISHED:
            self._receive_chunks(rest, 0, now)

    def _restart(self) -> None:
        context = self._context
        context.timers.clear()
        context.chunks.clear()
        before = self.receiver.reassembly
        self._build_machines()
        self.receiver.reassembly.inherit_unread(before)
        context.events.append(AssociationRestarted(len(self._inbox)))

    def _established(self, now: float) -> None:
        peer = self.handshake.peer
        if peer is None:
            return
        config = self._context.config
        local_tsn = self.handshake.local_tsn
        self.path_mtu.takes_padding = peer.padding
        self.sender.start(local_tsn, peer.window, forward_tsn=peer.forward_tsn)
        streams = min(config.inbound_streams, peer.outbound_streams)
        self.receiver.start(peer.initial_tsn, streams)
        self.streams.start(local_tsn, peer.initial_tsn, supported=peer.reconfig)
        self._heartbeats.arm(now)
        if self._context.rto.smoothed is None:
            # Chunks of the handshake were repeated, so that it gave no sample.
            self._heartbeats.probe(now)

    # Chunks

    def _received_init_ack(self, _flags: int, value: bytes, now: float) -> bool:
        return self.handshake.received_init_ack(value, now)

    def _received_cookie_echo_again(self, _flags: int, value: bytes, now: float) -> bool:
        self._received_cookie_echo(value, self.handshake.local_tag, now)
        return True

    def _received_cookie_ack(self, _flags: int, _value: bytes, now: float) -> bool:
        if not self.handshake.received_cookie_ack(now):
            return False
        self._established(now)
        self._context.events.append(AssociationEstablished())
        return True

    def _received_sack(self, _flags: int, value: bytes, now: float) -> bool:
        if self._context.state not in _SENDING:
            return False
        return self.sender.acknowledge(parse_sack(value), now)

    def _received_forward_tsn(self, _flags: int, value: bytes, _now: float) -> bool:
        if self._context.state not in _RECEIVING:
            return False
        self.receiver.forward(parse_forward_tsn(value))
        return True

    def _received_heartbeat(self, _flags: int, value: bytes, _now: float) -> bool:
        return self._context.state in _CONNECTED and self._heartbeats.received(value)

    def _received_heartbeat_ack(self, _flags: int, value: bytes, now: float) -> bool:
        if self._heartbeats.received_ack(value, now):
            return True
        if not self.path_mtu.acknowledged(value, now):
            return False
        self.sender.adopt_packet_size()
        return True

    def _received_padding(self, _flags: int, _value: bytes, _now: float) -> bool:
        return True

    def _received_reconfig(self, _flags: int, value: bytes, now: float) -> bool:
        if self._context.state not in _CONNECTED:
            return False
        self.streams.received(value, now)
        return True

    def _received_error(self, _flags: int, value: bytes, now: float) -> bool:
        self.handshake.received_error(value, now)
        return True

    def _received_abort(self, flags: int, value: bytes, _now: float) -> bool:
        if self._context.state is AssociationState.CLOSED:
            return False
        if flags & DESTINATION_TAG_UNKNOWN:
            reason = "the peer has lost the association"
        else:
            reason = f"the peer aborted the association ({describe_causes(value)})"
        self._context.end(reason, aborted=True)
        return True

    def _received_shutdown(self, _flags: int, value: bytes, now: float) -> bool:
        if self._context.state not in _CONNECTED:
            return False
        self.shutdown.received_shutdown(value, now)
        return True

    def _received_shutdown_ack(self, _flags: int, _value: bytes, _now: float) -> bool:
        peer = self.handshake.peer
        return peer is not None and self.shutdown.received_shutdown_ack(peer.tag)

    def _received_shutdown_complete(self, _flags: int, _value: bytes, _now: float) -> bool:
        return self.shutdown.received_shutdown_complete()

    # Output and time

    def has_output(self) -> bool:
        """Whether :meth:`packets` may give something; never False when it would."""
        context = self._context
        if context.packets:
            return True
        if context.frame_out is None or context.ended:
            return False
        if context.chunks or self.receiver.sack_due:
            return True
        return context.state in _SENDING and (self.streams.wants_request or self.sender.has_output)

    def packets(self, now: float, limit: int) -> list[bytes]:
        """Return the next batch of outgoing packets."""
        context = self._context
        limit = min(limit, _BATCH_BYTES // self.path_mtu.size)
        out = context.packets[:limit]
        if out:
            del context.packets[:limit]
        frame = context.frame_out
        if frame is None or context.ended or len(out) >= limit:
            return out
        sending = context.state in _SENDING
        if sending:
            self.streams.send_request(now)
        prefix = b""
        if context.chunks:
            *bundles, prefix = context.take_bundles()
            out.extend(frame.seal(bundle) for bundle in bundles)
        sender, receiver = self.sender, self.receiver
        if receiver.sack_due or (
            sending and receiver.wants_sack() and (sender.queue.has_work() or prefix)
        ):
            sack = receiver.take_sack()
            if len(prefix) + len(sack) > context.config.mtu - 12:
                out.append(frame.seal(prefix))
                prefix = sack
            else:
                prefix += sack
        if sending:
            out += sender.packets(now, limit - len(out), frame, prefix)
        elif prefix:
            out.append(frame.seal(prefix))
        return out

    def probe(self, now: float) -> bytes | None:
        """Return a probe of the path if it is time for one and enough is on its way."""
        context, path_mtu = self._context, self.path_mtu
        frame = context.frame_out
        if frame is None or context.state is not AssociationState.ESTABLISHED:
            return None
        # While nothing at all arrives, a lost probe would say nothing about its size.
        if self.sender.errors or self.sender.backlog < _BULK_PACKETS * path_mtu.size:
            return None
        chunks = path_mtu.probe(now)
        self.sender.adopt_packet_size()
        return None if chunks is None else frame.seal(chunks)

    def handle_timeout(self, now: float) -> None:
        """Run what is due."""
        context = self._context
        if context.ended:
            return
        for name in context.timers.expire(now):
            if not context.ended:
                self._timed_out(name, now)
        self.sender.handle_timeout(now)
        self.receiver.handle_timeout(now)
        if not context.ended and self.sender.errors > context.config.max_retransmits:
            self.abort(None, "the peer does not answer")
        self.shutdown.proceed(now)

    def _timed_out(self, name: str, now: float) -> None:
        match name:
            case "handshake":
                self.handshake.timed_out(now)
            case "reconfig":
                self.streams.timed_out(now)
            case "heartbeat":
                self._heartbeats.timed_out(now)
            case "shutdown":
                self.shutdown.timed_out(now)
            case "shutdown-guard":
                self.shutdown.guard_expired()

    def next_deadline(self) -> float | None:
        """Return when :meth:`handle_timeout` is due."""
        context = self._context
        if context.ended:
            return None
        earliest = context.timers.next_deadline()
        for at in (self.receiver.sack_at, self.sender.next_deadline()):
            if at is not None and (earliest is None or at < earliest):
                earliest = at
        return earliest

    def abort(self, code: CauseCode | None, reason: str) -> None:
        """Send ABORT, with a cause if there is a code for it, and end the association."""
        context = self._context
        if context.ended:
            return
        causes = []
        if code is not None:
            causes.append(Cause(code, reason.encode()[:_MAX_ABORT_REASON]))
        if context.frame_out is not None:
            chunk = encode_chunk(ChunkType.ABORT, 0, encode_causes(causes))
            context.packets.append(context.frame_out.seal(chunk))
        context.end(reason, aborted=True)


# Plain functions: bound methods in a Dispatcher would make each association a reference cycle.
_HANDLERS: dict[int, Callable[[Dispatcher, int, bytes, float], bool]] = {
    ChunkType.INIT_ACK: Dispatcher._received_init_ack,
    ChunkType.SACK: Dispatcher._received_sack,
    ChunkType.HEARTBEAT: Dispatcher._received_heartbeat,
    ChunkType.HEARTBEAT_ACK: Dispatcher._received_heartbeat_ack,
    ChunkType.ABORT: Dispatcher._received_abort,
    ChunkType.SHUTDOWN: Dispatcher._received_shutdown,
    ChunkType.SHUTDOWN_ACK: Dispatcher._received_shutdown_ack,
    ChunkType.ERROR: Dispatcher._received_error,
    ChunkType.COOKIE_ECHO: Dispatcher._received_cookie_echo_again,
    ChunkType.COOKIE_ACK: Dispatcher._received_cookie_ack,
    ChunkType.SHUTDOWN_COMPLETE: Dispatcher._received_shutdown_complete,
    ChunkType.RE_CONFIG: Dispatcher._received_reconfig,
    ChunkType.FORWARD_TSN: Dispatcher._received_forward_tsn,
    ChunkType.PAD: Dispatcher._received_padding,
}
