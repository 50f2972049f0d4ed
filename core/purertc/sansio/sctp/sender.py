"""The sending half of an association: transmission and retransmission of DATA."""

from collections.abc import Sequence
from math import inf

from purertc.sansio.sctp.burst import ask_for_sack
from purertc.sansio.sctp.config import SctpConfig
from purertc.sansio.sctp.congestion import CongestionControl
from purertc.sansio.sctp.first_transmission import SMALL_WINDOW_PACKETS, FirstTransmission
from purertc.sansio.sctp.outstanding import Outstanding
from purertc.sansio.sctp.path_mtu import PathMtu
from purertc.sansio.sctp.reliability import PartialMessage, PartialReliability
from purertc.sansio.sctp.rto import RetransmissionTimeout, RoundTripSample
from purertc.wire.sctp.chunks import (
    DATA_HEADER_SIZE,
    Sack,
    encode_forward_tsn,
)
from purertc.wire.sctp.packet import COMMON_HEADER_SIZE, PacketFrame
from purertc.wire.serial import unwrap

__all__ = ["Sender", "SenderTimers"]

_PROBE_MARGIN = 0.01
_PEER_SACK_DELAY = 0.2
_LONELY_PACKETS = 2
_PLAUSIBLE_ROUND_TRIP = 0.75
_HOPELESS_REPETITIONS = 3
"""A chunk that was lost so often while others arrived may be too large for the path."""

_SUSPICIOUS_TIMEOUTS = 2
"""So many timeouts in a row are seldom chance."""

_MAX_GAPS = 512
"""More gap blocks than this fit no packet of a usual size, and would only cost us time."""


class SenderTimers:
    """Deadlines of the sender. They move with every packet and SACK, so they are attributes."""

    __slots__ = ("retransmission", "tail_probe")

    def __init__(self) -> None:
        self.retransmission: float | None = None
        self.tail_probe: float | None = None


