"""Calls the methods of a data channel's handlers, one at a time, in a task while there is need."""

from collections.abc import Callable

from purertc.handler import DataChannelHandler
from purertc.handler_tasks import HandlerScope, HandlerTask

__all__ = ["ChannelHandlers"]


class ChannelHandlers:
    """The handlers of one channel.

    Messages are read only when the handlers have returned from those before: what is not read
    keeps the other side's window shut.
    """

    def __init__(self, scope: HandlerScope, label: str) -> None:
        self._scope = scope
        self._label = label
        self._handlers: tuple[DataChannelHandler, ...] = ()
        self._notices: list[tuple[DataChannelHandler, str]] = []
        self._closing: list[DataChannelHandler] = []
        self._working = False
        self.reads_messages = False
        """Whether a handler overrides ``on_message``."""

    def __bool__(self) -> bool:
        return bool(self._handlers)

    def add(self, handler: DataChannelHandler) -> None:
        """Add a handler."""
        self._handlers = (*self._handlers, handler)
        if type(handler).on_message is not DataChannelHandler.on_message:
            self.reads_messages = True

    def notify(self, where: str, handler: DataChannelHandler | None = None) -> None:
        """Queue a call of the method ``where`` of one handler, or of all."""
        for receiver in self._handlers if handler is None else (handler,):
            self._notices.append((receiver, where))

    def close(self, handler: DataChannelHandler | None = None) -> None:
        """Queue ``on_close``, which comes after all messages, for one handler or for all."""
        self._closing.extend(self._handlers if handler is None else (handler,))

    def start(self, read: Callable[[], str | bytes | None]) -> None:
        """Work off what is queued and what ``read`` gives, unless that is under way."""
        if not self._working and (self._handlers or self._closing):
            self._working = True
            self._scope.spawn(_Work(self, read), f"channel handlers {self._label}")

    async def work(self, read: Callable[[], str | bytes | None], task: HandlerTask) -> None:
        """Be the task that :meth:`start` spawns."""
        interrupted = True
        try:
            await self._work(read, task)
            interrupted = False
        finally:
            self._working = False
            if interrupted and self._scope.grants_last_events and self._closing:
                self._abandon_messages(read)

    async def _work(self, read: Callable[[], str | bytes | None], task: HandlerTask) -> None:
        while True:
            if self._notices:
                handler, where = self._notices.pop(0)
                await task.call(handler, where)
            elif self.reads_messages and (message := read()) is not None:
                for handler in self._handlers:
                    await task.call(handler, "on_message", message)
            elif self._closing:
                handler = self._closing.pop(0)
                self._handlers = tuple(each for each in self._handlers if each is not handler)
                await task.call(handler, "on_close")
            else:
                return

    def _abandon_messages(self, read: Callable[[], str | bytes | None]) -> None:
        """Cancelled with the connection: the handlers still hear of the close."""
        self._notices.clear()
        self.reads_messages = False
        self.start(read)


class _Work:
    """The body of the task; it alone ties the handlers to their channel."""

    __slots__ = ("_handlers", "_read")

    def __init__(self, handlers: ChannelHandlers, read: Callable[[], str | bytes | None]) -> None:
        self._handlers = handlers
        self._read = read

    async def __call__(self, task: HandlerTask) -> None:
        await self._handlers.work(self._read, task)
