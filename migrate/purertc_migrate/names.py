"""The tables: which legacy name, attribute, keyword or event becomes what."""

from dataclasses import dataclass

__all__ = [
    "CHANNEL_EVENTS",
    "DATA_NAMES",
    "DEAD_CHANNEL_EVENTS",
    "DEAD_PEER_EVENTS",
    "DISTINCTIVE_ATTRIBUTES",
    "ENUM_MEMBERS",
    "ERROR_NAMES",
    "LEGACY_ROOTS",
    "MEDIA_METHODS",
    "MEDIA_MODULES",
    "MEMBERS",
    "PEER_EVENTS",
    "SIGNALING_MODULE",
    "SIGNALING_NAMES",
    "EventMethod",
]

LEGACY_ROOTS = ("aiortc", "purertc_compat")
SIGNALING_MODULE = "contrib.signaling"

# Class names that exist on both sides: legacy name → name in purertc.
DATA_NAMES = {
    "RTCConfiguration": "Configuration",
    "RTCDataChannel": "DataChannel",
    "RTCIceCandidate": "IceCandidate",
    "RTCIceServer": "IceServer",
    "RTCIceTransportPolicy": "IceTransportPolicy",
    "RTCPeerConnection": "PeerConnection",
    "RTCSessionDescription": "SessionDescription",
}
# Members of enumerations that are called the same on both sides.
ENUM_MEMBERS = {"RTCIceTransportPolicy": frozenset({"ALL", "RELAY"})}
ERROR_NAMES = {
    "InvalidAccessError": "InvalidAccessError",
    "InvalidStateError": "InvalidStateError",
}
SIGNALING_NAMES = frozenset(
    {
        "BYE",
        "CopyAndPasteSignaling",
        "TcpSocketSignaling",
        "UnixSocketSignaling",
        "add_signaling_arguments",
        "create_signaling",
        "object_from_string",
        "object_to_string",
    }
)
MEDIA_MODULES = (
    "codecs",
    "contrib.media",
    "mediastreams",
    "rtcrtpparameters",
    "rtcrtpreceiver",
    "rtcrtpsender",
    "rtcrtptransceiver",
)
MEDIA_METHODS = frozenset(
    {
        "addTrack",
        "addTransceiver",
        "getReceivers",
        "getSenders",
        "getTransceivers",
        "removeTrack",
    }
)

# What each kind of object offers: legacy member → member in purertc.
MEMBERS: dict[str, dict[str, str]] = {
    "pc": {
        "addIceCandidate": "add_ice_candidate",
        "close": "close",
        "connectionState": "connection_state",
        "createAnswer": "create_answer",
        "createDataChannel": "create_data_channel",
        "createOffer": "create_offer",
        "iceConnectionState": "ice_connection_state",
        "iceGatheringState": "ice_gathering_state",
        "localDescription": "local_description",
        "remoteDescription": "remote_description",
        "setLocalDescription": "set_local_description",
        "setRemoteDescription": "set_remote_description",
        "signalingState": "signaling_state",
    },
    "channel": {
        "bufferedAmount": "buffered_amount",
        "bufferedAmountLowThreshold": "buffered_amount_low_threshold",
        "close": "close",
        "id": "id",
        "label": "label",
        "maxPacketLifeTime": "max_packet_life_time",
        "maxRetransmits": "max_retransmits",
        "negotiated": "negotiated",
        "ordered": "ordered",
        "protocol": "protocol",
        "readyState": "ready_state",
        "send": "send",
    },
    "description": {"sdp": "sdp", "type": "type"},
    "candidate": {"sdpMid": "sdp_mid", "sdpMLineIndex": "sdp_m_line_index"},
    "configuration": {
        "iceServers": "ice_servers",
        "iceTransportPolicy": "ice_transport_policy",
    },
    "ice_server": {"credential": "credential", "urls": "urls", "username": "username"},
    "signaling": {"close": "close", "connect": "connect", "receive": "receive", "send": "send"},
}

# Members that hardly anything but an aiortc object has; on an object whose kind is unknown
# they make the file stay on compat.
DISTINCTIVE_ATTRIBUTES = frozenset(
    {
        "addIceCandidate",
        "addTrack",
        "addTransceiver",
        "bufferedAmount",
        "bufferedAmountLowThreshold",
        "connectionState",
        "createAnswer",
        "createDataChannel",
        "createOffer",
        "iceConnectionState",
        "iceGatheringState",
        "localDescription",
        "remoteDescription",
        "sdpMLineIndex",
        "sdpMid",
        "setLocalDescription",
        "setRemoteDescription",
        "signalingState",
    }
)


@dataclass(frozen=True, slots=True)
class EventMethod:
    """The handler method an event maps to, and the argument it brings."""

    method: str
    argument: str | None
    callback_arguments: int


PEER_EVENTS = {
    "connectionstatechange": EventMethod("on_connection_state_change", "state", 0),
    "datachannel": EventMethod("on_data_channel", "channel", 1),
    "iceconnectionstatechange": EventMethod("on_ice_connection_state_change", "state", 0),
    "icegatheringstatechange": EventMethod("on_ice_gathering_state_change", "state", 0),
    "signalingstatechange": EventMethod("on_signaling_state_change", "state", 0),
}
CHANNEL_EVENTS = {
    "bufferedamountlow": EventMethod("on_buffered_amount_low", None, 0),
    "close": EventMethod("on_close", None, 0),
    "error": EventMethod("on_error", "error", 1),
    "message": EventMethod("on_message", "message", 1),
    "open": EventMethod("on_open", None, 0),
}
# Events that aiortc never raises: their callbacks must not come alive.
DEAD_PEER_EVENTS = frozenset(
    {
        "icecandidate",
        "icecandidateerror",
        "negotiationneeded",
        "statechange",
    }
)
DEAD_CHANNEL_EVENTS = frozenset({"bufferedamounthigh", "closing", "statechange"})
