"""A numeric address and what it is good for."""

import pytest

from purertc.errors import ArgumentError
from purertc.wire.address import NumericHost, read_host

SCOPED = NumericHost("fe80::1%eth0", "fe80::1", 6, False, True, True, True)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("192.0.2.1", NumericHost("192.0.2.1", "192.0.2.1", 4, False, False, False, True)),
        ("2001:DB8:0::1", NumericHost("2001:db8::1", "2001:db8::1", 6, False, False, False, True)),
        ("fe80:0::1%eth0", SCOPED),
        ("169.254.1.1", NumericHost("169.254.1.1", "169.254.1.1", 4, False, True, False, True)),
        ("127.0.0.1", NumericHost("127.0.0.1", "127.0.0.1", 4, True, False, False, True)),
        ("::1", NumericHost("::1", "::1", 6, True, False, False, True)),
    ],
)
def test_where_it_works(host: str, expected: NumericHost) -> None:
    assert read_host(host) == expected


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "224.0.0.1", "ff02::1", "255.255.255.255", "::ffff:192.0.2.1"]
)
def test_no_candidate_has_it(host: str) -> None:
    assert not read_host(host).is_usable


@pytest.mark.parametrize("host", ["", "localhost", "192.0.2", "192.0.2.1:80", "2001:db8::%"])
def test_no_numeric_address(host: str) -> None:
    for _ in range(2):
        with pytest.raises(ArgumentError, match="no numeric IP address"):
            read_host(host)
