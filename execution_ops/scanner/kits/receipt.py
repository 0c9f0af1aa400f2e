"""The receipt of a transparency log, checked offline: inclusion proof (RFC 6962) and signed checkpoint (note).

A receipt says that the log holds an entry; the entry names the statement by its digest; the checkpoint, signed by a log
whose key is trusted, names the root of the tree that the proof leads to.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from typing import Annotated, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from pydantic import BaseModel, ConfigDict, Field

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.kits import RECEIPT, SHA256_PATTERN, ExitCode
from execution_ops.domain.scanner_settings import TrustKey
from execution_ops.domain.trust_keys import read_public_key
from execution_ops.scanner.kits.failures import KitRefused
from execution_ops.scanner.kits.strict_json import Malformed, read_model

_AGAIN = "Get the receipt of this kit from its log, or leave it out: it is optional."
_HOSTILE = "Do not use this kit. Ask who made it and which way it came."
_SIGNATURES_MAX = 16
_LOG_SIZE_MAX = 1 << 62
_Hash = Annotated[str, Field(pattern=SHA256_PATTERN)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Receipt(_Part):
    # The id of the log's tree may come before the hash of the leaf.
    uuid: str = Field(pattern=r"^([0-9a-f]{16})?[0-9a-f]{64}$")
    index: int = Field(alias="logIndex", ge=0, le=_LOG_SIZE_MAX)
    size: int = Field(alias="treeSize", ge=1, le=_LOG_SIZE_MAX)
    root: _Hash = Field(alias="rootHash")
    hashes: tuple[_Hash, ...] = Field(max_length=64)
    checkpoint: str = Field(max_length=16_384)
    body: str


class _Digest(_Part):
    algorithm: str
    value: str


class _Content(_Part):
    payload: _Digest | None = Field(None, alias="payloadHash")


class _Spec(_Part):
    payload: _Digest | None = Field(None, alias="payloadHash")
    content: _Content | None = None


class _Entry(_Part):
    """The body of an entry of kind `dsse`, which names the digest at its top, or `intoto`, in its content."""

    kind: str
    spec: _Spec


class Logged(NamedTuple):
    """An entry that is in a trusted log: the log's own name, the trust root that signed, and where the entry is."""

    origin: str
    key: str
    place: int
    size: int


def refused(category: str, found: str, advice: str) -> KitRefused:
    """The receipt proves nothing about this kit."""
    return KitRefused(ExitCode.REKOR, f"rekor:{category}", found, advice)


def check_receipt(data: bytes, statement: bytes, trust: Sequence[TrustKey]) -> Logged:
    """Where the log holds the entry of this `statement` (the bytes that were signed). KitRefused (REKOR) if it does
    not, or if no key in `trust`, all of which count, signed the checkpoint."""
    if not trust:
        advice = "Add the log's public key to the trust roots in the scanner's settings, or leave the receipt out."
        raise refused("no-trust-root", "The kit has a receipt, and no key of a log is enabled to check it.", advice)
    try:
        receipt = read_model(_Receipt, data)
        body = _decoded(receipt.body)
        entry = read_model(_Entry, body)
    except Malformed as error:
        raise refused("malformed", f"{RECEIPT} can't be read. {error}", _AGAIN) from None
    if hashlib.sha256(statement).hexdigest() != _names(entry):
        raise refused("other-kit", "The receipt is of another statement, not of this kit's.", _AGAIN)
    leaf = hashlib.sha256(b"\0" + body).digest()
    if not receipt.uuid.endswith(leaf.hex()):
        raise refused("uuid", "The receipt's uuid is not that of its entry.", _AGAIN)
    proof = [bytes.fromhex(one) for one in receipt.hashes]
    if root_of(leaf, receipt.index, receipt.size, proof) != bytes.fromhex(receipt.root):
        raise refused("proof", "The inclusion proof does not lead to the receipt's root.", _HOSTILE)
    origin, key = _check_checkpoint(receipt, trust)
    return Logged(origin, key, receipt.index, receipt.size)


def _names(entry: _Entry) -> str:
    payload = entry.spec.payload
    if entry.kind == "intoto" and entry.spec.content is not None:
        payload = entry.spec.content.payload
    known = entry.kind in {"dsse", "intoto"} and payload is not None and payload.algorithm == "sha256"
    return payload.value if known and payload is not None else ""


def root_of(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root of a tree of `size` leaves that has `leaf` at `index`, by this proof (RFC 9162, section 2.1.3.2).

    None if the proof has not the length that one of such a leaf has.
    """
    if index >= size:
        return None
    at, last = index, size - 1
    root = leaf
    for one in proof:
        if last == 0:
            return None
        if at & 1 or at == last:
            root = hashlib.sha256(b"\1" + one + root).digest()
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            root = hashlib.sha256(b"\1" + root + one).digest()
        at, last = at >> 1, last >> 1
    return root if last == 0 else None


def _check_checkpoint(receipt: _Receipt, trust: Sequence[TrustKey]) -> tuple[str, str]:
    text, separator, signatures = receipt.checkpoint.partition("\n\n")
    lines = text.split("\n")
    if not separator or len(lines) < 3 or not lines[0]:
        raise refused("checkpoint", "The checkpoint is no signed note.", _AGAIN)
    # A tree of this size has one root only, so both are compared as they are written.
    root = base64.b64encode(bytes.fromhex(receipt.root)).decode()
    if lines[1] != str(receipt.size) or lines[2] != root:
        raise refused("checkpoint", "The checkpoint is of another tree than the proof.", _AGAIN)
    signed = (text + "\n").encode()
    for line in signatures.splitlines()[:_SIGNATURES_MAX]:
        signature = _signature(line)
        for key in trust:
            if signature and _holds(signed, signature, key):
                return lines[0], key.name
    raise refused("untrusted", f"The checkpoint is signed by none of the {len(trust)} trusted logs.", _HOSTILE)


def _signature(line: str) -> bytes:
    """The signature in a line `— name base64`; its first four bytes are a hint to the key."""
    dash, _, rest = line.partition(" ")
    _, _, encoded = rest.rpartition(" ")
    try:
        return _decoded(encoded)[4:] if dash == "—" else b""
    except Malformed:
        return b""


def _holds(signed: bytes, signature: bytes, trusted: TrustKey) -> bool:
    try:
        key = read_public_key(trusted.pem).key
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, signed)
        else:
            key.verify(signature, signed, ECDSA(SHA256()))
    except (InvalidSignature, InvalidInput):
        return False
    return True


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("A part of it is not base64.") from None
