"""A handler that trio cancelled is freed by reference counting, like every other."""

import weakref

import pytest
import trio

from purertc import PeerConnection, PeerConnectionHandler, SignalingState, handler_tasks
from tests.support.leftovers import leftovers_on_trio


class Sleeps(PeerConnectionHandler):
    async def on_signaling_state_change(self, state: SignalingState) -> None:
        await trio.sleep_forever()


def test_nothing_is_left_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler_tasks, "CLOSE_GRACE", 0.01)
    freed: list[weakref.ref[Sleeps]] = []

    async def use() -> None:
        handler = Sleeps()
        freed.append(weakref.ref(handler))
        async with PeerConnection(handler) as pc:
            pc.create_data_channel("channel")
            await pc.set_local_description()

    assert leftovers_on_trio(use) == {}
    assert [each() for each in freed] == [None] * 3
