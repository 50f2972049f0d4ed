"""Names become addresses the same way on every runtime."""

import socket

import pytest

from purertc.runtime.resolving import addresses_of, look_up, numeric_addresses
from tests.support.all_runtimes import on_all_runtimes
from tests.support.runtimes import running, within


@on_all_runtimes
async def test_numeric_hosts_are_their_own_addresses() -> None:
    runtime = running()
    assert await within(runtime.resolve("192.0.2.7", 3478)) == [("192.0.2.7", 3478)]
    assert await within(runtime.resolve("2001:DB8::7", 3478)) == [("2001:db8::7", 3478)]


@on_all_runtimes
async def test_link_local_hosts_keep_their_scope() -> None:
    name = socket.if_indextoname(1)
    resolved = await within(running().resolve(f"fe80::1%{name}", 9))
    assert resolved == [(f"fe80::1%{name}", 9)]


@on_all_runtimes
async def test_a_name_has_each_address_once() -> None:
    addresses = await within(running().resolve("localhost", 80))
    assert addresses
    assert len(set(addresses)) == len(addresses)
    assert set(addresses) <= {("127.0.0.1", 80), ("::1", 80)}


@on_all_runtimes
@pytest.mark.parametrize("host", ["x" * 70, "a\0b", "a..b"])
async def test_what_is_no_name_is_not_found(host: str) -> None:
    with pytest.raises(socket.gaierror):
        await within(running().resolve(host, 80))


def test_answers_keep_their_order_without_duplicates() -> None:
    name = socket.if_indextoname(1)
    answers = [
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::2", 5, 0, 1)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.2", 5)),
        (socket.AF_INET, socket.SOCK_DGRAM, 17, "", ("192.0.2.2", 5)),
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2001:db8::2", 5, 0, 0)),
    ]
    assert addresses_of(answers) == [(f"fe80::2%{name}", 5), ("192.0.2.2", 5), ("2001:db8::2", 5)]


def test_a_scope_without_a_name_stays_a_number() -> None:
    answers = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::2", 5, 0, 999_999))]
    assert addresses_of(answers) == [("fe80::2%999999", 5)]


def test_blocking_look_ups() -> None:
    assert numeric_addresses("localhost", 80) == []
    assert numeric_addresses("::1", 80) == [("::1", 80)]
    assert look_up("127.0.0.1", 80) == [("127.0.0.1", 80)]
    with pytest.raises(socket.gaierror, match="is not a host name"):
        look_up("x" * 70, 80)
