"""Call the methods of the request/response server.

python client.py --server http://127.0.0.1:8080 --clients 3 --count 20
"""

import argparse
import asyncio
import hashlib
import json
import sys
from typing import Any

import aiohttp

from purertc import DataChannel, PeerConnection, SessionDescription

Response = dict[str, Any]


async def connect(session: aiohttp.ClientSession, server: str, pc: PeerConnection) -> DataChannel:
    channel = pc.create_data_channel("rpc")
    await pc.set_local_description()
    description = await pc.gathering_complete()
    async with session.post(f"{server}/offer", json=description.to_json()) as reply:
        await pc.set_remote_description(SessionDescription.from_json(await reply.json()))
    await channel.opened()
    return channel


def make_request(client: int, number: int) -> dict[str, Any]:
    methods: list[tuple[str, list[Any]]] = [
        ("add", [client, number, number * number]),
        ("upper", [f"client {client}", f"nummer {number} \u2013 größer"]),
        ("digest", list(range(number))),
    ]
    method, params = methods[number % 3]
    return {"id": number, "method": method, "params": params}


async def run_client(
    session: aiohttp.ClientSession, server: str, client: int, count: int
) -> list[Response]:
    async with PeerConnection() as pc:
        channel = await connect(session, server, pc)
        for number in range(count):
            await channel.send(json.dumps(make_request(client, number)))
        responses = [json.loads(await channel.receive()) for _ in range(count)]
        await channel.close()
    return sorted(responses, key=lambda response: int(response["id"]))


async def main(args: argparse.Namespace) -> int:
    async with aiohttp.ClientSession() as session:
        clients = range(args.clients)
        answers = await asyncio.gather(
            *[run_client(session, args.server, client, args.count) for client in clients]
        )
    text = json.dumps(answers, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    errors = sum("error" in response for responses in answers for response in responses)
    print(
        f"SUMMARY rpc-client messages={args.clients * args.count} bytes={len(text)} "
        f"digest={digest} errors={errors}"
    )
    return errors


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Request/response client")
    parser.add_argument("--server", default="http://127.0.0.1:8080")
    parser.add_argument("--clients", type=int, default=1, help="connections to open at once")
    parser.add_argument("--count", type=int, default=10, help="requests a connection")
    sys.exit(1 if asyncio.run(main(parser.parse_args())) else 0)
