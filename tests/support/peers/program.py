"""The program of a peer's process: commands come in, results and events go out, as JSON lines.

It ends when its standard input does.
"""

import asyncio
import importlib
import json
import sys
import time
import traceback
from collections.abc import Mapping
from typing import Any, Protocol

from tests.support.peers.settings import PeerSettings

__all__ = ["Actor", "main"]

ACTORS = {
    "aiortc": ("tests.support.peers.aiortc_actor", "AiortcActor"),
    "purertc": ("tests.support.peers.purertc_actor", "PurertcActor"),
}

_CLOSING_LIMIT = 3.0


class Actor(Protocol):
    """The one connection of a process. Each coroutine is a command; values are those of JSON.

    Events are "state", "candidate" (None at the end) and "candidate error".
    """

    async def create_channel(self, label: str) -> None: ...

    async def offer(self, *, complete: bool, restart: bool) -> dict[str, Any]:
        """Make and set a description; ``complete`` waits for its candidates."""

    async def answer(self, offer: Mapping[str, str], *, complete: bool) -> dict[str, Any]: ...

    async def accept(self, answer: Mapping[str, str]) -> None: ...

    async def add_candidate(self, candidate: Mapping[str, Any] | None) -> None: ...

    async def opened(self, label: str) -> None: ...

    async def send(self, label: str, message: str) -> None: ...

    async def receive(self, label: str) -> str: ...

    async def local_sdp(self) -> str: ...

    async def explain(self) -> str:
        """Return what there is to say about why it is not connected."""

    async def close(self) -> None: ...


def write(line: Mapping[str, Any]) -> None:
    """Say one thing to the test."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def report(event: str, value: object) -> None:
    """Tell of an event and when it came, on the clock that all processes share."""
    write({"event": event, "value": value, "at": time.monotonic()})


async def run_command(actor: Actor, command: Mapping[str, Any]) -> None:
    """Run one command and say what came of it."""
    try:
        result = await getattr(actor, command["method"])(**command["arguments"])
    except Exception:  # noqa: BLE001  # the test raises it
        write({"id": command["id"], "error": traceback.format_exc()})
    else:
        write({"id": command["id"], "result": result, "at": time.monotonic()})


async def serve(name: str, settings: PeerSettings) -> None:
    """Make the peer and run commands, any number at once, until there are no more."""
    module, class_name = ACTORS[name]
    actor: Actor = getattr(importlib.import_module(module), class_name)(settings, report)
    commands = asyncio.StreamReader(limit=2**20)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(commands), sys.stdin
    )
    running: set[asyncio.Task[None]] = set()
    while line := await commands.readline():
        task = asyncio.create_task(run_command(actor, json.loads(line)))
        running.add(task)
        task.add_done_callback(running.discard)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    async with asyncio.timeout(_CLOSING_LIMIT):
        await actor.close()


def main() -> None:
    """Run the peer named by the first argument with the settings in the second one."""
    asyncio.run(serve(sys.argv[1], PeerSettings.from_json(json.loads(sys.argv[2]))))


if __name__ == "__main__":
    main()
