"""A path between the two sides that delays datagrams and loses some of them.

A forwarder on the loopback address stands between them: each side is told the forwarder's address
instead of the other's. Unlike the kernel's netem it needs neither privileges nor a module.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import cast

from purertc.wire.candidate import Candidate
from tests.support.browsers.page import Signal

__all__ = ["ImpairedPath", "impaired_path"]

_HOST = "127.0.0.1"

Address = tuple[str, int]


class _Door(asyncio.DatagramProtocol):
    """What one side takes for the other one."""

    def __init__(self, path: "ImpairedPath") -> None:
        self._path = path
        self.other: _Door
        self.transport: asyncio.DatagramTransport
        self.visitor: Address | None = None
        """The candidate of the side that comes to this door."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, source: Address) -> None:
        if source == self.visitor and self.other.visitor is not None:
            self._path.carry(self.other, data)

    @property
    def port(self) -> int:
        port = self.transport.get_extra_info("sockname")[1]
        assert isinstance(port, int)
        return port

    def leave(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.sendto(data, self.visitor)


class ImpairedPath:
    """Made by :func:`impaired_path`."""

    def __init__(self, delay: float, loss: float, seed: int) -> None:
        self._delay = delay
        self._loss = loss
        self._random = random.Random(seed)
        self.browser = _Door(self)
        self.python = _Door(self)
        self.browser.other, self.python.other = self.python, self.browser
        self.carried = self.lost = 0

    def carry(self, door: _Door, data: bytes) -> None:
        """Let a datagram come out of ``door`` later, or never."""
        if self._random.random() < self._loss:
            self.lost += 1
            return
        self.carried += 1
        asyncio.get_running_loop().call_later(self._delay, door.leave, data)

    def to_browser(self, signal: Signal) -> Signal | None:
        return _through(signal, comes_from=self.python, goes_to=self.browser)

    def to_python(self, signal: Signal) -> Signal | None:
        return _through(signal, comes_from=self.browser, goes_to=self.python)


@asynccontextmanager
async def impaired_path(*, delay: float, loss: float, seed: int) -> AsyncIterator[ImpairedPath]:
    """Open the forwarder: ``delay`` in seconds and ``loss`` as a share, in each direction."""
    path = ImpairedPath(delay, loss, seed)
    loop = asyncio.get_running_loop()
    doors = (path.browser, path.python)
    for door in doors:
        await loop.create_datagram_endpoint(partial(_itself, door), (_HOST, 0))
    try:
        yield path
    finally:
        for door in doors:
            door.transport.close()


def _itself(door: _Door) -> _Door:
    return door


def _through(signal: Signal, *, comes_from: _Door, goes_to: _Door) -> Signal | None:
    """Put the door in the place of the loopback candidate; leave all other candidates out."""

    def replaced(text: str) -> str | None:
        candidate = Candidate.parse(text)
        if candidate.host != _HOST or candidate.transport.lower() != "udp":
            return None
        comes_from.visitor = (candidate.host, candidate.port)
        return str(replace(candidate, port=goes_to.port))

    description = signal.get("description")
    if description is not None:
        lines = str(description["sdp"]).splitlines()
        kept = [
            line
            if not line.startswith("a=candidate:")
            else (f"a={new}" if (new := replaced(line)) else None)
            for line in lines
        ]
        sdp = "".join(f"{line}\r\n" for line in kept if line is not None)
        return {"description": {**description, "sdp": sdp}}
    candidate = signal["candidate"]
    if not candidate or not candidate["candidate"]:
        return signal
    text = replaced(str(candidate["candidate"]))
    return None if text is None else {"candidate": {**candidate, "candidate": text}}
