"""Two connections without sockets, loop and clock, that send messages: a fixed amount of work.

    python -m benchmarks.in_memory --size 16384 --messages 1000

ICE, DTLS, SCTP and data channels of both ends run; the datagrams go from hand to hand. Run below
valgrind it costs the same each time.
"""

import argparse
import random
from datetime import UTC, datetime

from purertc.sansio.config import Configuration
from purertc.sansio.datachannel import Channel
from purertc.sansio.description import SessionDescription
from purertc.sansio.dtls import Certificate
from purertc.sansio.events import (
    ChannelAnnounced,
    ChannelReadable,
    GatheringWanted,
    IceCandidateGathered,
)
from purertc.sansio.peer import Peer
from purertc.sansio.types import Address, Datagram

__all__ = ["Pair"]

BUFFERED = 1024 * 1024
PACE = 0.0001
"""Seconds that the clock advances with each exchange."""


class Side:
    """One end and where it says it is."""

    def __init__(self, host: str, seed: int) -> None:
        self.address: Address = (host, 5000)
        self.peer = Peer(
            Configuration(),
            certificate=Certificate.generate(now_utc=datetime.now(UTC)),
            entropy=random.Random(seed).randbytes,
        )
        self.announced: list[Channel] = []
        self.received = 0


class Pair:
    """Two connected ends with one channel."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.sides = Side("192.0.2.1", 1), Side("192.0.2.2", 2)
        self.channel = self.sides[0].peer.create_data_channel("memory", now=self.now)
        self._connect()

    def _connect(self) -> None:
        offering, answering = (side.peer for side in self.sides)
        offering.set_local_description(None, self.now)
        self._settle(*self.sides)
        answering.set_remote_description(_given(offering.local_description), self.now)
        answering.set_local_description(None, self.now)
        self._settle(*self.sides[::-1])
        offering.set_remote_description(_given(answering.local_description), self.now)
        for _ in range(100_000):
            if self.sides[1].announced and self.channel.state == "open":
                return
            self.exchange()
        raise RuntimeError("the two ends did not connect")

    def transfer(self, message: bytes, count: int) -> None:
        """Send ``count`` messages and take them at the other end."""
        sender, receiver = self.sides
        sent = 0
        receiver.received = 0
        while receiver.received < count:
            while sent < count and self.channel.buffered_amount < BUFFERED:
                sender.peer.send(self.channel, message, self.now)
                sent += 1
            self.exchange()

    def exchange(self) -> None:
        """Carry what each side has to send to the other."""
        self.now += PACE
        for source, target in (self.sides, self.sides[::-1]):
            deadline = source.peer.next_deadline()
            if deadline is not None and deadline <= self.now:
                source.peer.handle_timeout(self.now)
            self._settle(source, target)

    def _settle(self, source: Side, target: Side) -> None:
        """Take what one side says; what it sends goes to the other."""
        while True:
            transmits = source.peer.transmits(self.now)
            datagrams = [
                Datagram(each.payload, each.local, each.destination, each.segment_size)
                for each in transmits
                if each.destination == target.address
            ]
            if datagrams:
                target.peer.receive(datagrams, self.now)
            event = source.peer.next_event()
            if event is None and not transmits:
                return
            if isinstance(event, GatheringWanted):
                source.peer.add_local_address(source.address, self.now)
                source.peer.end_of_local_addresses(self.now)
            elif isinstance(event, IceCandidateGathered):
                if target.peer.remote_description is not None:
                    target.peer.add_ice_candidate(event.candidate, self.now)
            elif isinstance(event, ChannelAnnounced):
                source.announced.append(event.channel)
            elif isinstance(event, ChannelReadable):
                self._read(source, event.channel)

    def _read(self, side: Side, channel: Channel) -> None:
        while side.peer.read(channel, self.now) is not None:
            side.received += 1


def _given(description: SessionDescription | None) -> SessionDescription:
    if description is None:
        raise RuntimeError("there is no description yet")
    return description


def main() -> None:
    """Do the work that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=16_384)
    parser.add_argument("--messages", type=int, default=1000)
    options = parser.parse_args()
    Pair().transfer(bytes(options.size), options.messages)


if __name__ == "__main__":
    main()
