"""Two peers with no event loop and no coroutine: sockets, select, and ``purertc.sansio.Peer``.

python bare_loop.py
"""

import secrets
import select
import socket
import time
from datetime import UTC, datetime

from purertc.sansio import (
    Certificate,
    ChannelAnnounced,
    ChannelOpened,
    ChannelReadable,
    Configuration,
    ConnectionState,
    Datagram,
    Event,
    GatheringWanted,
    Peer,
    SessionDescription,
)

MESSAGES = ["hello", "without", "a runtime"]


class Side:
    """A peer with the socket that carries it. Every change is followed by a drain."""

    def __init__(self) -> None:
        certificate = Certificate.generate(now_utc=datetime.now(UTC))
        self.peer = Peer(Configuration(), certificate=certificate, entropy=secrets.token_bytes)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))

    def describe(self) -> SessionDescription:
        """Make the offer or answer that is due; the drain adds the candidate to it."""
        self.peer.set_local_description(None, time.monotonic())
        self.drain()
        assert self.peer.local_description
        return self.peer.local_description

    def read(self) -> None:
        payload, source = self.socket.recvfrom(65535)
        datagram = Datagram(payload, source, self.socket.getsockname())
        self.peer.receive([datagram], time.monotonic())
        self.drain()

    def wake(self) -> None:
        deadline = self.peer.next_deadline()
        if deadline is not None and deadline <= time.monotonic():
            self.peer.handle_timeout(time.monotonic())
            self.drain()

    def drain(self) -> None:
        """Send everything, then handle every event; events may cause more of both."""
        while True:
            while batch := self.peer.transmits(time.monotonic()):
                for transmit in batch:
                    size = transmit.segment_size or len(transmit.payload)
                    for start in range(0, len(transmit.payload), size):
                        piece = transmit.payload[start : start + size]
                        self.socket.sendto(piece, transmit.destination)
            event = self.peer.next_event()
            if event is None:
                return
            self.handle(event)

    def handle(self, event: Event) -> None:
        now = time.monotonic()
        match event:
            case GatheringWanted():
                self.peer.add_local_address(self.socket.getsockname(), now)
                self.peer.end_of_local_addresses(now)
            case ChannelAnnounced(channel):
                print("the other side opened", channel.label)
            case ChannelOpened(channel):
                for text in MESSAGES:
                    self.peer.send(channel, text, now)
            case ChannelReadable(channel):
                while (message := self.peer.read(channel, now)) is not None:
                    print("received", message)
                    if message == MESSAGES[-1]:
                        self.peer.close(now)


def main() -> None:
    left, right = Side(), Side()
    left.peer.create_data_channel("chat", now=time.monotonic())
    for one, other in ((left, right), (right, left)):
        other.peer.set_remote_description(one.describe(), time.monotonic())
        other.drain()

    sides = {left.socket: left, right.socket: right}
    while any(each.peer.connection_state is not ConnectionState.CLOSED for each in sides.values()):
        deadlines = [each.peer.next_deadline() for each in sides.values()]
        due = min((each for each in deadlines if each is not None), default=time.monotonic() + 1)
        readable, _, _ = select.select(sides, [], [], max(0.0, due - time.monotonic()))
        for sock in readable:
            sides[sock].read()
        for each in sides.values():
            each.wake()
    for each in sides.values():
        print("closed:", each.peer.close_reason)
        each.socket.close()


if __name__ == "__main__":
    main()
