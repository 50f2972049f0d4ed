"""An offer without a data section has no candidates to wait for."""

import pytest

from purertc.errors import InvalidStateError
from purertc.peer_connection import PeerConnection
from tests.support.runtimes import on_each_runtime, within


@on_each_runtime
async def test_waiting_for_candidates_says_what_to_do() -> None:
    async with PeerConnection() as pc:
        await pc.set_local_description()
        with pytest.raises(InvalidStateError, match="create_data_channel"):
            await within(pc.gathering_complete())


@on_each_runtime
async def test_a_channel_and_a_new_offer_mend_it() -> None:
    async with PeerConnection() as pc:
        await pc.set_local_description()
        pc.create_data_channel("late")
        await pc.set_local_description()
        assert "m=application" in (await within(pc.gathering_complete())).sdp
