"""A transport is freed by reference counting alone, in whatever state it is dropped."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from purertc.sansio.dtls import DtlsState, DtlsTransport
from tests.support.dtls_pair import DtlsPair, certificate, connected_pair


@pytest.fixture(autouse=True)
def _no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def references(pair: DtlsPair) -> list[weakref.ref[object]]:
    """Weak references to both transports and, during the handshake, their OpenSSL connections."""
    kept: list[weakref.ref[object]] = []
    for transport in (pair.client, pair.server):
        kept.append(weakref.ref(transport))
        if transport._engine is not None:
            kept.append(weakref.ref(transport._engine._connection))
    return kept


def test_connected() -> None:
    pair = DtlsPair()
    pair.start()
    pair.step()
    during = references(pair)
    assert len(during) == 4
    pair.run()
    assert pair.client.state is pair.server.state is DtlsState.CONNECTED
    let_go = [reference() is None for reference in during]
    assert let_go == [False, True, False, True], "only the handshake needs the TLS library"
    del pair
    assert [reference() for reference in during] == [None] * 4


def test_closed() -> None:
    pair = connected_pair()
    kept = references(pair)
    pair.client.close()
    pair.server.receive(pair.client.transmits(), 0.0)
    del pair
    assert [reference() for reference in kept] == [None] * 2


def test_in_the_middle_of_the_handshake() -> None:
    pair = DtlsPair()
    pair.start()
    pair.step()
    kept = references(pair)
    del pair
    assert [reference() for reference in kept] == [None] * 4


def test_failed() -> None:
    client, server = DtlsTransport(certificate(1)), DtlsTransport(certificate(2))
    server.start(client=False, remote_fingerprints=certificate(1).fingerprints, now=0.0)
    client.start(client=True, remote_fingerprints=certificate(3).fingerprints, now=0.0)
    server.receive(client.transmits(), 0.0)
    client.receive(server.transmits(), 0.0)
    kept = [weakref.ref(client), weakref.ref(server)]
    del client, server
    assert [reference() for reference in kept] == [None, None]
