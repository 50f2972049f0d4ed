"""Messages of data channels as SCTP user messages (RFC 8831 section 6.6)."""

from purertc.errors import ArgumentError, BadPacket

__all__ = [
    "PPID_BINARY",
    "PPID_DCEP",
    "decode_message",
    "empty_message",
    "encode_message",
    "size_of",
]

PPID_DCEP = 50
_TEXT = 51
PPID_BINARY = 53
_TEXT_EMPTY = 56
_BINARY_EMPTY = 57


def encode_message(data: str | bytes | bytearray | memoryview) -> tuple[int, bytes]:
    """Return the payload protocol identifier and the payload, which is empty for an empty message.

    Raises ArgumentError for what is neither text nor a bytes-like object.
    """
    if isinstance(data, bytes):
        return PPID_BINARY, data
    if isinstance(data, str):
        try:
            return _TEXT, data.encode()
        except UnicodeEncodeError as error:
            raise ArgumentError(f"the text cannot be written as UTF-8: {error.reason}") from error
    try:
        return PPID_BINARY, memoryview(data).tobytes()
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"a message is str or a bytes-like object, not {type(data).__name__}"
        ) from error


def empty_message(ppid: int) -> tuple[int, bytes]:
    """Return what stands for an empty text or binary message: SCTP carries no empty ones."""
    return (_TEXT_EMPTY if ppid == _TEXT else _BINARY_EMPTY), b"\0"


def decode_message(ppid: int, payload: bytes) -> str | bytes | None:
    """Return the message, or None for an identifier that carries none.

    The deprecated identifiers of partial messages, 52 and 54, are among those. Raises BadPacket
    for text that is no UTF-8.
    """
    if ppid == PPID_BINARY:
        return payload
    if ppid == _TEXT:
        try:
            return payload.decode()
        except UnicodeDecodeError as error:
            raise BadPacket("a text message is no UTF-8") from error
    if ppid == _TEXT_EMPTY:
        return ""
    if ppid == _BINARY_EMPTY:
        return b""
    return None


def size_of(message: str | bytes) -> int:
    """Return the bytes SCTP carried for a message: an empty one takes a byte."""
    if isinstance(message, bytes) or message.isascii():
        return len(message) or 1
    return len(message.encode())
