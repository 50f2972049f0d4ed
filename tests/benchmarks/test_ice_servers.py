"""The STUN server of the set-up benchmark answers binding requests, and nothing else."""

from benchmarks.ice_servers import answer
from purertc.wire.stun import Attribute, MessageClass, StunMessage

SOURCE = ("192.0.2.7", 4321)


def test_a_binding_request_is_told_where_it_came_from() -> None:
    request = StunMessage(MessageClass.REQUEST, bytes(12))
    response = answer(request.to_bytes(), SOURCE)
    assert response is not None
    message = StunMessage.parse(response)
    assert message.message_class is MessageClass.SUCCESS
    assert message.xor_address(Attribute.XOR_MAPPED_ADDRESS) == SOURCE


def test_all_else_gets_no_answer() -> None:
    assert answer(b"hello", SOURCE) is None
    assert answer(StunMessage(MessageClass.INDICATION, bytes(12)).to_bytes(), SOURCE) is None
