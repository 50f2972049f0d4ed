"""aiortc's API on purertc: programs written for aiortc run on it unchanged.

Three ways in, none of which needs an edit of the program's logic::

    from purertc_compat import RTCPeerConnection     # instead of: from aiortc import …
    python -m purertc_compat app.py                  # aiortc means this package in app.py
    purertc_compat.install()                         # the same, from inside a program
"""

from importlib.metadata import version as _version
from importlib.util import find_spec as _find_spec

if _find_spec("pyee") is None:
    raise ImportError(
        "purertc_compat needs pyee, which is not installed; run: pip install 'purertc[compat]'",
        name="pyee",
    )

from purertc_compat._absent import describe_absence as _describe_absence
from purertc_compat._absent import install_finder as _install_finder
from purertc_compat._alias import install
from purertc_compat._deprecation import PurertcDeprecationWarning
from purertc_compat.exceptions import InvalidAccessError, InvalidStateError
from purertc_compat.rtcconfiguration import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCIceTransportPolicy,
)
from purertc_compat.rtcdatachannel import RTCDataChannel, RTCDataChannelParameters
from purertc_compat.rtcdtlstransport import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
)
from purertc_compat.rtcicetransport import (
    RTCIceCandidate,
    RTCIceGatherer,
    RTCIceParameters,
    RTCIceTransport,
)
from purertc_compat.rtcpeerconnection import RTCPeerConnection
from purertc_compat.rtcsctptransport import RTCSctpCapabilities, RTCSctpTransport
from purertc_compat.rtcsessiondescription import RTCSessionDescription
from purertc_compat.stats import RTCStatsReport

_install_finder()
__getattr__ = _describe_absence(__name__)[1]

__version__ = _version("purertc")

__all__ = [
    "InvalidAccessError",
    "InvalidStateError",
    "PurertcDeprecationWarning",
    "RTCBundlePolicy",
    "RTCCertificate",
    "RTCConfiguration",
    "RTCDataChannel",
    "RTCDataChannelParameters",
    "RTCDtlsFingerprint",
    "RTCDtlsParameters",
    "RTCDtlsTransport",
    "RTCIceCandidate",
    "RTCIceGatherer",
    "RTCIceParameters",
    "RTCIceServer",
    "RTCIceTransport",
    "RTCIceTransportPolicy",
    "RTCPeerConnection",
    "RTCSctpCapabilities",
    "RTCSctpTransport",
    "RTCSessionDescription",
    "RTCStatsReport",
    "install",
]
