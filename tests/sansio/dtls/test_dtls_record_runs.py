"""Records that come in order, each alone in its datagram, are opened in one run."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from purertc.sansio.dtls.record_layer import RecordLayer
from tests.sansio.dtls.test_dtls_record_layer import CIPHERS, layers, records_of

PACKETS = [b"", b"one", b"x" * 1188, b"y" * 1188, b"two", b"z" * 16384]


@pytest.mark.parametrize("cipher", CIPHERS[:2])
def test_all_are_opened(cipher: str) -> None:
    client, server = layers(cipher)
    records = records_of(client, PACKETS)
    assert server.open_run(records) == PACKETS
    assert server.open_run(records) == server.open(records) == []


def test_a_suite_without_explicit_nonces_has_no_runs() -> None:
    client, server = layers(CIPHERS[2])
    records = records_of(client, PACKETS)
    assert server.open_run(records) == []
    assert server.open(records) == PACKETS


def test_it_ends_at_a_gap_and_goes_on_behind_it_once_that_is_open() -> None:
    client, server = layers()
    first, second, third, fourth = records_of(client, [b"1", b"2", b"3", b"4"])
    assert server.open_run([first, third, fourth]) == [b"1"]
    assert server.open([third]) == [b"3"]
    assert server.open_run([fourth]) == [b"4"]
    assert server.open_run([second]) == []
    assert server.open([second, fourth, third]) == [b"2"]


def other_datagrams(layer: RecordLayer) -> dict[str, list[bytes]]:
    one, two = records_of(layer, [b"one", b"two"])
    return {
        "two records": [one + two],
        "a byte more": [one + b"x"],
        "a byte less": [one[:-1]],
        "a header only": [one[:13]],
        "nothing": [b""],
        "a forged tag": [one[:-1] + bytes([one[-1] ^ 1])],
        "a forged length": [one[:12] + bytes([one[12] ^ 1]) + one[13:]],
        "an alert": [layer.close_notify()],
        "no DTLS 1.2": [one[:1] + b"\xfe\xff" + one[3:]],
    }


@pytest.mark.parametrize("kind", other_datagrams(layers()[0]))
def test_it_ends_at_any_other_datagram(kind: str) -> None:
    client, server = layers()
    (before,) = records_of(client, [b"before"])
    others = other_datagrams(client)[kind]
    assert server.open_run([before, *others, before]) == [b"before"]
    assert not server.peer_closed


@settings(deadline=None)
@given(st.lists(st.integers(0, 30), max_size=60))
def test_what_was_opened_in_a_run_is_never_opened_again(order: list[int]) -> None:
    client, server = layers()
    packets = [bytes([number]) for number in range(31)]
    records = records_of(client, packets)
    opened: list[bytes] = []
    for at in range(0, len(order), 3):
        datagrams = [records[number] for number in order[at : at + 3]]
        run = server.open_run(datagrams)
        opened += run + server.open(datagrams[len(run) :])
    assert sorted(opened) == sorted({packets[number] for number in order})
