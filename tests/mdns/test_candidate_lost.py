"""Where multicast does not work, a name has no address; nothing else goes wrong."""

import asyncio
import errno
import logging
import socket
from collections.abc import Callable

import pytest

from purertc import mdns
from purertc.errors import ArgumentError
from purertc.mdns import Announcer, resolve_local_name, sockets
from purertc.mdns.records import Link
from purertc.mdns.service import MdnsService
from purertc.runtime.asyncio import AsyncioRuntime
from tests.support.multicast import new_name
from tests.support.runtimes import (
    on_each_runtime,
    on_each_runtime_of_this_machine,
    running,
    sleep,
    start,
    within,
)

ERRORS = [errno.ENODEV, errno.EADDRINUSE, errno.EACCES, errno.EPERM, errno.ENOPROTOOPT]


def refusing(code: int) -> Callable[[Link, str], socket.socket]:
    def refuse(link: Link, host: str) -> socket.socket:
        raise OSError(code, "refused")

    return refuse


@on_each_runtime_of_this_machine
@pytest.mark.parametrize("code", ERRORS)
async def test_without_sockets_a_lookup_ends_at_once(code: int) -> None:
    service = MdnsService(running(), refusing(code))
    assert await within(service.resolve(new_name(), 100.0)) == []
    service.announce(new_name(), "192.0.2.1", None)
    service.close()


@on_each_runtime_of_this_machine
async def test_sockets_that_cannot_send_are_no_error() -> None:
    def unconnected(link: Link, host: str) -> socket.socket:
        """Return a socket that the network refuses everything: the group is not reachable."""
        sock = socket.socket(socket.AF_INET6 if link.v6 else socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("::1" if link.v6 else "127.0.0.1", 0))
        return sock

    service = MdnsService(running(), unconnected)
    name = new_name()
    service.announce(name, "192.0.2.1", None)
    assert await within(service.resolve(new_name(), 0.02)) == []
    service.withdraw(name, "192.0.2.1", None)
    service.close()


@on_each_runtime_of_this_machine
async def test_a_socket_that_dies_is_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("purertc.mdns.service._SCAN_INTERVAL", 0.0)
    service = MdnsService(running())
    await within(service.resolve(new_name(), 0.01))
    before = dict(service._sockets)
    for link in before:
        service._on_error(link, OSError(errno.ENETDOWN, "gone"))
        service._on_error(link, OSError(errno.ENETDOWN, "gone"))
    assert service._sockets == {}
    await within(service.resolve(new_name(), 0.01))
    assert service._sockets.keys() == before.keys()
    service.close()


@on_each_runtime_of_this_machine
async def test_a_destination_without_a_route_costs_no_socket() -> None:
    service = MdnsService(running())
    await within(service.resolve(new_name(), 0.01))
    before = dict(service._sockets)
    for link in before:
        service._on_error(link, OSError(errno.ENETUNREACH, "no route"))
    assert service._sockets == before
    service.close()


@on_each_runtime_of_this_machine
async def test_sockets_follow_the_interfaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("purertc.mdns.service._SCAN_INTERVAL", 0.0)
    eth, wlan = Link(2, v6=False), Link(3, v6=False)
    present: dict[Link, str] = {eth: "127.0.0.2"}
    monkeypatch.setattr("purertc.mdns.service.multicast_links", lambda: (dict(present), {}))
    service = MdnsService(running(), bound)
    seen = []
    for change in ({}, {wlan: "127.0.0.3"}, {eth: "127.0.0.4"}):
        present |= change
        await within(service.resolve(new_name(), 0.01))
        seen.append({link: sock.local[0] for link, sock in service._sockets.items()})
    del present[wlan]
    await within(service.resolve(new_name(), 0.01))
    seen.append({link: sock.local[0] for link, sock in service._sockets.items()})
    assert seen == [
        {eth: "127.0.0.2"},
        {eth: "127.0.0.2", wlan: "127.0.0.3"},
        {eth: "127.0.0.4", wlan: "127.0.0.3"},
        {eth: "127.0.0.4"},
    ]
    service.close()


def bound(link: Link, host: str) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((host, 0))
    return sock


def test_an_announcer_may_be_closed_after_its_loop() -> None:
    async def announced() -> Announcer:
        announcer = Announcer(AsyncioRuntime())
        announcer.announce(new_name(), "192.0.2.1")
        await asyncio.sleep(0.2)
        assert announcer._service is not None
        return announcer

    announcer = asyncio.run(announced())
    announcer.close()
    assert mdns._services == {}


@on_each_runtime_of_this_machine
async def test_a_close_wakes_who_waits() -> None:
    service = MdnsService(running())
    waiting = start(service.resolve(new_name(), 100.0))
    await sleep(0.02)
    service.close()
    assert await waiting.result() == []


def test_interfaces_that_refuse_are_told_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "purertc.mdns")
    assert (
        list(
            sockets.open_sockets(({Link(2, v6=False): "192.0.2.1"}, {}), (), refusing(errno.ENODEV))
        )
        == []
    )
    assert "no multicast DNS on" in caplog.text


def test_without_other_interfaces_loopback_is_used() -> None:
    ordinary, loopback = {Link(2, v6=False): "192.0.2.1"}, {Link(1, v6=False): "127.0.0.1"}
    links = (ordinary, loopback)

    def only(host: str) -> Callable[[Link, str], socket.socket]:
        def open_one(link: Link, given: str) -> socket.socket:
            if given != host:
                raise OSError(errno.ENODEV, "refused")
            return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

        return open_one

    for host, link in (("192.0.2.1", Link(2, v6=False)), ("127.0.0.1", Link(1, v6=False))):
        opened = dict(sockets.open_sockets(links, (), only(host)))
        assert list(opened) == [link]
        opened[link].close()
    assert list(sockets.open_sockets(links, ordinary, only("127.0.0.1"))) == []


@on_each_runtime
@pytest.mark.parametrize(
    ("name", "host"),
    [("a.b.local", "192.0.2.1"), ("a.local", "example.org"), ("a.local", ""), ("", "192.0.2.1")],
)
async def test_announcing_nonsense_is_the_callers_mistake(name: str, host: str) -> None:
    announcer = Announcer(running())
    with pytest.raises(ArgumentError, match="cannot announce"):
        announcer.announce(name, host)
    announcer.close()


@on_each_runtime
async def test_an_address_of_a_lost_interface_is_not_announced() -> None:
    announcer = Announcer(running())
    announcer.announce(new_name(), "fe80::1%nosuchinterface0")
    await sleep(0.01)
    announcer.close()
    assert mdns._services == {}


@on_each_runtime
async def test_an_announcer_that_is_closed_at_once_leaves_nothing() -> None:
    announcer = Announcer(running())
    announcer.announce(new_name(), "192.0.2.1")
    announcer.close()
    await sleep(0.02)
    assert mdns._services == {}


@on_each_runtime
async def test_an_announcer_that_announced_nothing_may_be_closed() -> None:
    Announcer(running()).close()


@on_each_runtime
async def test_a_lookup_ends_in_time() -> None:
    runtime = running()
    begun = runtime.now()
    assert await resolve_local_name(runtime, new_name(), timeout=0.1) == []
    assert runtime.now() - begun < 5.0
