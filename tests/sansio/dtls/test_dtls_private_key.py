"""The private key is let go as soon as the handshake has it, and when there will be none."""

import gc
import weakref
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from purertc.sansio.dtls import Certificate, DtlsTransport
from tests.support.dtls_pair import certificate


@pytest.fixture(autouse=True)
def _no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def transport_with_own_key() -> tuple[DtlsTransport, weakref.ref[Certificate], bytes]:
    own = Certificate.generate(now_utc=datetime.now(UTC))
    return DtlsTransport(own), weakref.ref(own), own.der


@pytest.mark.parametrize("client", [True, False])
def test_after_the_start(client: bool) -> None:
    transport, own, der = transport_with_own_key()
    assert own() is not None
    transport.start(client=client, remote_fingerprints=certificate(1).fingerprints, now=0.0)
    assert own() is None
    assert transport.local_certificate == der


def test_when_closed_before_the_start() -> None:
    transport, own, der = transport_with_own_key()
    transport.close()
    assert own() is None
    assert transport.local_certificate == der


def test_when_it_cannot_start() -> None:
    transport, own, _ = transport_with_own_key()
    transport.start(client=True, remote_fingerprints=(), now=0.0)
    assert own() is None
