"""What the agent says about a search that did not work out."""

import pytest

from purertc.sansio.ice.candidates import LocalBase, RemoteCandidate
from purertc.sansio.ice.checklist import CandidatePair
from purertc.sansio.ice.report import Counters, describe, describe_counters, explain_failure
from purertc.wire.candidate import Candidate


def pair(sent: int = 3, answered: int = 0, received: int = 0) -> CandidatePair:
    local = LocalBase.udp(("192.0.2.1", 5000), 0, "us")
    remote = RemoteCandidate.signalled(Candidate("1", 1, "udp", 1, "192.0.2.2", 6000, "host"))
    assert remote is not None
    return CandidatePair(
        local=local,
        remote=remote,
        local_address=local.address,
        remote_address=remote.address,
        priority=1,
        requests_sent=sent,
        responses_received=answered,
        requests_received=received,
    )


@pytest.mark.parametrize(
    ("pairs", "remote_count", "counters", "expected"),
    [
        ([], 0, Counters(), "no candidate of the other side came"),
        ([], 0, Counters(unauthentic=2), "wrong credentials"),
        ([], 0, Counters(ignored_candidates=2), "none of the 2 remote candidates can be used"),
        ([], 3, Counters(), "IPv4 and IPv6, UDP and TCP do not mix"),
        ([pair()], 1, Counters(), "no answer on any of the 1 candidate pairs"),
        ([pair()], 1, Counters(stray=4), "4 messages had wrong credentials"),
        ([pair(received=1)], 1, Counters(), "it answered none of ours"),
        ([pair(answered=1)], 1, Counters(), "the other side checked none"),
        ([pair(answered=1, received=1)], 1, Counters(), "none was nominated"),
    ],
)
def test_one_sentence(
    pairs: list[CandidatePair], remote_count: int, counters: Counters, expected: str
) -> None:
    reason = explain_failure(pairs, local_count=1, remote_count=remote_count, counters=counters)

    assert expected in reason
    assert "\n" not in reason


def test_kinds_of_pairs() -> None:
    candidate = Candidate("1", 1, "tcp", 1, "192.0.2.2", 6000, "host", tcp_type="passive")
    remote = RemoteCandidate.signalled(candidate)
    assert remote is not None
    active = LocalBase.tcp(("192.0.2.1", 9), 0, "us", tcp_type="active")
    relayed = LocalBase.relayed(("203.0.113.1", 1), None, 1, "us", 2)
    pairs = [
        pair(),
        CandidatePair(active, remote, active.address, remote.address, 1, active.transport),
        CandidatePair(relayed, pair().remote, relayed.address, ("192.0.2.2", 6000), 1),
    ]

    reason = explain_failure(pairs, local_count=3, remote_count=2, counters=Counters())

    assert reason == "no answer on any of the 3 candidate pairs (1 over a relay, 1 over TCP)"
    text = describe(pairs, selected=None, headline="ICE failed")
    assert "tcp 192.0.2.1:9 (host) -> 192.0.2.2:6000 (host)" in text
    assert "udp 203.0.113.1:1 (relay) -> 192.0.2.2:6000 (host)" in text


def test_no_socket() -> None:
    reason = explain_failure([], local_count=0, remote_count=1, counters=Counters())

    assert reason == "there is no local address to send from"


def test_description() -> None:
    first, second = pair(sent=7, answered=2, received=1), pair()
    first.current_round_trip_time = 0.0123
    second.nominated = True
    second.last_error = "no answer"

    text = describe([first, second], selected=first, headline="ICE connected")

    name = "udp 192.0.2.1:5000 (host) -> 192.0.2.2:6000 (host)"
    gap = " " * (len(name) - 4)
    assert text.splitlines() == [
        "ICE connected",
        f"pair{gap}  state   checks sent  answered  checks received  round trip  note",
        f"{name}  frozen  7            2         1                12.3 ms     selected",
        f"{name}  frozen  3            0         0                            no answer, nominated",
    ]


def test_what_was_dropped() -> None:
    (line,) = describe_counters(Counters(bad_packets=5, replayed=3))

    assert line.startswith("dropped: 5 malformed packets, 0 requests")
    assert "3 replayed requests" in line
    assert describe_counters(Counters()) == []
