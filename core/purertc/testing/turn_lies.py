"""What a simulated TURN server may say although it is not so."""

from enum import StrEnum

from purertc.wire.stun import ALLOCATE, REFRESH, Attribute, MessageClass, StunMessage
from purertc.wire.stun import pack_xor_address as xor_address

__all__ = ["TurnLie", "bend_answer", "bend_bytes"]


class TurnLie(StrEnum):
    """One way not to tell the truth."""

    ATTRIBUTE_LENGTH = "attribute length"
    """An attribute of each answer claims to be longer than the message."""
    CHANNEL_LENGTH = "channel length"
    """ChannelData claims to be longer than it is."""
    WRONG_INTEGRITY = "wrong integrity"
    """Answers are signed with another password."""
    WRONG_REALM = "wrong realm"
    """The realm of challenges is not the one that the keys are made with."""
    NO_RELAYED_ADDRESS = "no relayed address"
    """An allocation succeeds, but where it is nobody knows."""
    SHORT_ADDRESS = "short address"
    """The relayed address has three bytes."""
    NOWHERE = "nowhere"
    """The relayed address is 0.0.0.0."""
    WRONG_FAMILY = "wrong family"
    """The relayed address is of the other family."""
    NO_TIME = "no time"
    """Allocations are granted for 0 seconds."""
    ENDLESS = "endless"
    """Allocations are granted for 136 years."""
    UNKNOWN_TRANSACTION = "unknown transaction"
    """Answers are to requests that nobody sent."""


_LENGTH_OFFSET = 22
_LIFETIMES = {TurnLie.NO_TIME: 0, TurnLie.ENDLESS: 0xFFFFFFFF}


def bend_answer(answer: StunMessage, lie: TurnLie | None) -> None:
    """Change an answer before it is signed."""
    if lie is TurnLie.UNKNOWN_TRANSACTION:
        answer.transaction_id = bytes(reversed(answer.transaction_id))
    if answer.message_class is not MessageClass.SUCCESS:
        return
    if lie in _LIFETIMES and answer.method in (ALLOCATE, REFRESH):
        answer.attributes[Attribute.LIFETIME] = _LIFETIMES[lie].to_bytes(4, "big")
    relayed = answer.attributes.get(Attribute.XOR_RELAYED_ADDRESS)
    if relayed is None:
        return
    if lie is TurnLie.NO_RELAYED_ADDRESS:
        del answer.attributes[Attribute.XOR_RELAYED_ADDRESS]
    elif lie is TurnLie.SHORT_ADDRESS:
        answer.attributes[Attribute.XOR_RELAYED_ADDRESS] = relayed[:3]
    elif lie is TurnLie.NOWHERE:
        answer.attributes[Attribute.XOR_RELAYED_ADDRESS] = xor_address(
            ("0.0.0.0", 49999),  # noqa: S104  # nothing is bound
            answer.transaction_id,
        )
    elif lie is TurnLie.WRONG_FAMILY:
        host = "2001:db8::bad" if relayed[1] == 1 else "198.51.100.99"
        answer.attributes[Attribute.XOR_RELAYED_ADDRESS] = xor_address(
            (host, 49999), answer.transaction_id
        )


def bend_bytes(data: bytes, lie: TurnLie | None) -> bytes:
    """Change what goes out, a STUN message or ChannelData."""
    if data[0] >= 0x40:
        return data[:2] + b"\x40\x00" + data[4:] if lie is TurnLie.CHANNEL_LENGTH else data
    if lie is TurnLie.ATTRIBUTE_LENGTH:
        return data[:_LENGTH_OFFSET] + b"\x7f\xff" + data[_LENGTH_OFFSET + 2 :]
    return data
