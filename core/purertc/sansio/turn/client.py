"""A TURN client (RFC 8656): one allocation on one server, over one socket or stream."""

from collections import deque
from enum import Enum, auto
from math import inf
from typing import Final

from purertc.errors import ArgumentError, BadPacket, InvalidStateError
from purertc.sansio.entropy import Entropy
from purertc.sansio.turn.authentication import Authentication
from purertc.sansio.turn.channels import Channel
from purertc.sansio.turn.config import TurnConfig, TurnCredentials
from purertc.sansio.turn.events import (
    NO_STUN_CODE,
    TurnAllocated,
    TurnEvent,
    TurnFailed,
    TurnLost,
    TurnRedirected,
)
from purertc.sansio.turn.messages import (
    METHODS,
    Family,
    read_grant,
    read_lifetime,
    request_message,
)
from purertc.sansio.turn.permissions import Permission
from purertc.sansio.turn.relay import Relay
from purertc.sansio.turn.requests import Purpose, Request, Requests, Subject
from purertc.sansio.types import Address
from purertc.wire.stun import DATA, Attribute, MessageClass, StunMessage

__all__ = ["TurnClient"]

_FIRST_BYTE_OF_CHANNELS: Final = 0x40
_UNAUTHENTICATED: Final = 401
_ALLOCATION_MISMATCH: Final = 437
_STALE_NONCE: Final = 438
_TRY_ALTERNATE: Final = 300
_MAX_ATTEMPTS: Final = 4
"""How often a server may have one request signed anew."""
_LONGEST_LIFETIME: Final = 3600
_MARGIN: Final = 60.0
"""How long before its end an allocation is refreshed, at most, in seconds."""
_RETRY_AFTER: Final = 5.0
_LONGEST_REASON: Final = 128
"""Characters that a reason phrase may have (RFC 8489 section 14.8)."""


class _State(Enum):
    NEW = auto()
    ALLOCATING = auto()
    ALLOCATED = auto()
    ENDED = auto()


