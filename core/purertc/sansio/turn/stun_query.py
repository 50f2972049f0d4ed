"""Asking a STUN server for our address as others see it (RFC 8489 section 3, RFC 8445 s. 5.1)."""

from collections import deque

from purertc.errors import BadPacket
from purertc.sansio.entropy import Entropy
from purertc.sansio.turn.config import RetransmissionConfig
from purertc.sansio.turn.events import NO_STUN_CODE, StunFailed, StunMapped, StunQueryEvent
from purertc.sansio.turn.requests import Purpose, Request, Requests
from purertc.wire.stun import BINDING, MessageClass, StunMessage

__all__ = ["StunQuery"]


class StunQuery:
    """Binding requests to one server, from one socket.

    Each :meth:`start` asks once, with repetitions, and brings one event. What goes out also
    keeps the binding of a translator on the way alive.
    """

    def __init__(
        self,
        entropy: Entropy,
        config: RetransmissionConfig | None = None,
        *,
        reliable: bool = False,
    ) -> None:
        self._entropy = entropy
        self._requests: Requests[None] = Requests(
            config or RetransmissionConfig(), reliable=reliable
        )
        self._out: list[bytes] = []
        self._events: deque[StunQueryEvent] = deque()
        self.bad_packets = 0

    def start(self, now: float) -> None:
        """Ask the server, in place of an earlier question without an answer."""
        self._requests.clear()
        transaction_id = self._entropy(12)
        datagram = StunMessage(MessageClass.REQUEST, transaction_id).to_bytes()
        self._requests.add(Request(transaction_id, Purpose.BINDING, None, datagram, False, 0, now))
        self._out.append(datagram)

    def stop(self) -> None:
        """Ask no more; no event follows."""
        self._requests.clear()

    def receive(self, data: bytes) -> bool:
        """Take a datagram of the server; return whether it answers this question.

        What cannot be read is counted in ``bad_packets``.
        """
        try:
            message = StunMessage.parse(data)
            request = self._requests.get(message.transaction_id)
            if request is None or message.method != BINDING:
                return False
            event = _outcome(message)
        except BadPacket:
            self.bad_packets += 1
            return False
        if event is None:
            return False
        self._requests.finish(request)
        self._events.append(event)
        return True

    def transmits(self) -> list[bytes]:
        """Return the datagrams for the server, and forget them."""
        out, self._out = self._out, []
        return out

    def next_event(self) -> StunQueryEvent | None:
        """Return the next event, or None."""
        return self._events.popleft() if self._events else None

    def next_deadline(self) -> float | None:
        """Return when :meth:`handle_timeout` is to be called, or None."""
        return self._requests.next_deadline()

    def handle_timeout(self, now: float) -> None:
        """Repeat the request, or give it up."""
        repeat, given_up = self._requests.take_due(now)
        self._out += [request.datagram for request in repeat]
        if given_up:
            self._events.append(StunFailed(NO_STUN_CODE, "the server does not answer"))


def _outcome(message: StunMessage) -> StunQueryEvent | None:
    """Return what an answer says; None when it is none. Raises BadPacket."""
    if message.message_class is MessageClass.SUCCESS:
        mapped = message.mapped_address()
        if mapped is None:
            raise BadPacket("a Binding response without an address")
        return StunMapped(mapped)
    if message.message_class is MessageClass.ERROR:
        error = message.error_code()
        if error is None:
            raise BadPacket("an error response without ERROR-CODE")
        return StunFailed(*error)
    return None
