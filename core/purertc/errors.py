"""Every error purertc raises on purpose.

::

    PurertcError
     ├── InvalidStateError        the call does not fit the object's present state
     ├── InvalidAccessError       the call names something the connection does not have
     ├── ArgumentError            an argument is wrong (also a ValueError)
     │    ├── MessageTooLarge     longer than the other side accepts
     │    └── SdpError            a description or candidate that cannot be read or applied
     ├── ProtocolError            the peer's fault
     │    └── BadPacket           bytes that are no packet of the protocol
     ├── ConnectionFailed         the connection could not be made, or was lost
     ├── ChannelClosed            the data channel is closing or closed
     ├── WouldBlock               no room now, and the call was asked not to wait
     ├── BusyError                two readers want the same messages
     └── RuntimeUnavailable       no event loop that purertc can run on

Anything else that escapes is a bug in purertc.
"""

__all__ = [
    "ArgumentError",
    "BadPacket",
    "BusyError",
    "ChannelClosed",
    "ConnectionFailed",
    "InvalidAccessError",
    "InvalidStateError",
    "MessageTooLarge",
    "ProtocolError",
    "PurertcError",
    "RuntimeUnavailable",
    "SdpError",
    "WouldBlock",
]


class PurertcError(Exception):
    """Base of all errors in this module."""


class InvalidStateError(PurertcError):
    """The call does not fit the object's present state (W3C ``InvalidStateError``)."""


class InvalidAccessError(PurertcError):
    """The call names something the connection does not have (W3C ``InvalidAccessError``)."""


class ArgumentError(PurertcError, ValueError):
    """An argument is wrong; nothing has changed (W3C ``TypeError`` and ``OperationError``)."""


class MessageTooLarge(ArgumentError):
    """The message is longer than the other side accepts (RFC 8841, ``max-message-size``)."""


class SdpError(ArgumentError):
    """A session description or candidate cannot be read or applied (RFC 8866, RFC 8839)."""


class ProtocolError(PurertcError):
    """The peer broke a protocol rule."""


class BadPacket(ProtocolError):
    """Bytes from the network are no packet of the protocol they claim to be."""


class ConnectionFailed(PurertcError):
    """The connection could not be established, or was lost.

    ``reason`` is one readable sentence.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ChannelClosed(PurertcError):
    """The data channel is closing or closed."""


class WouldBlock(PurertcError):
    """There is no room now, and the call was asked not to wait."""


class BusyError(PurertcError):
    """Two readers want the messages of one channel."""


class RuntimeUnavailable(PurertcError):
    """There is no running event loop that purertc knows, or its extra is not installed."""
