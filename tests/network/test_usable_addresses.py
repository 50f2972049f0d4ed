"""Which addresses of the machine may become sockets."""

import logging

import ifaddr
import pytest

from purertc.interfaces import RecentAddresses, interface_addresses
from purertc.network import ThisMachine, usable_addresses
from purertc.runtime.interface_address import InterfaceAddress
from purertc.sansio.network_settings import NetworkSettings

Address = str | tuple[str, int, int]


def use(monkeypatch: pytest.MonkeyPatch, **interfaces: list[Address]) -> None:
    found = [
        ifaddr.Adapter(name, name, [ifaddr.IP(each, 24, name) for each in addresses])
        for name, addresses in interfaces.items()
    ]
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: found)


def usable(settings: NetworkSettings, include_loopback: bool | None = None) -> list[str]:
    found = usable_addresses(ThisMachine(), settings, include_loopback)
    return [address.host for address in found]


def test_an_address_is_known_with_its_interface_and_only_link_local_ones_with_a_scope(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use(
        monkeypatch,
        eth0=["192.0.2.7", ("2001:db8::7", 0, 2), ("fe80::1", 0, 2), "192.0.2.7"],
        lo=["127.0.0.1", ("::1", 0, 1)],
    )
    assert interface_addresses() == [
        InterfaceAddress("192.0.2.7", "eth0"),
        InterfaceAddress("2001:db8::7", "eth0"),
        InterfaceAddress("fe80::1", "eth0", 2),
        InterfaceAddress("127.0.0.1", "lo"),
        InterfaceAddress("::1", "lo"),
    ]


@pytest.mark.parametrize("host", ["fec0::1", "::ffff:192.0.2.1", "::192.0.2.1", "::", "ff02::1"])
def test_some_ipv6_addresses_are_never_used(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    use(monkeypatch, eth0=[(host, 0, 0)])
    assert interface_addresses() == []


def test_addresses_are_looked_up_at_most_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    time = 100.0
    recent = RecentAddresses(lambda: time)
    use(monkeypatch, eth0=["192.0.2.7"])
    assert recent.get() == [InterfaceAddress("192.0.2.7", "eth0")]
    use(monkeypatch, eth0=["192.0.2.8"])
    time = 100.9
    assert recent.get() == [InterfaceAddress("192.0.2.7", "eth0")]
    time = 101.0
    assert recent.get() == [InterfaceAddress("192.0.2.8", "eth0")]


@pytest.mark.parametrize(
    ("include", "expected"),
    [(None, ["192.0.2.7"]), (True, ["192.0.2.7", "127.0.0.1"]), (False, ["192.0.2.7"])],
)
def test_loopback_is_added_when_asked_for(
    monkeypatch: pytest.MonkeyPatch, include: bool | None, expected: list[str]
) -> None:
    use(monkeypatch, lo=["127.0.0.1"], eth0=["192.0.2.7"])
    assert usable(NetworkSettings(), include) == expected


@pytest.mark.parametrize(("include", "expected"), [(None, ["127.0.0.1"]), (False, [])])
def test_loopback_steps_in_when_there_is_nothing_else(
    monkeypatch: pytest.MonkeyPatch, include: bool | None, expected: list[str]
) -> None:
    use(monkeypatch, lo=["127.0.0.1"])
    assert usable(NetworkSettings(), include) == expected


def test_the_interface_filter_sees_names(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, eth0=["192.0.2.7"], docker0=["172.17.0.1"], lo=["127.0.0.1"])
    settings = NetworkSettings(interface_filter=lambda name: not name.startswith("docker"))
    assert usable(settings) == ["192.0.2.7"]


def test_the_address_filter_sees_numeric_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, eth0=["192.0.2.7", ("fe80::1", 0, 2)], lo=["127.0.0.1"])
    seen: list[str] = []

    def keep(address: str) -> bool:
        seen.append(address)
        return address == "fe80::1"

    assert usable(NetworkSettings(address_filter=keep), include_loopback=True) == ["fe80::1"]
    assert seen == ["192.0.2.7", "fe80::1", "127.0.0.1"]


@pytest.mark.parametrize("which", ["interface_filter", "address_filter"])
def test_a_filter_that_raises_costs_that_address_and_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, which: str
) -> None:
    use(monkeypatch, eth0=["192.0.2.7"], tun1=["10.8.0.2"], lo=["127.0.0.1"])

    def refuse(value: str) -> bool:
        if value in ("tun1", "10.8.0.2"):
            raise LookupError("no such thing")
        return True

    settings = NetworkSettings(**{which: refuse})  # type: ignore[arg-type]  # one of two names
    with caplog.at_level(logging.ERROR, logger="purertc.network"):
        assert usable(settings) == ["192.0.2.7"]
    (record,) = caplog.records
    assert which in record.getMessage()
    assert "left out" in record.getMessage()
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], LookupError)
