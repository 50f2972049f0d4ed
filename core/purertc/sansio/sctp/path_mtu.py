"""How large packets may be on the path: DPLPMTUD (RFC 8899), with HEARTBEAT and PAD as probes."""

from enum import StrEnum
from math import inf
from typing import Final

from purertc.sansio.entropy import Entropy
from purertc.sansio.sctp.rto import RetransmissionTimeout
from purertc.wire.sctp.chunks import CHUNK_HEADER_SIZE, ChunkType, ParameterType, encode_chunk
from purertc.wire.sctp.packet import COMMON_HEADER_SIZE
from purertc.wire.sctp.tlv import encode_item, parse_items

__all__ = ["PathMtu", "PathMtuState"]

_MAX_PROBES: Final = 3
_LEAST_PROBE_TIMER: Final = 1.0
_RAISE_TIMER: Final = 600.0
_TOKEN_SIZE: Final = 16
_NO_CEILING: Final = 1 << 17
_COMMON_MTUS: Final = (1400, 1420, 1450, 1460, 1480, 1492, 1500, 4352, 8896, 9000)
"""IP packets of VPNs, WireGuard, VXLAN, clouds, 6in4, PPPoE, Ethernet, FDDI, and jumbo frames."""

_LIKELY_MTU: Final = 1500

_LEAST_MTU: Final = 1280
"""What every path takes: the floor fits it, and a limit as low as that means the floor."""


class PathMtuState(StrEnum):
    """States of RFC 8899 section 5.2.

    BASE is left out, as ICE and DTLS have shown that the path carries small packets; so is ERROR,
    as nothing smaller than those is ever sent.
    """

    DISABLED = "disabled"
    SEARCHING = "searching"
    SEARCH_COMPLETE = "search-complete"


class PathMtu:
    """Finds the largest packet that the path carries whole.

    ``size`` is that of an SCTP packet in bytes (PLPMTU), never less than ``floor`` (BASE_PLPMTU).
    Probes carry no data, so that one that is lost loses none. They go out only while there is much
    to send: no timer runs for them, ``due`` is when the owner should look whether there is.

    The search goes upwards, but a size that most paths take is tried first, once. Jumbo frames are
    for peers that announce PAD: others have buffers for Ethernet's, and what is larger may harm
    them.

    After a timeout that a smaller path may have caused, everything goes on with the floor until a
    probe of the former size has come through. Three in vain mean that the path has shrunk.
    """

    __slots__ = (
        "_ceiling",
        "_entropy",
        "_limit",
        "_overhead",
        "_rto",
        "_shortcut",
        "_target",
        "_token",
        "_tries",
        "due",
        "floor",
        "size",
        "state",
        "takes_padding",
    )

    def __init__(self, floor: int, rto: RetransmissionTimeout, entropy: Entropy) -> None:
        self._rto = rto
        self._entropy = entropy
        self._overhead = 0
        self._limit = 0
        # The smallest size that did not pass, since the search began from below.
        self._ceiling = _NO_CEILING
        self._target = floor
        # Whether the target is the likely one, out of its turn.
        self._shortcut = False
        self._token = b""
        self._tries = 0
        self.due = inf
        self.floor = floor
        self.size = floor
        self.state = PathMtuState.DISABLED
        self.takes_padding = False

    def begin(self, overhead: int, limit: int) -> None:
        """Begin at the floor, on a path that may take IP packets of up to ``limit`` bytes.

        ``overhead`` are the bytes around an SCTP packet, IP header included.
        """
        self._overhead = overhead
        self._limit = limit
        self._ceiling = _NO_CEILING
        self._token = b""
        self.size = self.floor
        likely = self._size_for(min(limit, _LIKELY_MTU))
        if limit > _LEAST_MTU and likely > self.floor:
            self._seek(likely)
            self._shortcut = True
        else:
            self.state = PathMtuState.DISABLED
            self.due = inf

    def _size_for(self, mtu: int) -> int:
        # A multiple of four, as chunks are: all full packets then have one size.
        return mtu - self._overhead & ~3

    def _next_size(self) -> int | None:
        """Return the next larger size that may pass."""
        limit = self._limit if self.takes_padding else min(self._limit, _LIKELY_MTU)
        for mtu in (*_COMMON_MTUS, limit):
            size = self._size_for(min(mtu, limit))
            if self.size < size < self._ceiling:
                return size
        return None

    def _seek(self, target: int) -> None:
        self.state = PathMtuState.SEARCHING
        self._target = target
        self._token = b""
        self._tries = 0
        self._shortcut = False
        self.due = -inf

    def _climb(self, now: float) -> None:
        target = self._next_size()
        if target is not None:
            self._seek(target)
            return
        self.state = PathMtuState.SEARCH_COMPLETE
        self._token = b""
        self.due = now + _RAISE_TIMER

    def probe(self, now: float) -> bytes | None:
        """Return the chunks of a probe to send alone and whole; None when there is none to send.

        Called when it is ``due`` and there is much to send. A probe that went out before is lost
        by then, and ``size`` may have changed.
        """
        if self.state is PathMtuState.SEARCH_COMPLETE:
            self._ceiling = _NO_CEILING
            if self.size > self.floor:
                self._seek(self.size)
            else:
                self._climb(now)
        elif self._tries >= (1 if self._shortcut else _MAX_PROBES):
            self._failed(now)
        if self.state is not PathMtuState.SEARCHING:
            return None
        self._tries += 1
        self._token = self._token or self._entropy(_TOKEN_SIZE)
        self.due = now + max(_LEAST_PROBE_TIMER, self._rto.value)
        info = encode_item(ParameterType.HEARTBEAT_INFO, self._token)
        heartbeat = encode_chunk(ChunkType.HEARTBEAT, 0, info)
        padding = self._target - COMMON_HEADER_SIZE - len(heartbeat) - CHUNK_HEADER_SIZE
        return heartbeat + encode_chunk(ChunkType.PAD, 0, bytes(padding))

    def _failed(self, now: float) -> None:
        if not self._shortcut:
            self._ceiling = self._target
        if self._target <= self.size:
            self.size = self.floor
        self._climb(now)

    def acknowledged(self, value: bytes, now: float) -> bool:
        """Take in a HEARTBEAT ACK; False when it answers no probe. Raises BadPacket."""
        if not self._token:
            return False
        if list(parse_items(value)) != [(ParameterType.HEARTBEAT_INFO, self._token)]:
            return False
        self.size = self._target
        self._climb(now)
        return True

    def refused(self, now: float) -> None:
        """The system knows that the path does not take the last probe."""
        if self._token:
            self._failed(now)

    def too_large(self, now: float) -> None:
        """The system knows that the path does not take packets of this size."""
        if self.size > self.floor:
            self._ceiling = self.size
            self.size = self.floor
            self._climb(now)

    def suspect(self) -> None:
        """Large packets may not pass any more: send small ones until a probe shows otherwise."""
        former = self.size
        if former > self.floor:
            self.size = self.floor
            self._seek(former)
