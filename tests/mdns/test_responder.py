"""When names are announced, and who is answered how (RFC 6762 sections 6 and 8.3)."""

from purertc.mdns.records import HostRecord, Link, MdnsMessage, Question
from purertc.mdns.responder import Reply, Responder

NAME = "one.local"
ETH, WLAN = Link(2, v6=False), Link(3, v6=False)
SOMEBODY = ("192.0.2.9", 5353)
RECORD = HostRecord(NAME, "192.0.2.1", 120)


def query(*questions: Question, known: tuple[HostRecord, ...] = (), id: int = 0) -> MdnsMessage:
    return MdnsMessage(id, False, questions, known)


def announced() -> Responder:
    """Return a responder whose announcements, at 0 and 1 seconds, are sent."""
    responder = Responder()
    responder.add(NAME, "192.0.2.1", None, 0.0)
    assert responder.due(0.0) == [Reply((RECORD,))]
    assert responder.next_deadline() == 1.0
    assert responder.due(1.0) == [Reply((RECORD,))]
    assert responder.next_deadline() is None
    return responder


def test_a_name_is_announced_twice() -> None:
    announced()


def test_a_question_is_answered_for_everybody() -> None:
    responder = announced()
    assert responder.answer(query(Question(NAME)), SOMEBODY, ETH, 5.0) == [Reply((RECORD,), ETH)]


def test_a_unicast_answer_goes_to_who_asked() -> None:
    replies = announced().answer(query(Question(NAME, unicast=True)), SOMEBODY, ETH, 5.0)
    assert replies == [Reply((RECORD,), ETH, destination=SOMEBODY)]


def test_what_was_not_multicast_for_long_goes_to_everybody() -> None:
    replies = announced().answer(query(Question(NAME, unicast=True)), SOMEBODY, ETH, 32.0)
    assert replies == [Reply((RECORD,), ETH)]


def test_an_ordinary_resolver_is_answered_in_its_way() -> None:
    message = query(Question(NAME), id=7)
    (reply,) = announced().answer(message, ("192.0.2.9", 40000), ETH, 5.0)
    assert reply == Reply(
        (HostRecord(NAME, "192.0.2.1", 10),), ETH, None, ("192.0.2.9", 40000), message
    )


def test_questions_about_others_are_left_alone() -> None:
    responder = announced()
    assert responder.answer(query(Question("two.local")), SOMEBODY, ETH, 5.0) == []
    assert responder.answer(query(Question("two.local")), ("192.0.2.9", 4000), ETH, 5.0) == []


def test_a_question_for_the_other_kind_has_no_answer() -> None:
    assert announced().answer(query(Question(NAME, v4=False)), SOMEBODY, ETH, 5.0) == []


def test_who_knows_is_not_told() -> None:
    responder = announced()
    assert responder.answer(query(Question(NAME), known=(RECORD,)), SOMEBODY, ETH, 5.0) == []
    nearly_gone = HostRecord(NAME, "192.0.2.1", 59)
    assert responder.answer(query(Question(NAME), known=(nearly_gone,)), SOMEBODY, ETH, 5.0)


def test_a_link_hears_one_response_a_second_and_all_are_answered() -> None:
    responder = announced()
    ask = query(Question(NAME))
    assert responder.answer(ask, SOMEBODY, ETH, 5.0)
    assert responder.answer(ask, SOMEBODY, ETH, 5.1) == []
    assert responder.answer(ask, SOMEBODY, ETH, 5.2) == []
    assert responder.answer(ask, SOMEBODY, WLAN, 5.2)
    assert responder.next_deadline() == 6.0
    assert responder.due(6.0) == [Reply((RECORD,), ETH)]
    assert responder.due(6.1) == []
    assert responder.answer(ask, SOMEBODY, ETH, 7.0)


def test_link_local_addresses_stay_on_their_link() -> None:
    responder = Responder()
    responder.add(NAME, "fe80::1", ETH.interface, 0.0)
    record = HostRecord(NAME, "fe80::1", 120)
    assert responder.due(0.0) == [Reply((record,), interface=ETH.interface)]
    assert responder.answer(query(Question(NAME)), SOMEBODY, WLAN, 5.0) == []
    assert responder.answer(query(Question(NAME)), SOMEBODY, ETH, 5.0) == [Reply((record,), ETH)]


def test_the_last_one_to_leave_says_goodbye() -> None:
    responder = announced()
    responder.add(NAME, "192.0.2.1", None, 5.0)
    assert responder.remove(NAME, "192.0.2.1", None) == []
    goodbye = Reply((HostRecord(NAME, "192.0.2.1", 0),))
    assert responder.remove(NAME, "192.0.2.1", None) == [goodbye]
    assert responder.remove(NAME, "192.0.2.1", None) == []
    assert not responder
    assert responder.next_deadline() is None


def test_a_name_may_have_several_addresses() -> None:
    responder = announced()
    responder.add(NAME, "2001:db8::1", None, 5.0)
    (reply,) = responder.answer(query(Question(NAME)), SOMEBODY, ETH, 5.0)
    assert [record.host for record in reply.records] == ["192.0.2.1", "2001:db8::1"]
    assert responder.remove(NAME, "192.0.2.1", None)
    assert responder
