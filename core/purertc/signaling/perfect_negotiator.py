"""Both sides may offer at any time (W3C webrtc-pc section 10.7, "perfect negotiation")."""

import logging
import weakref
from collections import deque
from collections.abc import Awaitable, Callable

from purertc.errors import ArgumentError, InvalidStateError, PurertcError
from purertc.handler import PeerConnectionHandler
from purertc.peer_connection import PeerConnection
from purertc.sansio.description import IceCandidate, SessionDescription
from purertc.sansio.types import ConnectionState, SdpType, SignalingState

__all__ = ["NegotiationMessage", "PerfectNegotiator"]

_logger = logging.getLogger("purertc.signaling")

NegotiationMessage = SessionDescription | IceCandidate | None
"""What the two sides tell each other; None says that no candidate follows."""


class PerfectNegotiator(PeerConnectionHandler):
    """Makes offers, answers, and settles who gives way when both sides offer at once.

    It attaches itself to ``connection`` and does not keep it alive. ``send(message)`` brings a
    message to the negotiator of the other side, where it is given to :meth:`receive`: all of
    them, in order. Exactly one side is ``polite``: it takes its offer back when the other one
    offers, too; the other side ignores such an offer.

    ``send`` is awaited for one message at a time. An error that it raises goes to
    :meth:`on_error`, and the message waits, with those behind it, for :meth:`resend` or the next
    message in either direction. So ``send`` may deliver a message twice, and must not lose one
    without an error. After the close nothing is sent, and what arrives is ignored.
    """

    def __init__(
        self,
        connection: PeerConnection,
        send: Callable[[NegotiationMessage], Awaitable[object]],
        *,
        polite: bool,
    ) -> None:
        self._connection = weakref.ref(connection)
        self._send = send
        self._polite = polite
        self._making_offer = False
        self._applying_answer = False
        self._ignoring_offer = False
        self._outbox: deque[NegotiationMessage] = deque()
        self._sending = False
        connection.attach(self)

    @property
    def polite(self) -> bool:
        """Whether this side gives way."""
        return self._polite

    # What the connection tells.

    async def on_negotiation_needed(self) -> None:
        """Make an offer, unless one of the other side is open: then it will be asked again."""
        connection = self._open_connection()
        if connection is None or connection.signaling_state is not SignalingState.STABLE:
            return
        self._making_offer = True
        try:
            await connection.set_local_description(SessionDescription(SdpType.OFFER))
        except InvalidStateError as error:
            # An offer of the other side, or the close, was faster.
            _logger.debug("no offer is made: %s", error)
            return
        except BaseException:
            # Cancelled; the offer may be made already, and then only resend() can bring it.
            self._keep(connection.pending_local_description)
            raise
        finally:
            self._making_offer = False
        self._keep(connection.pending_local_description)
        await self.resend()

    async def on_ice_candidate(self, candidate: IceCandidate | None) -> None:
        """Send the candidate."""
        self._outbox.append(candidate)
        await self.resend()

    # What the other side tells.

    async def receive(self, message: NegotiationMessage) -> None:
        """Take a message of the other side, and answer it if it is an offer.

        Raises ArgumentError or SdpError for what cannot be read or applied; a candidate that
        belongs to an offer that was ignored, and an answer to an offer that is not open any more,
        are no errors. Cancelled, it may have applied the message without having answered it: give
        it the same message once more.
        """
        if not isinstance(message, SessionDescription | IceCandidate | None):
            raise ArgumentError(
                "a message is a SessionDescription, an IceCandidate or None, not"
                f" {type(message).__name__}"
            )
        connection = self._open_connection()
        if connection is None:
            return
        try:
            if isinstance(message, SessionDescription):
                await self._take_description(connection, message)
            else:
                await self._take_candidate(connection, message)
        except InvalidStateError:
            if self._open_connection() is not None:
                raise
        await self.resend()

    async def resend(self) -> None:
        """Send what an error or a cancellation left behind, such as after a reconnect."""
        if self._sending:
            return
        self._sending = True
        try:
            while self._outbox and self._open_connection() is not None:
                message = self._outbox[0]
                await self._send(message)
                # What waited may have been withdrawn in the meantime.
                if self._outbox and self._outbox[0] is message:
                    self._outbox.popleft()
        except Exception as error:  # noqa: BLE001  # the sender's own door for errors
            await self.on_error(error, "send")
        finally:
            self._sending = False

    # Inside.

    async def _take_description(
        self, connection: PeerConnection, description: SessionDescription
    ) -> None:
        state = connection.signaling_state
        offer = description.type is SdpType.OFFER
        ready = not self._making_offer and (
            state is SignalingState.STABLE
            or state is SignalingState.HAVE_REMOTE_OFFER
            or self._applying_answer
        )
        self._ignoring_offer = offer and not ready and not self._polite
        if self._ignoring_offer:
            _logger.debug("the offer of the other side gives way to ours")
            return
        if not offer and self._is_stale(description.type, state):
            _logger.debug("a description of type %s is too late", description.type)
            return
        self._applying_answer = description.type is SdpType.ANSWER
        try:
            await connection.set_remote_description(description)
        finally:
            self._applying_answer = False
        if offer:
            self._withdraw_offer()
            await self._answer(connection)

    def _is_stale(self, kind: SdpType, state: SignalingState) -> bool:
        """Whether the exchange that a description wants to go on with is over."""
        if kind is SdpType.ROLLBACK:
            return state is not SignalingState.HAVE_REMOTE_OFFER
        waiting = (SignalingState.HAVE_LOCAL_OFFER, SignalingState.HAVE_REMOTE_PRANSWER)
        return state not in waiting and not self._making_offer

    async def _answer(self, connection: PeerConnection) -> None:
        try:
            await connection.set_local_description(SessionDescription(SdpType.ANSWER))
        except InvalidStateError:
            # Another call answered the same offer, or the other side took it back.
            if connection.signaling_state is not SignalingState.STABLE:
                raise
            return
        self._keep(connection.current_local_description)
        await self.resend()

    async def _take_candidate(
        self, connection: PeerConnection, candidate: IceCandidate | None
    ) -> None:
        if not self._ignoring_offer:
            await connection.add_ice_candidate(candidate)
        elif candidate is not None and candidate.username_fragment is not None:
            # It belongs to the ignored offer, or to a description before it. What has no name
            # follows the ignored one, whose successor will say it again.
            try:
                await connection.add_ice_candidate(candidate)
            except PurertcError as error:
                _logger.debug("a candidate of the ignored offer: %s", error)

    def _keep(self, description: SessionDescription | None) -> None:
        """Keep a description to be sent; None when it is replaced already."""
        if description is not None:
            self._outbox.append(description)

    def _withdraw_offer(self) -> None:
        """Forget an offer that was rolled back before it was sent, and what waits behind it.

        Those are its candidates; the answer has them if they are still of use.
        """
        for place, message in enumerate(self._outbox):
            if isinstance(message, SessionDescription) and message.type is SdpType.OFFER:
                while len(self._outbox) > place:
                    self._outbox.pop()
                return

    def _open_connection(self) -> PeerConnection | None:
        connection = self._connection()
        if connection is None or connection.connection_state is ConnectionState.CLOSED:
            self._outbox.clear()
            return None
        return connection
