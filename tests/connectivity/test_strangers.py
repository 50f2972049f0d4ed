"""What strangers on the network can do to a healthy connection: nothing, and cheaply."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace

import pytest

from purertc import ConnectionState, IceCandidate
from purertc.sansio.types import Address
from purertc.testing import SimulatedSocket
from purertc.wire.stun import Attribute, MessageClass, StunMessage
from tests.support.nat_world import STUN, Peer, World, copied, echoes, negotiate

ID = bytes(range(12))


class Stranger:
    """A host that sends to the left side's socket and counts what comes back."""

    def __init__(self, world: World, target: Peer) -> None:
        self.host = world.network.add_host("stranger", "203.0.113.66")
        self.socket: SimulatedSocket = self.host.bind("203.0.113.66", 6666)
        selected = target.pc._endpoint.peer.transport.ice.selected
        assert selected is not None
        self.target: Address = selected.local_address
        self.sent = 0

    def send(self, payload: bytes) -> None:
        self.socket.sendto(payload, self.target)
        self.sent += len(payload)

    def received(self) -> list[bytes]:
        got = []
        while self.socket.has_datagrams:
            got.append(self.socket.recvfrom(65535)[0])
        return got


def candidate_of(peer: Peer | None) -> IceCandidate:
    assert peer is not None
    return next(each for each in peer.candidates if each is not None)


Attack = Callable[[World, Peer, Stranger], Awaitable[None]]


def under(attack: Attack) -> None:
    """Run an attack on the left side while messages go to and fro before and after."""
    world = World.make()

    async def main() -> None:
        left, right = world.peers([STUN])
        async with left.pc, right.pc:
            channel = left.pc.create_data_channel("x")
            await negotiate(left, right)
            await channel.opened()
            await world.runtime.sleep(1)
            selected = left.pc._endpoint.peer.transport.ice.selected
            await attack(world, left, Stranger(world, left))
            async with world.runtime.timeout(2):
                assert await echoes(channel, "as if nothing had been")
            assert left.pc._endpoint.peer.transport.ice.selected is selected
            assert left.states == [ConnectionState.CONNECTING, ConnectionState.CONNECTED]
            assert len(left.pc._endpoint.peer.transport.ice.pairs) <= 200

    world.runtime.run(main)


def username(peer: Peer, name: str = "evil") -> bytes:
    fragment = peer.pc._endpoint.peer.transport.ice.local_parameters.username_fragment
    return f"{fragment}:{name}".encode()


def check(peer: Peer, key: bytes, **attributes: bytes) -> bytes:
    request = StunMessage(
        MessageClass.REQUEST,
        ID,
        {
            Attribute.USERNAME: username(peer),
            Attribute.PRIORITY: b"\x6e\xff\xff\xff",
            Attribute.ICE_CONTROLLING: b"\xff" * 8,
            **{Attribute[name]: value for name, value in attributes.items()},
        },
    )
    return request.to_bytes(key)


def test_a_flood_of_forged_checks_is_not_answered() -> None:
    async def attack(world: World, left: Peer, stranger: Stranger) -> None:
        forged = check(left, b"guessed password", USE_CANDIDATE=b"")
        for _ in range(50):
            for _ in range(100):
                stranger.send(forged)
            await world.runtime.sleep(0.01)
        await world.runtime.sleep(1)
        assert stranger.received() == []
        assert left.pc._endpoint.peer.transport.ice.counters.unauthentic >= 5000

    under(attack)


def genuine_checks(world: World, left: Peer) -> list[bytes]:
    """What somebody who listens on the way sees: checks to the left side."""
    seen: list[bytes] = []
    transmit = world.network.transmit

    def listen(sock: SimulatedSocket, payload: bytes, destination: Address) -> None:
        selected = left.pc._endpoint.peer.transport.ice.selected
        if selected is not None and destination == selected.local_address and payload[:1] < b"\2":
            seen.append(payload)
        transmit(sock, payload, destination)

    world.network.transmit = listen  # type: ignore[method-assign]
    return seen


def test_replayed_checks_draw_nothing_to_another_address() -> None:
    async def attack(world: World, left: Peer, stranger: Stranger) -> None:
        seen = genuine_checks(world, left)
        assert await world.until(lambda: len(seen) > 3, 30)
        await world.runtime.sleep(0.2)
        for payload in list(seen) * 50:
            stranger.send(payload)
        await world.runtime.sleep(5)
        received = stranger.received()
        assert sum(map(len, received)) <= stranger.sent * 3
        assert len(received) < 30
        # None of it is data.
        assert all(payload[0] < 2 for payload in received)

    under(attack)


def test_a_check_that_overtakes_its_original_draws_no_data() -> None:
    """Who listens may be faster than the way itself; what he gets is STUN, and little of it."""

    async def attack(world: World, left: Peer, stranger: Stranger) -> None:
        seen: list[bytes] = []
        transmit = world.network.transmit

        def steal(sock: SimulatedSocket, payload: bytes, destination: Address) -> None:
            if destination == stranger.target and payload[:2] == b"\0\1" and len(seen) < 5:
                seen.append(payload)
                stranger.send(payload)
                return
            transmit(sock, payload, destination)

        world.network.transmit = steal  # type: ignore[method-assign]
        assert await world.until(lambda: len(seen) >= 5, 40)
        await world.runtime.sleep(10)
        received = stranger.received()
        assert all(payload[0] < 2 for payload in received)
        assert sum(map(len, received)) <= 100 * 200

    under(attack)


