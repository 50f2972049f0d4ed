"""The four-way handshake, seen from both ends at once (RFC 9260 sections 5.1 and 5.2)."""

from enum import Enum
from typing import Final, NamedTuple

from purertc.errors import BadPacket
from purertc.sansio.entropy import Entropy, random_u32
from purertc.sansio.sctp.context import AssociationContext
from purertc.sansio.sctp.cookie import CookieJar, StateCookie
from purertc.sansio.sctp.events import AssociationState
from purertc.wire.sctp.causes import (
    Cause,
    CauseCode,
    encode_causes,
    parse_causes,
    stale_cookie,
)
from purertc.wire.sctp.chunks import (
    ZERO_CHECKSUM_OVER_DTLS,
    ChunkType,
    Init,
    ParameterType,
    encode_chunk,
    encode_init,
    parse_init,
)
from purertc.wire.sctp.tlv import UnknownAction, encode_item, unknown_parameter

__all__ = ["CookieVerdict", "Handshake", "PeerParameters"]

_EXTENSIONS: Final = bytes((ChunkType.RE_CONFIG, ChunkType.PAD, ChunkType.FORWARD_TSN))
_KNOWN_PARAMETERS: Final = frozenset(ParameterType)
_MAX_REPORTED: Final = 512


class PeerParameters(NamedTuple):
    """What the peer has announced in its INIT or INIT ACK."""

    tag: int
    initial_tsn: int
    window: int
    outbound_streams: int
    inbound_streams: int
    forward_tsn: bool
    reconfig: bool
    zero_checksum: bool
    padding: bool


class CookieVerdict(Enum):
    """What a valid COOKIE ECHO means (RFC 9260 section 5.2.4, table 12)."""

    ESTABLISH = "establish"
    DUPLICATE = "duplicate"
    RESTART = "restart"
    IGNORE = "ignore"


