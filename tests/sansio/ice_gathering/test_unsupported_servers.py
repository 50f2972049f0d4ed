"""URLs of kinds that are not spoken are reported, and change nothing else."""

import pytest

from purertc.errors import ArgumentError
from purertc.sansio.config import IceServer
from tests.support.gathering_bench import GatheringBench, settings_of, stun_server


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("stuns:example.org", "not supported: STUN over TLS"),
        ("stun:example.org?transport=tcp", "not supported: STUN over TCP"),
        ("turns:example.org?transport=udp", "not supported: TURN over DTLS"),
    ],
)
def test_they_cost_an_error_without_a_lookup(url: str, text: str) -> None:
    bench = GatheringBench.of(IceServer(url, "user", "secret"), "stun:198.51.100.1")
    bench.servers["198.51.100.1", 3478] = stun_server
    bench.start()
    bench.run(1)
    (error,) = bench.errors
    assert (error.url, error.error_code, error.error_text) == (url, 701, text)
    assert bench.lookups == []
    assert len(bench.reflexive) == 1


def test_what_is_no_url_is_refused_when_it_is_configured() -> None:
    with pytest.raises(ArgumentError, match="no IPv4 address"):
        settings_of("stun:256.1.1.1")


def test_a_timeout_must_be_positive() -> None:
    with pytest.raises(ArgumentError, match="positive"):
        settings_of(timeout=0)
