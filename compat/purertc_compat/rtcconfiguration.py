"""aiortc.rtcconfiguration."""

from dataclasses import dataclass
from enum import Enum

from purertc_compat._absent import describe_absence

__all__ = ["RTCBundlePolicy", "RTCConfiguration", "RTCIceServer", "RTCIceTransportPolicy"]

__path__, __getattr__ = describe_absence(__name__)


@dataclass
class RTCIceServer:
    """A STUN or TURN server. Nothing is checked before a connection uses it, as in aiortc."""

    urls: str | list[str]
    username: str | None = None
    credential: str | None = None
    credentialType: str = "password"  # noqa: N815  # a name of aiortc's API


class RTCBundlePolicy(Enum):
    """How many transports to offer when the other side may not bundle (RFC 8829 section 4.1.1)."""

    BALANCED = "balanced"
    MAX_COMPAT = "max-compat"
    MAX_BUNDLE = "max-bundle"


class RTCIceTransportPolicy(Enum):
    """Which kinds of candidates may be used (W3C webrtc-pc section 4.2.3)."""

    ALL = "all"
    RELAY = "relay"


@dataclass
class RTCConfiguration:
    """Settings of a connection, in the order of aiortc 1.16.

    ``iceServers`` of None means aiortc's default STUN server, an empty list means none.
    """

    iceServers: list[RTCIceServer] | None = None  # noqa: N815
    iceTransportPolicy: RTCIceTransportPolicy = RTCIceTransportPolicy.ALL  # noqa: N815
    bundlePolicy: RTCBundlePolicy = RTCBundlePolicy.BALANCED  # noqa: N815
    alwaysNegotiateDataChannels: bool = False  # noqa: N815
