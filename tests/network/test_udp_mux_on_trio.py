"""Under trio a mux has a nursery: its own, or a given one, which may be cancelled."""

import pytest
import trio

from purertc import PeerConnection, UdpMux
from purertc.runtime.trio import TrioRuntime
from purertc.sansio.types import ConnectionState
from tests.support.muxed import LOOPBACK, loopback_mux, muxed_pair, ping
from tests.support.virtual_pairs import Echo, describe_to_each_other


def test_a_cancelled_nursery_closes_the_mux_and_its_connections() -> None:
    connections: list[PeerConnection] = []

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            runtime = TrioRuntime(nursery)
            mux = UdpMux(addresses=["127.0.0.1"], runtime=runtime)
            client = PeerConnection(configuration=LOOPBACK, runtime=runtime)
            served = PeerConnection(Echo(), runtime=runtime, udp_mux=mux)
            client.create_data_channel("x")
            await describe_to_each_other(client, served)
            await served.connected()
            connections.extend((client, served))
            nursery.cancel_scope.cancel()
        assert mux.addresses == []
        assert mux.connection_count == 0
        mux.close()

    trio.run(main)
    assert [pc.connection_state for pc in connections] == [ConnectionState.CLOSED] * 2


def test_an_own_nursery_ends_with_the_mux() -> None:
    async def main() -> None:
        before = trio.lowlevel.current_statistics().tasks_living
        async with loopback_mux() as mux, muxed_pair(mux) as pair:
            assert await ping(pair, "a") == "a"
        assert trio.lowlevel.current_statistics().tasks_living == before

    trio.run(main)


def test_without_a_nursery_there_are_no_candidates_and_it_is_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        mux = loopback_mux()
        async with PeerConnection(udp_mux=mux) as pc:
            pc.create_data_channel("x")
            await pc.set_local_description()
            description = await pc.gathering_complete()
            assert "a=candidate" not in description.sdp
        assert mux.addresses == []

    trio.run(main)
    assert "async with" in caplog.text