class TurnClient:
    """Asks a server for a relayed address of ``family`` 4 or 6 and keeps it until closed.

    The owner passes what comes from the server to :meth:`receive`, one STUN message or
    ChannelData each (of a stream, what :class:`purertc.wire.turn.TurnStreamSplitter` gives), and
    sends what :meth:`transmits` returns. ``reliable`` says that this goes over TCP or TLS.

    Nothing a server sends makes it raise. ``bad_packets`` counts what could not be read,
    ``dropped`` what was not wanted: answers to nothing we asked or that fail the integrity
    check, data from peers without permission, and packets that had no room or no relay.
    """

    def __init__(
        self,
        credentials: TurnCredentials,
        entropy: Entropy,
        *,
        reliable: bool,
        family: Family = 4,
        config: TurnConfig | None = None,
    ) -> None:
        if family not in (4, 6):
            raise ArgumentError("the family of a relayed address is 4 or 6")
        self._config = config or TurnConfig()
        self._entropy = entropy
        self._reliable = reliable
        self._family: Family = family
        self._state = _State.NEW
        self._authentication = Authentication(credentials)
        self._requests: Requests = Requests(self._config.retransmission, reliable=reliable)
        self._relay = Relay(self._config, entropy, family, padded=reliable)
        self._out: list[tuple[bytes, int]] = self._relay.out
        self._events: deque[TurnEvent] = deque()
        self._refresh_at = self._expires_at = inf
        self._deadline: float | None = None
        """What :meth:`next_deadline` returns; None when it has to be worked out again."""
        self._heard_at = -inf
        self._has_released = False
        self._dropped = 0
        self.bad_packets = 0
        self.relayed: Address | None = None

    @property
    def dropped(self) -> int:
        """How many packets of both directions were not wanted, or had no room."""
        return self._dropped + self._relay.dropped

    @property
    def is_allocated(self) -> bool:
        """Whether there is a relayed address now."""
        return self._state is _State.ALLOCATED

    def start(self, now: float) -> None:
        """Ask for an allocation. Raises InvalidStateError the second time."""
        if self._state is not _State.NEW:
            raise InvalidStateError("this TURN client was started before; make another one")
        self._state = _State.ALLOCATING
        self._ask(Purpose.ALLOCATE, None, now)

    def send(self, peer: Address, payload: bytes, now: float, segment_size: int = 0) -> None:
        """Send one datagram to a peer, or a run of them of ``segment_size`` bytes each.

        The first one asks the server for a permission and waits for it, in a bounded queue. A
        payload that is no STUN message makes the client ask for a channel. Without an
        allocation, and to peers of the other family, it is dropped and counted. Raises
        ArgumentError when the peer is no numeric address.
        """
        if self._state is not _State.ALLOCATED:
            self._dropped += 1
            return
        wanted = self._relay.send(peer, payload, segment_size, now)
        if isinstance(wanted, Permission):
            self._ask(Purpose.PERMISSION, wanted, now)
        elif wanted is not None:
            self._ask(Purpose.CHANNEL, wanted, now)

    def receive(self, data: bytes, now: float) -> list[tuple[Address, bytes]]:
        """Take one message of the server; return what it relays: peer and payload."""
        self._heard_at = now
        try:
            # RFC 8656 section 12: the first two bits tell ChannelData from STUN.
            if data and data[0] >= _FIRST_BYTE_OF_CHANNELS:
                return self._relay.receive_channel_data(data, now)
            message = StunMessage.parse(data)
            if message.message_class is MessageClass.INDICATION and message.method == DATA:
                return self._relay.receive_indication(message, now)
            if message.message_class in (MessageClass.SUCCESS, MessageClass.ERROR):
                self._receive_answer(message, now)
            else:
                self._dropped += 1
        except BadPacket:
            self.bad_packets += 1
        return []

    def transmits(self) -> list[tuple[bytes, int]]:
        """Return what is to go to the server, as payload and segment size, and forget it.

        Over UDP a segment size other than 0 says that the payload is a run of datagrams of that
        many bytes, the last one possibly shorter. Over a stream all is one payload.
        """
        if not self._out:
            return []
        out = list(self._out)
        self._out.clear()
        if self._reliable:
            return [(b"".join([payload for payload, _ in out]), 0)]
        return out

    def next_event(self) -> TurnEvent | None:
        """Return the next event, or None."""
        return self._events.popleft() if self._events else None

    def next_deadline(self) -> float | None:
        """Return when :meth:`handle_timeout` is to be called, or None."""
        if self._deadline is None:
            self._deadline = min(
                self._refresh_at,
                self._expires_at,
                self._relay.next_deadline(),
                self._requests.next_deadline(),
            )
        return None if self._deadline == inf else self._deadline

    def handle_timeout(self, now: float) -> None:
        """Repeat requests, refresh what is about to end, and give up what had no answer."""
        deadline = self.next_deadline()
        if deadline is None or now < deadline:
            return
        self._deadline = None
        if self._expires_at <= now:
            self._end("the allocation ended before the server would refresh it")
            return
        repeat, given_up = self._requests.take_due(now)
        self._out += [(request.datagram, 0) for request in repeat]
        for request in given_up:
            self._give_up(request, now)
        if self._refresh_at <= now:
            self._refresh_at = inf
            self._ask(Purpose.REFRESH, None, now)
        for permission in self._relay.permissions_due(now):
            self._ask(Purpose.PERMISSION, permission, now)
        for channel in self._relay.channels.take_due(now):
            self._ask(Purpose.CHANNEL, channel, now)

    @property
    def is_refreshing(self) -> bool:
        """Whether the server has not said yet that it keeps the allocation."""
        return self._requests.has(Purpose.REFRESH)

    def refresh(self, now: float) -> None:
        """Ask the server to keep the allocation, to learn whether it still has it.

        :class:`TurnLost` follows when it has not, or does not answer. Without an allocation, and
        while one is being refreshed, nothing happens.
        """
        if self._state is _State.ALLOCATED and not self.is_refreshing:
            self._refresh_at = inf
            self._ask(Purpose.REFRESH, None, now)

    def transport_lost(self, reason: str) -> None:
        """Take note that the socket or stream to the server is gone."""
        self._fail(NO_STUN_CODE, reason)

    def close(self, now: float) -> None:
        """Give the allocation back (RFC 8656 section 8); the packets are in :meth:`transmits`.

        Nothing has to be waited for. While an answer still comes in, it is heeded, as the server
        may want the request signed anew. No event follows. Closing twice does nothing.
        """
        if self._state is _State.ENDED:
            return
        may_exist = self._state is _State.ALLOCATED or self._authentication.is_challenged
        self._stop()
        if may_exist:
            self._release(now)

    # Requests and their answers.

    def _ask(self, purpose: Purpose, subject: Subject, now: float, attempt: int = 0) -> None:
        self._deadline = None
        if isinstance(subject, Permission):
            subject.asking = True
        elif isinstance(subject, Channel):
            self._relay.channels.ask(subject)
        transaction_id = self._entropy(12)
        message = request_message(purpose, subject, transaction_id, self._family, self._config)
        datagram = self._authentication.sign(message)
        signed = self._authentication.is_challenged
        self._requests.add(
            Request(transaction_id, purpose, subject, datagram, signed, attempt, now)
        )
        self._out.append((datagram, 0))

    def _release(self, now: float) -> None:
        self._ask(Purpose.RELEASE, None, now)
        if not self._reliable:
            # Nobody may be there to repeat it when it is lost.
            self._out.append(self._out[-1])

    def _receive_answer(self, message: StunMessage, now: float) -> None:
        self._deadline = None
        request = self._requests.get(message.transaction_id)
        if request is None or message.method != METHODS[request.purpose]:
            self._dropped += 1
            return
        code, reason = _error_of(message)
        if code in (_UNAUTHENTICATED, _STALE_NONCE):
            self._requests.finish(request)
            self._meet_challenge(request, message, (code, reason), now)
            return
        if request.signed and not self._authentication.proves(message):
            self._dropped += 1
            request.discarded = reason or "success"
            if self._reliable:
                # RFC 8489 section 9.2.5: no repetition will bring a better answer.
                self._requests.finish(request)
                self._refused(request, NO_STUN_CODE, _discarded(request), now)
            return
        self._requests.finish(request)
        try:
            if code:
                self._take_error(request, message, (code, reason), now)
            else:
                self._take_success(request, message, now)
        except BadPacket as error:
            self.bad_packets += 1
            self._refused(request, code or NO_STUN_CODE, str(error), now)
            if request.purpose is Purpose.ALLOCATE and not code:
                self._release(now)

    def _meet_challenge(
        self, request: Request, message: StunMessage, error: tuple[int, str], now: float
    ) -> None:
        code, reason = error
        try:
            realm_is_new = self._authentication.take_challenge(message)
        except BadPacket as problem:
            self.bad_packets += 1
            self._refused(request, code, str(problem), now)
            return
        is_wrong = code == _UNAUTHENTICATED and request.signed and not realm_is_new
        if is_wrong or request.attempt >= _MAX_ATTEMPTS:
            self._refused(request, code, reason, now)
        else:
            self._ask(request.purpose, request.subject, now, request.attempt + 1)

    def _take_success(self, request: Request, message: StunMessage, now: float) -> None:
        subject = request.subject
        if isinstance(subject, Permission):
            self._relay.install(subject, request.sent_at)
        elif isinstance(subject, Channel):
            self._relay.channels.bind(subject, request.sent_at)
        elif request.purpose is Purpose.ALLOCATE:
            grant = read_grant(message, self._family)
            self._state = _State.ALLOCATED
            self.relayed = grant.relayed
            self._keep_for(grant.lifetime, request.sent_at)
            self._events.append(TurnAllocated(grant.relayed, grant.mapped, grant.lifetime))
        elif request.purpose is Purpose.REFRESH:
            lifetime = read_lifetime(message)
            if not lifetime:
                raise BadPacket("the server ended the allocation")
            self._keep_for(lifetime, request.sent_at)
        elif self._state is _State.ALLOCATING:
            self._ask(Purpose.ALLOCATE, None, now)

    def _keep_for(self, lifetime: int, since: float) -> None:
        seconds = float(min(lifetime, _LONGEST_LIFETIME))
        self._expires_at = since + seconds
        self._refresh_at = since + max(seconds - _MARGIN, seconds / 2)

    def _take_error(
        self, request: Request, message: StunMessage, error: tuple[int, str], now: float
    ) -> None:
        code, reason = error
        if request.purpose is Purpose.ALLOCATE:
            alternate = message.plain_address(Attribute.ALTERNATE_SERVER)
            if code == _TRY_ALTERNATE and alternate is not None:
                self._stop()
                self._events.append(TurnRedirected(alternate, code, reason))
                return
            if code == _ALLOCATION_MISMATCH and not self._has_released:
                # Something before us left an allocation on this 5-tuple (RFC 8656 section 7.4).
                self._has_released = True
                self._ask(Purpose.RELEASE, None, now)
                return
        may_pass = code >= 500 and now + _RETRY_AFTER < self._expires_at
        if request.purpose is Purpose.REFRESH and may_pass:
            self._refresh_at = now + _RETRY_AFTER
        else:
            self._refused(request, code, reason, now)

    def _refused(self, request: Request, code: int, reason: str, now: float) -> None:
        """Draw the conclusions from a request that will not succeed."""
        subject = request.subject
        if code == _ALLOCATION_MISMATCH and subject is not None:
            # RFC 8656 sections 10.2 and 12.2: the server has no allocation of ours any more.
            self._fail(code, reason)
        elif isinstance(subject, Permission):
            self._relay.permissions.refuse(subject, now)
        elif isinstance(subject, Channel):
            self._relay.channels.refuse(subject, now)
        elif request.purpose is Purpose.RELEASE:
            if self._state is _State.ALLOCATING:
                self._ask(Purpose.ALLOCATE, None, now)
        else:
            self._fail(code, reason)

    def _give_up(self, request: Request, now: float) -> None:
        if self._heard_at < request.sent_at and self._state is not _State.ENDED:
            self._fail(NO_STUN_CODE, "the server does not answer")
        elif request.discarded:
            self._refused(request, NO_STUN_CODE, _discarded(request), now)
        else:
            self._refused(request, NO_STUN_CODE, "the server does not answer this request", now)

    def _fail(self, code: int, reason: str) -> None:
        if self._state is _State.ALLOCATED:
            self._end(reason if code == NO_STUN_CODE else f"{reason} (error {code})")
        elif self._state is not _State.ENDED:
            self._stop()
            self._events.append(TurnFailed(code, reason))

    def _end(self, reason: str) -> None:
        self._stop()
        self._events.append(TurnLost(reason))

    def _stop(self) -> None:
        self._state = _State.ENDED
        self._deadline = None
        self.relayed = None
        self._refresh_at = self._expires_at = inf
        self._requests.clear()
        self._relay.clear()


def _discarded(request: Request) -> str:
    return f"the server's answer fails the integrity check; it says: {request.discarded}"


def _error_of(message: StunMessage) -> tuple[int, str]:
    """Return an answer's error and a reason to show; 0 for success. May raise BadPacket."""
    if message.message_class is MessageClass.SUCCESS:
        return 0, ""
    error = message.error_code()
    if error is None:
        raise BadPacket("an error response without ERROR-CODE")
    code, reason = error
    printable = "".join(char for char in reason[:_LONGEST_REASON] if char.isprintable())
    return code, printable or f"error {code}"
