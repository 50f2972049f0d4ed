"""The data channels of one SCTP association (RFC 8831, RFC 8832, W3C webrtc-pc section 6)."""

from collections.abc import Sequence

from purertc.errors import BadPacket, InvalidStateError, MessageTooLarge
from purertc.sansio import events
from purertc.sansio.channels.association import Association
from purertc.sansio.channels.channel import Channel
from purertc.sansio.channels.early import EarlyMessages
from purertc.sansio.channels.message import (
    PPID_BINARY,
    PPID_DCEP,
    decode_message,
    empty_message,
    encode_message,
    size_of,
)
from purertc.sansio.channels.table import ChannelTable
from purertc.sansio.events import ChannelEvent
from purertc.sansio.sctp.events import (
    AssociationClosed,
    AssociationEstablished,
    AssociationRestarted,
    AssociationState,
    OutgoingResetDone,
    SctpEvent,
    StreamsReset,
)
from purertc.sansio.types import DataChannelState
from purertc.wire.dcep import DataChannelAck, DataChannelOpen, parse_dcep

__all__ = ["Channel", "DataChannels"]

_DEFAULT_REMOTE_MAX_MESSAGE_SIZE = 65536
_MUCH_READ = 64 * 1024

_CONNECTING = DataChannelState.CONNECTING
_OPEN = DataChannelState.OPEN
_CLOSING = DataChannelState.CLOSING
_CLOSED = DataChannelState.CLOSED


