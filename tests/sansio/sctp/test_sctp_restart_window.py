"""A restart of the peer does not change what the application owes to the receive window."""

from random import Random

from purertc.sansio.sctp import AssociationRestarted, AssociationState, SctpAssociation, SctpConfig
from tests.support.lossy_link import LossyLink
from tests.support.sctp_pair import SctpPair


def restart_left(pair: SctpPair) -> tuple[SctpAssociation, LossyLink]:
    """Replace the left side by one that knows nothing of the association."""
    reborn = SctpAssociation(SctpConfig(), Random(99).randbytes)
    link = LossyLink(reborn, pair.right.sctp)
    reborn.connect(link.now)
    assert link.run(5.0, lambda: reborn.state is AssociationState.ESTABLISHED)
    return reborn, link


def test_what_was_delivered_before_still_counts_until_it_is_read() -> None:
    pair = SctpPair().connect()
    pair.right.reading = False
    pair.left.sctp.send(1, 53, bytes(50_000), pair.now)
    pair.run_until_received(pair.right, 1, 5.0)
    receiver = pair.right.sctp._machines.receiver
    before = receiver.window()
    reborn, link = restart_left(pair)
    receiver = pair.right.sctp._machines.receiver
    assert receiver.window() == before
    reborn.send(1, 53, b"new", link.now)
    assert link.run(5.0, lambda: bool(pair.right.sctp.inbox))
    pair.right.reading = True
    pair.right.collect(link.now)
    assert receiver.window() == SctpConfig().receive_window


def test_the_event_tells_the_messages_of_both_lives_apart() -> None:
    pair = SctpPair().connect()
    pair.left.sctp.send(1, 53, b"old", pair.now)
    pair.left.sctp.send(1, 53, b"old too", pair.now)
    last_words = pair.left.sctp.packets(pair.now)
    pair.right.sctp.receive(last_words, pair.now)
    reborn, link = restart_left(pair)
    reborn.send(1, 53, b"new", link.now)
    assert link.run(5.0, lambda: len(pair.right.sctp.inbox) == 3)
    assert pair.right.sctp.next_event() == AssociationRestarted(earlier_messages=2)
