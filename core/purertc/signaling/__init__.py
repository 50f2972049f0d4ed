"""Ways for two programs to exchange descriptions and candidates, and to agree on them.

WebRTC leaves signalling to the application. ``PerfectNegotiator`` and ``AutomaticIceRestart`` go
with any way of signalling, on any event loop. The lines for examples and tools are for asyncio and
loaded when they are asked for: they speak one JSON object a line over the terminal, TCP or a Unix
socket, and a program that uses ``aiortc.contrib.signaling`` understands them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from purertc.signaling.automatic_restart import AutomaticIceRestart
from purertc.signaling.base import Signaling
from purertc.signaling.exchange import exchange_descriptions
from purertc.signaling.messages import (
    BYE,
    SignalingBye,
    SignalingMessage,
    object_from_string,
    object_to_string,
)
from purertc.signaling.perfect_negotiator import NegotiationMessage, PerfectNegotiator

if TYPE_CHECKING:
    from purertc.signaling.arguments import add_signaling_arguments, create_signaling
    from purertc.signaling.copy_and_paste import CopyAndPasteSignaling
    from purertc.signaling.sockets import TcpSocketSignaling, UnixSocketSignaling

__all__ = [
    "BYE",
    "AutomaticIceRestart",
    "CopyAndPasteSignaling",
    "NegotiationMessage",
    "PerfectNegotiator",
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


if not TYPE_CHECKING:
    _FOR_ASYNCIO = {
        "CopyAndPasteSignaling": "copy_and_paste",
        "TcpSocketSignaling": "sockets",
        "UnixSocketSignaling": "sockets",
        "add_signaling_arguments": "arguments",
        "create_signaling": "arguments",
    }

    def __getattr__(name: str) -> object:
        if name not in _FOR_ASYNCIO:
            raise AttributeError(f"module 'purertc.signaling' has no attribute {name!r}")
        return getattr(import_module(f"purertc.signaling.{_FOR_ASYNCIO[name]}"), name)
