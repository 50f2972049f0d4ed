"""One offer and one answer between two of ours settle the transport."""

from purertc.sansio.types import SdpType, SignalingState
from tests.support.negotiators import Side, exchange, fingerprints


def test_states_of_both_sides() -> None:
    a, b = Side(1), Side(2)
    a.set_local(a.offer())
    assert a.signaling() is SignalingState.HAVE_LOCAL_OFFER
    b.set_remote(a.local)
    assert b.signaling() is SignalingState.HAVE_REMOTE_OFFER
    b.set_local(b.answer())
    assert b.signaling() is SignalingState.STABLE
    a.set_remote(b.local)
    assert a.signaling() is SignalingState.STABLE


def test_both_sides_learn_what_they_need() -> None:
    a, b = Side(1), Side(2)
    at_offerer, at_answerer = exchange(a, b)
    for learned, other in ((at_offerer, b), (at_answerer, a)):
        assert learned.transport_ready
        assert learned.data_accepted
        assert learned.remote is not None
        assert learned.remote.ice == other.ice
        assert learned.remote.fingerprints == fingerprints(other.seed)
        assert learned.remote.sctp_port == 5000
        assert learned.remote.max_message_size == 262144
        assert learned.remote.trickle
        assert not learned.ice_restarted
        assert not learned.rolled_back


def test_the_answerer_opens_dtls_and_the_offerer_controls_ice() -> None:
    at_offerer, at_answerer = exchange(Side(1), Side(2))
    assert (at_offerer.dtls_client, at_answerer.dtls_client) == (False, True)
    assert (at_offerer.controlling, at_answerer.controlling) == (True, False)


def test_the_transport_is_not_ready_before_the_answer() -> None:
    a, b = Side(1), Side(2)
    offered = a.set_local(a.offer())
    assert (offered.transport_ready, offered.data_accepted) == (False, True)
    assert offered.remote is None
    assert offered.dtls_client is None
    assert offered.controlling
    received = b.set_remote(a.local)
    assert (received.transport_ready, received.data_accepted) == (False, True)
    assert received.remote is not None
    assert received.remote.ice == a.ice
    assert received.dtls_client is True
    assert not received.controlling


def test_pending_becomes_current() -> None:
    a, b = Side(1), Side(2)
    offer = a.offer()
    a.set_local(offer)
    assert a.negotiator.pending_local_description == offer
    assert a.negotiator.current_local_description is None
    b.set_remote(offer)
    assert b.negotiator.pending_remote_description == offer
    answer = b.answer()
    b.set_local(answer)
    a.set_remote(answer)
    for side, local, remote in ((a, offer, answer), (b, answer, offer)):
        it = side.negotiator
        assert (it.current_local_description, it.current_remote_description) == (local, remote)
        assert (it.local_description, it.remote_description) == (local, remote)
        assert (it.pending_local_description, it.pending_remote_description) == (None, None)
    assert offer.type is SdpType.OFFER
    assert answer.type is SdpType.ANSWER


def test_without_channels_nothing_is_negotiated() -> None:
    a, b = Side(1, data=False), Side(2)
    at_offerer, at_answerer = exchange(a, b)
    assert "m=" not in a.local.sdp
    assert "a=group" not in a.local.sdp
    assert not at_offerer.data_accepted
    assert not at_answerer.transport_ready
    assert b.negotiator.data_section is None