def odd_packets() -> Iterator[bytes]:
    for first in range(256):
        for size in (1, 13, 20, 1200):
            yield bytes([first]) + bytes(size - 1)


def test_packets_of_all_kinds_from_an_address_that_was_never_validated() -> None:
    async def attack(world: World, left: Peer, stranger: Stranger) -> None:
        transport = left.pc._endpoint.peer.transport
        before = transport.dropped
        records = 0
        for payload in odd_packets():
            stranger.send(payload)
            records += 20 <= payload[0] < 64
        await world.runtime.sleep(1)
        assert stranger.received() == []
        assert transport.dropped - before >= records

    under(attack)


def test_a_copied_data_packet_from_elsewhere_is_dropped() -> None:
    async def attack(world: World, left: Peer, stranger: Stranger) -> None:
        transport = left.pc._endpoint.peer.transport
        seen: list[bytes] = []
        transmit = world.network.transmit

        def listen(sock: SimulatedSocket, payload: bytes, destination: Address) -> None:
            if destination == stranger.target and 20 <= payload[0] < 64:
                seen.append(payload)
            transmit(sock, payload, destination)

        world.network.transmit = listen  # type: ignore[method-assign]
        channel = left.pc.create_data_channel("seen")
        await channel.opened()
        assert await echoes(channel, "listen to this")
        assert seen
        before = transport.dropped
        copies = list(seen)
        for payload in copies:
            stranger.send(payload)
        await world.runtime.sleep(0.5)
        assert transport.dropped - before == len(copies)

    under(attack)


def test_thousands_of_remote_candidates_are_bounded_work() -> None:
    async def attack(world: World, left: Peer, stranger: Stranger) -> None:
        good = candidate_of(left.other)
        words = good.candidate.split()
        sent = world.network.counters.sent
        for number in range(5000):
            words[4], words[5] = "203.0.113.66", str(10000 + number)
            text = " ".join(words)
            await left.pc.add_ice_candidate(
                IceCandidate(text, good.sdp_mid, None, good.username_fragment)
            )
        await world.runtime.sleep(60)
        assert world.network.counters.sent - sent < 5000
        assert len(copied(left.pc.remote_description).sdp) < 200_000

    under(attack)


def test_thousands_of_candidates_before_the_connection_draw_few_packets() -> None:
    world = World.make()
    victim = world.network.add_host("victim", "203.0.113.99").bind("203.0.113.99", 53)

    async def main() -> None:
        left, right = world.peers()
        async with left.pc, right.pc:
            channel = left.pc.create_data_channel("x")
            await left.pc.set_local_description()
            await right.pc.set_remote_description(copied(left.pc.local_description))
            for number in range(5000):
                await right.pc.add_ice_candidate(flooding(number))
            await right.pc.set_local_description()
            await left.pc.set_remote_description(copied(right.pc.local_description))
            async with world.runtime.timeout(30):
                await channel.opened()
            await world.runtime.sleep(30)
        received = 0
        while victim.has_datagrams:
            victim.recvfrom(65535)
            received += 1
        assert received <= 20

    world.runtime.run(main)


def flooding(number: int) -> IceCandidate:
    text = f"candidate:{number} 1 udp {1000 + number} 203.0.113.99 {53 + number % 2} typ host"
    return IceCandidate(text, "0", 0)


@pytest.mark.parametrize("repeats", [1, 200])
def test_answers_never_amplify(repeats: int) -> None:
    """Somebody who has the credentials, such as the other side, cannot make us flood others."""

    async def attack(world: World, left: Peer, stranger: Stranger) -> None:
        ice = left.pc._endpoint.peer.transport.ice
        remote = ice.remote_parameters
        assert remote is not None
        name = f"{ice.local_parameters.username_fragment}:{remote.username_fragment}".encode()
        for number in range(repeats):
            request = StunMessage(
                MessageClass.REQUEST,
                number.to_bytes(12, "big"),
                {
                    Attribute.USERNAME: name,
                    Attribute.PRIORITY: b"\0\0\0\1",
                    Attribute.ICE_CONTROLLED: bytes(8),
                },
            )
            stranger.send(request.to_bytes(ice.local_parameters.password.encode()))
        await world.runtime.sleep(30)
        received = stranger.received()
        # One answer each, and the checks of one pair, which nobody answers.
        assert sum(map(len, received)) <= stranger.sent * 1.5 + 40 * 130

    under(attack)


def test_candidates_with_other_ports_of_one_host_are_not_confused() -> None:
    async def attack(world: World, left: Peer, stranger: Stranger) -> None:
        ice = left.pc._endpoint.peer.transport.ice
        selected = ice.selected
        assert selected is not None
        good = candidate_of(left.other)
        words = good.candidate.split()
        words[3], words[5] = "2147483647", str(int(words[5]) + 1)
        await left.pc.add_ice_candidate(replace(good, candidate=" ".join(words)))
        stranger.send(b"")
        await world.runtime.sleep(10)

    under(attack)
