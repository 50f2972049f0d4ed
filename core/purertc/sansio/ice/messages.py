"""The Binding messages of connectivity checks (RFC 8445 section 7.1, 7.3)."""

from purertc.sansio.ice.role import Role
from purertc.sansio.types import Address, IceParameters
from purertc.wire.stun import (
    Attribute,
    MessageClass,
    StunMessage,
    pack_error_code,
    pack_unknown_attributes,
    pack_xor_address,
)

__all__ = ["binding_error", "binding_request", "binding_success", "unknown_attributes_error"]


def binding_request(
    transaction_id: bytes,
    *,
    local: IceParameters,
    remote: IceParameters,
    role: Role,
    priority: int,
    nominate: bool,
) -> bytes:
    """Return a check, signed with the other side's password (RFC 8445 section 7.1.1)."""
    username = f"{remote.username_fragment}:{local.username_fragment}"
    attributes: dict[int, bytes] = {
        Attribute.USERNAME: username.encode(),
        Attribute.PRIORITY: priority.to_bytes(4, "big"),
        role.attribute(): role.tie_breaker.to_bytes(8, "big"),
    }
    if nominate:
        attributes[Attribute.USE_CANDIDATE] = b""
    request = StunMessage(MessageClass.REQUEST, transaction_id, attributes)
    return request.to_bytes(remote.password.encode())


def binding_success(request: StunMessage, source: Address, password: bytes) -> bytes:
    """Return the answer that tells the other side its address as seen from here."""
    attributes: dict[int, bytes] = {
        Attribute.XOR_MAPPED_ADDRESS: pack_xor_address(source, request.transaction_id)
    }
    response = StunMessage(MessageClass.SUCCESS, request.transaction_id, attributes)
    return response.to_bytes(password)


def binding_error(request: StunMessage, code: int, reason: str, password: bytes) -> bytes:
    """Return an error response to an authentic request."""
    attributes: dict[int, bytes] = {Attribute.ERROR_CODE: pack_error_code(code, reason)}
    response = StunMessage(MessageClass.ERROR, request.transaction_id, attributes)
    return response.to_bytes(password)


def unknown_attributes_error(
    request: StunMessage, kinds: tuple[int, ...], password: bytes
) -> bytes:
    """Return the error for attributes that must be understood (RFC 8489 section 6.3.1)."""
    attributes: dict[int, bytes] = {
        Attribute.ERROR_CODE: pack_error_code(420, "Unknown Attribute"),
        Attribute.UNKNOWN_ATTRIBUTES: pack_unknown_attributes(kinds),
    }
    response = StunMessage(MessageClass.ERROR, request.transaction_id, attributes)
    return response.to_bytes(password)
