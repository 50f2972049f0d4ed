"""The states of purertc become aiortc's, in aiortc's order, whatever the core says first."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from purertc import ConnectionState, IceConnectionState, events
from purertc_compat import RTCConfiguration, RTCPeerConnection


class Observed:
    """A connection that was negotiated with itself alone, and what it said."""

    def __init__(self) -> None:
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.pc.createDataChannel("chat")
        self.seen: list[str] = []
        for kind in ("iceConnectionState", "connectionState"):
            self.pc.on(f"{kind.lower()}change", lambda kind=kind: self.note(kind))

    def note(self, kind: str) -> None:
        self.seen.append(f"{kind} {getattr(self.pc, kind)}")

    def ice(self, state: IceConnectionState) -> None:
        self._deliver(events.IceConnectionStateChanged(state))

    def connection(self, state: ConnectionState) -> None:
        self._deliver(events.ConnectionStateChanged(state))

    def _deliver(self, event: events.Event) -> None:
        sink: Any = self.pc
        sink._RTCPeerConnection__connection.deliver(event)


CONNECTED = [
    "iceConnectionState checking",
    "connectionState connecting",
    "iceConnectionState completed",
    "connectionState connected",
]


@pytest.fixture
async def observed() -> AsyncIterator[Observed]:
    made = Observed()
    yield made
    await made.pc.close()


def connect(observed: Observed) -> None:
    observed.ice(IceConnectionState.CHECKING)
    observed.connection(ConnectionState.CONNECTING)
    observed.ice(IceConnectionState.CONNECTED)
    observed.connection(ConnectionState.CONNECTED)
    observed.ice(IceConnectionState.COMPLETED)


async def test_ice_connected_is_called_completed(observed: Observed) -> None:
    connect(observed)
    assert observed.seen == CONNECTED


async def test_the_order_holds_when_the_whole_comes_before_its_part(observed: Observed) -> None:
    observed.connection(ConnectionState.CONNECTING)
    observed.connection(ConnectionState.CONNECTED)
    observed.ice(IceConnectionState.CHECKING)
    observed.ice(IceConnectionState.COMPLETED)
    assert observed.seen == CONNECTED


async def test_a_disconnection_that_heals_is_not_seen(observed: Observed) -> None:
    connect(observed)
    observed.ice(IceConnectionState.DISCONNECTED)
    observed.connection(ConnectionState.DISCONNECTED)
    observed.ice(IceConnectionState.CONNECTED)
    observed.connection(ConnectionState.CONNECTED)
    assert observed.seen == CONNECTED


async def test_a_connection_that_cannot_be_made_fails_and_stays_open(observed: Observed) -> None:
    observed.ice(IceConnectionState.CHECKING)
    observed.ice(IceConnectionState.FAILED)
    observed.connection(ConnectionState.FAILED)
    await asyncio.sleep(0)
    assert observed.seen == [
        "iceConnectionState checking",
        "connectionState connecting",
        "iceConnectionState failed",
        "connectionState failed",
    ]
    assert observed.pc.signalingState == "stable"


async def test_a_connection_that_is_lost_fails_and_then_closes(observed: Observed) -> None:
    connect(observed)
    observed.ice(IceConnectionState.DISCONNECTED)
    observed.ice(IceConnectionState.FAILED)
    observed.connection(ConnectionState.FAILED)
    async with asyncio.timeout(5):
        await asyncio.sleep(0)
        await observed.pc.close()
    assert observed.seen == [
        *CONNECTED,
        "iceConnectionState failed",
        "connectionState failed",
        "iceConnectionState closed",
        "connectionState closed",
    ]


async def test_a_failed_handshake_shows_at_the_dtls_transport(observed: Observed) -> None:
    observed.ice(IceConnectionState.CONNECTED)
    observed.connection(ConnectionState.FAILED)
    assert observed.seen[-1] == "connectionState failed"
    assert observed.pc.iceConnectionState == "completed"
    assert observed.pc.sctp is not None
    assert observed.pc.sctp.transport.state == "failed"