class Handshake:
    """Tags, cookies and the T1 timer. ``peer`` is known from the INIT ACK or the cookie.

    ``outbound_streams`` is how many streams both sides have for us, as far as that is known.
    """

    __slots__ = (
        "_attempts",
        "_context",
        "_cookie_echo",
        "_entropy",
        "_jar",
        "_sent_at",
        "local_tag",
        "local_tsn",
        "outbound_streams",
        "peer",
    )

    def __init__(self, context: AssociationContext, entropy: Entropy) -> None:
        self._context = context
        self._entropy = entropy
        self._jar = CookieJar(entropy)
        self.local_tag = self._new_tag()
        self.local_tsn = random_u32(entropy)
        self.peer: PeerParameters | None = None
        self.outbound_streams = context.config.outbound_streams
        self._cookie_echo = b""
        self._attempts = 0
        self._sent_at: float | None = None
        context.set_tags(self.local_tag, None)

    def _new_tag(self) -> int:
        return random_u32(self._entropy) or 1

    # Our INIT

    def start(self, now: float) -> None:
        """Send INIT."""
        self._context.state = AssociationState.COOKIE_WAIT
        self._context.set_tags(self.local_tag, None)
        self._attempts = 0
        self._send_init(now)

    def _send_init(self, now: float) -> None:
        init = self._init(self.local_tag, self.local_tsn, ())
        # Rule B of RFC 9260 section 8.5.1: an INIT has verification tag 0.
        self._context.send_alone(encode_init(ChunkType.INIT, init), 0)
        self._arm(now)

    def _init(self, tag: int, tsn: int, extra: tuple[tuple[int, bytes], ...]) -> Init:
        config = self._context.config
        if config.zero_checksum:
            acceptable = (ParameterType.ZERO_CHECKSUM_ACCEPTABLE, ZERO_CHECKSUM_OVER_DTLS)
            extra = (*extra, acceptable)
        return Init(
            tag,
            config.receive_window,
            config.outbound_streams,
            config.inbound_streams,
            tsn,
            (
                *extra,
                (ParameterType.FORWARD_TSN_SUPPORTED, b""),
                (ParameterType.SUPPORTED_EXTENSIONS, _EXTENSIONS),
            ),
        )

    def _arm(self, now: float) -> None:
        # Karn's rule: a repeated chunk gives no sample of the round trip.
        self._sent_at = None if self._attempts else now
        self._context.timers.set("handshake", now + self._context.rto.value)

    def timed_out(self, now: float) -> None:
        """T1-init or T1-cookie has expired: repeat the chunk, or give up (section 4)."""
        context = self._context
        self._attempts += 1
        if self._attempts > context.config.max_init_retransmits:
            context.end("the peer did not answer the SCTP handshake", aborted=True)
            return
        context.rto.back_off()
        if context.state is AssociationState.COOKIE_WAIT:
            self._send_init(now)
        else:
            self._send_cookie_echo(b"", now)

    def received_init_ack(self, value: bytes, now: float) -> bool:
        """Answer an INIT ACK with COOKIE ECHO; False when the chunk is out of place."""
        context = self._context
        if context.state is not AssociationState.COOKIE_WAIT:
            return False
        init = parse_init(value)
        cookie = init.parameter(ParameterType.STATE_COOKIE)
        if cookie is None or len(cookie) + 16 > context.config.mtu:
            raise BadPacket("an INIT ACK without a usable cookie")
        self._sample(now)
        self._adopt(_parameters(init))
        self._cookie_echo = encode_chunk(ChunkType.COOKIE_ECHO, 0, cookie)
        error = b""
        report = _unrecognized(init)
        if report:
            unknown = b"".join(encode_item(*item) for item in report)
            cause = Cause(CauseCode.UNRECOGNIZED_PARAMETERS, unknown)
            error = encode_chunk(ChunkType.ERROR, 0, encode_causes([cause]))
        context.state = AssociationState.COOKIE_ECHOED
        self._attempts = 0
        self._send_cookie_echo(error, now)
        return True

    def _send_cookie_echo(self, error: bytes, now: float) -> None:
        """Send COOKIE ECHO, and an ERROR chunk behind it if there is one."""
        if self.peer is not None:
            self._context.send_alone(self._cookie_echo + error, self.peer.tag)
        self._arm(now)

    def received_cookie_ack(self, now: float) -> bool:
        """Enter ESTABLISHED; False when the chunk is out of place."""
        if self._context.state is not AssociationState.COOKIE_ECHOED:
            return False
        self._sample(now)
        self._establish()
        return True

    def received_error(self, value: bytes, now: float) -> None:
        """Begin anew when our cookie was stale (RFC 9260 section 5.2.6)."""
        codes = [cause.code for cause in parse_causes(value)]
        stale = CauseCode.STALE_COOKIE in codes
        if stale and self._context.state is AssociationState.COOKIE_ECHOED:
            self._context.state = AssociationState.COOKIE_WAIT
            self._context.set_tags(self.local_tag, None)
            self.timed_out(now)

    # The peer's INIT

    def received_init(self, value: bytes, now: float) -> None:
        """Answer an INIT with INIT ACK; nothing else changes (sections 5.1 B, 5.2.1, 5.2.2)."""
        init = parse_init(value)
        state = self._context.state
        tag, tsn = self.local_tag, self.local_tsn
        if state not in (
            AssociationState.CLOSED,
            AssociationState.COOKIE_WAIT,
            AssociationState.COOKIE_ECHOED,
        ):
            tag, tsn = self._new_tag(), random_u32(self._entropy)
        peer = _parameters(init)
        cookie = StateCookie(
            now,
            tag,
            tsn,
            *peer[:5],
            self.local_tag,
            self.peer.tag if self.peer else 0,
            peer.forward_tsn,
            peer.reconfig,
            peer.zero_checksum,
            peer.padding,
        )
        answer = self._init(tag, tsn, ((ParameterType.STATE_COOKIE, self._jar.seal(cookie)),))
        report = tuple(
            (ParameterType.UNRECOGNIZED_PARAMETER, encode_item(*item))
            for item in _unrecognized(init)
        )
        answer = answer._replace(parameters=answer.parameters + report)
        self._context.send_alone(encode_init(ChunkType.INIT_ACK, answer), init.tag)

    def received_cookie_echo(self, value: bytes, tag: int, now: float) -> CookieVerdict:
        """Judge a COOKIE ECHO and adopt what it carries; raises BadPacket."""
        cookie = self._jar.open(value)
        if cookie.local_tag != tag:
            raise BadPacket("a COOKIE ECHO with a wrong verification tag")
        same_local = cookie.local_tag == self.local_tag
        same_peer = self.peer is not None and cookie.peer_tag == self.peer.tag
        handshaking = self._context.state in (
            AssociationState.CLOSED,
            AssociationState.COOKIE_WAIT,
            AssociationState.COOKIE_ECHOED,
        )
        staleness = now - cookie.created - self._context.config.cookie_lifetime
        if staleness > 0 and not (same_local and same_peer):
            cause = encode_causes([stale_cookie(staleness)])
            self._context.send_alone(encode_chunk(ChunkType.ERROR, 0, cause), cookie.peer_tag)
            return CookieVerdict.IGNORE
        if same_local and handshaking:
            self._adopt_cookie(cookie)
            self._sample_cookie(now - cookie.created)
            self._establish()
            return CookieVerdict.ESTABLISH
        if same_local:
            return CookieVerdict.DUPLICATE if same_peer else CookieVerdict.IGNORE
        ties = (cookie.local_tie, cookie.peer_tie)
        if same_peer or self.peer is None or ties != (self.local_tag, self.peer.tag):
            return CookieVerdict.IGNORE
        if self._context.state is AssociationState.SHUTDOWN_ACK_SENT:
            return CookieVerdict.IGNORE
        self.local_tag, self.local_tsn = cookie.local_tag, cookie.local_tsn
        self._adopt_cookie(cookie)
        self._establish()
        return CookieVerdict.RESTART

    def _adopt_cookie(self, cookie: StateCookie) -> None:
        self._adopt(
            PeerParameters(
                cookie.peer_tag,
                cookie.peer_tsn,
                cookie.peer_window,
                cookie.peer_outbound,
                cookie.peer_inbound,
                cookie.forward_tsn,
                cookie.reconfig,
                cookie.zero_checksum,
                cookie.padding,
            )
        )

    def _adopt(self, peer: PeerParameters) -> None:
        self.peer = peer
        own = self._context.config.outbound_streams
        self.outbound_streams = min(own, peer.inbound_streams)
        self._context.set_tags(self.local_tag, peer.tag)

    def _sample(self, now: float) -> None:
        if self._sent_at is not None:
            self._context.rto.sample(now - self._sent_at)

    def _sample_cookie(self, age: float) -> None:
        """Measure the round trip unless the peer may have repeated its COOKIE ECHO."""
        rto = self._context.rto
        if rto.smoothed is None and age < self._context.config.rto_initial:
            rto.sample(age)

    def _establish(self) -> None:
        context, peer = self._context, self.peer
        context.state = AssociationState.ESTABLISHED
        context.timers.stop("handshake")
        context.rto.end_back_off()
        if peer is not None and peer.zero_checksum and context.config.zero_checksum:
            context.omit_checksums(peer.tag)


def _parameters(init: Init) -> PeerParameters:
    extensions = init.parameter(ParameterType.SUPPORTED_EXTENSIONS) or b""
    return PeerParameters(
        init.tag,
        init.initial_tsn,
        init.receive_window,
        init.outbound_streams,
        init.inbound_streams,
        init.parameter(ParameterType.FORWARD_TSN_SUPPORTED) is not None
        or ChunkType.FORWARD_TSN in extensions,
        ChunkType.RE_CONFIG in extensions,
        init.parameter(ParameterType.ZERO_CHECKSUM_ACCEPTABLE) == ZERO_CHECKSUM_OVER_DTLS,
        ChunkType.PAD in extensions,
    )


def _unrecognized(init: Init) -> list[tuple[int, bytes]]:
    """Return the unknown parameters to report (RFC 9260 section 3.2.1), a bounded number."""
    report: list[tuple[int, bytes]] = []
    size = 0
    for item_type, value in init.parameters:
        if item_type in _KNOWN_PARAMETERS:
            continue
        action = unknown_parameter(item_type)
        size += len(value) + 8
        if action & UnknownAction.REPORT and size <= _MAX_REPORTED:
            report.append((item_type, value))
        if not action & UnknownAction.SKIP:
            break
    return report
