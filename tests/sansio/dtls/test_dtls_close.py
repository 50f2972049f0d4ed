"""Closing from either side, at any time."""

import pytest

from purertc.errors import InvalidStateError
from purertc.sansio.dtls import DtlsState, DtlsStateChanged, DtlsTransport
from tests.support.dtls_pair import DtlsPair, certificate, connected_pair, events_of


@pytest.mark.parametrize("closer", ["client", "server"])
def test_close_notify_closes_the_other_side(closer: str) -> None:
    pair = connected_pair()
    one, other = pair.client, pair.server
    if closer == "server":
        one, other = other, one
    one.close()
    assert events_of(one) == [DtlsStateChanged(DtlsState.CLOSED, "closed by this side")]
    other.receive(one.transmits(), 0.0)
    assert events_of(other) == [
        DtlsStateChanged(DtlsState.CLOSED, "the other side closed the DTLS association")
    ]
    assert other.transmits(), "close_notify is answered (RFC 5246 section 7.2.1)"
    assert one.next_deadline() is other.next_deadline() is None


def test_data_before_close_notify_is_delivered() -> None:
    pair = connected_pair()
    datagrams = [payload for payload, _ in pair.client.send([b"last words"])]
    pair.client.close()
    datagrams += pair.client.transmits()
    assert pair.server.receive(datagrams, 0.0) == [b"last words"]
    assert pair.server.state is DtlsState.CLOSED


def test_records_after_the_close_are_ignored() -> None:
    pair = connected_pair()
    late = [payload for payload, _ in pair.client.send([b"late"])]
    pair.server.close()
    assert pair.server.receive(late, 0.0) == []
    assert pair.server.dropped == 1
    with pytest.raises(InvalidStateError, match="closed"):
        pair.server.send([b"more"])


def test_closing_again_does_nothing() -> None:
    pair = connected_pair()
    pair.client.close()
    pair.client.transmits()
    events_of(pair.client)
    pair.client.close()
    assert pair.client.transmits() == []
    assert events_of(pair.client) == []


def test_closing_before_the_start() -> None:
    transport = DtlsTransport(certificate(1))
    transport.close()
    assert transport.state is DtlsState.CLOSED
    assert transport.transmits() == []
    with pytest.raises(InvalidStateError):
        transport.start(client=True, remote_fingerprints=(), now=0.0)


def test_closing_during_the_handshake() -> None:
    pair = DtlsPair()
    pair.start()
    pair.step()
    pair.client.close()
    assert pair.client.state is DtlsState.CLOSED
    assert pair.client.next_deadline() is None


def test_a_failed_transport_stays_failed() -> None:
    transport = DtlsTransport(certificate(1))
    transport.start(client=True, remote_fingerprints=(), now=0.0)
    transport.close()
    assert transport.state is DtlsState.FAILED
