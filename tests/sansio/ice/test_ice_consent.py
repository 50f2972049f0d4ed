"""Loss of the selected pair, and its return (RFC 7675)."""

import pytest

from purertc.sansio.ice import IceConfig
from tests.support.ice_link import IceLink

A, B = ("192.0.2.1", 5000), ("192.0.2.2", 6000)


def connected_link(config: IceConfig | None = None) -> IceLink:
    link = IceLink(config=config)
    link.signal([A], [B])
    link.connect()
    return link


def test_disconnected_after_five_seconds_and_failed_after_thirty() -> None:
    link = connected_link()
    link.run(100)
    link.block(A[0], B[0])
    lost_at = link.now

    until_disconnected = link.run_until(lambda: "disconnected" in link.a.states)
    link.run_until(lambda: "failed" in link.a.states)

    assert 1.5 < until_disconnected <= 5.5
    assert 26 < link.now - lost_at <= 31
    assert link.a.reasons == [
        "no answer to consent checks for 5 s",
        "no answer to consent checks for 30 s",
    ]


def test_failed_agent_is_quiet() -> None:
    link = connected_link()
    link.block(A[0], B[0])
    link.run(60)
    sent = link.a.sent

    link.unblock()
    link.run(60)

    assert link.a.agent.selected is None
    assert not link.a.agent.is_validated(B, A)
    assert link.a.agent.next_deadline() is None
    assert link.a.sent == sent


@pytest.mark.parametrize("seconds", [8, 15, 24])
def test_pair_that_comes_back_is_connected_again(seconds: float) -> None:
    link = connected_link()
    link.block(A[0], B[0])
    link.run(seconds)
    assert link.a.states[-1:] == ["disconnected"]

    link.unblock()
    took = link.connect()

    assert took <= 1
    assert link.a.states[-3:] == ["disconnected", "connected", "completed"]
    link.run(60)
    assert "failed" not in link.a.states


def test_short_interruption_goes_unnoticed() -> None:
    link = connected_link()
    link.run(10)
    link.block(A[0], B[0])
    link.run(1.5)
    link.unblock()
    link.run(20)

    assert link.a.states == ["checking", "connected", "completed"]


def test_one_dead_direction_is_a_dead_pair() -> None:
    link = connected_link()
    link.blocked.add((B[0], A[0]))
    link.run(40)

    assert link.a.states[-1:] == ["failed"]
    assert link.b.states[-1:] == ["failed"]


def test_checks_are_spread_and_each_is_new() -> None:
    link = connected_link()
    already = [len(node.requests) for node in (link.a, link.b)]
    link.run(1000)

    ours, theirs = link.a.requests[already[0] :], link.b.requests[already[1] :]

    # RFC 7675 section 5.1: no more than one in four seconds. Those of the other side put ours off.
    assert max(len(ours), len(theirs)) <= 1000 / 4
    # Each side needs answers of its own, one every five seconds.
    assert min(len(ours), len(theirs)) >= 200
    assert len({request[8:20] for request in ours}) == len(ours)


def test_checks_of_the_other_side_alone_are_no_consent() -> None:
    link = connected_link()
    link.run(10)
    link.blocked.add((A[0], B[0]))
    link.run(10.5)

    assert link.a.states[-1:] == ["disconnected"]


def test_process_that_was_stopped_does_not_blame_the_other_side() -> None:
    link = connected_link()

    link.now += 3600
    link.run(20)

    assert link.a.states == ["checking", "connected", "completed"]


def test_timeouts_are_configurable() -> None:
    link = connected_link(IceConfig(disconnected_timeout=1, failed_timeout=3))
    link.run(10)
    link.block(A[0], B[0])

    link.run(1.2)
    assert link.a.states[-1:] == ["disconnected"]
    link.run(2.2)

    assert link.a.states[-1:] == ["failed"]
