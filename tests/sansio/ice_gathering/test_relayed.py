"""A TURN server over UDP gives a relayed address, a base to send from."""

from purertc.sansio.config import IceServer
from purertc.sansio.ice.gathering import ReflexiveFound, RelayedFound
from purertc.sansio.types import Datagram, Transmit
from tests.support.gathering_bench import BASE, GatheringBench, stun_server
from tests.support.scripted_turn_server import ScriptedTurnServer

SERVER = ("198.51.100.1", 3478)
SERVER6 = ("2001:db8::1", 3478)
MAPPED = ("203.0.113.5", 61000)
RELAYED = ("198.51.100.1", 50001)
PEER = ("203.0.113.99", 7777)
URL = "turn:198.51.100.1"


def turn(url: str = URL) -> IceServer:
    return IceServer(url, "user", "secret")


def allocated() -> tuple[GatheringBench, ScriptedTurnServer]:
    bench, server = GatheringBench.of(turn()), ScriptedTurnServer()
    bench.servers[SERVER] = server
    bench.nat[BASE] = MAPPED
    bench.start()
    bench.run(1)
    return bench, server


def test_the_relayed_address_is_reported() -> None:
    bench, _ = allocated()
    assert bench.found_relays == [
        RelayedFound(RELAYED, MAPPED, URL, SERVER, BASE, relay_protocol="udp")
    ]
    assert bench.gatherer.is_relayed(RELAYED)
    assert not bench.gatherer.is_relayed(BASE)
    assert (bench.errors, bench.finished) == ([], 1)


def test_the_mapped_address_is_a_reflexive_candidate_too() -> None:
    bench, _ = allocated()
    assert bench.reflexive == [ReflexiveFound(MAPPED, BASE, SERVER, URL)]


def test_one_server_may_be_asked_by_stun_and_turn_over_one_socket() -> None:
    bench, server = GatheringBench.of("stun:198.51.100.1", turn()), ScriptedTurnServer()
    binding = 0x0001

    def both(data: bytes, source: tuple[str, int]) -> list[bytes]:
        serve = stun_server if int.from_bytes(data[:2], "big") == binding else server
        return serve(data, source)

    bench.servers[SERVER] = both
    bench.nat[BASE] = MAPPED
    bench.start()
    bench.run(1)
    assert len(bench.reflexive) == 1
    assert len(bench.found_relays) == 1
    assert (bench.errors, bench.finished) == ([], 1)


def test_datagrams_go_through_the_relay_both_ways() -> None:
    bench, server = allocated()
    bench.gatherer.send(Transmit(b"to peer", PEER, RELAYED), bench.now)
    bench.run(1)
    assert server.relayed == [(PEER, b"to peer")]
    (datagram,) = bench.deliver(server.data_from(PEER, b"\x14from peer"), SERVER)
    assert datagram == Datagram(b"\x14from peer", PEER, RELAYED)


def test_runs_are_split() -> None:
    bench, server = allocated()
    bench.gatherer.send(Transmit(b"\x14aa\x14bb\x14c", PEER, RELAYED, 3), bench.now)
    bench.run(1)
    assert server.relayed == [(PEER, b"\x14aa"), (PEER, b"\x14bb"), (PEER, b"\x14c")]
    messages = [server.data_from(PEER, payload) for payload in (b"\x14xyz", b"\x14uvw", b"\x14r")]
    size = len(messages[0])
    run = Datagram(b"".join(messages), SERVER, BASE, size)
    payloads = [each.payload for each in bench.gatherer.receive(run, bench.now)]
    assert payloads == [b"\x14xyz", b"\x14uvw", b"\x14r"]


def test_a_second_base_of_the_family_makes_no_second_allocation() -> None:
    bench, server = GatheringBench.of(turn()), ScriptedTurnServer()
    bench.servers[SERVER] = server
    bench.start(BASE, ("192.0.2.77", 40001))
    bench.run(1)
    assert len(bench.found_relays) == 1
    assert {source for _, source in server.requests} == {BASE}


def test_sending_from_an_address_that_is_gone_does_nothing() -> None:
    bench, _ = allocated()
    before = len(bench.sent)
    bench.gatherer.send(Transmit(b"x", PEER, ("198.51.100.1", 1)), bench.now)
    bench.drain()
    assert len(bench.sent) == before


def test_the_binding_to_the_server_is_kept_alive() -> None:
    bench, _ = allocated()
    bench.gatherer.keep_alive(False)
    bench.sent.clear()
    bench.run(31)
    assert len(bench.sent_to(SERVER)) == 2
