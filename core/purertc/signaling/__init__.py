"""Ways for two programs to exchange descriptions and candidates, for examples and tools.

WebRTC leaves signalling to the application. These helpers speak one JSON object a line over the
terminal, TCP or a Unix socket; a program that uses ``aiortc.contrib.signaling`` understands them.
"""

from purertc.signaling.arguments import add_signaling_arguments, create_signaling
from purertc.signaling.base import Signaling
from purertc.signaling.copy_and_paste import CopyAndPasteSignaling
from purertc.signaling.exchange import exchange_descriptions
from purertc.signaling.messages import (
    BYE,
    SignalingBye,
    SignalingMessage,
    object_from_string,
    object_to_string,
)
from purertc.signaling.sockets import TcpSocketSignaling, UnixSocketSignaling

__all__ = [
    "BYE",
    "CopyAndPasteSignaling",
    "Signaling",
    "SignalingBye",
    "SignalingMessage",
    "TcpSocketSignaling",
    "UnixSocketSignaling",
    "add_signaling_arguments",
    "create_signaling",
    "exchange_descriptions",
    "object_from_string",
    "object_to_string",
]
