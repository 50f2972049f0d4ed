"""A local description shows the candidates of its own ICE generation, and no others."""

from purertc.sansio.description import SessionDescription
from tests.support.negotiators import Side, credentials, exchange

HOST = "candidate:1 1 udp 2130706431 192.0.2.2 5000 typ host"
LATE = "candidate:2 1 udp 1694498815 198.51.100.2 6000 typ srflx raddr 192.0.2.2 rport 5000"
END = "a=end-of-candidates"


def restarting() -> Side:
    """One that has a restart offer open; frag1 is its old generation, frag3 the new one."""
    side, other = Side(1), Side(2)
    exchange(side, other)
    side.ice = credentials(3)
    side.set_local()
    return side


def current(side: Side) -> str:
    description = side.negotiator.current_local_description
    assert description is not None
    return description.sdp


def test_candidates_go_to_the_generation_they_name() -> None:
    side = restarting()
    assert side.negotiator.add_local_candidate(HOST, "frag3")
    assert side.negotiator.add_local_candidate(LATE, "frag1")
    assert side.negotiator.end_of_local_candidates("frag1")
    assert (HOST in side.local.sdp, LATE in side.local.sdp) == (True, False)
    assert (HOST in current(side), LATE in current(side)) == (False, True)
    assert (END in side.local.sdp, END in current(side)) == (False, True)


def test_without_a_name_they_go_to_the_latest() -> None:
    side = restarting()
    assert side.negotiator.add_local_candidate(HOST)
    assert side.negotiator.end_of_local_candidates()
    assert HOST in side.local.sdp
    assert END in side.local.sdp
    assert END not in current(side)


def test_the_default_destination_is_of_the_generation() -> None:
    side = restarting()
    side.negotiator.add_local_candidate(LATE, "frag1")
    assert "m=application 9 " in side.local.sdp
    assert "m=application 6000 " in current(side)


def test_those_of_a_generation_that_was_rolled_back_belong_nowhere() -> None:
    side = restarting()
    side.set_local(SessionDescription("rollback"))
    assert not side.negotiator.add_local_candidate(HOST, "frag3")
    assert not side.negotiator.end_of_local_candidates("frag3")
    assert HOST not in side.local.sdp
    assert END not in side.local.sdp


def test_those_of_a_generation_that_is_over_belong_nowhere() -> None:
    a, b = Side(1), Side(2)
    exchange(a, b)
    a.ice, b.ice = credentials(3), credentials(4)
    exchange(a, b)
    for side, old in ((a, "frag1"), (b, "frag2")):
        assert not side.negotiator.add_local_candidate(HOST, old)
        assert side.negotiator.add_local_candidate(HOST, side.ice.username_fragment)
        assert HOST in side.local.sdp


def test_the_old_generation_goes_on_while_a_remote_restart_waits() -> None:
    a, b = Side(1), Side(2)
    exchange(a, b)
    a.ice = credentials(3)
    a.set_local()
    b.set_remote(a.local)
    assert b.negotiator.add_local_candidate(LATE)
    assert LATE in current(b)
    b.ice = credentials(4)
    b.set_local()
    assert LATE not in b.local.sdp


def test_a_complete_offer_for_peers_that_do_not_trickle() -> None:
    """Half trickle (RFC 8838 section 16): the restart offer can be signalled when complete."""
    side = restarting()
    side.negotiator.add_local_candidate(HOST)
    side.negotiator.end_of_local_candidates()
    other = Side(2)
    remote = other.set_remote(side.local).remote
    assert remote is not None
    assert remote.candidates == (HOST,)
    assert remote.end_of_candidates
