"""Commands and their results over a WebSocket, as CDP and WebDriver BiDi both write them."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

__all__ = ["CommandError", "CommandSocket", "open_commands"]


class CommandError(AssertionError):
    """The browser answered a command with an error."""


class CommandSocket:
    """Sends commands; any number may wait for their results at the same time."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def command(self, method: str, parameters: object, **envelope: str) -> dict[str, Any]:
        """Run one command and return its result. Raises CommandError."""
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        message = {"id": number, "method": method, "params": parameters, **envelope}
        try:
            await self._socket.send_json(message)
            reply = await self._waiting[number]
        finally:
            del self._waiting[number]
        if "error" in reply:
            raise CommandError(f"{method}: {reply['error']} {reply.get('message', '')}")
        result = reply["result"]
        assert isinstance(result, dict)
        return result

    async def read_results(self) -> None:
        """Hand each result to the one who waits for it, until the socket closes."""
        async for message in self._socket:
            reply = message.json()
            waiting = self._waiting.get(reply.get("id"))
            if waiting is not None and not waiting.done():
                waiting.set_result(reply)
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result({"error": "the browser closed the connection"})


@asynccontextmanager
async def open_commands(url: str) -> AsyncIterator[CommandSocket]:
    """Connect to the remote end of a browser."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, max_msg_size=0) as socket,
        asyncio.TaskGroup() as tasks,
    ):
        commands = CommandSocket(socket)
        reader = tasks.create_task(commands.read_results())
        try:
            yield commands
        finally:
            await socket.close()
            await reader
