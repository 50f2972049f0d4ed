"""aioice's multicast DNS finds our names, and we find its."""

import asyncio
import socket

import dns.message
from aioice import mdns as foreign

from purertc.mdns import Announcer, resolve_local_name
from purertc.runtime.asyncio import AsyncioRuntime
from tests.support.multicast import needs_multicast_route, new_name

pytestmark = needs_multicast_route


async def test_it_finds_our_names() -> None:
    name = new_name()
    announcer = Announcer(AsyncioRuntime())
    announcer.announce(name, "192.0.2.7")
    protocol = await foreign.create_mdns_protocol()
    try:
        assert await protocol.resolve(name, timeout=5.0) == "192.0.2.7"
    finally:
        await protocol.close()
        announcer.close()


async def test_we_find_its_names() -> None:
    name = new_name()
    protocol = await foreign.create_mdns_protocol()
    try:
        await protocol.publish(name, "192.0.2.8")
        assert await resolve_local_name(AsyncioRuntime(), name) == ["192.0.2.8"]
    finally:
        await protocol.close()


async def test_an_ordinary_resolver_gets_an_ordinary_answer() -> None:
    """It asks from a port of its own and is answered there (RFC 6762 section 6.7)."""
    name = new_name()
    announcer = Announcer(AsyncioRuntime())
    announcer.announce(name, "192.0.2.7")
    await resolve_local_name(AsyncioRuntime(), name)
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        query = dns.message.make_query(name, "A")
        sock.sendto(query.to_wire(), ("224.0.0.251", 5353))
        answer = dns.message.from_wire(await asyncio.wait_for(loop.sock_recv(sock, 9000), 5.0))
    announcer.close()
    assert query.is_response(answer)
    assert [rdata.to_text() for rrset in answer.answer for rdata in rrset] == ["192.0.2.7"]
