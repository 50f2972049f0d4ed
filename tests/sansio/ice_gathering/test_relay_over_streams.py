"""TURN over TCP and TLS: a stream is asked for, and the relay works over it."""

import pytest

from purertc.sansio.config import IceServer
from purertc.sansio.types import Datagram, Transmit
from tests.support.gathering_bench import BASE, GatheringBench
from tests.support.scripted_turn_server import ScriptedTurnServer

TCP = IceServer("turn:198.51.100.1?transport=tcp", "user", "secret")
TLS = IceServer("turns:turn.example", "user", "secret")
TCP_SERVER = ("198.51.100.1", 3478)
TLS_SERVER = ("198.51.100.1", 5349)
RELAYED = ("198.51.100.1", 50001)
PEER = ("203.0.113.99", 7777)


def bench_over(server: IceServer) -> tuple[GatheringBench, ScriptedTurnServer]:
    bench, turn = GatheringBench.of(server), ScriptedTurnServer(padded=True)
    bench.names["turn.example"] = [TLS_SERVER]
    bench.listeners = {TCP_SERVER: turn, TLS_SERVER: turn}
    return bench, turn


@pytest.mark.parametrize(
    ("server", "protocol", "remote", "name"),
    [(TCP, "tcp", TCP_SERVER, None), (TLS, "tls", TLS_SERVER, "turn.example")],
)
def test_the_relayed_address_is_reported(
    server: IceServer, protocol: str, remote: tuple[str, int], name: str | None
) -> None:
    bench, _ = bench_over(server)
    bench.start()
    bench.run(1)
    (stream,) = bench.wanted_streams
    assert (stream.remote, stream.local_host, stream.server_name) == (remote, None, name)
    (found,) = bench.found_relays
    assert (found.relayed, found.base, found.relay_protocol) == (RELAYED, None, protocol)
    assert bench.reflexive == []
    assert bench.finished == 1


def test_datagrams_go_through_it_both_ways() -> None:
    bench, server = bench_over(TCP)
    bench.start()
    bench.run(1)
    bench.gatherer.send(Transmit(b"\x14aa\x14bb\x14c", PEER, RELAYED, 3), bench.now)
    bench.run(1)
    assert server.relayed == [(PEER, b"\x14aa"), (PEER, b"\x14bb"), (PEER, b"\x14c")]
    data = server.data_from(PEER, b"\x14odd size") + server.data_from(PEER, b"\x14next")
    (stream,) = bench.streams
    received = [
        datagram
        for position in range(len(data))
        for datagram in bench.gatherer.receive_stream(
            stream, data[position : position + 1], bench.now
        )
    ]
    assert received == [
        Datagram(b"\x14odd size", PEER, RELAYED),
        Datagram(b"\x14next", PEER, RELAYED),
    ]


def test_why_a_stream_did_not_open_is_reported() -> None:
    bench, _ = bench_over(TLS)
    bench.listeners[TLS_SERVER] = "TLS: certificate verify failed: self-signed certificate"
    bench.start()
    bench.run(1)
    (error,) = bench.errors
    assert (error.url, error.error_code) == ("turns:turn.example", 701)
    assert error.error_text == "TLS: certificate verify failed: self-signed certificate"
    assert bench.unwanted_streams == []
    assert bench.finished == 1


def test_a_stream_that_does_not_open_in_time_is_given_up() -> None:
    bench = GatheringBench.of(TCP)
    bench.start()
    bench.run(10)
    assert bench.errors[0].error_text == "no connection in 5 s"
    assert bench.unwanted_streams == bench.wanted_streams


def test_a_server_that_says_nothing_over_the_stream() -> None:
    bench, server = bench_over(TCP)
    server.silent = True
    bench.start()
    bench.run(10)
    assert bench.errors[0].error_text == "no answer in 5 s"
    assert bench.unwanted_streams == bench.wanted_streams


def test_the_next_address_is_tried_when_one_refuses() -> None:
    bench, server = bench_over(TLS)
    refusing = ("198.51.100.9", 5349)
    bench.names["turn.example"] = [refusing, TLS_SERVER]
    bench.listeners = {refusing: "connection refused", TLS_SERVER: server}
    bench.start()
    bench.run(1)
    assert [found.server for found in bench.found_relays] == [TLS_SERVER]
    assert bench.errors == []


def test_a_relay_is_lost_with_its_stream() -> None:
    bench, _ = bench_over(TCP)
    bench.start()
    bench.run(1)
    (stream,) = bench.streams
    bench.gatherer.stream_closed(stream, "connection reset by peer", bench.now)
    bench.drain()
    (lost,) = bench.lost_relays
    assert (lost.relayed, lost.reason) == (RELAYED, "connection reset by peer")
    assert not bench.gatherer.is_relayed(RELAYED)
    assert bench.errors == []
    assert bench.finished == 1


@pytest.mark.parametrize("data", [b"\x15\x03\x01\x00\x02\x02\x46", b"SSH-2.0", b"\0" * 20])
def test_what_is_no_turn_closes_the_stream(data: bytes) -> None:
    bench, server = bench_over(TCP)
    server.silent = True
    bench.start()
    bench.run(1)
    (stream,) = bench.streams
    assert bench.gatherer.receive_stream(stream, data, bench.now) == []
    bench.drain()
    assert bench.unwanted_streams == [stream]
    assert "does not speak TURN" in bench.errors[0].error_text
    assert bench.gatherer.dropped == 1


def test_streams_of_others_are_ignored() -> None:
    bench, _ = bench_over(TCP)
    bench.start()
    (stream,) = bench.wanted_streams
    bench.gatherer.close(bench.now)
    assert bench.gatherer.receive_stream(stream, b"x", bench.now) == []
    bench.gatherer.stream_opened(stream, BASE, bench.now)
    bench.gatherer.stream_closed(stream, "gone", bench.now)
    bench.drain()
    assert bench.found_relays == []
