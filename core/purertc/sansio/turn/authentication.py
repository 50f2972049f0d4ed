"""Proving who we are to a server, and checking its answers (RFC 8489 section 9.2)."""

from typing import Final

from purertc.errors import BadPacket
from purertc.sansio.turn.config import TurnCredentials
from purertc.wire.stun import Attribute, StunMessage
from purertc.wire.stun_credentials import (
    PasswordAlgorithm,
    SecurityFeatures,
    long_term_key,
    pack_password_algorithms,
    read_password_algorithms,
    security_features,
    user_hash,
)

__all__ = ["Authentication"]

_LONGEST: Final = 763
"""Bytes that REALM and NONCE may have (RFC 8489 sections 14.9 and 14.10)."""
_KNOWN_ALGORITHMS: Final = tuple(PasswordAlgorithm)


class Authentication:
    """The credentials with what the server's challenge added to them."""

    __slots__ = ("_attributes", "_credentials", "_key", "_realm", "_sha256")

    def __init__(self, credentials: TurnCredentials) -> None:
        self._credentials = credentials
        self._realm: bytes | None = None
        self._key: bytes | None = None
        self._sha256 = False
        self._attributes: dict[int, bytes] = {}

    @property
    def is_challenged(self) -> bool:
        """Whether requests can be signed."""
        return self._key is not None

    def take_challenge(self, message: StunMessage) -> bool:
        """Learn realm, nonce and algorithms from a 401 or 438; return whether the realm is new.

        Raises BadPacket, and keeps what was known, when they are missing or cannot be met.
        """
        realm = message.attributes.get(Attribute.REALM, self._realm)
        nonce = message.attributes.get(Attribute.NONCE)
        if realm is None or nonce is None or len(realm) > _LONGEST or len(nonce) > _LONGEST:
            raise BadPacket("the server's challenge has no proper REALM and NONCE")
        features = security_features(nonce)
        offered = message.attributes.get(Attribute.PASSWORD_ALGORITHMS)
        if offered is None and features & SecurityFeatures.PASSWORD_ALGORITHMS:
            raise BadPacket("somebody took PASSWORD-ALGORITHMS out of the server's challenge")
        algorithm = PasswordAlgorithm.MD5 if offered is None else _first_known(offered)
        attributes = {int(Attribute.REALM): realm, int(Attribute.NONCE): nonce}
        if offered is not None:
            attributes[Attribute.PASSWORD_ALGORITHMS] = offered
            attributes[Attribute.PASSWORD_ALGORITHM] = pack_password_algorithms((algorithm,))
        username, password = self._credentials.username, self._credentials.password
        if features & SecurityFeatures.USERNAME_ANONYMITY:
            attributes[Attribute.USERHASH] = user_hash(username, realm)
        else:
            attributes[Attribute.USERNAME] = username.encode()
        is_new = realm != self._realm
        self._realm, self._attributes = realm, attributes
        self._sha256 = offered is not None
        self._key = long_term_key(username, realm, password, algorithm)
        return is_new

    def sign(self, message: StunMessage) -> bytes:
        """Return a request's bytes, signed once there was a challenge."""
        if self._key is not None:
            message.attributes.update(self._attributes)
        return message.to_bytes(self._key, sha256=self._sha256)

    def proves(self, message: StunMessage) -> bool:
        """Return whether an answer was made by someone who knows the password."""
        return self._key is not None and message.has_integrity(self._key, sha256=self._sha256)


def _first_known(offered: bytes) -> PasswordAlgorithm:
    for number in read_password_algorithms(offered):
        if number in _KNOWN_ALGORITHMS:
            return PasswordAlgorithm(number)
    raise BadPacket("the server offers no password algorithm that is known here")
