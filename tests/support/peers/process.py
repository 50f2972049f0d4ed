"""A peer in a process of its own, and how two of them are connected."""

import asyncio
import itertools
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.namespaces import Place
from tests.support.peers.settings import PeerSettings

__all__ = ["PeerError", "PeerProcess", "StateChange", "running"]

_ROOT = Path(__file__).parents[3]


class PeerError(AssertionError):
    """A command failed in the peer's process; the text is its traceback."""


@dataclass(frozen=True, slots=True)
class StateChange:
    """A connection state and when it came, in seconds of the monotonic clock."""

    state: str
    at: float


class PeerProcess:
    """Made by :func:`running`; its methods are those of ``Actor`` in ``program.py``."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self.name = name
        self.candidates: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self.gathered: list[str] = []
        """The candidate attributes of all candidates so far."""
        self.errors: list[dict[str, Any]] = []
        self.states: list[StateChange] = []
        self._process = process
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._changed = asyncio.Condition()
        self._ended = False

    async def call(self, method: str, **arguments: object) -> Any:  # noqa: ANN401  # JSON
        """Run a command and return its result. Raises PeerError."""
        return (await self._reply(method, arguments))["result"]

    async def timed(self, method: str, **arguments: object) -> tuple[Any, float]:
        """Run a command; return its result and when it was there."""
        reply = await self._reply(method, arguments)
        return reply["result"], reply["at"]

    async def create_channel(self, label: str) -> None:
        await self.call("create_channel", label=label)

    async def opened(self, label: str) -> None:
        """Wait until a channel is there and open."""
        await self.call("opened", label=label)

    async def send(self, label: str, message: str) -> None:
        await self.call("send", label=label, message=message)

    async def receive(self, label: str) -> str:
        return str(await self.call("receive", label=label))

    async def close(self) -> None:
        await self.call("close")

    @property
    def state(self) -> str:
        """The last connection state that it told of."""
        return self.states[-1].state if self.states else "new"

    async def reached(self, state: str, *, after: float = 0.0) -> StateChange:
        """Wait for a connection state told of after ``after`` (monotonic clock)."""
        found: list[StateChange] = []

        def is_there() -> bool:
            found[:] = [each for each in self.states if each.state == state and each.at > after]
            return bool(found) or self._ended

        async with self._changed:
            await self._changed.wait_for(is_there)
        if not found:
            raise PeerError(f"{self.name} ended before it was {state}")
        return found[0]

    async def error(self) -> dict[str, Any]:
        """Wait until a server has failed; return the first error."""
        async with self._changed:
            await self._changed.wait_for(lambda: bool(self.errors) or self._ended)
        return self.errors[0]

    async def read_replies(self) -> None:
        """Take what the process says until it ends."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            said = json.loads(line)
            if "id" in said:
                waiting = self._waiting.get(said["id"])
                if waiting is not None and not waiting.done():
                    waiting.set_result(said)
                continue
            await self._take_event(said)
        self._ended = True
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result({"error": f"{self.name} ended"})
        async with self._changed:
            self._changed.notify_all()

    async def _reply(self, method: str, arguments: dict[str, object]) -> dict[str, Any]:
        number = next(self._numbers)
        command = {"id": number, "method": method, "arguments": arguments}
        waiting = self._waiting[number] = asyncio.get_running_loop().create_future()
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(command).encode() + b"\n")
            reply: dict[str, Any] = await waiting
        finally:
            del self._waiting[number]
        if "error" in reply:
            raise PeerError(reply["error"])
        return reply

    async def _take_event(self, said: dict[str, Any]) -> None:
        async with self._changed:
            value = said["value"]
            match said["event"]:
                case "state":
                    self.states.append(StateChange(value, said["at"]))
                case "candidate":
                    self.candidates.put_nowait(value)
                    if value is not None:
                        self.gathered.append(value["candidate"])
                case "candidate error":
                    self.errors.append(value)
            self._changed.notify_all()


@asynccontextmanager
async def running(name: str, place: Place, settings: PeerSettings) -> AsyncIterator[PeerProcess]:
    """Run "aiortc" or "purertc" in ``place`` until the block ends."""
    program = [sys.executable, "-m", "tests.support.peers.program"]
    process = await asyncio.create_subprocess_exec(
        *place.command(*program, name, json.dumps(settings.to_json())),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=_ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        limit=2**20,
    )
    peer = PeerProcess(name, process)
    assert process.stdin is not None
    reader = asyncio.create_task(peer.read_replies())
    try:
        yield peer
    finally:
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 5.0)
        except TimeoutError:
            process.kill()
            await process.wait()
        await reader
