"""Making, storing and reading certificates."""

import hashlib
import random
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from purertc.errors import ArgumentError
from purertc.sansio.dtls import Certificate
from tests.support.dtls_pair import TODAY, certificate


def test_it_is_valid_from_yesterday_for_a_month() -> None:
    made = Certificate.generate(now_utc=TODAY)
    assert made.expires == TODAY + timedelta(days=30)
    assert made.x509.not_valid_before_utc == TODAY - timedelta(days=1)


def test_it_is_self_signed_with_p256() -> None:
    made = Certificate.generate(now_utc=TODAY)
    assert isinstance(made.private_key, ec.EllipticCurvePrivateKey)
    assert made.private_key.curve.name == "secp256r1"
    made.x509.verify_directly_issued_by(made.x509)


def test_names_are_random() -> None:
    one, two = (Certificate.generate(now_utc=TODAY) for _ in range(2))
    assert one.x509.subject != two.x509.subject
    assert one.x509.serial_number != two.x509.serial_number


def test_entropy_decides_serial_number_and_name_but_not_the_key() -> None:
    one, two = (
        Certificate.generate(now_utc=TODAY, entropy=random.Random(1).randbytes) for _ in range(2)
    )
    assert one.x509.subject == two.x509.subject
    assert one.x509.serial_number == two.x509.serial_number
    assert one.x509.public_key() != two.x509.public_key()


def test_entropy_of_zeros_still_gives_a_certificate() -> None:
    assert Certificate.generate(now_utc=TODAY, entropy=bytes).x509.serial_number == 1


def test_fingerprints_are_upper_case_hex_of_three_hashes() -> None:
    made = certificate(1)
    assert [item.algorithm for item in made.fingerprints] == ["sha-256", "sha-384", "sha-512"]
    digest = hashlib.sha256(made.der).digest()
    assert made.fingerprints[0].value == ":".join(f"{byte:02X}" for byte in digest)


def test_pem_text_brings_it_back() -> None:
    made = certificate(1)
    read = Certificate.from_pem(made.to_pem())
    assert read.der == made.der
    assert read.private_key.public_key() == made.private_key.public_key()


def without_key() -> str:
    text = certificate(1).to_pem()
    return text[text.index("-----BEGIN CERTIFICATE") :]


def with_other_key() -> str:
    text = certificate(2).to_pem()
    return text[: text.index("-----BEGIN CERTIFICATE")] + without_key()


def with_ed25519_key() -> str:
    key = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return key.decode() + without_key()


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", without_key(),
     with_other_key(), with_ed25519_key(), certificate(1).to_pem()[:300]],
)  # fmt: skip
def test_what_cannot_be_used_is_refused(text: str) -> None:
    with pytest.raises(ArgumentError):
        Certificate.from_pem(text)
