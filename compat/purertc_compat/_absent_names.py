"""The names of aiortc 1.16 that this package does not have yet, by module, and what they are for.

tests/compat/test_public_names.py compares the lists with aiortc itself.
"""

from typing import Final

__all__ = ["ABSENT_MODULES", "ABSENT_NAMES"]

ABSENT_MODULES: Final = {
    "clock": "internals",
    "codecs": "media",
    "contrib.media": "media",
    "events": "media",
    "jitterbuffer": "internals",
    "mediastreams": "media",
    "rate": "internals",
    "rtcrtpparameters": "media",
    "rtcrtpreceiver": "media",
    "rtcrtpsender": "media",
    "rtcrtptransceiver": "media",
    "rtp": "internals",
    "utils": "internals",
}

ABSENT_NAMES: Final = {
    "": (
        "media",
        """
        AudioStreamTrack MediaStreamError MediaStreamTrack RTCInboundRtpStreamStats
        RTCOutboundRtpStreamStats RTCRemoteInboundRtpStreamStats
        RTCRemoteOutboundRtpStreamStats RTCRtcpParameters RTCRtpCapabilities
        RTCRtpCodecCapability RTCRtpCodecParameters RTCRtpContributingSource
        RTCRtpHeaderExtensionCapability RTCRtpHeaderExtensionParameters RTCRtpParameters
        RTCRtpReceiver RTCRtpSender RTCRtpSynchronizationSource RTCRtpTransceiver
        RTCTransportStats VideoStreamTrack
        """,
    ),
    "rtcdtlstransport": (
        "internals",
        """
        CERTIFICATE_T DataReceiver K RtpReceiver RtpRouter RtpSender SRTPProtectionProfile
        SRTP_AEAD_AES_128_GCM SRTP_AEAD_AES_256_GCM SRTP_AES128_CM_SHA1_80 SRTP_PROFILES
        State V X509_DIGEST_ALGORITHMS certificate_digest generate_certificate srtp_profile
        """,
    ),
    "rtcicetransport": (
        "internals",
        """
        ICE_TRANSPORT_POLICIES STUN_REGEX TURN_REGEX candidate_from_aioice
        candidate_to_aioice
        """,
    ),
    "rtcpeerconnection": (
        "media",
        """
        CODECS DISCARD_HOST DISCARD_PORT HEADER_EXTENSIONS MEDIA_KINDS add_remote_candidates
        add_transport_description allocate_mid and_direction
        create_media_description_for_sctp create_media_description_for_transceiver
        filter_preferred_codecs find_common_codecs find_common_header_extensions
        is_codec_compatible or_direction reverse_direction wrap_session_description
        """,
    ),
    "rtcsctptransport": (
        "internals",
        """
        AbortChunk BaseInitChunk BaseParamsChunk CHUNK_CLASSES CHUNK_TYPES COOKIE_LENGTH
        COOKIE_LIFETIME Chunk CookieAckChunk CookieEchoChunk DATA_CHANNEL_ACK
        DATA_CHANNEL_OPEN DATA_CHANNEL_PARTIAL_RELIABLE_REXMIT
        DATA_CHANNEL_PARTIAL_RELIABLE_REXMIT_UNORDERED DATA_CHANNEL_PARTIAL_RELIABLE_TIMED
        DATA_CHANNEL_PARTIAL_RELIABLE_TIMED_UNORDERED DATA_CHANNEL_RELIABLE
        DATA_CHANNEL_RELIABLE_UNORDERED DataChunk ErrorChunk ForwardTsnChunk
        HeartbeatAckChunk HeartbeatChunk InboundStream InitAckChunk InitChunk
        LOCAL_MAX_MESSAGE_SIZE MAX_STREAMS RECONFIG_MAX_STREAMS RECONFIG_PARAM_TYPES
        RECONFIG_RESULT_IN_PROGRESS RECONFIG_RESULT_SUCCESS_NOTHING_TO_DO
        RECONFIG_RESULT_SUCCESS_PERFORMED REMOTE_DEFAULT_MAX_MESSAGE_SIZE ReconfigChunk
        SCTP_CAUSE_INVALID_STREAM SCTP_CAUSE_STALE_COOKIE SCTP_CHUNK_HEADER_LENGTH
        SCTP_COMMON_HEADER_LENGTH SCTP_DATA_CHUNK_HEADER_LENGTH SCTP_DATA_FIRST_FRAG
        SCTP_DATA_LAST_FRAG SCTP_DATA_UNORDERED SCTP_MAX_ASSOCIATION_RETRANS SCTP_MAX_BURST
        SCTP_MAX_INIT_RETRANS SCTP_MAX_PACKET_LENGTH SCTP_PACKET_MINIMUM_LENGTH
        SCTP_PRSCTP_SUPPORTED SCTP_RTO_ALPHA SCTP_RTO_BETA SCTP_RTO_INITIAL SCTP_RTO_MAX
        SCTP_RTO_MIN SCTP_STATE_COOKIE SCTP_STR_RESET_ADD_OUT_STREAMS
        SCTP_STR_RESET_OUT_REQUEST SCTP_STR_RESET_RESPONSE SCTP_SUPPORTED_CHUNK_EXT
        SCTP_TSN_MODULO SackChunk ShutdownAckChunk ShutdownChunk ShutdownCompleteChunk
        StreamAddOutgoingParam StreamResetOutgoingParam StreamResetResponseParam
        USERDATA_MAX_LENGTH WEBRTC_BINARY WEBRTC_BINARY_EMPTY WEBRTC_DCEP WEBRTC_STRING
        WEBRTC_STRING_EMPTY chunk_type decode_params encode_params padl parse_packet
        serialize_packet tsn_minus_one tsn_plus_one
        """,
    ),
    "sdp": (
        "media",
        """
        BitPattern DIRECTIONS DTLS_ROLE_SETUP DTLS_SETUP_ROLE FMTP_INT_PARAMETERS
        GroupDescription H264Level H264Profile H264_PROFILE_PATTERNS MediaDescription
        SSRC_INFO_ATTRS SessionDescription SsrcDescription grouplines ipaddress_from_sdp
        ipaddress_to_sdp parameters_from_sdp parameters_to_sdp parse_attr parse_group
        parse_h264_profile_level_id
        """,
    ),
    "stats": (
        "media",
        """
        RTCInboundRtpStreamStats RTCOutboundRtpStreamStats RTCReceivedRtpStreamStats
        RTCRemoteInboundRtpStreamStats RTCRemoteOutboundRtpStreamStats RTCRtpStreamStats
        RTCSentRtpStreamStats RTCStats RTCTransportStats
        """,
    ),
}
"""Module → why, and the names; the empty module is the top level."""
