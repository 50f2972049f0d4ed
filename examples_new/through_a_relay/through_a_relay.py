"""Talk through firewalls, over a TURN server if need be, and survive changes of the network.

python through_a_relay.py answer
python through_a_relay.py call --host other.example.com --turn turn:turn.example.com \
    --user alice --password secret

Both sides may name servers. Descriptions travel over a TCP connection from the caller.
"""

import argparse
import asyncio
import json
from asyncio import StreamReader, StreamWriter

from purertc import (
    Configuration,
    ConnectionState,
    DataChannel,
    IceCandidate,
    IceCandidateError,
    IceServer,
    PeerConnection,
    PeerConnectionHandler,
    SessionDescription,
    explain,
)
from purertc.signaling import AutomaticIceRestart, NegotiationMessage, PerfectNegotiator


class Line:
    """Messages of a negotiator as lines of JSON, in the form that browsers use."""

    def __init__(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, message: NegotiationMessage) -> None:
        fields = None if message is None else message.to_json()
        self.writer.write(json.dumps(fields).encode() + b"\n")
        await self.writer.drain()

    async def deliver_to(self, negotiator: PerfectNegotiator) -> None:
        async for text in self.reader:
            fields = json.loads(text)
            if fields is None:
                await negotiator.receive(None)
            elif "sdp" in fields:
                await negotiator.receive(SessionDescription.from_json(fields))
            else:
                await negotiator.receive(IceCandidate.from_json(fields))


class Reports(PeerConnectionHandler):
    """Says how the connection fares, and why it does not."""

    def __init__(self, pc: PeerConnection) -> None:
        self.pc = pc

    async def on_connection_state_change(self, state: ConnectionState) -> None:
        print("connection", state)
        if state is ConnectionState.FAILED:
            print(explain(self.pc))

    async def on_ice_candidate_error(self, error: IceCandidateError) -> None:
        print("no candidate from", error.url, error.error_code, error.error_text)

    async def on_data_channel(self, channel: DataChannel) -> None:
        async for message in channel:
            await channel.send(f"heard: {message!s}")


async def answer(reader: StreamReader, writer: StreamWriter, configuration: Configuration) -> None:
    """Echo until the caller hangs up."""
    line = Line(reader, writer)
    async with PeerConnection(configuration=configuration) as pc:
        pc.attach(Reports(pc))
        await line.deliver_to(PerfectNegotiator(pc, line.send, polite=True))
    writer.close()


async def call(host: str, port: int, configuration: Configuration, *, lines: int) -> None:
    """Say a line every second, and give up when one was not heard for two minutes."""
    line = Line(*await asyncio.open_connection(host, port))
    async with PeerConnection(configuration=configuration) as pc:
        pc.attach(Reports(pc))
        AutomaticIceRestart(pc)
        negotiator = PerfectNegotiator(pc, line.send, polite=False)
        delivery = asyncio.create_task(line.deliver_to(negotiator))
        channel = pc.create_data_channel("talk")
        try:
            for number in range(lines):
                async with asyncio.timeout(120):
                    await channel.opened()
                    await channel.send(f"line {number}")
                    print(await channel.receive())
                await asyncio.sleep(1 if number + 1 < lines else 0)
        except TimeoutError:
            print("nobody answers; the last report says why")
        delivery.cancel()
    line.writer.close()


async def main(args: argparse.Namespace) -> None:
    servers = [IceServer(args.turn, args.user, args.password)] if args.turn else []
    configuration = Configuration(ice_servers=servers)
    if args.role == "call":
        await call(args.host, args.port, configuration, lines=args.lines)
        return
    server = await asyncio.start_server(
        lambda reader, writer: answer(reader, writer, configuration), port=args.port
    )
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Talk through a relay")
    parser.add_argument("role", choices=["answer", "call"])
    parser.add_argument("--host", default="127.0.0.1", help="where the other side answers")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--lines", type=int, default=10, help="how many to say (%(default)s)")
    parser.add_argument("--turn", help="a TURN server, such as turn:turn.example.com")
    parser.add_argument("--user")
    parser.add_argument("--password")
    asyncio.run(main(parser.parse_args()))
