"""The example finds a relay, restarts when the network changes, and says why it fails."""

import argparse
import asyncio
import inspect
import re

import pytest

from demo.figures import ROOT
from demo.processes import free_port
from examples_new.through_a_relay import through_a_relay as example
from purertc import Configuration, IceServer
from purertc.sansio.types import Transport
from purertc.testing import SimulatedNetwork, SimulatedTurnServer, run_virtual

PROGRAM = ROOT / "examples_new" / "through_a_relay" / "through_a_relay.py"
TURN = "turn:192.0.2.54"


class World:
    """A caller, an answerer that listens, and a TURN server."""

    def __init__(self) -> None:
        self.network = SimulatedNetwork(seed=1)
        self.caller = self.network.add_host("caller", "192.0.2.1")
        self.answerer = self.network.add_host("answerer", "192.0.2.2")
        self.turn = SimulatedTurnServer(self.network.add_host("turn", "192.0.2.54"))

    def block_udp(self) -> None:
        """Let UDP through to the server only, as many firewalls do."""
        self.network.partition([self.caller], [self.answerer], transport=Transport.UDP)

    def run(self, password: str) -> None:
        configuration = Configuration(ice_servers=[IceServer(TURN, "user", password)])

        async def main() -> None:
            with self.answerer.active():
                server = asyncio.create_task(listen())
                await asyncio.sleep(0)
            with self.caller.active():
                await asyncio.create_task(example.call("answerer", 8080, configuration, lines=20))
            await asyncio.sleep(1)
            server.cancel()

        async def listen() -> None:
            async with await asyncio.start_server(
                lambda reader, writer: example.answer(reader, writer, Configuration()), port=8080
            ) as server:
                await server.serve_forever()

        run_virtual(main, seed=1, network=self.network)


def heard(output: str) -> list[int]:
    return [int(number) for number in re.findall(r"^heard: line (\d+)$", output, re.MULTILINE)]


def test_a_relay_is_used_where_nothing_else_gets_through(
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = World()
    world.block_udp()
    world.run("password")
    output = capsys.readouterr().out
    assert heard(output) == list(range(20))
    assert "failed" not in output
    assert world.network.now < 30
    assert world.turn.allocations == []


def test_a_path_that_breaks_is_replaced_by_the_relay(capsys: pytest.CaptureFixture[str]) -> None:
    world = World()
    world.network.clock.schedule(5.0, world.block_udp)
    world.run("password")
    output = capsys.readouterr().out
    assert heard(output) == list(range(20))
    assert output.count("connection connected") >= 2


def test_a_wrong_password_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    world = World()
    world.block_udp()
    world.run("wrong")
    output = capsys.readouterr().out
    assert f"no candidate from {TURN} 401" in output
    assert "Likely: " in output
    assert "check username and credential" in output
    assert "nobody answers" in output
    assert heard(output) == []


async def test_both_roles_of_the_program_talk_on_this_machine(
    capsys: pytest.CaptureFixture[str],
) -> None:
    port = free_port()
    common = {"host": "127.0.0.1", "port": port, "lines": 1, "turn": None}
    answering = asyncio.create_task(example.main(argparse.Namespace(role="answer", **common)))
    await asyncio.sleep(0)
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            break
    async with asyncio.timeout(30):
        await example.main(argparse.Namespace(role="call", **common))
    answering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answering
    assert heard(capsys.readouterr().out) == [0]


def test_each_side_is_short() -> None:
    for side in (example.answer, example.call, example.Line, example.Reports):
        assert len(inspect.getsource(side).splitlines()) < 30
    assert len(PROGRAM.read_text().splitlines()) < 130
