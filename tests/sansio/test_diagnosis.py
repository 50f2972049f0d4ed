"""Each kind of trouble has its sentence, which names what to try."""

import re
from dataclasses import replace

import pytest

from purertc.sansio.config import Configuration
from purertc.sansio.diagnosis import diagnose, server_advice
from purertc.sansio.dtls import DtlsState
from purertc.sansio.dtls.engine.openssl import MISMATCH
from purertc.sansio.ice.checklist import CandidatePair
from purertc.sansio.ice.report import Counters
from purertc.sansio.peer_facts import PeerFacts
from purertc.sansio.types import (
    ConnectionState,
    IceCandidateError,
    IceGatheringState,
    IceTransportPolicy,
    SignalingState,
)
from purertc.wire.candidate import Candidate
from tests.support.peer_pair import PeerPair

RELAY_ONLY = Configuration(ice_transport_policy=IceTransportPolicy.RELAY)
WRONG_PASSWORD = IceCandidateError("turn:turn.example.org", 401, "Unauthorized")
SILENT_STUN = IceCandidateError("stun:stun.example.org", 701, "no answer")


def candidate(kind: str, host: str = "192.0.2.1") -> Candidate:
    return Candidate("1", 1, "udp", 1, host, 5000, kind)


def failed(**changes: object) -> PeerFacts:
    """Return a peer that found no way, with what else is known of it."""
    facts = PeerFacts(
        connection_state=ConnectionState.FAILED,
        signaling_state=SignalingState.STABLE,
        gathering_state=IceGatheringState.COMPLETE,
        dtls_state=DtlsState.NEW,
        close_reason="the reason",
        described=True,
        negotiated=True,
        was_connected=False,
        selected=None,
        local_candidates=(candidate("host"),),
        remote_candidates=(candidate("host", "198.51.100.1"),),
        pairs=(checked_pair(),),
        counters=Counters(),
        errors=(),
        sources={},
        unresolved_names=(),
    )
    return replace(facts, **changes)  # type: ignore[arg-type]  # each test knows the types


def checked_pair(*, answered: int = 0, heard: int = 0) -> CandidatePair:
    pair = PeerPair()
    pair.connect()
    (made,) = pair.a.peer.transport.ice.pairs
    made.responses_received, made.requests_received = answered, heard
    return made


CASES: list[tuple[dict[str, object], str]] = [
    ({}, "only host candidates were tried.*add a TURN server"),
    ({"local_candidates": (candidate("srflx"),)}, "NATs or firewalls.*add a TURN server"),
    ({"remote_candidates": (candidate("relay"),)}, "not even over the relay"),
    ({"unresolved_names": ("a.local",)}, "1 .local names of it did not resolve"),
    ({"pairs": (checked_pair(heard=3),)}, "one way only"),
    ({"pairs": (checked_pair(answered=3),)}, "answers, but checks nothing itself"),
    ({"pairs": (checked_pair(answered=3, heard=3),)}, "did not agree on a pair"),
    ({"counters": Counters(unauthentic=2)}, "credentials of another session"),
    ({"counters": Counters(stray=2)}, "credentials of another session"),
    ({"errors": (SILENT_STUN, WRONG_PASSWORD)}, "401 Unauthorized.*username and credential"),
    ({"errors": (SILENT_STUN,)}, "only host candidates were tried"),
    ({"pairs": ()}, "IPv4 and IPv6 do not mix"),
    ({"pairs": (), "remote_candidates": ()}, "sent no candidates.*on_ice_candidate"),
    (
        {"pairs": (), "remote_candidates": (), "unresolved_names": ("a.local",)},
        "nobody answered for them by multicast DNS.*add a TURN server",
    ),
    (
        {"pairs": (), "remote_candidates": (), "counters": Counters(ignored_candidates=2)},
        "None of the other side's candidates can be used",
    ),
    (
        {"pairs": (), "remote_candidates": (), "counters": Counters(unauthentic=2)},
        "credentials of another session",
    ),
    ({"local_candidates": ()}, "no address to send from.*include_loopback"),
    (
        {"local_candidates": (), "gathering_state": IceGatheringState.GATHERING},
        "gathering has not finished",
    ),
    ({"was_connected": True}, "nothing came back any more.*ICE restart"),
    (
        {"was_connected": True, "connection_state": ConnectionState.CLOSED},
        "connected, and then closed: the reason",
    ),
    ({"connection_state": ConnectionState.CLOSED}, "closed before a working pair was found"),
    ({"dtls_state": DtlsState.FAILED}, "could not agree on keys .the reason.*MTU"),
    (
        {"dtls_state": DtlsState.FAILED, "close_reason": f"it failed: {MISMATCH}"},
        "do not trust each other .it failed",
    ),
    (
        {"dtls_state": DtlsState.CONNECTING, "selected": checked_pair(answered=1)},
        "DTLS handshake is under way",
    ),
    (
        {"connection_state": ConnectionState.CONNECTED, "selected": checked_pair()},
        "Nothing is wrong: data flows directly",
    ),
    ({"negotiated": False}, "agreed on nothing to carry"),
    ({"negotiated": False, "described": False}, "Nothing was negotiated"),
    ({"negotiated": False, "signaling_state": SignalingState.HAVE_LOCAL_OFFER}, "No answer has"),
    (
        {"negotiated": False, "signaling_state": SignalingState.HAVE_REMOTE_OFFER},
        "offer was not answered",
    ),
    (
        {"negotiated": False, "signaling_state": SignalingState.CLOSED},
        "closed before the two sides had negotiated: the reason",
    ),
]


@pytest.mark.parametrize(("changes", "sentence"), CASES, ids=[each[1][:30] for each in CASES])
def test_the_sentence(changes: dict[str, object], sentence: str) -> None:
    text = diagnose(failed(**changes), Configuration())
    assert re.search(sentence, text), text
    assert text.endswith(".")


def test_relays_only_without_a_relay() -> None:
    facts = failed(local_candidates=(), pairs=())
    assert "configure a TURN server" in diagnose(facts, RELAY_ONLY)
    facts = replace(facts, errors=(WRONG_PASSWORD,))
    assert "401 Unauthorized" in diagnose(facts, RELAY_ONLY)


def test_a_relay_that_was_given_is_not_blamed() -> None:
    relayed = (candidate("host"), candidate("relay"))
    text = diagnose(failed(errors=(WRONG_PASSWORD,), local_candidates=relayed), Configuration())
    assert "401" not in text
    assert "not even over the relay" in text


@pytest.mark.parametrize("code", [300, 401, 403, 437, 438, 441, 486, 508, 701])
def test_codes_of_servers_have_advice(code: int) -> None:
    assert server_advice(IceCandidateError("turn:x", code, "")) != server_advice(
        IceCandidateError("turn:x", 599, "")
    )