class DataChannels:
    """Opens, serves and closes the channels; the association carries their messages.

    ``remote_max_message_size`` is the longest message the other side accepts, 0 for any
    (RFC 8841 section 6). ``dropped`` counts messages that belong to no channel or carry an
    unknown payload protocol identifier, ``bad_packets`` malformed messages. ``opened`` counts the
    channels that were ever open, ``unsettled`` the bytes that were read since :meth:`settle`.
    ``lost_reason`` says why the association is gone, None while it is not.
    """

    def __init__(self, association: Association) -> None:
        self.remote_max_message_size = _DEFAULT_REMOTE_MAX_MESSAGE_SIZE
        self.dropped = 0
        self.bad_packets = 0
        self.opened = 0
        self.unsettled = 0
        self.lost_reason: str | None = None
        self._association = association
        self._established = False
        self._table = ChannelTable()
        self._early = EarlyMessages()
        self._refused: set[int] = set()
        self._events: list[ChannelEvent] = []

    @property
    def channels(self) -> list[Channel]:
        """All channels that are not closed."""
        return self._table.all()

    # Calls of the owner.

    def set_role(self, *, dtls_client: bool, now: float) -> None:
        """Learn the DTLS role, which decides the ids; only the first call counts.

        A waiting channel that finds no free id is closed (W3C webrtc-pc section 6.1.1.3).
        """
        if self._table.has_role:
            return
        for channel in self._table.set_role(dtls_client=dtls_client):
            if channel.id is None:
                self._finish(channel)
            elif self._established:
                self._open(channel, now)

    def create(
        self,
        label: str,
        *,
        now: float,
        ordered: bool = True,
        max_packet_life_time: int | None = None,
        max_retransmits: int | None = None,
        protocol: str = "",
        negotiated: bool = False,
        id: int | None = None,
    ) -> Channel:
        """Make a channel; it opens when the association is up and the other side agrees.

        The options are those that ``check_options`` accepts; ``max_packet_life_time`` is in
        milliseconds. ``id`` is for ``negotiated`` channels; for others it asks for that stream
        instead of the next free one. Raises ArgumentError for an id in use, InvalidStateError
        when the association is gone.
        """
        if self.lost_reason is not None:
            raise InvalidStateError(f"no new data channels: {self.lost_reason}")
        channel = Channel(
            label=label,
            protocol=protocol,
            ordered=ordered,
            max_retransmits=max_retransmits,
            max_packet_life_time=max_packet_life_time,
            negotiated=negotiated,
            id=self._table.choose_id(id),
        )
        self._table.add(channel)
        if self._established:
            self._open(channel, now)
        return channel

    def send(
        self, channel: Channel, data: str | bytes | bytearray | memoryview, now: float
    ) -> None:
        """Queue a message. Text and binary arrive as what they were sent.

        Raises InvalidStateError while the channel is connecting, ChannelClosed once it is closing,
        ArgumentError for other types, MessageTooLarge above ``remote_max_message_size``.
        """
        stream = channel.id
        if channel.state is not _OPEN or stream is None:
            raise channel.not_open_error()
        ppid, payload = (PPID_BINARY, data) if type(data) is bytes else encode_message(data)
        size = len(payload)
        if 0 < self.remote_max_message_size < size:
            raise MessageTooLarge(
                f"the message has {size} bytes; the other side takes at most "
                f"{self.remote_max_message_size}"
            )
        if not size:
            ppid, payload = empty_message(ppid)
        if channel.ordered and channel.reliable:
            self._association.send(stream, ppid, payload, now)
        else:
            self._association.send(
                stream,
                ppid,
                payload,
                now,
                ordered=channel.ordered,
                max_retransmits=channel.max_retransmits,
                lifetime=channel.lifetime,
            )
        channel.messages_sent += 1
        channel.bytes_sent += size
        if size:
            channel.unsent += size
            channel.buffered_amount += size
        else:
            channel.queue_extra(len(payload))

    def read(self, channel: Channel, now: float) -> str | bytes | None:
        """Take the oldest unread message, also of a closed channel; None when there is none.

        The receive window opens with the next :meth:`settle`, or when much was read.
        """
        if not channel.inbox:
            return None
        message = channel.inbox.popleft()
        if self.lost_reason is None and not channel.window_released:
            self.unsettled += (len(message) or 1) if type(message) is bytes else size_of(message)
            if self.unsettled >= _MUCH_READ:
                self.settle(now)
        return message

    def settle(self, now: float) -> None:
        """Open the receive window by what was read; to be called before packets are taken."""
        read, self.unsettled = self.unsettled, 0
        if read and self.lost_reason is None:
            self._association.consumed(read, now)

    def close(self, channel: Channel, now: float) -> None:
        """Begin to close the channel: queued messages are sent first (RFC 8831 section 6.7).

        Messages that arrived before stay readable, later ones are discarded. Closing a channel
        again does nothing.
        """
        if channel.state in {_CLOSING, _CLOSED}:
            return
        channel.closed_here = True
        self._begin_closing(channel, now)

    def handle(self, now: float) -> None:
        """Take what the association has: to be called after it got input or gave packets."""
        association = self._association
        if self.unsettled:
            self.settle(now)
        later: list[SctpEvent] = []
        taken = 0
        while (event := association.next_event()) is not None:
            match event:
                case AssociationEstablished():
                    self._on_established(now)
                case AssociationRestarted(earlier):
                    self._on_restart(earlier - taken, now)
                    taken = earlier
                    later.clear()
                case _:
                    later.append(event)
        if association.inbox:
            self._take_messages(now)
        for event in later:
            self._on_event(event, now)
        self._take_released()

    def association_lost(self, reason: str) -> None:
        """Close all channels at once; what was received stays readable."""
        if self.lost_reason is None:
            self.lost_reason = reason
            self._early = EarlyMessages()
            self._close_all()

    def take_events(self) -> Sequence[ChannelEvent]:
        """Return all events, in order, and forget them."""
        if not self._events:
            return ()
        taken, self._events = self._events, []
        return taken

    def next_event(self) -> ChannelEvent | None:
        """Take the next event, or None."""
        return self._events.pop(0) if self._events else None

    # What the association tells.

    def _on_established(self, now: float) -> None:
        self._established = True
        table = self._table
        table.limit_streams(self._association.outbound_streams)
        for channel in table.all():
            if channel.id is not None and channel.id >= table.stream_count:
                self._finish(channel)
            else:
                self._open(channel, now)

    def _on_event(self, event: SctpEvent, now: float) -> None:
        match event:
            case StreamsReset(streams):
                for stream in streams or tuple(self._table.by_stream):
                    self._on_incoming_reset(stream, now)
            case OutgoingResetDone(streams):
                for stream in streams:
                    self._on_outgoing_reset(stream, now)
            case AssociationClosed(reason):
                self.association_lost(reason)

    def _on_restart(self, messages: int, now: float) -> None:
        """The association starts over; the first ``messages`` in its inbox are from before."""
        inbox, by_stream = self._association.inbox, self._table.by_stream
        earlier = inbox[:messages]
        del inbox[:messages]
        for stream, ppid, payload in earlier:
            channel = by_stream.get(stream)
            if channel is not None and channel.state is _OPEN and ppid != PPID_DCEP:
                self._deliver(channel, ppid, payload, now)
            else:
                self._drop(payload, now)
        for _, _, payload in self._early.take_all():
            self._drop(payload, now)
        for channel in self._table.all():
            self._release_window(channel, now)
        self._refused.clear()
        self._close_all()
        self._table.limit_streams(self._association.outbound_streams)

    def _on_incoming_reset(self, stream: int, now: float) -> None:
        channel = self._table.by_stream.get(stream)
        if channel is None:
            for _, _, payload in self._early.take(stream):
                self._drop(payload, now)
            return
        channel.incoming_closed = True
        if channel.state is _CLOSING:
            self._finish_if_done(channel, now)
        else:
            self._begin_closing(channel, now)

    def _on_outgoing_reset(self, stream: int, now: float) -> None:
        self._refused.discard(stream)
        channel = self._table.by_stream.get(stream)
        if channel is not None and channel.state is _CLOSING:
            channel.outgoing_closed = True
            self._finish_if_done(channel, now)

    def _take_released(self) -> None:
        for stream, size in self._association.take_released().items():
            channel = self._table.by_stream.get(stream)
            if channel is not None and channel.release(size):
                self._events.append(events.BufferedAmountLow(channel))

    # Messages.

    def _take_messages(self, now: float) -> None:
        """Deliver what is in the inbox; runs of binary messages on one channel at little cost."""
        inbox, by_stream = self._association.inbox, self._table.by_stream
        channel: Channel | None = None
        run, count, size = -1, 0, 0
        for stream, ppid, payload in inbox:
            if stream != run or ppid != PPID_BINARY:
                if channel is not None and count:
                    channel.count_received(count, size)
                run, count, size = -1, 0, 0
                channel = by_stream.get(stream)
                if channel is None or channel.state is not _OPEN or ppid == PPID_DCEP:
                    self._take_other(stream, ppid, payload, now)
                    continue
                if ppid != PPID_BINARY or not channel.inbox:
                    self._deliver(channel, ppid, payload, now)
                    continue
                run, append = stream, channel.inbox.append
            append(payload)
            count += 1
            size += len(payload)
        if channel is not None and count:
            channel.count_received(count, size)
        inbox.clear()

    def _take_other(self, stream: int, ppid: int, payload: bytes, now: float) -> None:
        """Take a message that may be anything, not only data of an open channel."""
        channel = self._table.by_stream.get(stream)
        if channel is not None and channel.incoming_closed:
            # The stream carries the next channel while the old one waits for its last answer.
            self._keep_early(stream, ppid, payload, now)
        elif stream in self._refused:
            self._drop(payload, now)
        elif ppid == PPID_DCEP:
            self._association.consumed(len(payload), now)
            self._on_dcep(stream, channel, payload, now)
        elif channel is None:
            self._keep_early(stream, ppid, payload, now)
        elif channel.state is not _CLOSING:
            if channel.state is _CONNECTING:
                # Data may overtake the ACK, and says as much (RFC 8832 section 6).
                self._set_open(channel)
            self._deliver(channel, ppid, payload, now)
        else:
            self._drop(payload, now)

    def _take_early(self, stream: int, now: float) -> None:
        for _, ppid, payload in self._early.take(stream):
            self._take_other(stream, ppid, payload, now)

    def _keep_early(self, stream: int, ppid: int, payload: bytes, now: float) -> None:
        for _, _, dropped in self._early.keep((stream, ppid, payload)):
            self._drop(dropped, now)

    def _drop(self, payload: bytes, now: float) -> None:
        self._association.consumed(len(payload), now)
        self.dropped += 1

    def _deliver(self, channel: Channel, ppid: int, payload: bytes, now: float) -> None:
        try:
            message = decode_message(ppid, payload)
        except BadPacket:
            self._association.consumed(len(payload), now)
            self.bad_packets += 1
            self._begin_closing(channel, now)
            return
        if message is None:
            self._drop(payload, now)
            return
        if not message and len(payload) > 1:
            # An empty message has one byte, whatever a peer may have sent instead.
            self._association.consumed(len(payload) - 1, now)
        channel.count_received(1, len(payload) if message else 0)
        channel.inbox.append(message)
        if len(channel.inbox) == 1:
            self._events.append(events.ChannelReadable(channel))

    # Establishment (RFC 8832).

    def _open(self, channel: Channel, now: float) -> None:
        """Open a channel of ours, the association being up."""
        if channel.state is not _CONNECTING or channel.id is None:
            return
        if channel.negotiated:
            self._set_open(channel)
            self._take_early(channel.id, now)
        else:
            self._send_dcep(channel, channel.id, channel.open_message(), now)

    def _set_open(self, channel: Channel) -> None:
        channel.state = _OPEN
        self.opened += 1
        self._events.append(events.ChannelOpened(channel))

    def _send_dcep(
        self, channel: Channel, stream: int, message: DataChannelOpen | DataChannelAck, now: float
    ) -> None:
        # One that is shutting down takes no more data, and its end will close the channel.
        if self._association.state is AssociationState.ESTABLISHED:
            payload = bytes(message)
            self._association.send(stream, PPID_DCEP, payload, now)
            channel.queue_extra(len(payload))

    def _on_dcep(self, stream: int, channel: Channel | None, payload: bytes, now: float) -> None:
        try:
            message = parse_dcep(payload)
        except BadPacket:
            self.bad_packets += 1
            self._refuse(stream, channel, now)
            return
        if isinstance(message, DataChannelAck):
            if channel is not None and channel.state is _CONNECTING:
                self._set_open(channel)
        elif channel is None and stream < self._table.stream_count and self._table.has_room:
            self._announce(stream, message, now)
        else:
            self.dropped += 1
            self._refuse(stream, channel, now)

    def _announce(self, stream: int, message: DataChannelOpen, now: float) -> None:
        channel = Channel.from_open_message(message, stream)
        self._table.add(channel)
        self.opened += 1
        self._send_dcep(channel, stream, DataChannelAck(), now)
        self._events.append(events.ChannelAnnounced(channel))
        self._take_early(stream, now)

    def _refuse(self, stream: int, channel: Channel | None, now: float) -> None:
        """Close what a bad DATA_CHANNEL_OPEN was about, and nothing else (RFC 8832 section 6)."""
        if channel is None:
            self._refused.add(stream)
            if stream < self._table.stream_count:
                self._association.reset_streams([stream], now)
        elif channel.state in {_CONNECTING, _OPEN}:
            self._begin_closing(channel, now)

    # Closing (RFC 8831 section 6.7).

    def _begin_closing(self, channel: Channel, now: float) -> None:
        channel.state = _CLOSING
        self._events.append(events.ChannelClosing(channel))
        if channel.id is None or not self._established:
            self._finish(channel)
        else:
            self._association.reset_streams([channel.id], now)

    def _finish_if_done(self, channel: Channel, now: float) -> None:
        if not (channel.outgoing_closed and channel.incoming_closed) or channel.id is None:
            return
        self._finish(channel)
        if channel.closed_here:
            # Nobody may come to read what the application turned its back on.
            self._release_window(channel, now)
        self._take_early(channel.id, now)

    def _release_window(self, channel: Channel, now: float) -> None:
        """Count the unread messages of a closed channel no longer against the window."""
        channel.window_released = True
        if channel.inbox:
            self._association.consumed(sum(map(size_of, channel.inbox)), now)

    def _finish(self, channel: Channel) -> None:
        channel.state = _CLOSED
        self._table.remove(channel)
        self._events.append(events.ChannelClosed(channel))

    def _close_all(self) -> None:
        for channel in self._table.all():
            self._finish(channel)
