"""Values that every room of the core shares: states, addresses, datagrams, descriptions."""

from dataclasses import dataclass
from enum import StrEnum

from purertc.wire.address import Address

__all__ = [
    "Address",
    "ConnectionState",
    "DataChannelState",
    "Datagram",
    "Fingerprint",
    "Fragmentation",
    "IceCandidateError",
    "IceConnectionState",
    "IceGatheringState",
    "IceParameters",
    "IceTransportPolicy",
    "SdpType",
    "SignalingState",
    "Transmit",
    "Transport",
    "Verdict",
]


class Transport(StrEnum):
    """What carries a candidate's packets (RFC 8839 section 5.1, RFC 6544 section 4.5)."""

    UDP = "udp"
    TCP = "tcp"


class Fragmentation(StrEnum):
    """What IP may do with a datagram that is larger than the path takes.

    ALLOWED leaves it to this system and to routers. FORBIDDEN is for probes (RFC 8899): they
    arrive whole or not at all. FORCED is for what is known to be too large: this system cuts IPv6
    packets, as no router does it.
    """

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    FORCED = "forced"


@dataclass(slots=True)
class Datagram:
    """What one read of a socket gave: one datagram, or a run of them joined by GRO.

    ``segment_size`` is 0 for a single datagram; otherwise ``payload`` holds datagrams of that
    many bytes each, the last one possibly shorter.
    """

    payload: bytes
    source: Address
    local: Address
    segment_size: int = 0


@dataclass(slots=True)
class Verdict:
    """Whether the system refused to send something for its size; it outlives what was sent."""

    refused: bool = False


@dataclass(slots=True)
class Transmit:
    """What to send: one datagram, or a run of them for GSO.

    ``local`` is the address of the socket to send from. ``segment_size`` has the same meaning
    as in :class:`Datagram`. What is to go over TCP, or from a relayed address, the core turns
    into other things to send before its owner sees it.

    Whoever sends it says in ``verdict``, if there is one, that the system finds it too large to be
    sent as ``segment_size`` and ``fragmentation`` ask for.
    """

    payload: bytes
    destination: Address
    local: Address
    segment_size: int = 0
    transport: Transport = Transport.UDP
    fragmentation: Fragmentation = Fragmentation.ALLOWED
    verdict: Verdict | None = None


class SignalingState(StrEnum):
    """W3C webrtc-pc section 4.3.1, RTCSignalingState."""

    STABLE = "stable"
    HAVE_LOCAL_OFFER = "have-local-offer"
    HAVE_REMOTE_OFFER = "have-remote-offer"
    HAVE_LOCAL_PRANSWER = "have-local-pranswer"
    HAVE_REMOTE_PRANSWER = "have-remote-pranswer"
    CLOSED = "closed"


class IceGatheringState(StrEnum):
    """W3C webrtc-pc section 4.3.2, RTCIceGatheringState."""

    NEW = "new"
    GATHERING = "gathering"
    COMPLETE = "complete"


class ConnectionState(StrEnum):
    """W3C webrtc-pc section 4.3.3, RTCPeerConnectionState."""

    NEW = "new"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    FAILED = "failed"
    CLOSED = "closed"


class IceConnectionState(StrEnum):
    """W3C webrtc-pc section 4.3.4, RTCIceConnectionState."""

    NEW = "new"
    CHECKING = "checking"
    CONNECTED = "connected"
    COMPLETED = "completed"
    DISCONNECTED = "disconnected"
    FAILED = "failed"
    CLOSED = "closed"


class IceTransportPolicy(StrEnum):
    """W3C webrtc-pc section 4.2.3, RTCIceTransportPolicy."""

    ALL = "all"
    RELAY = "relay"


class DataChannelState(StrEnum):
    """W3C webrtc-pc section 6.2, RTCDataChannelState."""

    CONNECTING = "connecting"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


class SdpType(StrEnum):
    """W3C webrtc-pc section 4.7.1, RTCSdpType."""

    OFFER = "offer"
    PRANSWER = "pranswer"
    ANSWER = "answer"
    ROLLBACK = "rollback"


@dataclass(frozen=True, slots=True)
class IceCandidateError:
    """Why a STUN or TURN server gave no candidate (W3C webrtc-pc section 4.8.3).

    ``address`` and ``port`` are those of the socket that asked, None when there was none yet.
    ``error_code`` is the one of STUN, or 701 when the server could not be reached.
    """

    url: str
    error_code: int
    error_text: str
    address: str | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class IceParameters:
    """ICE credentials of one side (RFC 8839 section 5.4); ``lite`` from RFC 8839 section 5.3."""

    username_fragment: str
    password: str
    lite: bool = False


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Hash of a certificate: ``algorithm`` in lower case, ``value`` as upper-case hex with colons.

    RFC 8122 section 5.
    """

    algorithm: str
    value: str
