"""WebRTC for Python: handlers instead of callbacks, any event loop, no leaks.

Everything an application needs is in this module. Importing it imports no event loop;
``AsyncioRuntime`` is loaded when it is asked for, and so is ``TrioRuntime``, which is not in
``__all__`` as it needs the extra ``trio``.
"""

import logging
from typing import TYPE_CHECKING

from purertc import events as events
from purertc import stats as stats
from purertc.builder import PeerConnectionBuilder as PeerConnectionBuilder
from purertc.byte_stream import ByteStream as ByteStream
from purertc.data_channel import DataChannel as DataChannel
from purertc.errors import ArgumentError as ArgumentError
from purertc.errors import BadPacket as BadPacket
from purertc.errors import BusyError as BusyError
from purertc.errors import ChannelClosed as ChannelClosed
from purertc.errors import ConnectionFailed as ConnectionFailed
from purertc.errors import InvalidAccessError as InvalidAccessError
from purertc.errors import InvalidStateError as InvalidStateError
from purertc.errors import MessageTooLarge as MessageTooLarge
from purertc.errors import ProtocolError as ProtocolError
from purertc.errors import PurertcError as PurertcError
from purertc.errors import RuntimeUnavailable as RuntimeUnavailable
from purertc.errors import SdpError as SdpError
from purertc.errors import WouldBlock as WouldBlock
from purertc.events import EventSink as EventSink
from purertc.explanation import explain as explain
from purertc.handler import DataChannelHandler as DataChannelHandler
from purertc.handler import PeerConnectionHandler as PeerConnectionHandler
from purertc.peer_connection import PeerConnection as PeerConnection
from purertc.runtime.base import Runtime as Runtime
from purertc.sansio.config import Configuration as Configuration
from purertc.sansio.config import IceServer as IceServer
from purertc.sansio.description import IceCandidate as IceCandidate
from purertc.sansio.description import SessionDescription as SessionDescription
from purertc.sansio.dtls import Certificate as Certificate
from purertc.sansio.network_settings import ExternalAddressType as ExternalAddressType
from purertc.sansio.network_settings import IceTcpPolicy as IceTcpPolicy
from purertc.sansio.network_settings import NetworkSettings as NetworkSettings
from purertc.sansio.types import ConnectionState as ConnectionState
from purertc.sansio.types import DataChannelState as DataChannelState
from purertc.sansio.types import IceCandidateError as IceCandidateError
from purertc.sansio.types import IceConnectionState as IceConnectionState
from purertc.sansio.types import IceGatheringState as IceGatheringState
from purertc.sansio.types import IceTransportPolicy as IceTransportPolicy
from purertc.sansio.types import SdpType as SdpType
from purertc.sansio.types import SignalingState as SignalingState
from purertc.udp_mux import UdpMux as UdpMux

if TYPE_CHECKING:
    from purertc.runtime.asyncio import AsyncioRuntime as AsyncioRuntime
    from purertc.runtime.trio import TrioRuntime as TrioRuntime

__all__ = [
    "ArgumentError",
    "AsyncioRuntime",
    "BadPacket",
    "BusyError",
    "ByteStream",
    "Certificate",
    "ChannelClosed",
    "Configuration",
    "ConnectionFailed",
    "ConnectionState",
    "DataChannel",
    "DataChannelHandler",
    "DataChannelState",
    "EventSink",
    "ExternalAddressType",
    "IceCandidate",
    "IceCandidateError",
    "IceConnectionState",
    "IceGatheringState",
    "IceServer",
    "IceTcpPolicy",
    "IceTransportPolicy",
    "InvalidAccessError",
    "InvalidStateError",
    "MessageTooLarge",
    "NetworkSettings",
    "PeerConnection",
    "PeerConnectionBuilder",
    "PeerConnectionHandler",
    "ProtocolError",
    "PurertcError",
    "Runtime",
    "RuntimeUnavailable",
    "SdpError",
    "SdpType",
    "SessionDescription",
    "SignalingState",
    "UdpMux",
    "WouldBlock",
    "events",
    "explain",
    "stats",
]

logging.getLogger("purertc").addHandler(logging.NullHandler())


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name == "AsyncioRuntime":
            from purertc.runtime.asyncio import AsyncioRuntime  # noqa: PLC0415  # loads asyncio

            return AsyncioRuntime
        if name == "TrioRuntime":
            return _load_trio_runtime()
        raise AttributeError(f"module 'purertc' has no attribute {name!r}")

    def _load_trio_runtime() -> object:
        try:
            from purertc.runtime.trio import TrioRuntime  # noqa: PLC0415  # loads trio
        except ImportError as error:
            raise RuntimeUnavailable(
                "TrioRuntime needs trio, which is not installed: pip install 'purertc[trio]'"
            ) from error
        return TrioRuntime
