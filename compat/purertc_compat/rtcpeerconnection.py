"""aiortc.rtcpeerconnection."""

from typing import Any, ClassVar, NoReturn

from typing_extensions import deprecated

from purertc_compat._absent import describe_absence
from purertc_compat._candidate import RTCIceCandidate
from purertc_compat._configuration import purertc_configuration
from purertc_compat._connection import Connection
from purertc_compat._deprecation import warn_legacy
from purertc_compat._emitter import LegacyEmitter
from purertc_compat._negotiation import Negotiation
from purertc_compat.rtcconfiguration import RTCConfiguration
from purertc_compat.rtcdatachannel import RTCDataChannel, RTCDataChannelParameters
from purertc_compat.rtcsctptransport import RTCSctpTransport
from purertc_compat.rtcsessiondescription import RTCSessionDescription
from purertc_compat.stats import RTCStatsReport

__all__ = ["RTCPeerConnection"]

__path__, __getattr__ = describe_absence(__name__)


@deprecated("aiortc's API; use purertc.PeerConnection", category=None)
class RTCPeerConnection(LegacyEmitter):
    """A connection with aiortc's API: camelCase, string states, pyee events.

    Emits ``datachannel`` and, without arguments, ``connectionstatechange``,
    ``iceconnectionstatechange``, ``icegatheringstatechange`` and ``signalingstatechange``.

    Raises ValueError for a malformed server URI.
    """

    _never_emitted: ClassVar[frozenset[str]] = frozenset(
        {"icecandidate", "icecandidateerror", "negotiationneeded"}
    )
    _legacy_name: ClassVar[str | None] = "RTCPeerConnection.on"

    def __init__(self, configuration: RTCConfiguration | None = None) -> None:
        super().__init__()
        warn_legacy("RTCPeerConnection")
        settings = configuration or RTCConfiguration()
        self.__connection = Connection(self, purertc_configuration(settings))
        self.__negotiation = Negotiation(
            self.__connection, always_data=settings.alwaysNegotiateDataChannels
        )

    @property
    def connectionState(self) -> str:  # noqa: N802
        """``new``, ``connecting``, ``connected``, ``failed`` or ``closed``."""
        return self.__connection.connection_state

    @property
    def iceConnectionState(self) -> str:  # noqa: N802
        """``new``, ``checking``, ``completed``, ``failed`` or ``closed``."""
        return self.__connection.ice_connection_state

    @property
    def iceGatheringState(self) -> str:  # noqa: N802
        """``new``, ``gathering`` or ``complete``."""
        return self.__connection.ice_gathering_state

    @property
    def signalingState(self) -> str:  # noqa: N802
        """``stable``, ``have-local-offer``, ``have-remote-offer`` or ``closed``."""
        return self.__connection.signaling_state

    @property
    def localDescription(self) -> RTCSessionDescription | None:  # noqa: N802
        """This side's description, with all its candidates; a new object at each read."""
        return self.__negotiation.local

    @property
    def remoteDescription(self) -> RTCSessionDescription | None:  # noqa: N802
        """The other side's description; a new object at each read."""
        return self.__negotiation.remote

    @property
    def sctp(self) -> RTCSctpTransport | None:
        """The association of the data channels; None while there is neither channel nor offer."""
        return self.__connection.sctp

    def createDataChannel(  # noqa: N802, PLR0917
        self,
        label: str,
        maxPacketLifeTime: int | None = None,  # noqa: N803
        maxRetransmits: int | None = None,  # noqa: N803
        ordered: bool = True,  # the signature of aiortc
        protocol: str = "",
        negotiated: bool = False,
        id: int | None = None,
    ) -> RTCDataChannel:
        """Make a data channel. On a closed connection it never opens.

        Raises ValueError for a label or protocol of more than 65535 bytes, an id that is taken or
        out of range, or both limits at once.
        """
        warn_legacy("RTCPeerConnection.createDataChannel")
        if maxPacketLifeTime is not None and maxRetransmits is not None:
            raise ValueError("Cannot specify both maxPacketLifeTime and maxRetransmits")
        parameters = RTCDataChannelParameters(
            label=label,
            maxPacketLifeTime=maxPacketLifeTime,
            maxRetransmits=maxRetransmits,
            ordered=ordered,
            protocol=protocol,
            negotiated=negotiated,
            id=id,
        )
        sctp = self.__connection.sctp or self.__connection.channels.ensure_sctp()
        return RTCDataChannel(sctp, parameters)

    async def createOffer(self) -> RTCSessionDescription:  # noqa: N802
        """Make an offer, without candidates. Raises InvalidStateError after the close."""
        warn_legacy("RTCPeerConnection.createOffer")
        return await self.__negotiation.create_offer()

    async def createAnswer(self) -> RTCSessionDescription:  # noqa: N802
        """Make an answer, without candidates. Raises InvalidStateError without an offer."""
        warn_legacy("RTCPeerConnection.createAnswer")
        return await self.__negotiation.create_answer()

    async def setLocalDescription(  # noqa: N802
        self,
        sessionDescription: RTCSessionDescription | None = None,  # noqa: N803
    ) -> None:
        """Apply this side's description, by default the one that is due, and gather.

        Raises InvalidStateError or ValueError; then nothing has changed.
        """
        warn_legacy("RTCPeerConnection.setLocalDescription")
        await self.__negotiation.set_local(sessionDescription)

    async def setRemoteDescription(  # noqa: N802
        self,
        sessionDescription: RTCSessionDescription,  # noqa: N803
    ) -> None:
        """Apply the other side's description.

        Raises InvalidStateError or ValueError; then nothing has changed.
        """
        warn_legacy("RTCPeerConnection.setRemoteDescription")
        await self.__negotiation.set_remote(sessionDescription)

    async def addIceCandidate(self, candidate: RTCIceCandidate | None) -> None:  # noqa: N802
        """Take a candidate of the other side, or None for the end of them.

        Raises ValueError when it has neither ``sdpMid`` nor ``sdpMLineIndex``.
        """
        warn_legacy("RTCPeerConnection.addIceCandidate")
        await self.__negotiation.add_candidate(candidate)

    async def close(self) -> None:
        """Close. Later calls wait for the same closing; cancelling one does not stop it."""
        warn_legacy("RTCPeerConnection.close")
        await self.__connection.close()

    async def getStats(self) -> RTCStatsReport:  # noqa: N802
        """Return the statistics of senders and receivers, of which there are none yet."""
        return RTCStatsReport()

    def getReceivers(self) -> list[Any]:  # noqa: N802
        """Return no receivers: media are not available yet."""
        return []

    def getSenders(self) -> list[Any]:  # noqa: N802
        """Return no senders: media are not available yet."""
        return []

    def getTransceivers(self) -> list[Any]:  # noqa: N802
        """Return no transceivers: media are not available yet."""
        return []

    def addTrack(self, track: object) -> NoReturn:  # noqa: ARG002, N802
        """Raise InvalidStateError after the close, else NotImplementedError."""
        self.__refuse_media("addTrack")

    def addTransceiver(  # noqa: N802
        self,
        trackOrKind: object,  # noqa: ARG002, N803
        direction: str = "sendrecv",  # noqa: ARG002
    ) -> NoReturn:
        """Raise InvalidStateError after the close, else NotImplementedError."""
        self.__refuse_media("addTransceiver")

    @property
    def _sctpLegacySdp(self) -> bool:  # noqa: N802
        """Whether offers describe SCTP as before RFC 8841; programs set it for old peers."""
        return self.__negotiation.old_sctp_form

    @_sctpLegacySdp.setter
    def _sctpLegacySdp(self, value: bool) -> None:  # noqa: N802
        self.__negotiation.old_sctp_form = value

    def __refuse_media(self, method: str) -> NoReturn:
        self.__negotiation.require_not_closed()
        raise NotImplementedError(f"{method} is not available in purertc_compat yet (media)")
