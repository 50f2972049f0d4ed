"""Answer JSON requests over data channels, for as many clients as come.

    python server.py --port 8080

Clients POST their offer to /offer and get the answer back.
"""

import argparse
import asyncio
import hashlib
import json
import logging

from aiohttp import web
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

pcs = set()
log = logging.getLogger("rpc")


class Statistics:
    def __init__(self, expected):
        self.expected = expected
        self.clients = 0
        self.requests = 0
        self.size = 0
        self.digests = []
        self.finished = asyncio.Event()

    def client_left(self, digest):
        self.clients += 1
        self.digests.append(digest.hexdigest())
        if self.clients == self.expected:
            self.finished.set()

    def summary(self):
        digest = hashlib.sha256("".join(sorted(self.digests)).encode())
        return (
            f"SUMMARY rpc-server messages={self.requests} bytes={self.size} "
            f"digest={digest.hexdigest()[:16]} clients={self.clients}"
        )


def method_add(params):
    return sum(params)


def method_upper(params):
    return [text.upper() for text in params]


def method_digest(params):
    return hashlib.sha256(json.dumps(params).encode()).hexdigest()


METHODS = {"add": method_add, "upper": method_upper, "digest": method_digest}


def handle_request(request):
    try:
        return {"id": request["id"], "result": METHODS[request["method"]](request["params"])}
    except (KeyError, TypeError, AttributeError) as exc:
        return {"id": request.get("id"), "error": repr(exc)}


async def offer(request):
    params = await request.json()
    statistics = request.app["statistics"]

    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    pcs.add(pc)

    @pc.on("connectionstatechange")
    async def on_connectionstatechange():
        log.info("connection is %s", pc.connectionState)
        if pc.connectionState in ("failed", "closed"):
            await pc.close()
            pcs.discard(pc)

    @pc.on("datachannel")
    def on_datachannel(channel):
        digest = hashlib.sha256()

        @channel.on("message")
        def on_message(message):
            statistics.requests += 1
            statistics.size += len(message.encode())
            digest.update(message.encode())
            channel.send(json.dumps(handle_request(json.loads(message))))

        @channel.on("close")
        def on_close():
            statistics.client_left(digest)

    await pc.setRemoteDescription(RTCSessionDescription(sdp=params["sdp"], type=params["type"]))
    answer = await pc.createAnswer()
    await pc.setLocalDescription(answer)

    return web.json_response({"sdp": pc.localDescription.sdp, "type": pc.localDescription.type})


async def on_shutdown(app):
    await asyncio.gather(*[pc.close() for pc in pcs])
    pcs.clear()


async def main(args):
    app = web.Application()
    app["statistics"] = Statistics(args.clients)
    app.on_shutdown.append(on_shutdown)
    app.router.add_post("/offer", offer)

    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, args.host, args.port).start()
    try:
        await app["statistics"].finished.wait()
    finally:
        await runner.cleanup()
    print(app["statistics"].summary())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Request/response server")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--clients", type=int, help="stop after so many clients")
    parser.add_argument("--verbose", "-v", action="count")
    args = parser.parse_args()

    if args.verbose:
        logging.basicConfig(level=logging.INFO)

    try:
        asyncio.run(main(args))
    except KeyboardInterrupt:
        pass
