"""The requests of a TURN client, and what a server grants (RFC 8656 sections 7 to 12)."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final, Literal

from purertc.errors import BadPacket
from purertc.sansio.turn.channels import Channel
from purertc.sansio.turn.config import TurnConfig
from purertc.sansio.turn.permissions import Permission
from purertc.sansio.turn.requests import Purpose, Subject
from purertc.sansio.types import Address
from purertc.wire.stun import (
    ALLOCATE,
    CHANNEL_BIND,
    CREATE_PERMISSION,
    REFRESH,
    Attribute,
    MessageClass,
    StunMessage,
    pack_xor_address,
)
from purertc.wire.turn import REQUEST_UDP, AddressFamily, pack_channel_number, pack_family

__all__ = ["METHODS", "Family", "Grant", "read_grant", "read_lifetime", "request_message"]

Family = Literal[4, 6]

METHODS: Final = {
    Purpose.ALLOCATE: ALLOCATE,
    Purpose.REFRESH: REFRESH,
    Purpose.RELEASE: REFRESH,
    Purpose.PERMISSION: CREATE_PERMISSION,
    Purpose.CHANNEL: CHANNEL_BIND,
}


@dataclass(frozen=True, slots=True)
class Grant:
    """What a server gave: a relayed address, ours as it sees it, and for how many seconds."""

    relayed: Address
    mapped: Address | None
    lifetime: int


def request_message(
    purpose: Purpose, subject: Subject, transaction_id: bytes, family: Family, config: TurnConfig
) -> StunMessage:
    """Return a request that is not signed yet."""
    attributes: dict[int, bytes] = {}
    if isinstance(subject, Channel):
        attributes[Attribute.CHANNEL_NUMBER] = pack_channel_number(subject.number)
        attributes[Attribute.XOR_PEER_ADDRESS] = pack_xor_address(subject.peer, transaction_id)
    elif isinstance(subject, Permission):
        # RFC 8656 section 9.1: the port is ignored.
        peer = pack_xor_address((subject.host, 0), transaction_id)
        attributes[Attribute.XOR_PEER_ADDRESS] = peer
    elif purpose is Purpose.RELEASE:
        attributes[Attribute.LIFETIME] = bytes(4)
    elif config.lifetime is not None:
        attributes[Attribute.LIFETIME] = config.lifetime.to_bytes(4, "big")
    if purpose is Purpose.ALLOCATE:
        attributes[Attribute.REQUESTED_TRANSPORT] = REQUEST_UDP
        if family == 6:
            attributes[Attribute.REQUESTED_ADDRESS_FAMILY] = pack_family(AddressFamily.IPV6)
    return StunMessage(MessageClass.REQUEST, transaction_id, attributes, METHODS[purpose])


def read_lifetime(message: StunMessage) -> int:
    """Return LIFETIME in seconds. Raises BadPacket when it is missing or malformed."""
    lifetime = message.unsigned(Attribute.LIFETIME, 4)
    if lifetime is None:
        raise BadPacket("the server did not say for how long")
    return lifetime


def read_grant(message: StunMessage, family: Family) -> Grant:
    """Return what an Allocate success response grants (RFC 8656 section 7.3).

    coturn that refused one family before, on the same 5-tuple, names an empty address of that
    family beside the granted one. Raises BadPacket when it is no usable grant of ``family``.
    """
    addresses = message.relayed_addresses()
    if not addresses:
        raise BadPacket("the server named no relayed address")
    hosts = [ip_address(host) for host, _ in addresses]
    versions = [host.version for host in hosts]
    if family not in versions:
        raise BadPacket(f"the server gave an IPv{versions[0]} address instead of IPv{family}")
    relayed, host = addresses[versions.index(family)], hosts[versions.index(family)]
    if host.is_unspecified or host.is_multicast or not relayed[1]:
        raise BadPacket(f"the server gave the impossible address {relayed[0]} port {relayed[1]}")
    lifetime = read_lifetime(message)
    if not lifetime:
        raise BadPacket("the server gave an address for no time at all")
    return Grant(relayed, message.mapped_address(), lifetime)
