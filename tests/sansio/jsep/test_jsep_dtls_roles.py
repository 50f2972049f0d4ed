"""a=setup decides who opens DTLS, once; later exchanges keep it (RFC 8842 section 5)."""

import pytest

from purertc.errors import SdpError
from tests.support.negotiators import Side, exchange
from tests.support.remote_sdp import SHA256, SHA256_OTHER, answer_to, offer


@pytest.mark.parametrize(
    ("offered", "answered", "client"),
    [
        ("a=setup:actpass", "active", True),
        ("a=setup:passive", "active", True),
        ("a=setup:active", "passive", False),
        ("", "active", True),
    ],
)
def test_our_answer(offered: str, answered: str, client: bool) -> None:
    side = Side(1)
    assert side.set_remote(offer(setup=offered)).dtls_client is client
    assert side.set_local().dtls_client is client
    assert side.local.sdp.endswith(f"a=setup:{answered}\r\n")


@pytest.mark.parametrize(("answered", "client"), [("active", False), ("passive", True)])
def test_their_answer(answered: str, client: bool) -> None:
    side = Side(1)
    side.set_local()
    applied = side.set_remote(answer_to(side.local.sdp, setup=f"a=setup:{answered}"))
    assert applied.dtls_client is client


@pytest.mark.parametrize("answered", ["a=setup:actpass", "a=setup:holdconn", ""])
def test_an_answer_must_decide(answered: str) -> None:
    side = Side(1)
    side.set_local()
    before = side.state()
    with pytest.raises(SdpError, match="setup"):
        side.set_remote(answer_to(side.local.sdp, setup=answered))
    assert side.state() == before


def test_roles_are_kept_whoever_offers_again() -> None:
    a, b = Side(1), Side(2)
    exchange(a, b)
    at_b, at_a = exchange(b, a)
    assert (at_a.dtls_client, at_b.dtls_client) == (False, True)
    assert a.local.sdp.endswith("a=setup:passive\r\n")
    assert (at_a.controlling, at_b.controlling) == (True, False)
    at_a, at_b = exchange(a, b)
    assert (at_a.dtls_client, at_b.dtls_client) == (False, True)


def test_a_change_of_roles_is_refused() -> None:
    side = Side(1)
    side.set_remote(offer())
    side.set_local()
    side.set_remote(offer(setup="a=setup:passive"))
    before = side.state()
    with pytest.raises(SdpError, match="change the DTLS roles"):
        side.set_remote(offer(setup="a=setup:active"))
    assert side.state() == before


def test_an_answer_may_not_change_roles_either() -> None:
    side = Side(1)
    side.set_remote(offer())
    side.set_local()
    side.set_local()
    with pytest.raises(SdpError, match="change the DTLS roles"):
        side.set_remote(answer_to(side.local.sdp, setup="a=setup:active"))


def test_a_change_of_certificate_is_refused() -> None:
    side = Side(1)
    side.set_remote(offer())
    side.set_local()
    with pytest.raises(SdpError, match="new certificate"):
        side.set_remote(offer(fingerprint=f"a=fingerprint:sha-256 {SHA256_OTHER}"))
    more = f"a=fingerprint:sha-256 {SHA256_OTHER}\r\na=fingerprint:sha-256 {SHA256}"
    assert side.set_remote(offer(fingerprint=more)).data_accepted
