"""aiortc.rtcsctptransport: a view of the SCTP association that carries the data channels."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from purertc_compat._absent import describe_absence
from purertc_compat._emitter import LegacyEmitter
from purertc_compat.rtcdtlstransport import RTCDtlsTransport

if TYPE_CHECKING:
    from purertc_compat._channels import Channels

__all__ = ["RTCSctpCapabilities", "RTCSctpTransport"]

__path__, __getattr__ = describe_absence(__name__)

_MAX_STREAMS = 65535
_MAX_MESSAGE_SIZE = 262144
_PORT = 5000


@dataclass
class RTCSctpCapabilities:
    """The largest message that one side takes; 0 for any (RFC 8841 section 6)."""

    maxMessageSize: int  # noqa: N815  # a name of aiortc's API


class RTCSctpTransport(LegacyEmitter):
    """A view of the association; emits ``datachannel``."""

    def __init__(self, transport: RTCDtlsTransport, channels: "Channels | None" = None) -> None:
        if channels is None:
            raise NotImplementedError(
                "a standalone RTCSctpTransport is not available in purertc_compat yet"
            )
        super().__init__()
        self.mid: str | None = None
        self._transport = transport
        self._channels = channels
        self._state = "new"

    @property
    def transport(self) -> RTCDtlsTransport:
        """The DTLS transport below."""
        return self._transport

    @property
    def state(self) -> str:
        """``new``, ``connecting``, ``connected`` or ``closed``."""
        return self._state

    @property
    def port(self) -> int:
        """The local SCTP port."""
        return _PORT

    @property
    def maxChannels(self) -> int | None:  # noqa: N802
        """How many channels there may be; None before the association is up."""
        return _MAX_STREAMS if self._channels.association_up else None

    @property
    def is_server(self) -> bool:
        """Whether this side takes the odd stream numbers (RFC 8832 section 6)."""
        return self._transport._role == "server"

    @classmethod
    def getCapabilities(cls) -> RTCSctpCapabilities:  # noqa: N802
        """Return what this side accepts."""
        return RTCSctpCapabilities(maxMessageSize=_MAX_MESSAGE_SIZE)

    async def _data_channel_flush(self) -> None:
        """Give the loop a turn: programs call this after ``send``, which here needs no push."""
        await asyncio.sleep(0)

    async def _transmit(self) -> None:
        """See :meth:`_data_channel_flush`."""
        await asyncio.sleep(0)
