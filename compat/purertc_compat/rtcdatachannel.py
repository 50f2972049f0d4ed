"""aiortc.rtcdatachannel."""

from dataclasses import dataclass
from typing import ClassVar

from typing_extensions import deprecated

import purertc
from purertc_compat._absent import describe_absence
from purertc_compat._deprecation import warn_legacy
from purertc_compat._emitter import LegacyEmitter
from purertc_compat._send_buffer import SendBuffer, wire_size
from purertc_compat.exceptions import InvalidStateError
from purertc_compat.rtcsctptransport import RTCSctpTransport

__all__ = ["RTCDataChannel", "RTCDataChannelParameters"]

__path__, __getattr__ = describe_absence(__name__)

_MAX_THRESHOLD = 4294967295
_MAX_ID = 65534


@dataclass
class RTCDataChannelParameters:
    """What a channel is made of, in the order of aiortc."""

    label: str = ""
    maxPacketLifeTime: int | None = None  # noqa: N815  # names of aiortc's API
    maxRetransmits: int | None = None  # noqa: N815
    ordered: bool = True
    protocol: str = ""
    negotiated: bool = False
    id: int | None = None


@deprecated("aiortc's API; use purertc.DataChannel", category=None)
class RTCDataChannel(LegacyEmitter):
    """A data channel of a legacy connection.

    Emits ``open``, ``message``, ``close`` and ``bufferedamountlow``. A message that nobody listens
    for is lost, as in aiortc.
    """

    _never_emitted: ClassVar[frozenset[str]] = frozenset({"closing"})
    _legacy_name: ClassVar[str | None] = "RTCDataChannel.on"

    def __init__(
        self,
        transport: RTCSctpTransport,
        parameters: RTCDataChannelParameters,
        send_open: bool = True,  # the signature of aiortc
    ) -> None:
        super().__init__()
        self.__transport = transport
        self.__parameters = parameters
        self.__ready_state = "connecting"
        self.__buffer = SendBuffer(self)
        self._core: purertc.DataChannel | None = None
        self._id_assigned = False
        if parameters.id is not None or parameters.negotiated:
            _check_id(parameters)
        if send_open or parameters.negotiated:
            transport._channels.open(self)

    @property
    def bufferedAmount(self) -> int:  # noqa: N802
        """Bytes queued to be sent; an empty message counts 1."""
        return self.__buffer.amount

    @property
    def bufferedAmountLowThreshold(self) -> int:  # noqa: N802
        """The ``bufferedAmount`` that counts as low. Setting raises ValueError when it is none."""
        return self.__buffer.threshold

    @bufferedAmountLowThreshold.setter
    def bufferedAmountLowThreshold(self, value: int) -> None:  # noqa: N802
        if not 0 <= value <= _MAX_THRESHOLD:
            raise ValueError(f"bufferedAmountLowThreshold must be in range 0 - {_MAX_THRESHOLD}")
        self.__buffer.threshold = value

    @property
    def id(self) -> int | None:
        """The SCTP stream; None until the association is up, unless it was given."""
        if self.__parameters.id is None and self._core is not None and self._id_assigned:
            return self._core.id
        return self.__parameters.id

    @property
    def label(self) -> str:
        """The name of the channel."""
        return self.__parameters.label

    @property
    def maxPacketLifeTime(self) -> int | None:  # noqa: N802
        """Milliseconds after which a message is given up."""
        return self.__parameters.maxPacketLifeTime

    @property
    def maxRetransmits(self) -> int | None:  # noqa: N802
        """How often a message is sent again."""
        return self.__parameters.maxRetransmits

    @property
    def negotiated(self) -> bool:
        """Whether both sides made the channel by agreement."""
        return self.__parameters.negotiated

    @property
    def ordered(self) -> bool:
        """Whether messages arrive in the order they were sent."""
        return self.__parameters.ordered

    @property
    def protocol(self) -> str:
        """The subprotocol."""
        return self.__parameters.protocol

    @property
    def readyState(self) -> str:  # noqa: N802
        """``connecting``, ``open``, ``closing`` or ``closed``."""
        return self.__ready_state

    @property
    def transport(self) -> RTCSctpTransport:
        """The association that carries the channel."""
        return self.__transport

    def send(self, data: str | bytes) -> None:
        """Queue a message, however much is queued already.

        Raises:
            InvalidStateError: the channel is not open (without a text, as in aiortc).
            ValueError: the message is neither str nor bytes, or too large for the other side.
        """
        warn_legacy("RTCDataChannel.send")
        if self.__ready_state != "open" or self._core is None:
            raise InvalidStateError
        if not isinstance(data, str | bytes):
            raise ValueError(f"Cannot send unsupported data type: {type(data)}")
        size = wire_size(data)
        limit = self.__transport._channels.remote_max_message_size
        if limit and size > limit:
            raise ValueError(
                f"Cannot send message of {size} bytes, the remote party only supports messages "
                f"up to {limit} bytes"
            )
        self.__buffer.send(self._core, data, size)

    def close(self) -> None:
        """Begin to close; what is queued is still sent. A channel not yet announced closes now."""
        warn_legacy("RTCDataChannel.close")
        self.__transport._channels.close(self)

    def _enter(self, state: str) -> None:
        """Change ``readyState`` and fire what goes with it."""
        if state == self.__ready_state:
            return
        self.__ready_state = state
        if state == "open":
            self._fire("open")
        elif state == "closed":
            self._fire("close")
            self._detach()

    def _open_silently(self) -> None:
        """Be open from the start: the program gets the channel with no ``open`` to come."""
        self.__ready_state = "open"

    def _detach(self) -> None:
        """Nothing fires any more: drop what would keep the channel when the program drops it."""
        self.remove_all_listeners()
        self.__buffer.detach()

    def _assign_id(self) -> None:
        """Let the program see the id: aiortc assigns it when it sends the first packet."""
        self._id_assigned = True

    def _buffer_fell(self) -> None:
        """Bytes were given to the network."""
        self.__buffer.update()


def _check_id(parameters: RTCDataChannelParameters) -> None:
    if parameters.id is None or not 0 <= parameters.id <= _MAX_ID:
        reason = " if data channel is negotiated out-of-band" if parameters.negotiated else ""
        raise ValueError(f"ID must be in range 0-{_MAX_ID}{reason}")
