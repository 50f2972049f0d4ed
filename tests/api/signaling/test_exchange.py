"""One offer and one answer over a line connect two programs."""

import asyncio

import pytest

from purertc import (
    ConnectionFailed,
    ConnectionState,
    IceCandidate,
    PeerConnection,
    SdpError,
    SessionDescription,
    SignalingState,
)
from purertc.signaling import BYE, Signaling, SignalingMessage, exchange_descriptions


class Line(Signaling):
    """One end of a line inside the program."""

    def __init__(self) -> None:
        self.incoming: asyncio.Queue[SignalingMessage | None] = asyncio.Queue()
        self.other: Line | None = None

    async def connect(self) -> None:
        """It is connected from the beginning."""

    async def send(self, message: SignalingMessage) -> None:
        assert self.other
        self.other.incoming.put_nowait(message)

    async def receive(self) -> SignalingMessage | None:
        return await self.incoming.get()

    async def close(self) -> None:
        await self.send(BYE)


@pytest.fixture
def line() -> tuple[Line, Line]:
    left, right = Line(), Line()
    left.other, right.other = right, left
    return left, right


async def test_both_sides_connect(line: tuple[Line, Line]) -> None:
    async with PeerConnection() as offering, PeerConnection() as answering:
        offering.create_data_channel("x")
        await asyncio.gather(
            exchange_descriptions(offering, line[0], offer=True),
            exchange_descriptions(answering, line[1], offer=False),
        )
        await asyncio.gather(offering.connected(), answering.connected())
        assert offering.signaling_state is SignalingState.STABLE
        assert answering.connection_state is ConnectionState.CONNECTED


async def test_candidates_that_come_on_their_own_are_added(line: tuple[Line, Line]) -> None:
    async with PeerConnection() as offering, PeerConnection() as answering:
        offering.create_data_channel("x")
        offer_all = asyncio.ensure_future(exchange_descriptions(offering, line[0], offer=True))
        offer = await line[1].receive()
        assert isinstance(offer, SessionDescription)
        lines = offer.sdp.splitlines(keepends=True)
        candidates = [text for text in lines if text.startswith("a=candidate:")]
        others = [text for text in lines if not text.startswith(("a=candidate:", "a=end-of-"))]
        await answering.set_remote_description(SessionDescription("offer", "".join(others)))
        for candidate in candidates:
            line[1].incoming.put_nowait(IceCandidate(candidate.strip()[2:], sdp_mid="0"))
        line[1].incoming.put_nowait(BYE)
        with pytest.raises(ConnectionFailed, match="before it had sent its description"):
            await exchange_descriptions(answering, line[1], offer=False)
        await answering.set_local_description()
        await answering.gathering_complete()
        assert answering.local_description
        await line[1].send(answering.local_description)
        await offer_all
        await asyncio.gather(offering.connected(), answering.connected())


@pytest.mark.parametrize("farewell", [BYE, None])
async def test_the_other_side_may_leave(
    line: tuple[Line, Line], farewell: SignalingMessage | None
) -> None:
    line[0].incoming.put_nowait(farewell)
    async with PeerConnection() as pc:
        pc.create_data_channel("x")
        with pytest.raises(ConnectionFailed):
            await exchange_descriptions(pc, line[0], offer=True)


async def test_a_description_that_cannot_be_applied_is_an_error(line: tuple[Line, Line]) -> None:
    line[0].incoming.put_nowait(SessionDescription("offer", "nonsense"))
    async with PeerConnection() as pc:
        with pytest.raises(SdpError):
            await exchange_descriptions(pc, line[0], offer=False)
        assert pc.signaling_state is SignalingState.STABLE
