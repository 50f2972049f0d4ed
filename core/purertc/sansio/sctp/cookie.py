"""The signed state cookie of the handshake (RFC 9260 section 5.1.3)."""

import hmac
from struct import Struct
from typing import Final, NamedTuple

from purertc.errors import BadPacket
from purertc.sansio.entropy import Entropy

__all__ = ["CookieJar", "StateCookie"]

_FIELDS: Final = Struct("!dLLLLLHHLL????")
_SIGNATURE_SIZE: Final = 32


class StateCookie(NamedTuple):
    """What the side that answers an INIT must know when the COOKIE ECHO arrives."""

    created: float
    local_tag: int
    local_tsn: int
    peer_tag: int
    peer_tsn: int
    peer_window: int
    peer_outbound: int
    peer_inbound: int
    local_tie: int
    peer_tie: int
    forward_tsn: bool
    reconfig: bool
    zero_checksum: bool = False
    padding: bool = False


class CookieJar:
    """Seals and opens cookies with a key that nobody else has."""

    __slots__ = ("_key",)

    def __init__(self, entropy: Entropy) -> None:
        self._key = entropy(32)

    def seal(self, cookie: StateCookie) -> bytes:
        """Return the cookie with its HMAC-SHA256 signature."""
        fields = _FIELDS.pack(*cookie)
        return fields + hmac.digest(self._key, fields, "sha256")

    def open(self, data: bytes) -> StateCookie:
        """Check the signature and return the cookie; raises BadPacket."""
        fields, signature = data[:-_SIGNATURE_SIZE], data[-_SIGNATURE_SIZE:]
        if len(fields) != _FIELDS.size or not hmac.compare_digest(
            signature, hmac.digest(self._key, fields, "sha256")
        ):
            raise BadPacket("a state cookie that we did not make")
        return StateCookie(*_FIELDS.unpack(fields))
