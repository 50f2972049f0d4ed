"""The data channel that applications use (W3C webrtc-pc section 6.2)."""

from typing import Protocol, Self

from typing_extensions import Buffer

from purertc.byte_stream import ByteStream
from purertc.channel_handlers import ChannelHandlers
from purertc.errors import (
    ArgumentError,
    BusyError,
    ChannelClosed,
    InvalidStateError,
    PurertcError,
    WouldBlock,
)
from purertc.handler import DataChannelHandler
from purertc.handler_tasks import HandlerScope
from purertc.runtime.base import Event
from purertc.sansio.datachannel import Channel
from purertc.sansio.types import DataChannelState
from purertc.send_queue import Message, SendQueue, message_of

__all__ = ["ChannelHost", "DataChannel"]


class ChannelHost(Protocol):
    """The connection, as far as a channel needs it. A channel keeps it alive while it is open."""

    @property
    def scope(self) -> HandlerScope:
        """Where handlers run."""

    def send_message(self, channel: Channel, message: Message) -> None:
        """Queue a message."""

    def read_message(self, channel: Channel) -> str | bytes | None:
        """Take the next message."""

    def close_channel(self, channel: Channel) -> None:
        """Begin to close."""

    def discard_messages(self, channel: Channel) -> None:
        """Forget unread messages of a closed channel; from any thread."""

    def keep_channel(self, channel: "DataChannel") -> None:
        """Hold the channel until it is closed."""

    def await_progress(self, channel: "DataChannel") -> None:
        """Call ``_on_progress`` of the channel after each drain of the peer while it needs it."""


