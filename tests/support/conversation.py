"""Numbered messages that flow both ways while something happens to the connection."""

from purertc import DataChannel
from purertc.testing import VirtualRuntime, VirtualTask
from tests.support.nat_world import Peer

__all__ = ["Conversation"]


class Conversation:
    """Each side sends ``count`` messages, one every ``interval`` seconds, on one channel.

    Made before the negotiation; :meth:`start` when it is to begin.
    """

    def __init__(
        self, runtime: VirtualRuntime, *peers: Peer, count: int = 200, interval: float = 0.02
    ) -> None:
        self._runtime = runtime
        self._count = count
        self._interval = interval
        self.channels: list[DataChannel] = [
            each.pc.create_data_channel("conversation", negotiated=True, id=900) for each in peers
        ]
        self.received: list[list[int]] = [[] for _ in peers]
        self._tasks: list[VirtualTask[None]] = []

    def start(self) -> None:
        """Let both sides talk and listen."""
        for channel, received in zip(self.channels, self.received, strict=True):
            self._tasks.append(self._runtime.start(self._talk(channel)))
            self._tasks.append(self._runtime.start(self._listen(channel, received)))

    async def complete(self, limit: float = 120.0) -> None:
        """Wait until both sides have all: none lost, none twice, all in order."""
        try:
            async with self._runtime.timeout(limit):
                for task in self._tasks:
                    await task.join()
        except TimeoutError:
            counts = [len(each) for each in self.received]
            raise AssertionError(f"of {self._count} messages came {counts}") from None
        assert self.received == [list(range(self._count))] * len(self.channels)

    async def _talk(self, channel: DataChannel) -> None:
        await channel.opened()
        for number in range(self._count):
            await channel.send(f"{number}")
            await self._runtime.sleep(self._interval)

    async def _listen(self, channel: DataChannel, received: list[int]) -> None:
        while len(received) < self._count:
            received.append(int(await channel.receive()))
        # A message that came twice would come now.
        await self._runtime.sleep(1)
        while (message := channel.receive_nowait()) is not None:
            received.append(int(message))
