"""What a server says about a refusal does no harm in the log, nor in a handler."""

import logging

import pytest

from purertc import (
    Configuration,
    IceCandidateError,
    IceServer,
    PeerConnection,
    PeerConnectionHandler,
)
from purertc.testing import SimulatedNetwork, SimulatedStunServer, VirtualRuntime

EVIL = "no\x1b[31m\nERROR forged line\r\u202e" + "x" * 400


class Errors(PeerConnectionHandler):
    def __init__(self) -> None:
        self.errors: list[IceCandidateError] = []

    async def on_ice_candidate_error(self, error: IceCandidateError) -> None:
        self.errors.append(error)


def test_control_characters_and_length_are_cut(caplog: pytest.LogCaptureFixture) -> None:
    network = SimulatedNetwork()
    world = VirtualRuntime(network=network)
    here = network.add_host("here", "192.0.2.1")
    server = SimulatedStunServer(network.add_host("stun", "192.0.2.53"), refuse_with=(420, EVIL))
    configuration = Configuration(ice_servers=[IceServer("stun:192.0.2.53")])
    heard = Errors()

    async def main() -> None:
        async with PeerConnection(
            heard, runtime=world.on(here), configuration=configuration
        ) as connection:
            connection.create_data_channel("chat")
            await connection.set_local_description()
            await connection.gathering_complete()

    with caplog.at_level(logging.WARNING, "purertc.ice"):
        world.run(main)
    assert server.requests
    (record,) = [each for each in caplog.records if each.name == "purertc.ice"]
    message = record.getMessage()
    assert message.startswith("no candidate from stun:192.0.2.53: 420 no[31mERROR forged linexx")
    assert message.isprintable()
    assert len(message) < 300
    assert [each.error_code for each in heard.errors] == [420]
    assert heard.errors[0].error_text.isprintable()
