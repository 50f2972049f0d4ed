"""The agent against real aioice over loopback UDP sockets."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aioice
import aioice.ice
import pytest

from purertc.sansio.ice import IceAgent, IceConfig, IceStateChanged
from purertc.sansio.types import Address, IceConnectionState, IceParameters
from purertc.wire.candidate import Candidate
from purertc.wire.demux import PacketKind, classify

CONNECTED = (IceConnectionState.CONNECTED, IceConnectionState.COMPLETED)


@pytest.fixture(autouse=True)
def loopback_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    def hosts(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return ["127.0.0.1"] if use_ipv4 else []

    monkeypatch.setattr(aioice.ice, "get_host_addresses", hosts)


class Endpoint(asyncio.DatagramProtocol):
    """Drives one agent over one asyncio UDP socket."""

    def __init__(self) -> None:
        self.agent = IceAgent(IceConfig(), random.Random(1).randbytes)
        self.states: list[IceConnectionState] = []
        self.data: list[bytes] = []
        self.changed = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    async def open(self) -> Candidate:
        self._transport, _ = await self._loop.create_datagram_endpoint(
            lambda: self, local_addr=("127.0.0.1", 0)
        )
        self.local: Address = self._transport.get_extra_info("sockname")
        return self.agent.add_local_address(self.local, self._loop.time())

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        source = (str(addr[0]), int(addr[1]))
        if classify(data[0]) is PacketKind.STUN:
            self.agent.receive(data, source, self.local, self._loop.time())
            self.drain()
        elif self.agent.is_validated(source, self.local):
            self.data.append(data)
        self.changed.set()

    def send(self, data: bytes) -> None:
        pair = self.agent.selected
        assert pair is not None
        self._transport.sendto(data, pair.remote_address)

    def drain(self) -> None:
        for transmit in self.agent.transmits():
            self._transport.sendto(transmit.payload, transmit.destination)
        while (event := self.agent.next_event()) is not None:
            if isinstance(event, IceStateChanged):
                self.states.append(event.state)
        self.changed.set()
        if self._timer is not None:
            self._timer.cancel()
        deadline = self.agent.next_deadline()
        self._timer = None if deadline is None else self._loop.call_at(deadline, self._on_timer)

    def _on_timer(self) -> None:
        self.agent.handle_timeout(self._loop.time())
        self.drain()

    def meet(self, connection: aioice.Connection) -> None:
        """Take what aioice would signal."""
        now = self._loop.time()
        self.agent.set_remote_parameters(
            IceParameters(connection.local_username, connection.local_password), now
        )
        for candidate in connection.local_candidates:
            self.agent.add_remote_candidate(Candidate.parse(candidate.to_sdp()), now)
        self.agent.end_of_remote_candidates(now)
        self.agent.end_of_local_candidates(now)
        self.drain()

    async def wait_for(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    async def connected(self) -> None:
        await self.wait_for(lambda: self.agent.state in CONNECTED)

    def close(self) -> None:
        self.agent.close()
        self.drain()
        self._transport.close()


@asynccontextmanager
async def both(*, aioice_controls: bool) -> AsyncIterator[tuple[Endpoint, aioice.Connection]]:
    """Yield both sides; aioice knows ours, ours does not know aioice's yet."""
    ours = Endpoint()
    ours.agent.set_role(not aioice_controls)
    theirs = aioice.Connection(ice_controlling=aioice_controls, use_ipv6=False)
    candidate = await ours.open()
    try:
        await theirs.gather_candidates()
        theirs.remote_username = ours.agent.local_parameters.username_fragment
        theirs.remote_password = ours.agent.local_parameters.password
        await theirs.add_remote_candidate(
            aioice.Candidate.from_sdp(str(candidate).partition(":")[2])
        )
        await theirs.add_remote_candidate(None)
        yield ours, theirs
    finally:
        ours.close()
        await theirs.close()


async def exchange(ours: Endpoint, theirs: aioice.Connection) -> None:
    ours.send(b"\x80 from us")
    async with asyncio.timeout(10):
        assert await theirs.recv() == b"\x80 from us"
    await theirs.send(b"\x80 from them")
    await ours.wait_for(lambda: ours.data == [b"\x80 from them"])


@pytest.mark.parametrize("aioice_controls", [False, True])
async def test_both_start_together(aioice_controls: bool) -> None:
    async with both(aioice_controls=aioice_controls) as (ours, theirs):
        ours.meet(theirs)
        await asyncio.gather(theirs.connect(), ours.connected())

        await exchange(ours, theirs)

        assert ours.states == ["checking", "connected", "completed"]
        assert ours.agent.controlling is not aioice_controls
        assert ours.agent.bad_packets == 0


@pytest.mark.parametrize("aioice_controls", [False, True])
async def test_aioice_starts_first(aioice_controls: bool) -> None:
    async with both(aioice_controls=aioice_controls) as (ours, theirs):
        connecting = asyncio.ensure_future(theirs.connect())
        await ours.wait_for(lambda: bool(ours.agent._current._early._requests))
        ours.meet(theirs)
        await asyncio.gather(connecting, ours.connected())

        await exchange(ours, theirs)


@pytest.mark.parametrize("aioice_controls", [False, True])
async def test_we_start_first(aioice_controls: bool) -> None:
    async with both(aioice_controls=aioice_controls) as (ours, theirs):
        ours.meet(theirs)
        await ours.wait_for(lambda: ours.agent.pairs[0].requests_sent > 0)
        await asyncio.gather(theirs.connect(), ours.connected())

        await exchange(ours, theirs)


@pytest.mark.parametrize("controlling", [False, True])
async def test_role_conflict(controlling: bool) -> None:
    async with both(aioice_controls=controlling) as (ours, theirs):
        ours.agent.set_role(controlling)
        ours.meet(theirs)
        await asyncio.gather(theirs.connect(), ours.connected())

        await exchange(ours, theirs)

        assert ours.agent.controlling is not theirs.ice_controlling


async def test_consent_checks_of_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aioice.ice, "CONSENT_INTERVAL", 0.02)
    async with both(aioice_controls=True) as (ours, theirs):
        ours.meet(theirs)
        await asyncio.gather(theirs.connect(), ours.connected())
        (pair,) = ours.agent.pairs
        received = pair.requests_received

        ours.agent.handle_timeout(asyncio.get_running_loop().time() + 4)
        ours.drain()
        answered = pair.responses_received
        await ours.wait_for(
            lambda: pair.requests_received >= received + 5 and pair.responses_received > answered
        )

        await exchange(ours, theirs)