class Sender:
    """Cuts queued messages into packets and sees each through to its acknowledgement.

    ``errors`` counts timeouts in a row without a sign of life (RFC 9260 section 8.1); the
    owner ends the association when it grows too high.
    """

    __slots__ = (
        "_forced",
        "_heard",
        "_partial",
        "_probe_due",
        "_room",
        "_round_trip",
        "congestion",
        "errors",
        "first",
        "outstanding",
        "path_mtu",
        "queue",
        "retransmitted",
        "rto",
        "timeouts",
        "timers",
    )

    def __init__(self, config: SctpConfig, rto: RetransmissionTimeout, path_mtu: PathMtu) -> None:
        self._room = config.mtu - COMMON_HEADER_SIZE
        self.rto = rto
        self.timers = SenderTimers()
        self.congestion = CongestionControl(config.mtu)
        self.outstanding = Outstanding(0)
        self._partial = PartialReliability()
        self.first = FirstTransmission(config, self.congestion, self._partial, rto)
        self.queue = self.first.queue
        self._round_trip = RoundTripSample(rto)
        self._probe_due = False
        # One lost packet may go out although the congestion window is full.
        self._forced = False
        self._heard = False
        self.errors = 0
        self.retransmitted = 0
        self.timeouts = 0
        self.path_mtu = path_mtu
        self.adopt_packet_size()

    def adopt_packet_size(self) -> None:
        """Make packets as large as the path now takes."""
        size = self.path_mtu.size
        if size != self._room + COMMON_HEADER_SIZE:
            self._room = size - COMMON_HEADER_SIZE
            self.congestion.set_mtu(size)
            self.first.set_packet_size(size)

    @property
    def backlog(self) -> int:
        """The payload bytes that were not acknowledged yet, or not even sent."""
        return self.outstanding.unacknowledged + self.queue.total()

    def start(self, initial_tsn: int, peer_window: int, *, forward_tsn: bool) -> None:
        """Begin at this TSN; the queue keeps what was queued before.

        Without FORWARD-TSN on the other side no message may be given up once it has begun.
        """
        self.first.can_abandon = forward_tsn
        self.outstanding = Outstanding(initial_tsn)
        self.first.peer_window = peer_window

    def drained(self) -> bool:
        """Whether everything queued was sent and acknowledged."""
        return not len(self.outstanding) and not self.queue.has_work()

    # Sending

    @property
    def has_output(self) -> bool:
        """Whether :meth:`packets` may give something of its own."""
        return (
            self.queue.has_work()
            or bool(self.outstanding.lost)
            or self._probe_due
            or self._partial.forward_due
        )

    def packets(self, now: float, limit: int, frame: PacketFrame, prefix: bytes) -> list[bytes]:
        """Return up to ``limit`` packets; ``prefix`` (whole chunks) opens the first one."""
        out: list[bytes] = []
        if not self.outstanding.in_flight:
            self.congestion.idle()
        current = self.queue.current_partial()
        if current is not None and self.first.can_abandon and current.expired(now):
            self._abandon(current)
        if self._partial.forward_due:
            prefix = self._with_forward_tsn(prefix, now, frame, out)
        if self.outstanding.lost:
            prefix = self._resend_lost(now, limit, frame, prefix, out)
        if self._probe_due:
            prefix = self._send_tail_probe(now, frame, prefix, out)
        if not self.outstanding.lost and self.queue.has_work():
            before = self.outstanding.next_tsn
            prefix = self.first.send(self.outstanding, frame, prefix, out, limit=limit, now=now)
            following = self.outstanding.next_tsn
            if following > before:
                self._round_trip.sent(following - 1, now)
                self.congestion.delivery.sent(following - 1, now)
        if prefix:
            out.append(frame.seal(prefix))
        if out and self.outstanding.in_flight:
            self._start_timers(now)
        return out

    def _resend_lost(
        self, now: float, limit: int, frame: PacketFrame, prefix: bytes, out: list[bytes]
    ) -> bytes:
        outstanding, congestion = self.outstanding, self.congestion
        while outstanding.lost and len(out) < limit:
            full = self._room - DATA_HEADER_SIZE
            flight = outstanding.in_flight
            if flight and flight + full > congestion.window and not self._forced:
                congestion.limited = True
                break
            if congestion.burst_credit <= 0 and not self._forced:
                break
            self._forced = False
            parts = outstanding.resend(self._room - len(prefix), now)
            if not parts:
                if prefix:
                    out.append(frame.seal(prefix))
                    prefix = b""
                    continue
                parts = outstanding.resend_oversized(now)
            self.retransmitted += len(parts)
            if congestion.window < SMALL_WINDOW_PACKETS * self._room:
                parts[-1] = ask_for_sack(parts[-1])
            body = prefix + b"".join(parts)
            prefix = b""
            congestion.burst_credit -= len(body)
            out.append(frame.seal(body))
            # Rule R1 of RFC 9260 section 6.3.2 restarts the timer for the earliest chunk. While
            # it is backed off, a probe gives the path a second chance in each interval.
            self.timers.retransmission = now + self.rto.value
            if self.timers.tail_probe is None:
                self.timers.tail_probe = self._tail_probe_at(now)
        return prefix

    def _send_tail_probe(
        self, now: float, frame: PacketFrame, prefix: bytes, out: list[bytes]
    ) -> bytes:
        self._probe_due = False
        last = self.outstanding.last_in_flight()
        if last is None or self._partial.limits(last) is not None:
            return prefix
        chunk = self.outstanding.resend_last(now)
        if chunk is None:
            return prefix
        if prefix and len(prefix) + len(chunk) > self._room:
            out.append(frame.seal(prefix))
            prefix = b""
        self._round_trip.forget()
        self.retransmitted += 1
        out.append(frame.seal(prefix + ask_for_sack(chunk)))
        return b""

    def _with_forward_tsn(
        self, prefix: bytes, now: float, frame: PacketFrame, out: list[bytes]
    ) -> bytes:
        forward = self._partial.forward_tsn(self.outstanding)
        if forward is None:
            return prefix
        timers = self.timers
        if timers.retransmission is None:
            timers.retransmission = now + self.rto.value
        if timers.tail_probe is None and not self._probe_due:
            timers.tail_probe = self._tail_probe_at(now)
        chunk = encode_forward_tsn(forward)
        if len(prefix) + len(chunk) > self._room:
            out.append(frame.seal(prefix))
            return chunk
        return prefix + chunk

    def _start_timers(self, now: float) -> None:
        timers = self.timers
        if timers.retransmission is None:
            timers.retransmission = now + self.rto.value
            timers.tail_probe = self._tail_probe_at(now)

    def _tail_probe_at(self, now: float) -> float | None:
        smoothed = self.rto.smoothed
        if smoothed is None:
            return now + self.rto.value / 2
        delay = 2 * smoothed + _PROBE_MARGIN
        if 0 < self.outstanding.in_flight <= _LONELY_PACKETS * self._room:
            # The peer may delay the SACK of a single packet (RFC 9260 section 6.2).
            delay += _PEER_SACK_DELAY
        return now + delay if delay < self.rto.value else None

    # Acknowledgements

    def acknowledge(self, sack: Sack, now: float) -> bool:
        """Take in a SACK; False when it covers a TSN that was never sent."""
        outstanding = self.outstanding
        base = outstanding.base
        cumulative = unwrap(sack.cumulative_tsn, base - 1)
        if cumulative >= outstanding.next_tsn:
            return False
        if cumulative < base - 1:
            return True
        self._heard = True
        self.first.peer_window = sack.receive_window
        if self.first.peer_window >= self._room:
            self.first.window_probe.stop()
        newly = 0
        advanced = cumulative >= base
        if advanced:
            newly = outstanding.acknowledge(cumulative)
            self._partial.acknowledged(cumulative + 1)
        gaps = sack.gaps[:_MAX_GAPS]
        self._round_trip.acknowledged(cumulative, gaps, now)
        smoothed = self.rto.smoothed
        trusted_before = -inf if smoothed is None else now - _PLAUSIBLE_ROUND_TRIP * smoothed
        newly += outstanding.acknowledge_gaps(gaps, trusted_before)
        if sack.duplicates:
            self._heed_duplicates(sack.duplicates, cumulative)
        if advanced or newly:
            self.errors = 0
        if newly:
            highest = cumulative + (max(last for _, last in gaps) if gaps else 0)
            self.congestion.delivery.acknowledged(highest, newly, outstanding.next_tsn, now)
            self.congestion.acknowledged(newly, cumulative, now)
        if gaps and newly:
            self._declare_lost(outstanding.find_lost(), now)
        if outstanding.abandoned:
            self._partial.forward_due = True
        if advanced or newly:
            self._progressed(advanced, now)
        return True

    def _heed_duplicates(self, tsns: Sequence[int], cumulative: int) -> None:
        """Learn that packets overtake each other on this path, where it looked like a loss."""
        arrived_twice = self.outstanding.arrived_twice(unwrap(tsn, cumulative) for tsn in tsns)
        if arrived_twice and self.congestion.undo_loss():
            self.outstanding.allow_reordering()

    def _progressed(self, advanced: bool, now: float) -> None:
        timers = self.timers
        if advanced:
            self.rto.end_back_off()
        if not len(self.outstanding):
            timers.retransmission = timers.tail_probe = None
            self.congestion.idle()
            return
        if advanced or timers.retransmission is None:
            timers.retransmission = now + self.rto.value
        timers.tail_probe = self._tail_probe_at(now)

    def cumulative_only(self, cumulative_tsn: int, now: float) -> None:
        """Take in the cumulative TSN of a SHUTDOWN chunk (RFC 9260 section 9.2)."""
        self.acknowledge(Sack(cumulative_tsn, self.first.peer_window), now)

    def _declare_lost(self, lost: list[int], now: float) -> None:
        if not lost:
            return
        if not self.congestion.recovering:
            self._forced = True
        self.congestion.lost(len(lost) * self._room, self.outstanding.next_tsn - 1)
        self._round_trip.forget()
        repetitions = self.outstanding.retransmissions
        if any(repetitions.get(tsn, 0) >= _HOPELESS_REPETITIONS for tsn in lost):
            self._suspect_path()
        self._give_up_exhausted(lost, now)

    def _suspect_path(self) -> None:
        """Fall back to small packets if a large one may have been lost for its size."""
        if self.outstanding.unacknowledged > self.path_mtu.floor - COMMON_HEADER_SIZE:
            self.path_mtu.suspect()
            self.adopt_packet_size()

    def _give_up_exhausted(self, lost: list[int], now: float) -> None:
        counts = self.outstanding.retransmissions
        for message in self._partial.exhausted(lost, counts, now):
            self._abandon(message)

    def _abandon(self, message: PartialMessage) -> None:
        outstanding = self.outstanding
        self._round_trip.forget()
        if self.queue.abandon_current(message):
            # The peer may have acknowledged all that was sent of the message. One more TSN,
            # never sent, lets FORWARD-TSN tell it that the rest does not come.
            self._partial.sent(message, outstanding.next_tsn)
            outstanding.append_abandoned()
        if message.first_tsn is not None:
            outstanding.abandon(message.first_tsn, message.last_tsn)
        self._partial.forward_due = True

    # Time

    def handle_timeout(self, now: float) -> None:
        """Run what is due."""
        timers = self.timers
        if timers.retransmission is not None and timers.retransmission <= now:
            self._timed_out(now)
        elif timers.tail_probe is not None and timers.tail_probe <= now:
            timers.tail_probe = None
            self._probe_due = True
            self._partial.forward_due |= self.outstanding.abandoned > 0
        self.first.handle_timeout(now)
        if self.queue.expires is not None and self.queue.expires <= now:
            self.queue.drop_expired(now)

    def _timed_out(self, now: float) -> None:
        """T3-rtx has expired (RFC 9260 section 6.3.3)."""
        timers, outstanding = self.timers, self.outstanding
        timers.retransmission = timers.tail_probe = None
        if not len(outstanding):
            return
        self.timeouts += 1
        # Probes of a shut window that are answered are no sign of a dead peer (section 6.1).
        if not (self._heard and self.first.peer_window < self._room):
            self.errors += 1
        self._heard = False
        if self.errors >= _SUSPICIOUS_TIMEOUTS:
            self._suspect_path()
        self.rto.back_off()
        self.congestion.timed_out()
        self._round_trip.forget()
        self._forced = True
        self._give_up_exhausted(outstanding.lose_all(), now)
        if outstanding.abandoned:
            self._partial.forward_due = True
            timers.retransmission = now + self.rto.value

    def next_deadline(self) -> float | None:
        """Return when :meth:`handle_timeout` is due."""
        timers, first = self.timers, self.first
        earliest = timers.retransmission
        for at in (
            timers.tail_probe,
            first.window_probe.deadline,
            first.pacer.deadline,
            self.queue.expires,
        ):
            if at is not None and (earliest is None or at < earliest):
                earliest = at
        return earliest
