"""Data channels on two real SCTP associations, joined by a simulated link."""

import random
from collections.abc import Sequence

from purertc.sansio.datachannel import Channel, DataChannels
from purertc.sansio.events import ChannelAnnounced, ChannelEvent
from purertc.sansio.sctp import SctpAssociation, SctpConfig
from tests.support.lossy_link import LinkConditions, LossyLink

__all__ = ["ChannelLink", "ChannelSide"]


class ChannelSide:
    """One association with its channels, driven as the peer drives them."""

    def __init__(self, config: SctpConfig, *, seed: int, dtls_client: bool) -> None:
        self.association = SctpAssociation(config, random.Random(seed).randbytes)
        self.channels = DataChannels(self.association)
        self.channels.set_role(dtls_client=dtls_client, now=0.0)
        self.events: list[ChannelEvent] = []

    def receive(self, packets: Sequence[bytes], now: float) -> None:
        self.association.receive(packets, now)
        self._settle(now)

    def packets(self, now: float, limit: int = 52) -> list[bytes]:
        packets = self.association.packets(now, limit)
        if packets:
            self._settle(now)
        return packets

    def handle_timeout(self, now: float) -> None:
        self.association.handle_timeout(now)
        self._settle(now)

    def next_deadline(self) -> float | None:
        return self.association.next_deadline()

    def _settle(self, now: float) -> None:
        self.channels.handle(now)
        while (event := self.channels.next_event()) is not None:
            self.events.append(event)

    def announced(self) -> list[Channel]:
        """The channels the other side has opened so far."""
        return [event.channel for event in self.events if isinstance(event, ChannelAnnounced)]

    def read_all(self, channel: Channel, now: float) -> list[str | bytes]:
        """Read what waits."""
        messages = []
        while (message := self.channels.read(channel, now)) is not None:
            messages.append(message)
        return messages


class ChannelLink:
    """Two sides on a link; ``one`` is the DTLS client."""

    def __init__(
        self,
        *,
        seed: int = 0,
        conditions: LinkConditions | None = None,
        config: SctpConfig | None = None,
    ) -> None:
        config = config or SctpConfig()
        self.one = ChannelSide(config, seed=2 * seed, dtls_client=True)
        self.two = ChannelSide(config, seed=2 * seed + 1, dtls_client=False)
        self.link = LossyLink(self.one, self.two, seed=seed, conditions=conditions)

    @property
    def now(self) -> float:
        return self.link.now

    def connect(self) -> None:
        self.one.association.connect(self.now)
        self.two.association.connect(self.now)

    def run(self, seconds: float = 60.0) -> None:
        """Let time pass; what is said in between is sent at once."""
        self.link.run(seconds)

    def open(self, label: str = "x", *, ordered: bool = True) -> tuple[Channel, Channel]:
        """Open a channel from side one and return both ends."""
        before = len(self.two.announced())
        channel = self.one.channels.create(label, ordered=ordered, now=self.now)
        opened = self.link.run(60.0, lambda: len(self.two.announced()) > before)
        assert opened
        self.link.run(60.0, lambda: channel.state == "open")
        return channel, self.two.announced()[-1]
