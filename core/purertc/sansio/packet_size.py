"""Lets SCTP find out how large packets may be on the selected pair (RFC 8899)."""

from purertc.sansio.dtls import DtlsTransport
from purertc.sansio.ice.checklist import CandidatePair
from purertc.sansio.sctp import SctpAssociation
from purertc.sansio.types import Fragmentation, Transmit, Verdict

__all__ = ["PacketSize"]

_IPV4_AND_UDP = 20 + 8
_IPV6_AND_UDP = 40 + 8


class PacketSize:
    """Follows the selected pair and sends the probes.

    Pairs over a relay or TCP stay with the smallest size: a relay sends anew what it gets, so it
    may cut what must arrive whole.
    """

    __slots__ = ("_dtls", "_limit", "_pair", "_probe", "_runs", "_sctp")

    def __init__(self, dtls: DtlsTransport, sctp: SctpAssociation, limit: int) -> None:
        self._dtls = dtls
        self._sctp = sctp
        self._limit = limit
        self._pair: CandidatePair | None = None
        # What became of the last probe, and of runs of the present size.
        self._probe = Verdict()
        self._runs = Verdict()

    def before(self, pair: CandidatePair, now: float) -> None:
        """Take in what became of the last packets; packets for ``pair`` are about to be made."""
        if pair is not self._pair:
            self._begin(pair)
            return
        if self._probe.refused:
            self._probe = Verdict()
            self._sctp.probe_refused(now)
        if self._runs.refused:
            self._runs = Verdict()
            self._sctp.packets_refused(now)

    def _begin(self, pair: CandidatePair) -> None:
        self._pair = pair
        self._probe, self._runs = Verdict(), Verdict()
        ip = _IPV6_AND_UDP if ":" in pair.remote_address[0] else _IPV4_AND_UDP
        self._sctp.use_path(ip + self._dtls.overhead, 0 if pair.makeshift else self._limit)

    def after(self, made: list[Transmit], now: float) -> None:
        """Have those cut that are too large for the path, and add a probe if it is time."""
        largest = self._sctp.packet_size + self._dtls.overhead
        large = False
        for transmit in made:
            size = transmit.segment_size or len(transmit.payload)
            large |= 2 * size > largest
            if size > largest:
                transmit.fragmentation = Fragmentation.FORCED
            else:
                transmit.verdict = self._runs
        # Larger packets are of no use to a program that sends small ones.
        if large and self._sctp.probe_due(now):
            self._add_probe(made, now)

    def _add_probe(self, made: list[Transmit], now: float) -> None:
        packet = self._sctp.probe(now)
        if packet is None:
            return
        like = made[-1]
        self._probe = Verdict()
        made.extend(
            Transmit(
                record,
                like.destination,
                like.local,
                transport=like.transport,
                fragmentation=Fragmentation.FORBIDDEN,
                verdict=self._probe,
            )
            for record, _ in self._dtls.send([packet])
        )
