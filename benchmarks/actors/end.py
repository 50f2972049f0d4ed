"""One end of a measured connection, whatever the library."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, Self

from benchmarks.actors.loops import Loop
from benchmarks.actors.stopwatch import Times

__all__ = ["HIGH_WATER", "LOW_WATER", "End", "EndFactory", "IceServer", "OpenPair", "Take"]

HIGH_WATER = 1024 * 1024
"""Bytes that a sender keeps buffered, in every library."""
LOW_WATER = 256 * 1024

Take = Callable[[str, str | bytes], str | bytes | None]
"""Gets the label of the channel and the message; returns what to send back."""


@dataclass(frozen=True)
class IceServer:
    """A STUN or TURN server; a TURN server has a user name."""

    url: str
    username: str | None = None
    credential: str | None = None


class End(Protocol):
    """Offers or answers, then sends; what arrives goes to ``take``. Leaving it closes."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *_: object) -> None: ...

    async def offer(self, labels: Sequence[str]) -> str:
        """Make channels and return the offer, with all candidates."""

    async def accept(self, sdp: str) -> None:
        """Take the answer and wait until every channel is open."""

    async def answer(self, sdp: str) -> str:
        """Take an offer and return the answer, with all candidates."""

    async def flood(self, label: str, payload: bytes) -> None:
        """Send for ever, as fast as the library's flow control lets a program."""

    async def ping(self, label: str, payload: bytes, seconds: float) -> list[float]:
        """Send one message after the other, each when the last came back; return the times."""


class EndFactory(Protocol):
    """Makes one end in a running loop.

    ``plain`` turns the segmentation offload off, ``path_mtu`` bounds the size of IP packets.
    Raises ValueError where a library cannot do that.
    """

    def __call__(self, loop: Loop, take: Take, *, plain: bool, path_mtu: int | None) -> End: ...


class OpenPair(Protocol):
    """Opens two connections and yields what the set-up took; closes them after the block.

    The time runs from the first ``create_offer`` until the channel is open at both ends, with
    candidates trickled by libraries that can.
    """

    def __call__(
        self, loop: Loop, servers: Sequence[IceServer]
    ) -> AbstractAsyncContextManager[Times]: ...
