"""Keys for tests, made anew: no key lies in the repository."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


def _public(key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def ed25519_pem() -> str:
    """A new Ed25519 public key."""
    return _public(ed25519.Ed25519PrivateKey.generate())


def p256_pem() -> str:
    """A new ECDSA public key on P-256."""
    return _public(ec.generate_private_key(ec.SECP256R1()))


def refused_pems() -> dict[str, str]:
    """What can't be trusted, by what is wrong with it."""
    private = ed25519.Ed25519PrivateKey.generate()
    return {
        "a private key": private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "RSA": _public(rsa.generate_private_key(public_exponent=65537, key_size=2048)),
        "another curve": _public(ec.generate_private_key(ec.SECP384R1())),
        "damaged": ed25519_pem().replace("MCow", "MCox"),
        "two keys": ed25519_pem() + ed25519_pem(),
        "no PEM": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5",
        "nothing": "",
    }
