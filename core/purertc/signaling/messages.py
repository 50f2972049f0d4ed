"""What is said while signalling, and its JSON form."""

import json
from enum import Enum
from typing import Any, Final

from purertc.errors import ArgumentError, ProtocolError
from purertc.sansio.description import IceCandidate, SessionDescription

__all__ = ["BYE", "SignalingBye", "SignalingMessage", "object_from_string", "object_to_string"]


class SignalingBye(Enum):
    """The type of :data:`BYE`, its only value."""

    BYE = "bye"


BYE: Final = SignalingBye.BYE
"""Said by the side that leaves."""

SignalingMessage = SessionDescription | IceCandidate | SignalingBye
"""Anything that can be sent or received."""


def object_to_string(message: SignalingMessage) -> str:
    """The one-line JSON form of a message, keys in alphabetical order.

    Raises:
        ArgumentError: the message is an end-of-candidates mark, which programs written for aiortc
            cannot read. Wait for ``gathering_complete()`` and send the description instead.
    """
    fields: dict[str, Any]
    if isinstance(message, SessionDescription):
        fields = {"sdp": message.sdp, "type": str(message.type)}
    elif isinstance(message, IceCandidate):
        if not message.candidate:
            raise ArgumentError(
                "The end of candidates cannot be sent in this format: wait for "
                "gathering_complete() and send the local description, which says it."
            )
        fields = {
            "candidate": _with_prefix(message.candidate),
            "id": message.sdp_mid,
            "label": message.sdp_m_line_index,
            "type": "candidate",
        }
    else:
        fields = {"type": "bye"}
    return json.dumps(fields, sort_keys=True)


def object_from_string(text: str) -> SignalingMessage:
    """Read one line that the other side sent.

    Raises:
        ProtocolError: the text is not JSON, or not one of the messages.
    """
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"This is not a signalling message: {text[:60]!r}") from error
    kind = fields.get("type") if isinstance(fields, dict) else None
    try:
        match kind:
            case "bye":
                return BYE
            case "candidate":
                return IceCandidate(fields.get("candidate"), fields.get("id"), fields.get("label"))
            case "offer" | "pranswer" | "answer" | "rollback":
                return SessionDescription.from_json(fields)
    except ArgumentError as error:
        raise ProtocolError(f"A signalling message of type {kind!r} is malformed") from error
    raise ProtocolError(f"There is no signalling message of type {kind!r}")


def _with_prefix(candidate: str) -> str:
    return candidate if candidate.startswith("candidate:") else f"candidate:{candidate}"
