"""Requests are repeated over UDP as RFC 8489 section 6.2.1 says, and never over a stream."""

from random import Random

import pytest

from purertc.sansio.turn import RetransmissionConfig, TurnClient, TurnConfig, TurnFailed
from purertc.testing import LinkConditions, SimulatedTurnServer
from tests.support.turn_on_host import CREDENTIALS, TurnNetwork


def sends_of_an_unanswered_request(
    config: TurnConfig, *, reliable: bool
) -> tuple[list[float], float]:
    """Return the times of sending, and the time of giving up."""
    client = TurnClient(CREDENTIALS, Random(1).randbytes, reliable=reliable, config=config)
    client.start(100.0)
    now, times = 100.0, []
    [first] = client.transmits()
    times.append(now)
    while (deadline := client.next_deadline()) is not None:
        client.handle_timeout(deadline - 0.001)
        assert client.transmits() == []
        now = deadline
        client.handle_timeout(now)
        for repeated in client.transmits():
            assert repeated == first
            times.append(now)
    assert client.next_event() == TurnFailed(701, "the server does not answer")
    return [time - 100 for time in times], now - 100


def test_the_waits_double_over_udp() -> None:
    times, end = sends_of_an_unanswered_request(TurnConfig(), reliable=False)
    assert times == [0, 0.25, 0.75, 1.75, 3.75, 7.75, 15.75]
    assert end == 19.75


def test_the_waits_can_be_chosen() -> None:
    retransmission = RetransmissionConfig(rto=0.5, max_sends=3, last_wait=2)
    config = TurnConfig(retransmission=retransmission)
    times, end = sends_of_an_unanswered_request(config, reliable=False)
    assert times == [0, 0.5, 1.5]
    assert end == 2.5


def test_nothing_is_repeated_over_a_stream() -> None:
    times, end = sends_of_an_unanswered_request(TurnConfig(), reliable=True)
    assert times == [0]
    assert end == 20


@pytest.mark.parametrize("seed", range(5))
def test_everything_works_on_a_bad_link(seed: int) -> None:
    lan = TurnNetwork(seed)
    lan.network.set_conditions(LinkConditions(latency=0.03, jitter=0.02, loss=0.2, duplication=0.1))
    server = SimulatedTurnServer(lan.server_host)
    turn, peer = lan.client(), lan.peer()
    lan.run(15)
    for sent in range(1000):
        turn.send(peer.address, b"\x80%d" % sent)
        lan.run(2)
    assert len(server.allocations) == 1
    assert len(turn.events) == 1
    # Two lossy links and duplicates on both: about 0.64 * 1.2 of what was sent.
    assert 600 < len(peer.received) < 1000
    assert len({data for _, data in peer.received}) > 500
