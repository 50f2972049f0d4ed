"""Checks and answers made by hand, authentic or not."""

from purertc.sansio.types import Address, IceParameters
from purertc.wire.stun import Attribute, MessageClass, StunMessage, pack_xor_address


def check(
    sender: IceParameters,
    receiver: IceParameters,
    number: int = 0,
    *,
    controlling: bool = False,
    nominate: bool = False,
    priority: int = 1,
    signed_with: str | None = None,
) -> bytes:
    """Return the check with transaction id ``number``; ``signed_with`` is a wrong password."""
    attributes: dict[int, bytes] = {
        Attribute.USERNAME: f"{receiver.username_fragment}:{sender.username_fragment}".encode(),
        Attribute.PRIORITY: priority.to_bytes(4, "big"),
        Attribute.ICE_CONTROLLING if controlling else Attribute.ICE_CONTROLLED: bytes(8),
    }
    if nominate:
        attributes[Attribute.USE_CANDIDATE] = b""
    request = StunMessage(MessageClass.REQUEST, number.to_bytes(12, "big"), attributes)
    return request.to_bytes((signed_with or receiver.password).encode())


def answer(request: bytes, mapped: Address, parameters: IceParameters) -> bytes:
    """Return the success response to ``request`` of an agent with these parameters."""
    transaction_id = StunMessage.parse(request).transaction_id
    attributes: dict[int, bytes] = {
        Attribute.XOR_MAPPED_ADDRESS: pack_xor_address(mapped, transaction_id)
    }
    response = StunMessage(MessageClass.SUCCESS, transaction_id, attributes)
    return response.to_bytes(parameters.password.encode())


def is_nomination(datagram: bytes) -> bool:
    """Whether a check says USE-CANDIDATE."""
    message = StunMessage.parse(datagram)
    return (
        message.message_class is MessageClass.REQUEST
        and Attribute.USE_CANDIDATE in message.attributes
    )
