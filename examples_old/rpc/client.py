"""Call the methods of the request/response server.

python client.py --server http://127.0.0.1:8080 --clients 3 --count 20
"""

import argparse
import asyncio
import hashlib
import json
import sys

import aiohttp
from aiortc import RTCConfiguration, RTCDataChannel, RTCPeerConnection, RTCSessionDescription


class Client:
    def __init__(self):
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.channel: RTCDataChannel = self.pc.createDataChannel("rpc")
        self.waiting = {}
        self.ready = asyncio.Event()
        self.closed = asyncio.Event()

        @self.channel.on("open")
        def on_open():
            self.ready.set()

        @self.channel.on("message")
        def on_message(message):
            response = json.loads(message)
            self.waiting.pop(response["id"]).set_result(response)

        @self.channel.on("close")
        def on_close():
            self.closed.set()

    async def connect(self, session, server):
        await self.pc.setLocalDescription(await self.pc.createOffer())
        while self.pc.iceGatheringState != "complete":
            await asyncio.sleep(0.05)
        description = {"sdp": self.pc.localDescription.sdp, "type": self.pc.localDescription.type}
        async with session.post(f"{server}/offer", json=description) as reply:
            answer = await reply.json()
        await self.pc.setRemoteDescription(RTCSessionDescription(**answer))
        await self.ready.wait()

    async def call(self, number, method, params):
        response = asyncio.get_event_loop().create_future()
        self.waiting[number] = response
        self.channel.send(json.dumps({"id": number, "method": method, "params": params}))
        return await response

    async def close(self):
        self.channel.close()
        await self.closed.wait()
        await self.pc.close()


def make_request(client_number, number):
    if number % 3 == 0:
        return "add", [client_number, number, number * number]
    if number % 3 == 1:
        return "upper", [f"client {client_number}", f"nummer {number} \u2013 größer"]
    return "digest", list(range(number))


async def run_client(session, server, client_number, count):
    client = Client()
    await client.connect(session, server)
    responses = await asyncio.gather(
        *[client.call(number, *make_request(client_number, number)) for number in range(count)]
    )
    await client.close()
    return responses


async def main(args):
    async with aiohttp.ClientSession() as session:
        answers = await asyncio.gather(
            *[
                run_client(session, args.server, client_number, args.count)
                for client_number in range(args.clients)
            ]
        )

    text = json.dumps(answers, sort_keys=True)
    errors = sum("error" in response for responses in answers for response in responses)
    print(
        f"SUMMARY rpc-client messages={args.clients * args.count} bytes={len(text)} "
        f"digest={hashlib.sha256(text.encode()).hexdigest()[:16]} errors={errors}"
    )
    return errors


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Request/response client")
    parser.add_argument("--server", default="http://127.0.0.1:8080")
    parser.add_argument("--clients", type=int, default=1, help="connections to open at once")
    parser.add_argument("--count", type=int, default=10, help="requests a connection")
    args = parser.parse_args()

    sys.exit(1 if asyncio.run(main(args)) else 0)
