"""Answer JSON requests over data channels, for as many clients as come.

python server.py --port 8080

Clients POST their offer to /offer and get the answer back.
"""

import argparse
import asyncio
import hashlib
import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from purertc import (
    ConnectionState,
    DataChannel,
    PeerConnection,
    PeerConnectionHandler,
    SessionDescription,
)

METHODS: dict[str, Callable[[list[Any]], Any]] = {
    "add": sum,
    "upper": lambda params: [text.upper() for text in params],
    "digest": lambda params: hashlib.sha256(json.dumps(params).encode()).hexdigest(),
}


def handle_request(request: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"id": request["id"], "result": METHODS[request["method"]](request["params"])}
    except (KeyError, TypeError, AttributeError) as error:
        return {"id": request.get("id"), "error": repr(error)}


class Server(PeerConnectionHandler):
    def __init__(self, expected_clients: int | None) -> None:
        self.expected_clients = expected_clients
        self.connections: set[PeerConnection] = set()
        self.finished = asyncio.Event()
        self.requests = self.size = 0
        self.digests: list[str] = []

    async def offer(self, request: web.Request) -> web.Response:
        pc = PeerConnection(self)
        self.connections.add(pc)
        await pc.set_remote_description(SessionDescription.from_json(await request.json()))
        await pc.set_local_description()
        return web.json_response((await pc.gathering_complete()).to_json())

    async def on_connection_state_change(self, _state: ConnectionState) -> None:
        over = {ConnectionState.CLOSED, ConnectionState.FAILED}
        for pc in [pc for pc in self.connections if pc.connection_state in over]:
            self.connections.discard(pc)
            await pc.close()

    async def on_data_channel(self, channel: DataChannel) -> None:
        digest = hashlib.sha256()
        async for message in channel:
            self.requests += 1
            self.size += len(message)
            digest.update(message.encode() if isinstance(message, str) else message)
            await channel.send(json.dumps(handle_request(json.loads(message))))
        self.digests.append(digest.hexdigest())
        if len(self.digests) == self.expected_clients:
            self.finished.set()

    async def close(self) -> None:
        await asyncio.gather(*[pc.close() for pc in self.connections])
        digest = hashlib.sha256("".join(sorted(self.digests)).encode()).hexdigest()[:16]
        clients = len(self.digests)
        print(
            f"SUMMARY rpc-server messages={self.requests} bytes={self.size} "
            f"digest={digest} clients={clients}"
        )


async def main(args: argparse.Namespace) -> None:
    server = Server(args.clients)
    app = web.Application()
    app.router.add_post("/offer", server.offer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, args.host, args.port).start()
    try:
        await server.finished.wait()
    finally:
        await runner.cleanup()
        await server.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Request/response server")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--clients", type=int, help="stop after so many clients")
    asyncio.run(main(parser.parse_args()))
