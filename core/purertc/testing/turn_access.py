"""Who may use a simulated TURN server: challenges, nonces, keys (RFC 8489 section 9.2)."""

import base64
from collections.abc import Callable
from random import Random

from purertc.wire.stun import Attribute, MessageClass, StunMessage, pack_error_code
from purertc.wire.stun_credentials import (
    PasswordAlgorithm,
    SecurityFeatures,
    long_term_key,
    pack_password_algorithms,
    user_hash,
)

__all__ = ["TurnAccess", "TurnRefusal"]

_OFFERED = pack_password_algorithms((PasswordAlgorithm.SHA256, PasswordAlgorithm.MD5))
_CHOSEN = pack_password_algorithms((PasswordAlgorithm.SHA256,))


class TurnRefusal(Exception):  # it is an answer, not an error of the server
    """A request is answered with an error."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class TurnAccess:
    """One user with a password in a realm. With ``sha256`` it offers what RFC 8489 added."""

    def __init__(
        self,
        username: str,
        password: str,
        realm: str,
        random: Random,
        *,
        now: Callable[[], float],
        nonce_lifetime: float | None,
        sha256: bool,
    ) -> None:
        self.username = username
        self.password = password
        self.realm = realm
        self.nonce_lifetime = nonce_lifetime
        self.sha256 = sha256
        self._random = random
        self._now = now
        self._nonces: dict[bytes, float] = {}

    def expire_nonces(self) -> None:
        """Make all nonces stale that were given out so far."""
        self._nonces.clear()

    def challenge(self, request: StunMessage, *, wrong_realm: bool) -> StunMessage | None:
        """Return what to answer to a request that does not prove who sent it; else None."""
        attributes = request.attributes
        realm, nonce = attributes.get(Attribute.REALM), attributes.get(Attribute.NONCE, b"")
        key = self.key_of(request)
        if realm is None or not (wrong_realm or realm == self.realm.encode()):
            return self._refuse(request, 401, "Unauthorized", wrong_realm=wrong_realm)
        if not self._is_user(request) or not request.has_integrity(key, sha256=self.sha256):
            return self._refuse(request, 401, "Unauthorized", wrong_realm=wrong_realm)
        since = self._nonces.get(nonce)
        age = None if since is None else self._now() - since
        if age is None or (self.nonce_lifetime is not None and age >= self.nonce_lifetime):
            return self._refuse(request, 438, "Stale Nonce", wrong_realm=wrong_realm)
        return None

    def key_of(self, request: StunMessage) -> bytes:
        """Return the key that a request is to be signed with, and its answer."""
        has_chosen = request.attributes.get(Attribute.PASSWORD_ALGORITHM) == _CHOSEN
        algorithm = PasswordAlgorithm.SHA256 if has_chosen else PasswordAlgorithm.MD5
        return long_term_key(self.username, self.realm.encode(), self.password, algorithm)

    def _is_user(self, request: StunMessage) -> bool:
        if self.sha256:
            expected = user_hash(self.username, self.realm.encode())
            return request.attributes.get(Attribute.USERHASH) == expected
        return request.attributes.get(Attribute.USERNAME) == self.username.encode()

    def _refuse(
        self, request: StunMessage, code: int, reason: str, *, wrong_realm: bool
    ) -> StunMessage:
        realm = "elsewhere.test" if wrong_realm else self.realm
        attributes: dict[int, bytes] = {
            Attribute.ERROR_CODE: pack_error_code(code, reason),
            Attribute.REALM: realm.encode(),
            Attribute.NONCE: self._new_nonce(),
        }
        if self.sha256:
            attributes[Attribute.PASSWORD_ALGORITHMS] = _OFFERED
        return StunMessage(MessageClass.ERROR, request.transaction_id, attributes, request.method)

    def _new_nonce(self) -> bytes:
        nonce = self._random.randbytes(8).hex().encode()
        if self.sha256:
            bits = SecurityFeatures.PASSWORD_ALGORITHMS | SecurityFeatures.USERNAME_ANONYMITY
            nonce = b"obMatJos2" + base64.b64encode(bits.to_bytes(3, "big")) + nonce
        self._nonces[nonce] = self._now()
        return nonce
