"""Protected records: what is opened once, what never, and what stays within bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purertc.sansio.dtls.protection import SessionSecrets, protections
from purertc.sansio.dtls.record_layer import RecordLayer

CIPHERS = [
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
]


def layers(cipher: str = CIPHERS[0]) -> tuple[RecordLayer, RecordLayer]:
    """A client and a server with keys of one session."""
    secrets = SessionSecrets(
        cipher=cipher, master_secret=b"m" * 48, client_random=b"c" * 32, server_random=b"s" * 32
    )
    client, server = protections(secrets)
    return (
        RecordLayer(outgoing=client, incoming=server, next_sequence=1, received=[0]),
        RecordLayer(outgoing=server, incoming=client, next_sequence=1, received=[0]),
    )


def records_of(layer: RecordLayer, packets: list[bytes]) -> list[bytes]:
    joined, records = layer.protect(packets), []
    for packet in packets:
        size = len(packet) + layer.overhead
        records.append(joined[:size])
        joined = joined[size:]
    assert joined == b""
    return records


@pytest.mark.parametrize("cipher", CIPHERS)
def test_packets_of_any_size_come_through_both_ways(cipher: str) -> None:
    client, server = layers(cipher)
    packets = [b"", b"one", b"x" * 1188, b"y" * 1188, b"z" * 16384]
    assert server.open(records_of(client, packets)) == packets
    assert client.open(records_of(server, packets)) == packets


def test_a_record_is_opened_once() -> None:
    client, server = layers()
    records = records_of(client, [b"a", b"b", b"c"])
    assert server.open([*records, *records]) == [b"a", b"b", b"c"]
    assert server.open(records) == []


def test_records_may_overtake_each_other() -> None:
    client, server = layers()
    first, second, third = records_of(client, [b"1", b"2", b"3"])
    assert server.open([third, first, third, second, first]) == [b"3", b"1", b"2"]


def test_a_record_too_far_behind_is_refused_unseen() -> None:
    client, server = layers()
    late, *others = records_of(client, [b"%d" % number for number in range(1100)])
    assert len(server.open(others)) == 1099
    assert server.open([late]) == []


def test_a_gap_that_left_the_window_is_forgotten() -> None:
    client, server = layers()
    _lost, *others = records_of(client, [b"%d" % number for number in range(3000)])
    for start in range(0, len(others), 50):
        server.open(others[start : start + 50])
    assert server._seen == -1


@given(st.integers(0, 60), st.integers(0, 7))
def test_a_changed_bit_makes_a_record_worthless(position: int, bit: int) -> None:
    client, server = layers()
    (record,) = records_of(client, [b"twenty-four bytes of text"])
    position %= len(record)
    if 3 <= position < 5 or 11 <= position < 13:
        return  # epoch and length are for the transport, which looks at them first
    changed = bytearray(record)
    changed[position] ^= 1 << bit
    assert server.open([bytes(changed)]) == []
    assert server.open([record]) == [b"twenty-four bytes of text"]


@given(st.binary(max_size=80))
def test_garbage_is_dropped(body: bytes) -> None:
    _, server = layers()
    assert server.open([b"\x17\xfe\xfd\x00\x01" + body.ljust(8, b"\0")]) == []


def test_close_notify_ends_the_batch() -> None:
    client, server = layers()
    before = records_of(client, [b"last"])
    after = [client.close_notify(), *records_of(client, [b"too late"])]
    assert server.open([*before, *after]) == [b"last"]
    assert server.peer_closed


def test_an_unknown_cipher_is_an_error_of_ours() -> None:
    with pytest.raises(KeyError):
        layers("ECDHE-RSA-CAMELLIA128-SHA256")


@given(st.lists(st.lists(st.integers(0, 30), max_size=8), max_size=12))
def test_each_record_counts_once_in_whatever_order_it_comes(batches: list[list[int]]) -> None:
    left, right = layers()
    records = records_of(left, [bytes([number]) * 20 for number in range(31)])
    seen: list[int] = []
    for batch in batches:
        opened = [packet[0] for packet in right.open([records[number] for number in batch])]
        assert opened == [n for n in dict.fromkeys(batch) if n not in seen]
        seen += opened
