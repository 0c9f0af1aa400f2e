"""Public keys that kits and logs are checked with: which are taken, and how they are told apart."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from execution_ops.domain.errors import InvalidInput

PEM_MAX = 4096
ED25519 = "ed25519"
ECDSA_P256 = "ecdsa-p256"
_BEGIN = "-----BEGIN "
TrustedKey = Ed25519PublicKey | EllipticCurvePublicKey


class PublicKey(NamedTuple):
    """A public key: `algorithm` is ed25519 or ecdsa-p256, `fingerprint` the SHA-256 of its SubjectPublicKeyInfo
    (DER) in hex, `pem` its canonical form, and `key` what verifies."""

    algorithm: str
    fingerprint: str
    pem: str
    key: TrustedKey


def fingerprint(key: TrustedKey) -> str:
    """The SHA-256 of the key's SubjectPublicKeyInfo (DER), in hex."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def read_public_key(pem: str) -> PublicKey:
    """The one public key in this PEM text. InvalidInput (field `pem`) says what is wrong with another text."""
    text = pem.strip()
    if len(text) > PEM_MAX:
        raise _refused(f"A key is at most {PEM_MAX:,} characters long.")
    if "PRIVATE KEY" in text:
        raise _refused("This is a private key. Keep it secret and give the public key that belongs to it.")
    if not text.startswith(_BEGIN) or text.count(_BEGIN) != 1 or not text.isascii():
        raise _refused("Give one public key in PEM form, from BEGIN PUBLIC KEY to END PUBLIC KEY.")
    try:
        key = load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise _refused("This is not a public key in PEM form, or it is damaged. Copy it again.") from None
    if isinstance(key, Ed25519PublicKey):
        algorithm = ED25519
    elif isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        algorithm = ECDSA_P256
    else:
        raise _refused("Keys are Ed25519 or ECDSA on the curve P-256. This one is of another kind.")
    canonical = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return PublicKey(algorithm, fingerprint(key), canonical, key)


def _refused(message: str) -> InvalidInput:
    return InvalidInput(message, field="pem")
