"""State machines without I/O: time and entropy are arguments.

:class:`Peer` composes them to one side of a connection. What its callers need is named here.
"""

from purertc.sansio.config import Configuration as Configuration
from purertc.sansio.config import IceServer as IceServer
from purertc.sansio.datachannel import Channel as Channel
from purertc.sansio.description import IceCandidate as IceCandidate
from purertc.sansio.description import SessionDescription as SessionDescription
from purertc.sansio.dtls import Certificate as Certificate
from purertc.sansio.entropy import Entropy as Entropy
from purertc.sansio.events import BufferedAmountLow as BufferedAmountLow
from purertc.sansio.events import ChannelAnnounced as ChannelAnnounced
from purertc.sansio.events import ChannelClosed as ChannelClosed
from purertc.sansio.events import ChannelClosing as ChannelClosing
from purertc.sansio.events import ChannelOpened as ChannelOpened
from purertc.sansio.events import ChannelReadable as ChannelReadable
from purertc.sansio.events import ConnectionStateChanged as ConnectionStateChanged
from purertc.sansio.events import Event as Event
from purertc.sansio.events import GatheringWanted as GatheringWanted
from purertc.sansio.events import HostNameWanted as HostNameWanted
from purertc.sansio.events import IceCandidateFailed as IceCandidateFailed
from purertc.sansio.events import IceCandidateGathered as IceCandidateGathered
from purertc.sansio.events import IceConnectionStateChanged as IceConnectionStateChanged
from purertc.sansio.events import IceGatheringStateChanged as IceGatheringStateChanged
from purertc.sansio.events import LookupWanted as LookupWanted
from purertc.sansio.events import NegotiationNeeded as NegotiationNeeded
from purertc.sansio.events import SignalingStateChanged as SignalingStateChanged
from purertc.sansio.events import StreamOutput as StreamOutput
from purertc.sansio.events import StreamUnwanted as StreamUnwanted
from purertc.sansio.events import StreamWanted as StreamWanted
from purertc.sansio.network_settings import NetworkSettings as NetworkSettings
from purertc.sansio.peer import Peer as Peer
from purertc.sansio.streams import Stream as Stream
from purertc.sansio.types import Address as Address
from purertc.sansio.types import ConnectionState as ConnectionState
from purertc.sansio.types import DataChannelState as DataChannelState
from purertc.sansio.types import Datagram as Datagram
from purertc.sansio.types import Fragmentation as Fragmentation
from purertc.sansio.types import IceConnectionState as IceConnectionState
from purertc.sansio.types import IceGatheringState as IceGatheringState
from purertc.sansio.types import SignalingState as SignalingState
from purertc.sansio.types import Transmit as Transmit
from purertc.sansio.types import Transport as Transport
from purertc.sansio.types import Verdict as Verdict

__all__ = [
    "Address",
    "BufferedAmountLow",
    "Certificate",
    "Channel",
    "ChannelAnnounced",
    "ChannelClosed",
    "ChannelClosing",
    "ChannelOpened",
    "ChannelReadable",
    "Configuration",
    "ConnectionState",
    "ConnectionStateChanged",
    "DataChannelState",
    "Datagram",
    "Entropy",
    "Event",
    "Fragmentation",
    "GatheringWanted",
    "HostNameWanted",
    "IceCandidate",
    "IceCandidateFailed",
    "IceCandidateGathered",
    "IceConnectionState",
    "IceConnectionStateChanged",
    "IceGatheringState",
    "IceGatheringStateChanged",
    "IceServer",
    "LookupWanted",
    "NegotiationNeeded",
    "NetworkSettings",
    "Peer",
    "SessionDescription",
    "SignalingState",
    "SignalingStateChanged",
    "Stream",
    "StreamOutput",
    "StreamUnwanted",
    "StreamWanted",
    "Transmit",
    "Transport",
    "Verdict",
]
