"""Bytes that are no valid records are dropped and counted; the connection does not notice."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from OpenSSL import SSL

from purertc.sansio.dtls import DtlsState
from tests.support.dtls_pair import DtlsPair, connected_pair, events_of

HEADERS = st.tuples(
    st.integers(20, 63),
    st.sampled_from([b"\xfe\xfd", b"\xfe\xff", b"\x03\x03", b"\x00\x00"]),
    st.sampled_from([b"\x00\x00", b"\x00\x01", b"\x00\x02", b"\xff\xff"]),
    st.binary(min_size=6, max_size=6),
    st.binary(max_size=80),
)


def record(parts: tuple[int, bytes, bytes, bytes, bytes]) -> bytes:
    kind, version, epoch, sequence, body = parts
    return bytes([kind]) + version + epoch + sequence + len(body).to_bytes(2, "big") + body


PAIR = connected_pair()


@settings(max_examples=300, deadline=None)
@given(
    garbage=st.lists(HEADERS.map(record) | st.binary(max_size=100), max_size=5),
    to_client=st.booleans(),
)
def test_a_connection_survives_random_datagrams(garbage: list[bytes], to_client: bool) -> None:
    source, target = (PAIR.server, PAIR.client) if to_client else (PAIR.client, PAIR.server)
    good = [payload for payload, _ in source.send([b"good"])]
    before = target.dropped
    assert target.receive([*garbage, *good, *garbage], 0.0) == [b"good"]
    assert target.state is DtlsState.CONNECTED
    assert target.dropped >= before + 2 * len([item for item in garbage if item])
    target.transmits()


@pytest.mark.parametrize("seed", range(5))
def test_a_connection_survives_flipped_bits(seed: int) -> None:
    pair = connected_pair()
    rng = random.Random(seed)
    for number in range(300):
        packets = [b"%d-%d" % (number, part) for part in range(3)]
        datagrams = [pair.client.send([packet])[0][0] for packet in packets]
        flipped = bytearray(datagrams[1])
        flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
        received = pair.server.receive([datagrams[0], bytes(flipped), datagrams[2]], 0.0)
        assert received == [packets[0], packets[2]]
    assert pair.server.state is DtlsState.CONNECTED
    assert pair.server.dropped == 300
    assert not vars(SSL)["_lib"].ERR_peek_error(), "nothing is left for others to stumble over"


@pytest.mark.parametrize("cut", [0, 1, 5, 12, 13, 20, 36])
def test_a_connection_survives_truncated_records(cut: int) -> None:
    pair = connected_pair()
    whole = pair.client.send([b"x" * 20])[0][0]
    good = pair.client.send([b"good"])[0][0]
    assert pair.server.receive([whole[:cut], good], 0.0) == [b"good"]
    assert pair.server.state is DtlsState.CONNECTED


def test_forged_alerts_do_not_close_a_connection() -> None:
    pair = connected_pair()
    for epoch in (0, 1):
        for level in (1, 2):
            alert = record(
                (21, b"\xfe\xfd", epoch.to_bytes(2, "big"), b"\0\0\0\0\1\0", bytes([level, 0]))
            )
            assert pair.server.receive([alert], 0.0) == []
    assert pair.server.state is DtlsState.CONNECTED
    assert events_of(pair.server) == []


def test_random_datagrams_do_not_disturb_the_handshake() -> None:
    for seed in range(30):
        rng = random.Random(seed)
        pair = DtlsPair(seed=seed, jitter=0.02)
        pair.start()
        while not pair.is_connected and pair.step():
            garbage = [bytes([rng.randrange(20, 64)]) + rng.randbytes(60) for _ in range(5)]
            body = rng.randbytes(40)
            handshake = record((22, b"\xfe\xfd", b"\0\0", rng.randbytes(6), b"\x01" + body))
            pair.client.receive([*garbage, handshake], pair.now)
            pair.server.receive([*garbage, handshake], pair.now)
        assert pair.is_connected, f"seed {seed}"


def test_repeated_flights_are_answered_at_a_bounded_rate() -> None:
    pair = connected_pair()
    repeated = pair.sent["client"][1]
    answers = 0
    for millisecond in range(1000):
        pair.server.receive([repeated] * 10, 1 + millisecond / 1000)
        answers += len(pair.server.transmits())
    assert 1 <= answers <= 21
