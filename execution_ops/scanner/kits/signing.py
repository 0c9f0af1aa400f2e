"""Signing keys of operators. They are used and forgotten: nothing here stores, logs or shows one."""

from __future__ import annotations

import json

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner, SSlibKey

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.kits import PAYLOAD_TYPE
from execution_ops.domain.trust_keys import ECDSA_P256, ED25519, fingerprint

_PEM_MAX = 16_384


class SigningKey:
    """A private key, Ed25519 or ECDSA P-256. `fingerprint` and `algorithm` are those of its public key."""

    def __init__(self, key: Ed25519PrivateKey | EllipticCurvePrivateKey) -> None:
        public = key.public_key()
        self.fingerprint = fingerprint(public)
        self.algorithm = ED25519 if isinstance(key, Ed25519PrivateKey) else ECDSA_P256
        self._signer = CryptoSigner(key, SSlibKey.from_crypto(public, keyid=self.fingerprint))

    def envelope(self, statement: bytes) -> bytes:
        """A DSSE envelope that holds the statement and its signature, as JSON."""
        envelope = Envelope(statement, PAYLOAD_TYPE, {})
        envelope.sign(self._signer)
        return json.dumps(envelope.to_dict(), indent=2).encode() + b"\n"


def read_signing_key(pem: bytes, password: bytes | None = None) -> SigningKey:
    """The key in this PEM text (PKCS#8, or as OpenSSL writes them). InvalidInput says what is wrong with another."""
    if len(pem) > _PEM_MAX or b"-----BEGIN" not in pem:
        raise InvalidInput("The signing key is not a private key in PEM form.")
    try:
        key = load_pem_private_key(pem, password)
    except TypeError:
        wanted = "needs a password" if password is None else "has no password, and one was given"
        raise InvalidInput(f"The signing key {wanted}.") from None
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidInput("The signing key can't be read: it is no private key, or the password is wrong.") from None
    if isinstance(key, Ed25519PrivateKey) or (
        isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1)
    ):
        return SigningKey(key)
    raise InvalidInput("Signing keys are Ed25519 or ECDSA on the curve P-256. This one is of another kind.")