class DataChannel:
    """One data channel. The connection makes it; applications do not.

    Messages arrive in one of three ways: ``await channel.receive()`` or ``async for``, an
    attached :class:`DataChannelHandler` with ``on_message``, or :meth:`stream`. The first one
    used is the only one; the others raise BusyError then.
    """

    def __init__(self, core: Channel, host: ChannelHost, high_water: int | None) -> None:
        self._core = core
        self._host: ChannelHost | None = host
        self._handlers = ChannelHandlers(host.scope, core.label)
        self._senders = SendQueue(high_water)
        self._mode: str | None = None
        self._readable: Event | None = None
        self._changed: Event | None = None
        self._drained: Event | None = None

    def __del__(self) -> None:
        if self._host is not None and self._core.inbox and self.ready_state in _ENDING:
            self._host.discard_messages(self._core)

    def __repr__(self) -> str:
        return f"<DataChannel {self.label!r} id={self.id} {self.ready_state}>"

    @property
    def label(self) -> str:
        """The name given by the side that opened the channel."""
        return self._core.label

    @property
    def id(self) -> int | None:
        """The SCTP stream, or None until it is known."""
        return self._core.id

    @property
    def protocol(self) -> str:
        """The subprotocol given by the side that opened the channel."""
        return self._core.protocol

    @property
    def ordered(self) -> bool:
        """Whether messages arrive in the order they were sent."""
        return self._core.ordered

    @property
    def max_retransmits(self) -> int | None:
        """How often a message is sent again before it is given up; None for no limit."""
        return self._core.max_retransmits

    @property
    def max_packet_life_time(self) -> int | None:
        """Milliseconds after which a message is given up; None for no limit."""
        return self._core.max_packet_life_time

    @property
    def negotiated(self) -> bool:
        """Whether both sides made the channel by agreement, without an opening message."""
        return self._core.negotiated

    @property
    def ready_state(self) -> DataChannelState:
        """Where the channel is in its life."""
        return self._core.state

    @property
    def buffered_amount(self) -> int:
        """Bytes of messages that were not given to the network yet; text counts as UTF-8."""
        return self._core.buffered_amount

    @property
    def buffered_amount_low_threshold(self) -> int:
        """The ``buffered_amount`` that counts as low; 0 at first."""
        return self._core.buffered_amount_low_threshold

    @buffered_amount_low_threshold.setter
    def buffered_amount_low_threshold(self, value: int) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise ArgumentError("buffered_amount_low_threshold must be a number of bytes from 0")
        self._core.buffered_amount_low_threshold = value

    @property
    def high_water(self) -> int | None:
        """Bytes that may be buffered before ``send`` waits; None for no bound."""
        return self._senders.high_water

    @high_water.setter
    def high_water(self, value: int | None) -> None:
        if value is not None and value < 1:
            raise ArgumentError("high_water must be positive, or None for no bound")
        self._senders.high_water = value
        self._on_progress()

    async def send(self, data: str | Buffer) -> None:
        """Send a str or a bytes-like object; wait while the buffer is above ``high_water``.

        Returns when the message is in the buffer, at once when there is room. Those who wait go
        in the order they came; a message larger than the mark goes when the buffer is empty.
        Raises ArgumentError (MessageTooLarge when the other side would not take it),
        InvalidStateError before the channel is open and ChannelClosed after. Cancelled, the
        message was queued whole or not at all.
        """
        message, size = (data, len(data)) if type(data) is bytes else message_of(data)
        host, core = self._host, self._core
        if host is None or core.state is not _OPEN:
            host = self._require_open()
        if self._senders.has_room(size, core.buffered_amount):
            host.send_message(core, message)
            return
        host.await_progress(self)
        await self._senders.wait(message, size, host.scope.new_event())

    def send_nowait(self, data: str | Buffer) -> None:
        """Send as :meth:`send` does, but raise WouldBlock where it would wait."""
        message, size = message_of(data)
        host = self._require_open()
        if not self._senders.has_room(size, self._core.buffered_amount):
            raise WouldBlock(
                f"{self.buffered_amount} bytes are buffered, the limit is {self.high_water};"
                " await send() or drain()"
            )
        host.send_message(self._core, message)

    async def drain(self) -> None:
        """Wait until all messages were given to the network: ``buffered_amount`` is 0.

        Raises ChannelClosed when the channel closes with messages in the buffer. Cancelling it
        changes nothing.
        """
        while self._core.buffered_amount or self._senders:
            if self._host is None or self.ready_state is DataChannelState.CLOSED:
                raise self._closed_error()
            if self._drained is None:
                self._drained = self._host.scope.new_event()
                self._host.await_progress(self)
            await self._drained.wait()

    async def opened(self) -> None:
        """Wait until the channel is open. Raises ChannelClosed when it will not open.

        Cancelling it changes nothing.
        """
        while self.ready_state is DataChannelState.CONNECTING:
            await self._next_change()
        if self.ready_state is not DataChannelState.OPEN:
            raise self._closed_error()

    async def receive(self) -> str | bytes:
        """Return the next message, however long ago it arrived.

        Raises ChannelClosed when the channel is closed and every message was read, and BusyError
        when another task is receiving or a handler or stream has the messages. Cancelling it
        loses no message.
        """
        self._claim("receive")
        message = self._pop()
        return await self._receive() if message is None else message

    def receive_nowait(self) -> str | bytes | None:
        """Return the next message, or None when there is none now. Raises BusyError."""
        self._claim("receive")
        return self._pop()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str | bytes:
        """Return the next message; the iteration ends when the channel is closed."""
        if self._mode != "receive":
            self._claim("receive")
        host = self._host
        message = self._pop() if host is None else host.read_message(self._core)
        if message is not None:
            return message
        try:
            return await self._receive()
        except ChannelClosed:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def stream(self) -> ByteStream:
        """Return the channel as a stream of bytes. Raises BusyError when something else reads.

        Raises InvalidStateError when the channel is unordered or may lose messages.
        """
        if not self.ordered or (self.max_retransmits, self.max_packet_life_time) != (None, None):
            raise InvalidStateError("only an ordered, reliable channel can be a byte stream")
        if self._mode == "stream":
            raise BusyError("the channel is a byte stream already")
        self._claim("stream")
        return ByteStream(self)

    def attach(self, handler: DataChannelHandler) -> None:
        """Add a handler; it hears of the opening and closing also when those are past.

        Raises BusyError when it has ``on_message`` and the messages are read in another way.
        """
        if not isinstance(handler, DataChannelHandler):
            raise ArgumentError(
                "attach takes an instance of a class derived from DataChannelHandler"
            )
        if type(handler).on_message is not DataChannelHandler.on_message:
            self._claim("handler")
        self._handlers.add(handler)
        if self._host is not None:
            self._host.keep_channel(self)
        if self.ready_state is not DataChannelState.CONNECTING:
            if self.ready_state is DataChannelState.CLOSED:
                self._handlers.close(handler)
            else:
                self._handlers.notify("on_open", handler)
        self._handlers.start(self._pop)

    def start_close(self) -> None:
        """Begin to close the channel, without waiting; idempotent.

        Messages in the buffer are still sent; those who wait for room get ChannelClosed (RFC
        8831 section 6.7).
        """
        if self._host is not None and self.ready_state not in _ENDING:
            self._host.close_channel(self._core)
            self._senders.fail(self._closed_error)

    async def close(self) -> None:
        """Close the channel and wait until both sides have, or the connection is gone.

        Cancelling it does not stop the closing.
        """
        self.start_close()
        await self.closed()

    async def closed(self) -> None:
        """Wait until the channel is closed, by either side. Cancelling it changes nothing."""
        while self.ready_state is not DataChannelState.CLOSED:
            await self._next_change()

    def _on_state_change(self) -> None:
        """The core channel changed its state; called by the connection."""
        state = self.ready_state
        if state is DataChannelState.OPEN:
            self._handlers.notify("on_open")
        elif state in _ENDING:
            self._senders.fail(self._closed_error)
        if state is DataChannelState.CLOSED:
            self._handlers.close()
            self._on_progress()
            self._on_readable()
            if not self._core.inbox:
                self._host = None
        changed, self._changed = self._changed, None
        _wake(changed)
        self._handlers.start(self._pop)

    def _on_readable(self) -> None:
        """Messages wait; called by the connection."""
        readable, self._readable = self._readable, None
        _wake(readable)
        self._handlers.start(self._pop)

    def _on_buffered_amount_low(self) -> None:
        """The buffer fell to the threshold; called by the connection."""
        self._handlers.notify("on_buffered_amount_low")
        self._handlers.start(self._pop)

    def _on_progress(self) -> bool:
        """Use room in the buffer; called by the connection. False when nobody waits for more."""
        host, core = self._host, self._core
        if host is not None:
            self._senders.admit(
                lambda: core.buffered_amount, lambda message: host.send_message(core, message)
            )
        ended = core.state is DataChannelState.CLOSED
        if self._drained is not None and (ended or not (core.buffered_amount or self._senders)):
            drained, self._drained = self._drained, None
            _wake(drained)
        return not ended and (bool(self._senders) or self._drained is not None)

    def _detach_host(self) -> None:
        """The connection let go of the channel; what was received can still be read."""
        self._host = None

    async def _receive(self) -> str | bytes:
        while (message := self._pop()) is None:
            if self._host is None or self.ready_state is DataChannelState.CLOSED:
                raise self._closed_error()
            if self._readable is not None:
                raise BusyError("another task is receiving from this channel")
            self._readable = readable = self._host.scope.new_event()
            try:
                await readable.wait()
            finally:
                if self._readable is readable:
                    self._readable = None
        return message

    def _pop(self) -> str | bytes | None:
        if self._host is None:
            inbox = self._core.inbox
            return inbox.popleft() if inbox else None
        message = self._host.read_message(self._core)
        if message is None and self._core.state is DataChannelState.CLOSED:
            self._host = None
        return message

    def _claim(self, mode: str) -> None:
        if self._mode is None:
            self._mode = mode
        elif self._mode != mode:
            raise BusyError(f"the messages of this channel are read by {_READERS[self._mode]}")

    def _require_open(self) -> ChannelHost:
        if self._core.state is _OPEN and self._host is not None:
            return self._host
        if self._core.state is DataChannelState.CONNECTING:
            raise InvalidStateError("the channel is not open yet; await channel.opened() first")
        raise self._closed_error()

    def _closed_error(self) -> PurertcError:
        return ChannelClosed(f"the data channel {self.label!r} is {self.ready_state}")

    async def _next_change(self) -> None:
        if self._host is None:
            raise self._closed_error()
        if self._changed is None:
            self._changed = self._host.scope.new_event()
        await self._changed.wait()


_OPEN = DataChannelState.OPEN
_ENDING = (DataChannelState.CLOSING, DataChannelState.CLOSED)

_READERS = {
    "receive": "receive() or a loop over the channel",
    "handler": "a handler",
    "stream": "a byte stream",
}


def _wake(event: Event | None) -> None:
    if event is not None:
        event.set()
