"""Who waits for room in one channel's send buffer: first come, first served."""

from collections.abc import Callable

from typing_extensions import Buffer

from purertc.errors import ArgumentError, PurertcError
from purertc.runtime.base import Event

__all__ = ["Message", "SendQueue", "message_of"]

Message = str | bytes | bytearray | memoryview


def message_of(data: str | Buffer) -> tuple[Message, int]:
    """Return ``data`` as something a channel can send, and the bytes it takes in the buffer.

    Any object with the buffer protocol will do; text counts as UTF-8. Raises ArgumentError for
    anything else, and for text that has no UTF-8 form.
    """
    if type(data) is bytes or isinstance(data, bytes | bytearray):
        return data, len(data)
    if isinstance(data, str):
        return data, _text_size(data)
    try:
        view = memoryview(data)
    except TypeError:
        raise ArgumentError(
            f"a message is a str or a bytes-like object, not {type(data).__name__}"
        ) from None
    return view, view.nbytes


def _text_size(text: str) -> int:
    if text.isascii():
        return len(text)
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        raise ArgumentError("the text has lone surrogates and no UTF-8 form") from None


class _Sender:
    __slots__ = ("admitted", "error", "message", "size")

    def __init__(self, message: Message, size: int, admitted: Event) -> None:
        self.message = message
        self.size = size
        self.admitted = admitted
        self.error: PurertcError | None = None

    def raise_error(self) -> None:
        """Raise the error, if there is one, and forget it: its traceback refers to this frame."""
        error, self.error = self.error, None
        try:
            if error is not None:
                raise error
        finally:
            del error


class SendQueue:
    """Admits messages while the buffer is below ``high_water`` bytes; None is no bound.

    A message larger than the mark is admitted when the buffer is empty. Once senders wait, the
    buffer falls to half the mark before the first of them is admitted, so that they are woken
    seldom and in batches.
    """

    __slots__ = ("_senders", "high_water")

    def __init__(self, high_water: int | None) -> None:
        self.high_water = high_water
        self._senders: list[_Sender] = []

    def __len__(self) -> int:
        return len(self._senders)

    def has_room(self, size: int, buffered: int) -> bool:
        """Whether a message of ``size`` bytes may be sent now without overtaking anyone."""
        if self._senders:
            return False
        mark = self.high_water
        return mark is None or not buffered or buffered + size <= mark

    async def wait(self, message: Message, size: int, admitted: Event) -> None:
        """Wait until the message was sent. Raises what sending it raised.

        Cancelled, the message was sent whole or will not be sent at all.
        """
        copy = message if isinstance(message, str | bytes) else bytes(message)
        sender = _Sender(copy, size, admitted)
        self._senders.append(sender)
        try:
            await admitted.wait()
        finally:
            if not admitted.is_set():
                self._senders.remove(sender)
        sender.raise_error()

    def admit(self, buffered: Callable[[], int], send: Callable[[Message], None]) -> None:
        """Send for those who wait, as far as there is room."""
        senders = self._senders
        if not senders or not self._is_low(buffered()):
            return
        while senders:
            mark, held = self.high_water, buffered()
            if held and mark is not None and held + senders[0].size > mark:
                return
            sender = senders.pop(0)
            try:
                send(sender.message)
            except PurertcError as error:
                sender.error = error
            sender.admitted.set()

    def fail(self, make_error: Callable[[], PurertcError]) -> None:
        """Wake everyone who waits with an error."""
        while self._senders:
            sender = self._senders.pop(0)
            sender.error = make_error()
            sender.admitted.set()

    def _is_low(self, buffered: int) -> bool:
        return self.high_water is None or buffered <= self.high_water // 2
