"""Neither a mux nor its connections leave anything, however they end (no cyclic collection)."""

import logging
import warnings
from collections.abc import Iterator

import pytest

from purertc import PeerConnection, UdpMux
from tests.support.leftovers import Use, leftovers_of, leftovers_on_trio
from tests.support.loops import loop_factories
from tests.support.muxed import LOOPBACK, loopback_mux, muxed_pair, ping
from tests.support.runtimes import on_each_runtime_without_scope, open_sockets, turns
from tests.support.virtual_pairs import Echo, describe_to_each_other


@pytest.fixture(autouse=True)
def _no_logging() -> Iterator[None]:
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


async def close_all_then_the_mux() -> None:
    async with loopback_mux() as mux, muxed_pair(mux) as one, muxed_pair(mux) as two:
        assert await ping(one, "a") == await ping(two, "a")
        await one.served.close()


async def close_the_mux_first() -> None:
    async with loopback_mux() as mux, muxed_pair(mux) as pair:
        assert await ping(pair, "a") == "a"
        mux.close()
        assert mux.connection_count == 0


async def fail_to_bind() -> None:
    async with loopback_mux() as mux:
        taken = UdpMux(mux.addresses[0][1], addresses=["127.0.0.1"])
        with pytest.raises(OSError, match="no address of the UdpMux"):
            async with taken:
                raise AssertionError("it cannot be entered")


async def connect_to_nobody() -> None:
    async with loopback_mux() as mux, PeerConnection(udp_mux=mux) as pc:
        pc.create_data_channel("x")
        await pc.set_local_description()
        await pc.gathering_complete()
        assert mux.connection_count == 1


USES = (close_all_then_the_mux, close_the_mux_first, fail_to_bind, connect_to_nobody)


@pytest.mark.parametrize("loop_factory", loop_factories().values(), ids=loop_factories())
@pytest.mark.parametrize("use", USES)
def test_nothing_is_left(use: Use, loop_factory: object) -> None:
    assert leftovers_of(use, rounds=3, loop_factory=loop_factory) == {}  # type: ignore[arg-type]


@pytest.mark.parametrize("use", USES)
def test_nothing_is_left_on_trio(use: Use) -> None:
    assert leftovers_on_trio(use, rounds=3) == {}


@on_each_runtime_without_scope
async def test_a_mux_lives_as_long_as_its_connections_and_is_closed_when_dropped() -> None:
    before = open_sockets()
    pair = muxed_pair(loopback_mux())
    connected = await pair.__aenter__()
    assert await ping(connected, "a") == "a"
    await pair.__aexit__(None, None, None)
    with pytest.warns(ResourceWarning, match="UdpMux was dropped"):
        del pair, connected
    await turns()
    assert open_sockets() == before


@on_each_runtime_without_scope
async def test_dropped_connections_let_go_of_their_mux() -> None:
    before = open_sockets()
    mux = loopback_mux()
    client, served = PeerConnection(configuration=LOOPBACK), PeerConnection(Echo(), udp_mux=mux)
    client.create_data_channel("x")
    await describe_to_each_other(client, served)
    await served.connected()
    with pytest.warns(ResourceWarning, match="connection was dropped"):
        del served
    await turns()
    assert mux.connection_count == 0
    assert mux.addresses
    mux.close()
    await client.close()
    await turns()
    assert open_sockets() == before


def test_a_mux_that_was_never_bound_goes_silently() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loopback_mux()
