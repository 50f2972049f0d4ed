"""Signalling by hand: the user carries the messages from one terminal to the other."""

import asyncio
import os
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
_READ_SIZE = 65536


class CopyAndPasteSignaling(Signaling):
    """Prints what is to be sent and reads what is pasted.

    ``source`` must be a terminal, a pipe or a socket, as asyncio cannot wait for a plain file.
    """

    def __init__(self, source: TextIO | None = None, target: TextIO | None = None) -> None:
        self._source = source or sys.stdin
        self._target = target or sys.stdout
        self._reader: asyncio.StreamReader | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def connect(self) -> None:
        """Start to watch the source. Anything else raises until then."""
        if self._reader is not None:
            return
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._source.fileno(), self._readable)
        self._reader = asyncio.StreamReader(limit=_LINE_LIMIT)

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
        if self._reader is None:
            return
        self._print(object_to_string(BYE))
        self._stop_watching()
        self._reader = None

    def _readable(self) -> None:
        text = os.read(self._source.fileno(), _READ_SIZE)
        if self._reader is None:
            return
        if text:
            self._reader.feed_data(text)
        else:
            self._reader.feed_eof()
            self._stop_watching()

    def _stop_watching(self) -> None:
        if self._loop is not None:
            self._loop.remove_reader(self._source.fileno())
            self._loop = None

    def _require_connected(self) -> asyncio.StreamReader:
        if self._reader is None:
            raise InvalidStateError("Not connected: await connect() first, or use async with.")
        return self._reader

    def _print(self, text: str) -> None:
        self._target.write(f"-- Please send this message to the remote party --\n{text}\n\n")
        self._target.flush()
