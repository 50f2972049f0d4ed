"""An event sink gets every event in order, inside the call that caused it."""

import logging

import pytest

from purertc import DataChannel, PeerConnection, events
from purertc.sansio.types import ConnectionState, IceGatheringState, SignalingState
from tests.support.connected import signal
from tests.support.runtimes import new_event, on_each_runtime_without_scope, within


class Sink:
    """Writes events down; echoes messages from inside ``deliver``."""

    def __init__(self) -> None:
        self.events: list[events.Event] = []
        self.messages: list[str | bytes] = []
        self.channels: list[DataChannel] = []
        self.changed = new_event()
        self.echo = False

    def deliver(self, event: events.Event) -> None:
        self.events.append(event)
        if isinstance(event, events.DataChannelAnnounced | events.ChannelOpened):
            self.channels.append(event.channel)
        elif isinstance(event, events.MessageAvailable):
            while (message := event.channel.receive_nowait()) is not None:
                self.messages.append(message)
                if self.echo:
                    event.channel.send_nowait(message)
        self.changed.set()

    async def until(self, count: int) -> None:
        while len(self.messages) < count:
            self.changed = new_event()
            await within(self.changed.wait())

    def take(self) -> list[events.Event]:
        taken, self.events = self.events, []
        return taken

    def of(self, kind: type[events.Event]) -> list[events.Event]:
        return [event for event in self.events if isinstance(event, kind)]


@on_each_runtime_without_scope
async def test_events_come_inside_the_call_that_causes_them() -> None:
    sink = Sink()
    pc = PeerConnection(event_sink=sink)
    pc.create_data_channel("x")
    assert sink.take() == [events.NegotiationNeeded()]
    await pc.set_local_description()
    assert sink.take() == [
        events.SignalingStateChanged(SignalingState.HAVE_LOCAL_OFFER),
        events.IceGatheringStateChanged(IceGatheringState.GATHERING),
    ]
    await pc.gathering_complete()
    first, *_, last = sink.take()
    assert isinstance(first, events.IceCandidateFound)
    assert last == events.IceCandidateFound(None)
    pc.start_close()
    first, *_, last = sink.take()
    assert first == events.SignalingStateChanged(SignalingState.CLOSED)
    assert last == events.ConnectionStateChanged(ConnectionState.CLOSED)
    await pc.closed()


@on_each_runtime_without_scope
async def test_a_whole_life_with_calls_from_inside_deliver() -> None:
    left, right = Sink(), Sink()
    right.echo = True
    async with PeerConnection(event_sink=left) as a, PeerConnection(event_sink=right) as b:
        channel = a.create_data_channel("x")
        await signal(a, b)
        await within(channel.opened())
        for number in range(100):
            channel.send_nowait(f"{number}")
        await left.until(100)
        assert left.messages == right.messages == [f"{number}" for number in range(100)]
        assert left.channels == [channel]
        channel.start_close()
        await within(channel.close())
        kinds = [type(event) for event in left.events if getattr(event, "channel", None)]
        assert kinds[0] is events.ChannelOpened
        assert kinds[-2:] == [events.ChannelClosing, events.ChannelClosed]
    assert len(right.of(events.DataChannelAnnounced)) == 1
    assert right.of(events.ConnectionStateChanged)[-1] == events.ConnectionStateChanged(
        ConnectionState.CLOSED
    )


@on_each_runtime_without_scope
async def test_closing_inside_deliver_is_complete_when_the_call_returns() -> None:
    class Closes(Sink):
        pc: PeerConnection

        def deliver(self, event: events.Event) -> None:
            super().deliver(event)
            if isinstance(event, events.IceGatheringStateChanged):
                self.pc.start_close()

    sink = Closes()
    pc = sink.pc = PeerConnection(event_sink=sink)
    pc.create_data_channel("x")
    await pc.set_local_description()
    assert sink.events[-1] == events.ConnectionStateChanged(ConnectionState.CLOSED)
    assert pc._endpoint.driver.released


@on_each_runtime_without_scope
async def test_the_low_buffer_is_told() -> None:
    left = Sink()
    async with PeerConnection(event_sink=left) as a, PeerConnection() as b:
        channel = a.create_data_channel("x")
        await signal(a, b)
        await within(channel.opened())
        channel.send_nowait(b"x" * 200_000)
        await within(channel.drain())
        assert len(left.of(events.BufferedAmountLow)) == 1


@on_each_runtime_without_scope
async def test_a_sink_that_raises_is_logged_and_gets_the_next_event(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Raises(Sink):
        def deliver(self, event: events.Event) -> None:
            super().deliver(event)
            raise ValueError("on purpose")

    sink = Raises()
    with caplog.at_level(logging.ERROR, "purertc.handler"):
        async with PeerConnection(event_sink=sink) as pc:
            pc.create_data_channel("x")
            await pc.set_local_description()
    assert len(sink.events) > 3
    assert "the event sink raised on NegotiationNeeded" in caplog.text
