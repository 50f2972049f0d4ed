"""The handshake completes on links that lose and reorder datagrams, within simulated seconds."""

import pytest

from purertc.sansio.dtls import DtlsState
from tests.support.dtls_pair import DtlsPair


@pytest.mark.parametrize("loss", [0.0, 0.05, 0.2])
@pytest.mark.parametrize("block", range(4))
def test_it_always_completes(loss: float, block: int) -> None:
    for seed in range(block * 25, block * 25 + 25):
        pair = DtlsPair(seed=seed, loss=loss, jitter=0.05)
        pair.start()
        pair.run_until_connected()
        assert pair.is_connected, f"seed {seed}: {pair.client.state} {pair.server.state}"
        assert pair.now < 20, f"seed {seed} took {pair.now} s"


@pytest.mark.parametrize("sender", ["client", "server"])
@pytest.mark.parametrize("number", range(4))
def test_any_single_datagram_may_be_lost(sender: str, number: int) -> None:
    pair = DtlsPair(lose=lambda who, index, _: who == sender and index == number)
    pair.start()
    pair.run_until_connected()
    assert pair.is_connected
    assert pair.now < 1


def test_the_last_flight_may_be_lost_many_times() -> None:
    losses = 0

    def lose(sender: str, _number: int, datagram: bytes) -> bool:
        nonlocal losses
        finished = sender == "server" and datagram[0] == 20
        losses += finished
        return finished and losses <= 5

    pair = DtlsPair(lose=lose)
    pair.start()
    pair.run_until_connected()
    assert losses == 6
    assert pair.is_connected


def test_it_gives_up_after_half_a_minute_of_silence() -> None:
    pair = DtlsPair(loss=1.0)
    pair.start()
    pair.run()
    assert pair.client.state is pair.server.state is DtlsState.FAILED
    assert pair.now == 30.0
    assert 10 < len(pair.sent["client"]) < 40


def test_a_change_cipher_spec_that_overtakes_is_understood_when_repeated() -> None:
    early: list[bytes] = []

    def lose(sender: str, number: int, datagram: bytes) -> bool:
        if sender == "client" and number == 1:
            early.append(datagram)
            return True
        return False

    pair = DtlsPair(lose=lose)
    pair.start()
    while not early:
        pair.step()
    tail = early[0][early[0].index(b"\x14\xfe\xfd\x00\x00") :]
    pair.server.receive([tail], pair.now)
    pair.run_until_connected()
    assert pair.is_connected
