"""What aiortc has and purertc_compat does not have yet, and the errors that say so.

A program that imports such a name gets an ImportError with the reason, instead of Python's bare
"cannot import name". Python asks the finders of ``sys.meta_path`` about a name that a package
lacks, but not about one that a plain module lacks; so every module here has an (empty)
``__path__``.
"""

import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Final, NoReturn

__all__ = ["AbsenceFinder", "absence_of", "describe_absence", "install_finder"]

_MEDIA: Final = "media"
_INTERNAL: Final = "aiortc's internals"
_ORTC: Final = "ORTC objects"

_PACKAGE: Final = __name__.rpartition(".")[0]

_ABSENT_MODULES: Final = {
    "clock": _INTERNAL,
    "codecs": _MEDIA,
    "contrib.media": _MEDIA,
    "events": _MEDIA,
    "jitterbuffer": _INTERNAL,
    "mediastreams": _MEDIA,
    "rate": _INTERNAL,
    "rtcrtpparameters": _MEDIA,
    "rtcrtpreceiver": _MEDIA,
    "rtcrtpsender": _MEDIA,
    "rtcrtptransceiver": _MEDIA,
    "rtp": _INTERNAL,
    "utils": _INTERNAL,
}

_ABSENT_NAMES: Final = {
    "": {
        _MEDIA: (
            "AudioStreamTrack MediaStreamError MediaStreamTrack RTCInboundRtpStreamStats "
            "RTCOutboundRtpStreamStats RTCRemoteInboundRtpStreamStats "
            "RTCRemoteOutboundRtpStreamStats RTCRtcpParameters RTCRtpCapabilities "
            "RTCRtpCodecCapability RTCRtpCodecParameters RTCRtpContributingSource "
            "RTCRtpHeaderExtensionCapability RTCRtpHeaderExtensionParameters RTCRtpParameters "
            "RTCRtpReceiver RTCRtpSender RTCRtpSynchronizationSource RTCRtpTransceiver "
            "RTCTransportStats VideoStreamTrack"
        ),
    },
    "sdp": {
        _MEDIA: (
            "DIRECTIONS FMTP_INT_PARAMETERS GroupDescription H264Level H264Profile "
            "MediaDescription SSRC_INFO_ATTRS SessionDescription SsrcDescription grouplines "
            "ipaddress_from_sdp ipaddress_to_sdp parameters_from_sdp parameters_to_sdp parse_attr "
            "parse_group parse_h264_profile_level_id DTLS_ROLE_SETUP DTLS_SETUP_ROLE"
        ),
    },
    "stats": {
        _MEDIA: (
            "RTCInboundRtpStreamStats RTCOutboundRtpStreamStats RTCReceivedRtpStreamStats "
            "RTCRemoteInboundRtpStreamStats RTCRemoteOutboundRtpStreamStats RTCRtpStreamStats "
            "RTCSentRtpStreamStats RTCStats RTCTransportStats"
        ),
    },
    "rtcpeerconnection": {
        _MEDIA: (
            "add_remote_candidates add_transport_description allocate_mid and_direction "
            "create_media_description_for_sctp create_media_description_for_transceiver "
            "filter_preferred_codecs find_common_codecs find_common_header_extensions "
            "is_codec_compatible or_direction reverse_direction wrap_session_description"
        ),
    },
    "rtcicetransport": {_INTERNAL: "candidate_from_aioice candidate_to_aioice connection_kwargs"},
    "rtcdtlstransport": {
        _MEDIA: (
            "RtpRouter SRTPProtectionProfile SRTP_AEAD_AES_128_GCM SRTP_AEAD_AES_256_GCM "
            "SRTP_AES128_CM_SHA1_80 SRTP_PROFILES"
        ),
        _INTERNAL: (
            "State X509_DIGEST_ALGORITHMS certificate_digest generate_certificate generate_key"
        ),
    },
    "rtcsctptransport": {
        _INTERNAL: (
            "AbortChunk CookieAckChunk CookieEchoChunk Chunk DataChunk ErrorChunk ForwardTsnChunk "
            "HeartbeatAckChunk HeartbeatChunk InboundStream InitAckChunk InitChunk "
            "ReconfigChunk RtcSctpTransport SackChunk ShutdownAckChunk ShutdownChunk "
            "ShutdownCompleteChunk StreamAddOutgoingParam StreamResetOutgoingParam "
            "StreamResetResponseParam USERDATA_MAX_LENGTH MAX_STREAMS parse_packet "
            "serialize_packet tsn_minus_one tsn_plus_one"
        ),
    },
}

_REASON_BY_NAME: Final = {
    f"{module}.{name}".lstrip("."): reason
    for module, groups in _ABSENT_NAMES.items()
    for reason, names in groups.items()
    for name in names.split()
} | _ABSENT_MODULES


def absence_of(dotted: str) -> str | None:
    """Say why ``dotted``, relative to aiortc, is not here; None when aiortc lacks it as well."""
    reason = _REASON_BY_NAME.get(dotted)
    if reason is None:
        parent = next((m for m in _ABSENT_MODULES if dotted.startswith(m + ".")), None)
        if parent is None:
            return None
        reason = _ABSENT_MODULES[parent]
    return f"aiortc.{dotted} is not available in purertc_compat yet ({reason})"


def describe_absence(module: str) -> tuple[list[str], Callable[[str], NoReturn]]:
    """Make ``__path__`` and ``__getattr__`` for one of our modules."""
    prefix = module.removeprefix(_PACKAGE).lstrip(".")

    def refuse(name: str) -> NoReturn:
        message = absence_of(f"{prefix}.{name}".lstrip("."))
        raise AttributeError(
            message or f"module {module!r} has no attribute {name!r}",
            name=name,
            obj=sys.modules.get(module),
        )

    return [], refuse


class AbsenceFinder:
    """A finder that finds nothing, but knows why."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002  # the interface of finders
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """Raise ImportError for what is known to be missing; otherwise leave it to others."""
        root, _, dotted = fullname.partition(".")
        if not dotted or not (root == _PACKAGE or _is_alias(root)):
            return None
        message = absence_of(dotted)
        if message is not None:
            raise ImportError(message, name=fullname)
        return None


def _is_alias(root: str) -> bool:
    return root == "aiortc" and sys.modules.get(root) is sys.modules.get(_PACKAGE)


def install_finder() -> None:
    """Let imports ask the finder. Does nothing the second time."""
    if not any(isinstance(finder, AbsenceFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, AbsenceFinder())
