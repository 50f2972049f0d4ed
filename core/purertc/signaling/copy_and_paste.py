"""Signalling by hand: the user carries the messages from one terminal to the other."""

import asyncio
import sys
from typing import TextIO

from purertc.errors import InvalidStateError
from purertc.signaling.base import Signaling
from purertc.signaling.messages import (
    BYE,
    SignalingMessage,
    object_from_string,
    object_to_string,
)

__all__ = ["CopyAndPasteSignaling"]

_LINE_LIMIT = 1 << 20


class CopyAndPasteSignaling(Signaling):
    """Prints what is to be sent and reads what is pasted.

    ``source`` must be a terminal, a pipe or a socket, as asyncio cannot wait for a plain file.
    """

    def __init__(self, source: TextIO | None = None, target: TextIO | None = None) -> None:
        self._source = source or sys.stdin
        self._target = target or sys.stdout
        self._reader: asyncio.StreamReader | None = None
        self._transport: asyncio.ReadTransport | None = None

    async def connect(self) -> None:
        """Start to watch the source. Anything else raises until then."""
        if self._reader is not None:
            return
        reader = asyncio.StreamReader(limit=_LINE_LIMIT)
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), self._source
        )
        self._reader = reader

    async def send(self, message: SignalingMessage) -> None:
        """Print the message."""
        self._require_connected()
        self._print(object_to_string(message))

    async def receive(self) -> SignalingMessage | None:
        """Ask for a message and wait for a line; ``None`` at the end of the source."""
        reader = self._require_connected()
        self._target.write("-- Please enter a message from remote party --\n")
        self._target.flush()
        while line := await reader.readline():
            if text := line.decode(errors="replace").strip():
                return object_from_string(text)
        return None

    async def close(self) -> None:
        """Print a goodbye for the other side and stop watching the source."""
        if self._reader is None or self._transport is None:
            return
        self._print(object_to_string(BYE))
        self._transport.close()
        self._reader = self._transport = None

    def _require_connected(self) -> asyncio.StreamReader:
        if self._reader is None:
            raise InvalidStateError("Not connected: await connect() first, or use async with.")
        return self._reader

    def _print(self, text: str) -> None:
        self._target.write(f"-- Please send this message to the remote party --\n{text}\n\n")
        self._target.flush()
