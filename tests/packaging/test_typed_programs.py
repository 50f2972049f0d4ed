"""Programs of users are checked against the types of the installed package."""

import subprocess
import sys
from pathlib import Path

import pytest

RIGHT = """
import asyncio
from collections.abc import AsyncIterator

from purertc import (
    ArgumentError,
    Configuration,
    ConnectionState,
    DataChannel,
    DataChannelHandler,
    IceCandidate,
    IceServer,
    PeerConnection,
    PeerConnectionHandler,
    SessionDescription,
    TrioRuntime,
    WouldBlock,
    events,
)
from purertc.sansio import Datagram, Peer, Transmit
from purertc.signaling import TcpSocketSignaling, exchange_descriptions
from purertc.testing import SimulatedNetwork, VirtualRuntime, run_virtual


class Echo(PeerConnectionHandler):
    def __init__(self) -> None:
        self.candidates: list[IceCandidate] = []

    async def on_connection_state_change(self, state: ConnectionState) -> None:
        print(state.value)

    async def on_ice_candidate(self, candidate: IceCandidate | None) -> None:
        if candidate is not None:
            self.candidates.append(candidate)

    async def on_data_channel(self, channel: DataChannel) -> None:
        async for message in channel:
            await channel.send(f"echo: {message}" if isinstance(message, str) else message)


class Printer(DataChannelHandler):
    async def on_message(self, message: str | bytes) -> None:
        print(len(message))


class Recorder:
    def __init__(self) -> None:
        self.states: list[ConnectionState] = []

    def deliver(self, event: events.Event) -> None:
        if isinstance(event, events.ConnectionStateChanged):
            self.states.append(event.state)


class Session(PeerConnection):
    name = "mine"


async def sizes(channel: DataChannel) -> AsyncIterator[int]:
    async for message in channel:
        yield len(message)


async def main() -> None:
    configuration = Configuration(ice_servers=[IceServer("stun:stun.example.com")])
    session: Session = await Session.builder().with_handler(Echo()).build()
    async with session, PeerConnection(configuration=configuration) as client:
        channel = client.create_data_channel("chat", ordered=False, max_retransmits=0)
        channel.attach(Printer())
        await client.set_local_description()
        offer: SessionDescription = await client.gathering_complete()
        await session.set_remote_description(SessionDescription.from_json(offer.to_json()))
        await channel.opened()
        await channel.send("text")
        await channel.send(b"bytes")
        await channel.send(bytearray(4))
        await channel.send(memoryview(b"view"))
        try:
            channel.send_nowait(session.name)
        except (WouldBlock, ArgumentError) as error:
            print(error)
        async with client.create_data_channel("bytes").stream() as stream:
            await stream.send_all(await stream.receive_some(100))
    sink = Recorder()
    async with PeerConnection(event_sink=sink), TcpSocketSignaling("localhost", 1) as line:
        await exchange_descriptions(PeerConnection(), line, offer=True)


async def under_trio() -> None:
    async with PeerConnection(runtime=TrioRuntime()):
        pass


def drive(peer: Peer, now: float) -> list[Transmit]:
    peer.receive([Datagram(b"", ("192.0.2.1", 1), ("192.0.2.2", 2))], now)
    deadline: float | None = peer.next_deadline()
    return peer.transmits(now) if deadline is not None else []


async def answer() -> int:
    return 42


network = SimulatedNetwork(seed=1)
first: int = run_virtual(answer, network=network)
second: int = VirtualRuntime(seed=1).run(answer)
asyncio.run(main())
"""

WRONG = """
from purertc import DataChannel, PeerConnection, PeerConnectionHandler


class Handler(PeerConnectionHandler):
    async def on_data_channel(self, channel: str) -> None: ...


async def use(channel: DataChannel) -> None:
    await channel.send(5)
    text: str = await channel.receive()
    PeerConnection("handler")
    channel.receive()
    PeerConnection().create_data_channel("chat", max_retransmit=3)
"""


def check(program: str, folder: Path) -> list[str]:
    """Return the codes of what mypy finds, by line."""
    pytest.importorskip("mypy")
    (folder / "program.py").write_text(program)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict"),
            *("--config-file=", "--no-error-summary", "--hide-error-context", "program.py"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.stderr == ""
    return [line for line in done.stdout.splitlines() if ": error:" in line]


def test_a_program_with_types_passes(tmp_path: Path) -> None:
    assert check(RIGHT, tmp_path) == []


def test_mistakes_are_found(tmp_path: Path) -> None:
    errors = check(WRONG, tmp_path)
    codes = " ".join(line.rsplit("[", 1)[1].rstrip("]") for line in errors)
    assert codes == "override arg-type assignment arg-type unused-coroutine call-arg"
