"""The text of our descriptions: lines, their order, the o= line."""

import re

from tests.support.negotiators import Side, exchange, fingerprints


def attribute_names(sdp: str) -> list[str]:
    section = sdp.split("m=application", 1)[1]
    return re.findall(r"^a=([a-z-]+)", section, re.MULTILINE)


def origin(sdp: str) -> tuple[str, int]:
    match = re.search(r"^o=- (\d+) (\d+) IN IP4 ", sdp, re.MULTILINE)
    assert match is not None
    return match[1], int(match[2])


def test_order_of_the_attributes() -> None:
    side = Side(1)
    side.set_local()
    side.negotiator.add_local_candidate("candidate:1 1 udp 2130706431 192.0.2.2 5000 typ host")
    side.negotiator.end_of_local_candidates()
    assert attribute_names(side.local.sdp) == [
        "mid",
        "sctp-port",
        "max-message-size",
        "candidate",
        "end-of-candidates",
        "ice-ufrag",
        "ice-pwd",
        "ice-options",
        "fingerprint",
        "fingerprint",
        "fingerprint",
        "setup",
    ]


def test_the_offer_announces_bundle_trickle_and_all_fingerprints() -> None:
    sdp = Side(1).offer().sdp
    assert "\r\na=group:BUNDLE 0\r\n" in sdp
    assert "\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n" in sdp
    assert "\r\na=ice-options:trickle\r\n" in sdp
    for fingerprint in fingerprints(1):
        assert f"\r\na=fingerprint:{fingerprint.algorithm} {fingerprint.value}\r\n" in sdp
    assert sdp.endswith("\r\na=setup:actpass\r\n")


def test_the_answer_decides_the_role() -> None:
    a, b = Side(1), Side(2)
    exchange(a, b)
    assert b.local.sdp.endswith("\r\na=setup:active\r\n")


def test_the_session_id_has_63_bits_and_stays() -> None:
    a, b = Side(1), Side(2)
    exchange(a, b)
    session_id, _ = origin(a.local.sdp)
    assert 0 < int(session_id) < 2**63
    a.set_local()
    assert origin(a.local.sdp)[0] == session_id


def test_the_version_grows_when_the_text_changes() -> None:
    a, b = Side(1), Side(2)
    first = origin(a.offer().sdp)[1]
    assert origin(a.offer().sdp)[1] == first
    exchange(a, b)
    a.negotiator.add_local_candidate("candidate:1 1 udp 2130706431 192.0.2.2 5000 typ host")
    assert origin(a.offer().sdp)[1] == first + 1


def test_the_version_is_not_reused_after_a_rollback() -> None:
    a, b = Side(1), Side(2)
    exchange(a, b)
    before = origin(a.local.sdp)[1]
    b.set_local()
    a.set_remote(b.local)
    a.set_local()
    assert origin(a.local.sdp)[1] == before + 1
