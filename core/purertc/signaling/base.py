"""The shape all ways of signalling have."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

from purertc.sansio.description import IceCandidate, SessionDescription
from purertc.signaling.messages import SignalingBye, SignalingMessage

__all__ = ["Signaling"]


class Signaling(ABC):
    """A line to the other side.

    ``async with`` connects and closes; ``async for`` gives descriptions and candidates until the
    other side says goodbye or goes away.
    """

    @abstractmethod
    async def connect(self) -> None:
        """Get ready to send and receive."""

    @abstractmethod
    async def send(self, message: SignalingMessage) -> None:
        """Send one message.

        Raises:
            ArgumentError: the message has no form on the line, see :func:`object_to_string`.
        """

    @abstractmethod
    async def receive(self) -> SignalingMessage | None:
        """Wait for one message; ``None`` when the other side went without a goodbye.

        Cancelling is safe: no message is lost.

        Raises:
            ProtocolError: the other side sent something that is no message.
        """

    @abstractmethod
    async def close(self) -> None:
        """Say goodbye and close. Closing twice is allowed."""

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def __aiter__(self) -> AsyncIterator[SessionDescription | IceCandidate]:
        while True:
            message = await self.receive()
            if message is None or isinstance(message, SignalingBye):
                return
            yield message
