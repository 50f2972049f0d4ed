"""Probing an idle peer (RFC 9260 section 8.3)."""

from purertc.sansio.entropy import Entropy
from purertc.sansio.sctp.context import AssociationContext
from purertc.sansio.sctp.sender import Sender
from purertc.sansio.timers import next_tick
from purertc.wire.sctp.chunks import ChunkType, ParameterType, encode_chunk
from purertc.wire.sctp.tlv import encode_item, parse_items

__all__ = ["Heartbeats"]


class Heartbeats:
    """Sends HEARTBEAT when nothing was acknowledged for an interval, and counts silence."""

    __slots__ = ("_context", "_entropy", "_sender", "_sent_at", "_token")

    def __init__(self, context: AssociationContext, sender: Sender, entropy: Entropy) -> None:
        self._context = context
        self._sender = sender
        self._entropy = entropy
        self._token = b""
        self._sent_at = 0.0

    def arm(self, now: float) -> None:
        """Set the next probe: interval and RTO, with half an RTO of jitter either way."""
        rto = self._context.rto.value
        jitter = (self._entropy(1)[0] / 255 - 0.5) * rto
        deadline = now + self._context.config.heartbeat_interval + rto + jitter
        self._context.timers.set("heartbeat", next_tick(deadline))

    def timed_out(self, now: float) -> None:
        """The interval is over: the last probe was in vain, or it is time for one."""
        if self._token:
            self._sender.errors += 1
        if self._sender.outstanding.in_flight and not self._token:
            self.arm(now)
            return
        self.probe(now)
        if self._sender.errors:
            self._context.timers.set("heartbeat", now + self._context.rto.value)
        else:
            self.arm(now)

    def probe(self, now: float) -> None:
        """Send HEARTBEAT; its answer measures the round trip too."""
        self._token = self._entropy(8)
        self._sent_at = now
        info = encode_item(ParameterType.HEARTBEAT_INFO, self._token)
        self._context.chunks.append(encode_chunk(ChunkType.HEARTBEAT, 0, info))

    def received(self, value: bytes) -> bool:
        """Send a HEARTBEAT back; False when it is too large for a packet."""
        if len(value) + 16 > self._context.config.mtu:
            return False
        self._context.reply(encode_chunk(ChunkType.HEARTBEAT_ACK, 0, value))
        return True

    def received_ack(self, value: bytes, now: float) -> bool:
        """The peer lives; False for an answer to no question of ours. Raises BadPacket."""
        items = list(parse_items(value))
        if not self._token or items != [(ParameterType.HEARTBEAT_INFO, self._token)]:
            return False
        self._token = b""
        self._sender.errors = 0
        self._context.rto.sample(now - self._sent_at)
        self.arm(now)
        return True
