import secrets
from datetime import UTC, datetime

from purertc.sansio import (
    Certificate,
    ChannelAnnounced,
    ChannelOpened,
    ChannelReadable,
    Configuration,
    Datagram,
    Peer,
)

HOSTS = {"offerer": ("192.0.2.1", 40000), "answerer": ("192.0.2.2", 40000)}


def make_peer() -> Peer:
    certificate = Certificate.generate(now_utc=datetime.now(UTC))
    return Peer(Configuration(), certificate=certificate, entropy=secrets.token_bytes)


def drain(peer: Peer, now: float) -> list[Datagram]:
    """What every mutation is followed by: take what is to be sent, then the events."""
    wire = []
    while batch := peer.transmits(now):
        # What leaves from our address towards another one arrives there from ours.
        wire += [
            Datagram(t.payload, source=t.local, local=t.destination, segment_size=t.segment_size)
            for t in batch
        ]
    while event := peer.next_event():
        match event:
            case ChannelOpened(channel):
                peer.send(channel, "hello", now)
                wire += drain(peer, now)
            case ChannelAnnounced(channel):
                print("the other side opened", channel.label)
            case ChannelReadable(channel):
                print("received", peer.read(channel, now))
    return wire


now = 0.0
offerer, answerer = make_peer(), make_peer()
offerer.create_data_channel("chat", now=now)

for peer, other, name in ((offerer, answerer, "offerer"), (answerer, offerer, "answerer")):
    peer.set_local_description(None, now)
    peer.add_local_address(HOSTS[name], now)
    peer.end_of_local_addresses(now)
    other.set_remote_description(peer.local_description, now)

for _ in range(100):
    for peer, other in ((offerer, answerer), (answerer, offerer)):
        peer.handle_timeout(now)
        if wire := drain(peer, now):
            other.receive(wire, now)
    now += 0.01
