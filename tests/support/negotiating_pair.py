"""Two connections that negotiate by themselves over an ordered signalling line."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from purertc import PeerConnection, SessionDescription, SignalingState
from purertc.runtime.base import Runtime
from purertc.signaling import NegotiationMessage, PerfectNegotiator
from tests.support.connected import Announced
from tests.support.runtimes import Mailbox, Started, sleep, start, turns, within

__all__ = ["Line", "NegotiatingPair", "RecordingNegotiator", "negotiating_pair"]


class RecordingNegotiator(PerfectNegotiator):
    """Keeps the errors that it is told of."""

    def __init__(self, connection: PeerConnection, line: "Line", *, polite: bool) -> None:
        self.errors: list[tuple[Exception, str]] = []
        super().__init__(connection, line.send, polite=polite)

    async def on_error(self, error: Exception, where: str) -> None:
        self.errors.append((error, where))


@dataclass
class Line:
    """One direction of the signalling: ordered, with a delay for each message."""

    delay: Callable[[], float] = float
    mailbox: Mailbox[NegotiationMessage] = field(default_factory=Mailbox)
    sent: list[NegotiationMessage] = field(default_factory=list)
    broken: bool = False
    delivering: bool = False

    async def send(self, message: NegotiationMessage) -> None:
        if self.broken:
            raise ConnectionError("the line is cut")
        self.sent.append(message)
        self.mailbox.put(message)

    async def deliver_to(self, negotiator: PerfectNegotiator) -> None:
        while True:
            message = await self.mailbox.get()
            self.delivering = True
            if delay := self.delay():
                await sleep(delay)
            await negotiator.receive(message)
            self.delivering = False

    @property
    def quiet(self) -> bool:
        return self.mailbox.empty() and not self.delivering

    def descriptions(self) -> list[str]:
        """Return the types of the descriptions that were sent."""
        return [each.type.value for each in self.sent if isinstance(each, SessionDescription)]


@dataclass
class NegotiatingPair:
    """``polite`` gives way to ``impolite``; ``lines`` lead away from them."""

    polite: PeerConnection
    impolite: PeerConnection
    negotiators: tuple[RecordingNegotiator, RecordingNegotiator]
    lines: tuple[Line, Line]
    announced: Announced
    deliveries: list[Started[None]]

    async def settled(self) -> None:
        """Wait until both are stable and nothing is under way. Raises what a delivery raised."""
        await within(self._settled())

    async def _settled(self) -> None:
        while not self._is_settled():
            for delivery in self.deliveries:
                if delivery.done():
                    await delivery.result()
            await sleep(0.001)

    def _is_settled(self) -> bool:
        stable = SignalingState.STABLE
        return all(line.quiet for line in self.lines) and all(
            pc.signaling_state is stable for pc in (self.polite, self.impolite)
        )

    async def connected(self) -> None:
        await within(self.polite.connected())
        await within(self.impolite.connected())

    def agrees(self) -> bool:
        """Whether each side has the description that the other one made, candidates aside."""
        return all(
            _origin(one.current_local_description) == _origin(other.current_remote_description)
            for one, other in ((self.polite, self.impolite), (self.impolite, self.polite))
        )


def _origin(description: SessionDescription | None) -> str:
    assert description is not None
    return next(row for row in description.sdp.splitlines() if row.startswith("o="))


@asynccontextmanager
async def negotiating_pair(
    delay: Callable[[], float] = float,
    runtimes: tuple[Runtime, Runtime] | None = None,
) -> AsyncIterator[NegotiatingPair]:
    """Make a pair that is not connected yet; closed at the end."""
    lines = (Line(delay), Line(delay))
    announced = Announced()
    polite_runtime, impolite_runtime = runtimes or (None, None)
    async with (
        PeerConnection(runtime=polite_runtime) as polite,
        PeerConnection(announced, runtime=impolite_runtime) as impolite,
    ):
        negotiators = (
            RecordingNegotiator(polite, lines[0], polite=True),
            RecordingNegotiator(impolite, lines[1], polite=False),
        )
        deliveries = [
            start(lines[0].deliver_to(negotiators[1])),
            start(lines[1].deliver_to(negotiators[0])),
        ]
        try:
            yield NegotiatingPair(polite, impolite, negotiators, lines, announced, deliveries)
        finally:
            for delivery in deliveries:
                delivery.cancel()
            await turns()
