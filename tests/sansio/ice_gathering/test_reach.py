"""Bases ask the servers that their address can reach, and no others."""

import pytest

from tests.support.gathering_bench import GatheringBench, stun_server


@pytest.mark.parametrize(
    ("base", "server", "asks"),
    [
        (("192.0.2.10", 1), ("198.51.100.1", 3478), True),
        (("10.0.0.1", 1), ("198.51.100.1", 3478), True),
        (("127.0.0.1", 1), ("198.51.100.1", 3478), False),
        (("127.0.0.1", 1), ("127.0.0.1", 3478), True),
        (("192.0.2.10", 1), ("127.0.0.1", 3478), True),
        (("192.0.2.10", 1), ("2001:db8::1", 3478), False),
        (("2001:db8::10", 1), ("2001:db8::1", 3478), True),
        (("fe80::1%eth0", 1), ("2001:db8::1", 3478), False),
        (("fe80::1%eth0", 1), ("fe80::2%eth0", 3478), True),
        (("::1", 1), ("2001:db8::1", 3478), False),
    ],
)
def test_who_asks_whom(base: tuple[str, int], server: tuple[str, int], asks: bool) -> None:
    bench = GatheringBench.of("stun:server.example")
    bench.names["server.example"] = [server]
    bench.servers[server] = stun_server
    bench.start(base)
    bench.run(1)
    assert bool(bench.sent_to(server)) == asks
    assert len(bench.reflexive) == asks
    assert len(bench.errors) == (not asks)
    assert bench.finished == 1
