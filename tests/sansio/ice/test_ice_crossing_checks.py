"""Checks of both sides that cross: one each is enough, unless one of them is lost."""

from purertc.sansio.types import Transmit
from tests.support.ice_link import IceLink

A, B = ("192.0.2.1", 5000), ("192.0.2.2", 6000)
TA = 0.01


class ForgetfulLink(IceLink):
    """Loses the first datagram from A, as the router of B does that has not heard of A yet."""

    lost = False

    def _send(self, transmit: Transmit) -> None:
        if transmit.local == A and not self.lost:
            self.lost = True
        else:
            super()._send(transmit)


def test_one_check_of_each_side_and_the_nomination() -> None:
    link = IceLink(delay=0.0005)
    link.signal([A], [B])
    assert link.connect() < TA
    assert sorted(len(node.requests) for node in link.nodes) == [1, 2]


def test_a_check_that_was_lost_goes_again_after_ta() -> None:
    link = ForgetfulLink(delay=0.0005)
    link.signal([A], [B])
    assert link.connect() < 2 * TA
    assert link.lost


def test_a_check_is_triggered_at_once_when_the_last_one_left_long_ago() -> None:
    link = ForgetfulLink(delay=0.02)
    link.signal([A], [B])
    assert link.connect() < 0.02 * 5
    assert link.lost
