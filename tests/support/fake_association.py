"""An SCTP association without packets: what one side queues, deliver() hands to the other."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from purertc.sansio.datachannel import DataChannels
from purertc.sansio.events import ChannelEvent
from purertc.sansio.sctp.events import (
    AssociationEstablished,
    AssociationState,
    OutgoingResetDone,
    SctpEvent,
    StreamsReset,
)

__all__ = ["ChannelPair", "FakeAssociation", "Sent", "established_pair", "events_of"]


@dataclass(frozen=True)
class Sent:
    """A message as it was given to the association."""

    stream: int
    ppid: int
    data: bytes
    ordered: bool = True
    max_retransmits: int | None = None
    lifetime: float | None = None


class FakeAssociation:
    """Queues messages and resets in order; ``held`` is what the receive window lacks."""

    def __init__(self) -> None:
        self.inbox: list[tuple[int, int, bytes]] = []
        self.events: deque[SctpEvent] = deque()
        self.queue: deque[Sent | int] = deque()
        self.sent: list[Sent] = []
        self.released: dict[int, int] = {}
        self.held = 0
        self.state = AssociationState.CLOSED
        self.outbound_streams = 65535

    def send(
        self,
        stream: int,
        ppid: int,
        data: bytes,
        now: float,
        *,
        ordered: bool = True,
        max_retransmits: int | None = None,
        lifetime: float | None = None,
    ) -> None:
        assert data, "SCTP carries no empty messages"
        assert self.state is AssociationState.ESTABLISHED
        assert 0 <= stream < self.outbound_streams
        message = Sent(stream, ppid, data, ordered, max_retransmits, lifetime)
        self.sent.append(message)
        self.queue.append(message)

    def consumed(self, size: int, now: float) -> None:
        self.held -= size
        assert self.held >= 0

    def take_released(self) -> dict[int, int]:
        released, self.released = self.released, {}
        return released

    def reset_streams(self, streams: Sequence[int], now: float) -> None:
        assert all(0 <= stream < self.outbound_streams for stream in streams)
        self.queue.extend(streams)

    def next_event(self) -> SctpEvent | None:
        return self.events.popleft() if self.events else None

    def release(self, stream: int, size: int) -> None:
        """Count bytes as sent for the first time."""
        self.released[stream] = self.released.get(stream, 0) + size

    def put(self, stream: int, ppid: int, data: bytes) -> None:
        """Let a message arrive."""
        self.inbox.append((stream, ppid, data))
        self.held += len(data)

    def deliver_one(self, other: "FakeAssociation") -> None:
        """Carry the oldest message or reset to the other side."""
        item = self.queue.popleft()
        if isinstance(item, Sent):
            self.release(item.stream, len(item.data))
            other.put(item.stream, item.ppid, item.data)
        else:
            other.events.append(StreamsReset((item,)))
            self.events.append(OutgoingResetDone((item,)))


class ChannelPair:
    """The channels of two sides; ``one`` is the DTLS client."""

    def __init__(self) -> None:
        self.one_association, self.two_association = FakeAssociation(), FakeAssociation()
        self.one = DataChannels(self.one_association)
        self.two = DataChannels(self.two_association)

    def set_roles(self) -> None:
        self.one.set_role(dtls_client=True, now=0.0)
        self.two.set_role(dtls_client=False, now=0.0)

    def establish(self) -> None:
        for association in (self.one_association, self.two_association):
            association.state = AssociationState.ESTABLISHED
            association.events.append(AssociationEstablished())
        self.run()

    def run(self) -> None:
        """Carry everything, in small steps, until both sides are quiet."""
        while True:
            self.one.handle(0.0)
            self.two.handle(0.0)
            if self.one_association.queue:
                self.one_association.deliver_one(self.two_association)
            elif self.two_association.queue:
                self.two_association.deliver_one(self.one_association)
            elif not (self.one_association.events or self.two_association.events):
                return


def established_pair() -> ChannelPair:
    """Return two sides that know their roles, with the association up."""
    pair = ChannelPair()
    pair.set_roles()
    pair.establish()
    return pair


def events_of(channels: DataChannels) -> list[ChannelEvent]:
    """Take all events that wait."""
    events = []
    while (event := channels.next_event()) is not None:
        events.append(event)
    return events
