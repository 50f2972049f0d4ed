"""Queued messages become packets, as many as the windows admit (RFC 9260 section 6.1)."""

from purertc.sansio.sctp.burst import Burst, ask_for_sack
from purertc.sansio.sctp.config import SctpConfig
from purertc.sansio.sctp.congestion import CongestionControl
from purertc.sansio.sctp.outstanding import Outstanding
from purertc.sansio.sctp.pacing import Pacer
from purertc.sansio.sctp.reliability import PartialReliability
from purertc.sansio.sctp.rto import RetransmissionTimeout
from purertc.sansio.sctp.send_queue import SendQueue
from purertc.sansio.sctp.window_probe import WindowProbe
from purertc.wire.sctp.chunks import DATA_HEADER_SIZE
from purertc.wire.sctp.packet import COMMON_HEADER_SIZE, PacketFrame
from purertc.wire.serial import SERIAL_MASK

__all__ = ["SMALL_WINDOW_PACKETS", "FirstTransmission"]

SMALL_WINDOW_PACKETS = 8
"""With a window of fewer packets than this each SACK counts, and is asked for."""


class FirstTransmission:
    """Cuts messages from ``queue`` and fills packets with them.

    ``peer_window`` is the receive window that the other side has announced last.
    ``can_abandon`` says whether it understands that a message is given up.
    """

    __slots__ = (
        "_chunk_limit",
        "_congestion",
        "_partial",
        "_room",
        "_rto",
        "can_abandon",
        "pacer",
        "peer_window",
        "queue",
        "window_probe",
    )

    def __init__(
        self,
        config: SctpConfig,
        congestion: CongestionControl,
        partial: PartialReliability,
        rto: RetransmissionTimeout,
    ) -> None:
        self._room = config.mtu - COMMON_HEADER_SIZE
        self._chunk_limit = config.max_outstanding_chunks
        self._congestion = congestion
        self._partial = partial
        self._rto = rto
        self.pacer = Pacer(config.mtu)
        self.queue = SendQueue(self._room - DATA_HEADER_SIZE)
        self.window_probe = WindowProbe(rto, config.rto_max)
        self.peer_window = 0
        self.can_abandon = True

    def set_packet_size(self, size: int) -> None:
        """Make packets of up to ``size`` bytes."""
        self._room = size - COMMON_HEADER_SIZE
        self.pacer.set_mtu(size)
        self.queue.set_whole_limit(self._room - DATA_HEADER_SIZE)

    def send(
        self,
        outstanding: Outstanding,
        frame: PacketFrame,
        prefix: bytes,
        out: list[bytes],
        *,
        limit: int,
        now: float,
    ) -> bytes:
        """Append packets to ``out`` until it has ``limit``; return ``prefix`` if it was not used.

        ``prefix`` are whole chunks that open the first packet.
        """
        congestion = self._congestion
        burst = Burst(frame, out, outstanding.next_tsn, outstanding.in_flight, outstanding.serial)
        paced = self.pacer.credit(
            congestion.window,
            self._rto.smoothed,
            congestion.delivery.shortest,
            slow_start=congestion.in_slow_start,
            now=now,
        )
        allowed = congestion.burst_credit if paced is None else min(congestion.burst_credit, paced)
        burst.credit = allowed
        full = self._room - DATA_HEADER_SIZE
        most = self._chunk_limit - len(outstanding)
        while len(out) < limit and len(burst.chunks) < most:
            if burst.flight and burst.flight + full > congestion.window:
                congestion.limited = True
                break
            if burst.credit <= 0 or (
                burst.flight + full > self.peer_window
                and not self._peer_has_room(burst.flight, outstanding.lost, now)
            ):
                break
            packets = min(limit - len(out), most - len(burst.chunks))
            filled = self._fill(burst, prefix, packets, now)
            if filled:
                prefix = b""
            if not filled or not self.queue.has_work():
                congestion.limited = False
                break
        used = allowed - burst.credit
        if paced is not None:
            held_back = burst.credit <= 0 and paced <= congestion.burst_credit
            self.pacer.used(used, now, more=held_back and self.queue.has_work())
        congestion.burst_credit -= used
        outstanding.serial = burst.serial
        if burst.chunks:
            outstanding.extend(burst.chunks, burst.sizes, burst.serials)
        return prefix

    def _fill(self, burst: Burst, prefix: bytes, packets: int, now: float) -> bool:
        """Send a packet, or as many as surely fit all windows; False when there is nothing."""
        queue, room = self.queue, self._room
        window = self._congestion.window
        if prefix or window < SMALL_WINDOW_PACKETS * room:
            return self._fill_packet(burst, prefix, now)
        full = room - DATA_HEADER_SIZE
        admitted = min(window, self.peer_window) - burst.flight
        packets = min(packets, admitted // full, burst.credit // room)
        if queue.is_cutting:
            run = queue.cut_run(burst.next_tsn, room, packets)
            if run:
                burst.add_run(run, full)
                return True
        elif packets > 0:
            run, size, each = queue.cut_alike(burst.next_tsn & SERIAL_MASK, room, packets)
            if run:
                burst.add_alike(run, size, each)
                return True
        if not self._fill_packet(burst, prefix, now):
            return False
        for _ in range(packets - 1):
            if queue.is_cutting or not self._fill_packet(burst, b"", now):
                break
        return True

    def _fill_packet(self, burst: Burst, prefix: bytes, now: float) -> bool:
        """Send one packet with as many chunks as it holds; False when there is nothing."""
        queue, chunks, sizes = self.queue, burst.chunks, burst.sizes
        begin = len(chunks)
        room = self._room - len(prefix)
        while room > DATA_HEADER_SIZE and queue.has_work():
            room = queue.cut_whole(burst.first_tsn, room, chunks, sizes)
            if room <= DATA_HEADER_SIZE or not queue.has_work():
                break
            tsn = burst.next_tsn
            piece = queue.cut(tsn & SERIAL_MASK, room, now)
            if piece is None:
                break
            chunk, size, limits = piece
            if limits is not None and self.can_abandon:
                self._partial.sent(limits, tsn)
            chunks.append(chunk)
            sizes.append(size)
            room -= len(chunk)
        if len(chunks) == begin:
            if not prefix:
                return False
        elif self._is_last_of_small_window(burst, begin) and queue.has_work():
            chunks[-1] = ask_for_sack(chunks[-1])
        burst.end_packet(prefix, begin)
        return True

    def _is_last_of_small_window(self, burst: Burst, begin: int) -> bool:
        window = self._congestion.window
        if window >= SMALL_WINDOW_PACKETS * self._room:
            return False
        full = self._room - DATA_HEADER_SIZE
        return burst.flight + sum(burst.sizes[begin:]) + full > window

    def _peer_has_room(self, flight: int, lost: int, now: float) -> bool:
        """Whether the peer's window admits the next packet (RFC 9260 section 6.1 rule A)."""
        if flight + self.queue.total() <= self.peer_window:
            return True
        if flight or lost:
            return False
        return self.window_probe.may_send(now)

    def handle_timeout(self, now: float) -> None:
        """Let more go out if it is time: :meth:`send` is called next."""
        self.window_probe.handle_timeout(now)
        if self.pacer.deadline is not None and self.pacer.deadline <= now:
            self.pacer.deadline = None
