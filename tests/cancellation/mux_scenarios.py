"""What is cancelled while a shared port is open, and what must hold afterwards."""

import socket

from purertc import UdpMux
from tests.support.cancellation import Cancelling, Scenario
from tests.support.muxed import loopback_mux, muxed_pair, ping

__all__ = ["SCENARIOS"]


async def whole_life(cancelling: Cancelling) -> None:
    """``async with`` closes the mux wherever the cancellation comes, and its port is free."""
    made: list[UdpMux] = []
    bound: list[tuple[str, int]] = []

    async def live() -> None:
        async with loopback_mux() as mux:
            made.append(mux)
            bound.extend(mux.addresses)
            async with muxed_pair(mux) as pair:
                assert await ping(pair, "on a shared port") == "on a shared port"

    ended = await cancelling(live())
    assert ended.cancelled or made
    for mux in made:
        assert mux.is_closed
        assert (mux.addresses, mux.connection_count) == ([], 0)
    for address in bound:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(address)


SCENARIOS: dict[str, Scenario] = {
    "UdpMux.__aenter__": whole_life,
    "UdpMux.__aexit__": whole_life,
}
"""By the coroutine that is cancelled."""
