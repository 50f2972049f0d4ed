"""Names are looked up over real multicast, on every runtime."""

import asyncio
import socket

import pytest

from purertc import mdns
from purertc.mdns import Announcer, resolve_local_name
from purertc.mdns.service import MdnsService
from purertc.runtime.asyncio import AsyncioRuntime
from tests.support.multicast import needs_multicast, new_name
from tests.support.runtimes import (
    on_each_runtime,
    on_each_runtime_of_this_machine,
    open_sockets,
    other_tasks,
    running,
    sleep,
    start,
    together,
    turns,
    within,
)


async def announced(name: str, *hosts: str) -> Announcer:
    announcer = Announcer(running())
    for host in hosts:
        announcer.announce(name, host)
    while announcer._service is None:
        await sleep(0.005)
    return announcer


@needs_multicast
@on_each_runtime_of_this_machine
async def test_an_announced_name_is_found() -> None:
    name = new_name()
    announcer = await announced(name, "192.0.2.7")
    assert await within(resolve_local_name(running(), name)) == ["192.0.2.7"]
    announcer.close()


@needs_multicast
@on_each_runtime_of_this_machine
async def test_a_name_that_is_announced_late_is_found() -> None:
    name = new_name()
    lookup = start(resolve_local_name(running(), name.upper()))
    await sleep(0.05)
    announcer = await announced(name, "2001:db8::7")
    assert await lookup.result() == ["2001:db8::7"]
    announcer.close()


@on_each_runtime
async def test_a_name_that_nobody_has_is_not_found() -> None:
    assert await within(resolve_local_name(running(), new_name(), timeout=0.05)) == []


@needs_multicast
@on_each_runtime_of_this_machine
async def test_a_name_is_not_found_after_the_close() -> None:
    name = new_name()
    announcer = await announced(name, "192.0.2.7")
    announcer.close()
    announcer.close()
    announcer.announce(name, "192.0.2.7")
    assert await within(resolve_local_name(running(), name, timeout=0.3)) == []


@on_each_runtime
@pytest.mark.parametrize("name", ["a.b.local", "x" * 64 + ".local", "\0.local", "example.org"])
async def test_odd_names_are_refused_without_a_packet(name: str) -> None:
    with pytest.raises(socket.gaierror, match="no name of an mDNS candidate"):
        await resolve_local_name(running(), name)
    assert mdns._services == {}


@needs_multicast
@on_each_runtime_of_this_machine
async def test_lookups_share_one_service_and_leave_nothing() -> None:
    await resolve_local_name(running(), new_name(), timeout=0.01)
    await turns()
    sockets, tasks = open_sockets(), other_tasks()
    names = [new_name() for _ in range(3)] * 2
    waiting = [start(resolve_local_name(running(), name, timeout=0.2)) for name in names]
    await sleep(0.05)
    (service,) = mdns._services.values()
    assert service.users == 6
    assert open_sockets() - sockets == len(service._sockets)
    assert [await lookup.result() for lookup in waiting] == [[]] * 6
    await turns()
    assert mdns._services == {}
    assert (open_sockets(), other_tasks()) == (sockets, tasks)


@on_each_runtime_of_this_machine
async def test_a_cancelled_lookup_leaves_the_others_alone() -> None:
    name = new_name()
    gone = start(resolve_local_name(running(), name, timeout=20.0))
    stays = start(resolve_local_name(running(), name, timeout=0.2))
    await sleep(0.05)
    gone.cancel()
    assert await stays.result() == []
    await within(gone.ended())
    await turns()
    assert mdns._services == {}


@needs_multicast
@on_each_runtime_of_this_machine
async def test_link_local_answers_have_the_scope_of_their_interface() -> None:
    service = MdnsService(running())
    service.users = 1
    lookup = start(service.resolve(new_name(), 0.01))
    await lookup.result()
    interface = next(iter(service._sockets)).interface
    service.close()
    scope = socket.if_indextoname(interface)
    name = new_name()
    announcer = await announced(name, f"fe80::7%{scope}")
    assert await within(resolve_local_name(running(), name)) == [f"fe80::7%{scope}"]
    announcer.close()


@needs_multicast
@on_each_runtime_of_this_machine
async def test_many_names_at_once() -> None:
    names = {new_name(): f"192.0.2.{n}" for n in range(1, 31)}
    announcer = Announcer(running())
    for name, host in names.items():
        announcer.announce(name, host)
    found = await together(*(resolve_local_name(running(), name) for name in names))
    assert found == [[host] for host in names.values()]
    announcer.close()


@needs_multicast
async def test_the_runtimes_of_one_loop_share_a_service() -> None:
    lookups = [resolve_local_name(AsyncioRuntime(), new_name(), timeout=0.05) for _ in range(3)]
    waiting = [asyncio.ensure_future(each) for each in lookups]
    await asyncio.sleep(0.01)
    assert [service.users for service in mdns._services.values()] == [3]
    assert await asyncio.gather(*waiting) == [[]] * 3
    assert mdns._services == {}
