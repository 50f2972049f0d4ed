"""Connections within one process: each library sets up and idles on each loop that is here."""

import pytest

from benchmarks.pairs import half_silent_servers, idle, setup
from benchmarks.peers import PEERS, Peer, ready
from benchmarks.processes import MeasurementError

HERE = [name for name, peer in PEERS.items() if peer.environment is None]


@pytest.mark.parametrize("name", HERE)
def test_a_set_up_takes_time(name: str) -> None:
    figures = setup(ready(PEERS[name]), 2)
    assert 0 < figures["p50"] <= figures["p95"]
    assert figures["cpu"] > 0


def test_a_set_up_with_a_silent_server_does_not_wait_for_it() -> None:
    with half_silent_servers() as servers:
        assert [server.url.split(":")[0] for server in servers] == ["stun", "turn"]
        figures = setup(ready(PEERS["purertc"]), 1, servers)
    assert 0 < figures["p50"] < 5000


@pytest.mark.parametrize("name", ["purertc", "aiortc"])
def test_idle_connections_take_memory(name: str) -> None:
    figures = idle(ready(PEERS[name]), 3, 0.1)
    assert figures["memory"] > 0
    assert figures["cpu"] >= 0


def test_a_process_that_fails_is_an_error() -> None:
    with pytest.raises(MeasurementError, match="ended before it said 'result'"):
        setup(ready(Peer("no library for this", "json")), 1)
