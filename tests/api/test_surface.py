"""The constructor, the builder, the attributes, and mistakes of the caller (promise 11)."""

import logging

import pytest

import purertc
from purertc import (
    ArgumentError,
    Configuration,
    ConnectionState,
    IceServer,
    InvalidStateError,
    PeerConnection,
    PeerConnectionHandler,
    RuntimeUnavailable,
    events,
)
from tests.support.runtimes import RUNTIMES, on_each_runtime, run_on, running


class Sink:
    def __init__(self) -> None:
        self.events: list[events.Event] = []

    def deliver(self, event: events.Event) -> None:
        self.events.append(event)


def test_it_can_be_made_where_no_loop_runs() -> None:
    handler = PeerConnectionHandler()
    pc = PeerConnection(handler)
    assert pc.connection_state is ConnectionState.NEW
    assert (pc.local_description, pc.remote_description, pc.close_reason) == (None, None, None)
    assert pc.handlers == (handler,)
    assert repr(pc) == "<PeerConnection new stable>"
    with pytest.raises(RuntimeUnavailable, match="coroutine"):
        pc.create_data_channel("x")


@pytest.mark.parametrize("runtime_name", RUNTIMES)
def test_made_outside_it_is_used_inside_a_loop(runtime_name: str) -> None:
    pc = PeerConnection()

    async def main() -> None:
        async with pc:
            pc.create_data_channel("x")
            await pc.set_local_description()

    run_on(runtime_name, main)


def test_every_public_name_is_there() -> None:
    assert sorted(purertc.__all__) == purertc.__all__
    for name in purertc.__all__:
        assert getattr(purertc, name) is not None
    with pytest.raises(AttributeError, match="RTCPeerConnection"):
        _ = purertc.RTCPeerConnection  # type: ignore[attr-defined]


@pytest.mark.parametrize("wrong", [PeerConnectionHandler, object(), None, print])
@on_each_runtime
async def test_a_handler_is_an_instance_of_a_handler_class(wrong: object) -> None:
    with pytest.raises(ArgumentError, match="PeerConnectionHandler"):
        PeerConnection(wrong)  # type: ignore[arg-type]
    async with PeerConnection() as pc:
        with pytest.raises(ArgumentError, match="PeerConnectionHandler"):
            pc.attach(wrong)  # type: ignore[arg-type]
        assert pc.handlers == ()


def test_a_configuration_is_a_configuration() -> None:
    with pytest.raises(ArgumentError, match="Configuration"):
        PeerConnection(configuration={"ice_servers": []})  # type: ignore[arg-type]


@on_each_runtime
async def test_handlers_and_a_sink_exclude_each_other() -> None:
    with pytest.raises(ArgumentError, match="sink"):
        PeerConnection(PeerConnectionHandler(), event_sink=Sink())
    async with PeerConnection(event_sink=Sink()) as pc:
        with pytest.raises(InvalidStateError, match="event_sink"):
            pc.attach(PeerConnectionHandler())


@on_each_runtime
async def test_the_builder_makes_the_same_object() -> None:
    handlers = [PeerConnectionHandler(), PeerConnectionHandler()]
    server = IceServer("stun:stun.example.org")
    builder = (
        PeerConnection.builder()
        .with_handler(handlers[0])
        .with_handler(handlers[1])
        .with_configuration(Configuration(max_message_size=5000))
        .with_ice_servers([server])
        .with_runtime(running())
    )
    async with await builder.build() as pc:
        assert isinstance(pc, PeerConnection)
        assert pc.handlers == tuple(handlers)
        assert pc.configuration.max_message_size == 5000
        assert tuple(pc.configuration.ice_servers) == (server,)


@on_each_runtime
async def test_the_builder_takes_a_sink_and_finds_the_runtime() -> None:
    sink = Sink()
    async with await PeerConnection.builder().with_event_sink(sink).build() as pc:
        pc.create_data_channel("x")
        assert sink.events == [events.NegotiationNeeded()]


@on_each_runtime
async def test_the_builder_builds_subclasses() -> None:
    class Mine(PeerConnection):
        pass

    async with await Mine.builder().build() as pc:
        assert type(pc) is Mine


@pytest.mark.parametrize(
    "options",
    [
        {"max_retransmits": 1, "max_packet_life_time": 1},
        {"max_retransmits": -1},
        {"max_packet_life_time": 65536},
        {"negotiated": True},
        {"id": 65535},
        {"protocol": "x" * 65536},
    ],
)
@on_each_runtime
async def test_wrong_channel_options_are_refused_and_change_nothing(
    options: dict[str, object],
) -> None:
    sink = Sink()
    async with PeerConnection(event_sink=sink) as pc:
        with pytest.raises(ArgumentError):
            pc.create_data_channel("x", **options)  # type: ignore[arg-type]
        assert sink.events == []


@on_each_runtime
async def test_an_id_can_be_used_once() -> None:
    async with PeerConnection() as pc:
        pc.create_data_channel("x", negotiated=True, id=5)
        with pytest.raises(ArgumentError, match="5"):
            pc.create_data_channel("y", negotiated=True, id=5)


@on_each_runtime
async def test_logging_is_silent_and_tells_no_address_above_debug(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert any(
        isinstance(handler, logging.NullHandler)
        for handler in logging.getLogger("purertc").handlers
    )
    with caplog.at_level(logging.DEBUG, "purertc"):
        async with PeerConnection() as pc:
            pc.create_data_channel("x")
            await pc.set_local_description()
            await pc.gathering_complete()
            assert pc.local_description is not None
            candidates = [
                line.split()[4]
                for line in pc.local_description.sdp.splitlines()
                if line.startswith("a=candidate:")
            ]
    assert candidates
    for record in caplog.records:
        said = record.getMessage()
        named = [host for host in candidates if host in said]
        assert record.levelno == logging.DEBUG or not named
    assert any(record.levelno == logging.DEBUG for record in caplog.records)
