"""Two processes flood each other and play ping-pong; each option reaches them."""

import pytest

from benchmarks.peers import PEERS, ready
from benchmarks.profile_page import by_function, by_layer, page
from benchmarks.two_ends import Load, flood, jain_index, profile, round_trips

SHORT = 0.2


@pytest.mark.parametrize("name", ["purertc-uvloop", "purertc-trio"])
def test_a_flood_on_each_loop(name: str) -> None:
    figures = flood(ready(PEERS[name]), Load(16384, SHORT))
    assert figures["megabits"] > 0
    assert figures["cpu"] > 0
    assert figures["fairness"] == 1


@pytest.mark.parametrize("name", ["purertc", "purertc-trio"])
def test_without_offload(name: str) -> None:
    assert flood(ready(PEERS[name]), Load(16384, SHORT, plain=True))["megabits"] > 0


def test_many_channels_get_their_share() -> None:
    figures = flood(ready(PEERS["purertc"]), Load(1000, SHORT, channels=3))
    assert 1 / 3 <= figures["fairness"] <= 1


@pytest.mark.parametrize("name", ["purertc", "aiortc"])
def test_loss_goes_through_the_forwarder(name: str) -> None:
    figures = flood(ready(PEERS[name]), Load(1000, SHORT, loss=0.2))
    assert figures["lost"] > 0
    assert figures["forwarder_busy"] > 0


@pytest.mark.parametrize("name", ["purertc", "aiortc"])
def test_round_trips(name: str) -> None:
    figures = round_trips(ready(PEERS[name]), Load(100, SHORT))
    assert 0 < figures["p50"] <= figures["p99"]
    assert figures["trips"] > 1


def test_a_profile_says_what_each_end_was_doing() -> None:
    profiles = profile(ready(PEERS["purertc"]), Load(16384, SHORT))
    assert set(profiles) == {"sender", "receiver"}
    assert all(":" in stack for samples in profiles.values() for stack in samples)
    assert "## The receiver" in page(profiles)


def test_samples_count_for_the_innermost_layer_and_function() -> None:
    samples = {
        "/lib/OpenSSL/SSL.py:Connection.send;/x/purertc/sansio/dtls/a.py:protect": 3,
        "/lib/selectors.py:select;/lib/asyncio/base.py:run": 1,
    }
    assert by_layer(samples) == {"DTLS records": 3, "event loop and others": 1}
    assert by_function(samples)["`OpenSSL/SSL.py` Connection.send"] == 3


@pytest.mark.parametrize(
    ("shares", "count", "expected"), [([5, 5], 2, 1.0), ([5], 2, 0.5), ([], 2, 0.0)]
)
def test_fairness(shares: list[int], count: int, expected: float) -> None:
    assert jain_index(shares, count) == expected
