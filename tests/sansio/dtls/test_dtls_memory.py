"""A transport is freed by reference counting alone, in whatever state it is dropped."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from purertc.sansio.dtls import DtlsState, DtlsTransport
from tests.support.dtls_pair import DtlsPair, certificate, connected_pair
from tests.support.lifetimes import Newcomers


@pytest.fixture(autouse=True)
def _no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def openssl_connections(pair: DtlsPair) -> list[weakref.ref[object]]:
    """Weak references to what both have of OpenSSL during the handshake."""
    engines = [pair.client._engine, pair.server._engine]
    return [weakref.ref(engine._connection) for engine in engines if engine is not None]


def test_connected() -> None:
    transports = Newcomers(DtlsTransport)
    pair = DtlsPair()
    pair.start()
    pair.step()
    during = openssl_connections(pair)
    assert len(during) == 2
    pair.run()
    assert pair.client.state is pair.server.state is DtlsState.CONNECTED
    assert [reference() for reference in during] == [None, None], "only the handshake needs them"
    assert transports.count() == 2
    del pair
    assert transports.count() == 0


def test_closed() -> None:
    transports = Newcomers(DtlsTransport)
    pair = connected_pair()
    pair.client.close()
    pair.server.receive(pair.client.transmits(), 0.0)
    assert transports.count() == 2
    del pair
    assert transports.count() == 0


def test_in_the_middle_of_the_handshake() -> None:
    transports = Newcomers(DtlsTransport)
    pair = DtlsPair()
    pair.start()
    pair.step()
    kept = openssl_connections(pair)
    assert transports.count() == len(kept) == 2
    del pair
    assert [reference() for reference in kept] == [None, None]
    assert transports.count() == 0


def test_failed() -> None:
    transports = Newcomers(DtlsTransport)
    client, server = DtlsTransport(certificate(1)), DtlsTransport(certificate(2))
    server.start(client=False, remote_fingerprints=certificate(1).fingerprints, now=0.0)
    client.start(client=True, remote_fingerprints=certificate(3).fingerprints, now=0.0)
    server.receive(client.transmits(), 0.0)
    client.receive(server.transmits(), 0.0)
    assert transports.count() == 2
    del client, server
    assert transports.count() == 0
