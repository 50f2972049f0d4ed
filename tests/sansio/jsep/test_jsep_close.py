"""After close nothing can be negotiated, and the descriptions stay readable."""

import pytest

from purertc.errors import InvalidStateError
from purertc.sansio.types import SignalingState
from tests.support.negotiators import Side, exchange
from tests.support.remote_sdp import offer


def test_commands_are_refused() -> None:
    a, b = Side(1), Side(2)
    exchange(a, b)
    local = a.local
    a.negotiator.close()
    a.negotiator.close()
    assert a.negotiator.signaling_state is SignalingState.CLOSED
    with pytest.raises(InvalidStateError, match="closed"):
        a.offer()
    with pytest.raises(InvalidStateError, match="closed"):
        a.answer()
    with pytest.raises(InvalidStateError, match="closed"):
        a.set_local()
    with pytest.raises(InvalidStateError, match="closed"):
        a.set_remote(offer())
    with pytest.raises(InvalidStateError, match="closed"):
        a.negotiator.candidate_section(sdp_mid="0", sdp_m_line_index=0, username_fragment=None)
    assert a.local == local
