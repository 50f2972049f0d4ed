"""Which options make a data channel (W3C webrtc-pc section 6.1)."""

from purertc.errors import ArgumentError
from purertc.wire.dcep import MAX_TEXT_BYTES

__all__ = ["MAX_STREAM_ID", "check_options"]

MAX_STREAM_ID = 65534
"""Stream 65535 does not exist (RFC 8832 section 6)."""

_MAX_UNSIGNED_SHORT = 65535


def check_options(
    label: str,
    *,
    max_packet_life_time: int | None,
    max_retransmits: int | None,
    protocol: str,
    negotiated: bool,
    id: int | None,
) -> None:
    """Raise ArgumentError unless the options make a channel (W3C webrtc-pc section 6.1)."""
    _check_text("label", label)
    _check_text("protocol", protocol)
    _check_number("max_packet_life_time", max_packet_life_time, _MAX_UNSIGNED_SHORT)
    _check_number("max_retransmits", max_retransmits, _MAX_UNSIGNED_SHORT)
    _check_number("id", id, MAX_STREAM_ID)
    if max_packet_life_time is not None and max_retransmits is not None:
        raise ArgumentError("give max_packet_life_time or max_retransmits, not both")
    if negotiated and id is None:
        raise ArgumentError("a negotiated channel needs an id, the same on both sides")


def _check_text(name: str, value: str) -> None:
    if not isinstance(value, str):
        raise ArgumentError(f"{name} must be a str, not {type(value).__name__}")
    try:
        size = len(value.encode())
    except UnicodeEncodeError as error:
        raise ArgumentError(f"{name} cannot be written as UTF-8: {error.reason}") from error
    if size > MAX_TEXT_BYTES:
        raise ArgumentError(f"{name} takes {size} bytes of UTF-8; {MAX_TEXT_BYTES} are the limit")


def _check_number(name: str, value: int | None, largest: int) -> None:
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= largest:
        raise ArgumentError(f"{name} must be an int from 0 to {largest}, not {value!r}")
