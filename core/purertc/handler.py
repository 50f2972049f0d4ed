"""The handlers that applications derive from: one coroutine method for each kind of news.

Every method does nothing by default, so a handler overrides what it wants to know. Methods may
await for as long as they like: the network never waits for them.
"""

import logging
from typing import TYPE_CHECKING

from purertc.sansio.types import (
    ConnectionState,
    IceCandidateError,
    IceConnectionState,
    IceGatheringState,
    SignalingState,
)

if TYPE_CHECKING:
    from purertc.data_channel import DataChannel
    from purertc.sansio.description import IceCandidate

__all__ = ["DataChannelHandler", "PeerConnectionHandler"]

_logger = logging.getLogger("purertc.handler")


class PeerConnectionHandler:
    """What an application wants to know of a connection (W3C webrtc-pc section 4.4, events).

    State and candidate methods are awaited one at a time, in the order of the events.
    ``on_data_channel`` runs in a task of its own for each channel, so that it may loop over the
    channel's messages; it is cancelled when it still runs one second after the connection
    closed. A handler may be attached to several connections.
    """

    async def on_connection_state_change(self, state: ConnectionState) -> None:
        """The connection as a whole changed state."""

    async def on_ice_connection_state_change(self, state: IceConnectionState) -> None:
        """The ICE transport changed state."""

    async def on_ice_gathering_state_change(self, state: IceGatheringState) -> None:
        """Gathering of local candidates began or ended."""

    async def on_signaling_state_change(self, state: SignalingState) -> None:
        """The offer/answer exchange moved on."""

    async def on_ice_candidate(self, candidate: "IceCandidate | None") -> None:
        """Send ``candidate`` to the other side; None follows the last one."""

    async def on_ice_candidate_error(self, error: IceCandidateError) -> None:
        """A STUN or TURN server gave no candidate; the others go on."""

    async def on_negotiation_needed(self) -> None:
        """An offer is due."""

    async def on_data_channel(self, channel: "DataChannel") -> None:
        """The other side opened a data channel. It is open, and no message was missed."""

    async def on_error(self, error: Exception, where: str) -> None:
        """A method of this handler raised ``error``; ``where`` is its name.

        The default logs it with its traceback. The connection goes on.
        """
        _logger.error("%s.%s raised", type(self).__qualname__, where, exc_info=error)


class DataChannelHandler:
    """What an application wants to know of one data channel (W3C webrtc-pc section 6.2, events).

    Methods are awaited one at a time. Messages wait in the other side's window until
    ``on_message`` has returned for those before them. A handler that does not override
    ``on_message`` leaves the messages to :meth:`DataChannel.receive`.
    """

    async def on_open(self) -> None:
        """The channel is open; also called when it was open already as the handler came."""

    async def on_message(self, message: str | bytes) -> None:
        """A message arrived."""

    async def on_buffered_amount_low(self) -> None:
        """The bytes that wait to be sent fell to ``buffered_amount_low_threshold``."""

    async def on_close(self) -> None:
        """The channel is closed, and all messages that arrived before were handled."""

    async def on_error(self, error: Exception, where: str) -> None:
        """A method of this handler raised ``error``; ``where`` is its name.

        The default logs it with its traceback. The channel goes on.
        """
        _logger.error("%s.%s raised", type(self).__qualname__, where, exc_info=error)
