"""The signed statement of a kit: an in-toto statement in a DSSE envelope, made and checked with securesystemslib."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import Signature, SSlibKey

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.kits import (
    MANIFEST,
    PAYLOAD,
    PAYLOAD_TYPE,
    PREDICATE_TYPE,
    STATEMENT,
    STATEMENT_TYPE,
    ExitCode,
    KitManifest,
    Signer,
)
from execution_ops.domain.scanner_settings import TrustKey
from execution_ops.domain.trust_keys import read_public_key
from execution_ops.scanner.kits.failures import KitRefused
from execution_ops.scanner.kits.strict_json import Malformed, read_model

_SIGNATURES_MAX = 8
_REBUILD = "Ask who made the kit to build and sign it anew."
_HOSTILE = "Do not use this kit. Ask who made it and which way it came."
_Word = Annotated[str, Field(max_length=1000)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Signature(_Part):
    keyid: str = Field("", max_length=256)
    sig: str = Field(max_length=4096)


class _Envelope(_Part):
    payload: str
    payload_type: str = Field(alias="payloadType")
    signatures: tuple[_Signature, ...] = Field(max_length=_SIGNATURES_MAX)


class _Subject(_Part):
    name: _Word
    digest: dict[_Word, _Word]


class _Feed(_Part):
    name: _Word
    snapshot_date: _Word = ""
    archive_digest: _Word = ""


class _Predicate(_Part):
    offline_manifest_sha256: _Word
    feeds: tuple[_Feed, ...] = Field((), max_length=1000)
    builder: _Word
    created_at: _Word
    oukit_channel: _Word


class _Statement(_Part):
    type: str = Field(alias="_type")
    predicate_type: str = Field(alias="predicateType")
    subject: tuple[_Subject, ...] = Field(max_length=16)
    predicate: _Predicate


class Attested(NamedTuple):
    """A statement whose signature held: who signed it, who built the kit, and the bytes that were signed."""

    signer: Signer
    builder: str
    payload: bytes


def refused(category: str, found: str, advice: str) -> KitRefused:
    """The statement does not vouch for this kit."""
    return KitRefused(ExitCode.DSSE, f"dsse:{category}", found, advice)


def check_statement(data: bytes, manifest: KitManifest, manifest_sha256: str, trust: Sequence[TrustKey]) -> Attested:
    """Who vouches for this kit: one of the keys in `trust`, all of which count. KitRefused (DSSE) if nobody does."""
    if not trust:
        advice = "Add the public key of the kit's builder to the trust roots in the scanner's settings."
        raise refused("no-trust-root", "No trust root for kits is enabled.", advice)
    try:
        outer = read_model(_Envelope, data)
        payload = _decoded(outer.payload)
        signatures = [(one.keyid, _decoded(one.sig)) for one in outer.signatures]
    except Malformed as error:
        raise refused("malformed", f"{STATEMENT} is no envelope. {error}", _REBUILD) from None
    if outer.payload_type != PAYLOAD_TYPE:
        found = f"The envelope holds {outer.payload_type[:100]!r}, not {PAYLOAD_TYPE!r}."
        raise refused("payload-type", found, _REBUILD)
    key = _signer(payload, signatures, trust)
    builder = _about_this_kit(payload, manifest, manifest_sha256)
    return Attested(Signer(name=key.name, fingerprint=key.fingerprint), builder, payload)


def _decoded(text: str) -> bytes:
    """Base64 in either alphabet, as the DSSE protocol asks of readers."""
    try:
        return base64.b64decode(text, altchars=b"-_" if {"-", "_"} & set(text) else None, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("A part of it is not base64.") from None


def _signer(payload: bytes, signatures: Sequence[tuple[str, bytes]], trust: Sequence[TrustKey]) -> TrustKey:
    if not signatures:
        raise refused("unsigned", "The envelope has no signature.", _HOSTILE)
    for keyid, signature in signatures:
        # A key id is a hint that nobody vouches for. The key that it names is tried first, then every other.
        for key in sorted(trust, key=lambda key: key.fingerprint != keyid):
            if _holds(payload, keyid, signature, key):
                return key
    named = {key.fingerprint: key.name for key in trust}
    for keyid, _ in signatures:
        if keyid in named:
            found = f"The signature does not hold, though it names the trust root {named[keyid]!r}."
            raise refused("invalid", found, _HOSTILE)
    ids = ", ".join(keyid[:64] or "a key without id" for keyid, _ in signatures)
    found = f"It is signed with {ids}, and with none of the {len(trust)} enabled trust roots."
    advice = (
        "Add the builder's public key to the trust roots if you got it on a way that you trust; otherwise don't use it."
    )
    raise refused("untrusted", found, advice)


def _holds(payload: bytes, keyid: str, signature: bytes, key: TrustKey) -> bool:
    try:
        public = read_public_key(key.pem)
    except InvalidInput:
        # A trust root that was stored by other means than the settings page vouches for nothing.
        return False
    # The library compares ids before it compares signatures, so the key goes by the id that the signature gives it.
    name = keyid or key.fingerprint
    envelope = Envelope(payload, PAYLOAD_TYPE, {name: Signature(name, signature.hex())})
    try:
        envelope.verify([SSlibKey.from_crypto(public.key, keyid=name)], 1)
    except UnverifiedSignatureError:
        return False
    return True


def _about_this_kit(payload: bytes, manifest: KitManifest, manifest_sha256: str) -> str:
    try:
        statement = read_model(_Statement, payload)
    except Malformed as error:
        raise refused("statement", f"What is signed is no in-toto statement of a kit. {error}", _REBUILD) from None
    if statement.type != STATEMENT_TYPE or statement.predicate_type != PREDICATE_TYPE:
        found = f"What is signed is a {statement.predicate_type[:200]!r} of type {statement.type[:200]!r}."
        raise refused("predicate", found, f"A kit has a {PREDICATE_TYPE}. {_REBUILD}")
    digests: dict[str, str] = {}
    for subject in statement.subject:
        if digests.setdefault(subject.name, subject.digest.get("sha256", "")) != subject.digest.get("sha256", ""):
            raise refused("subject", f"The statement has two digests of {subject.name!r}.", _HOSTILE)
    expected = {MANIFEST: manifest_sha256, PAYLOAD: manifest.payload_sha256}
    for name, sha256 in expected.items():
        if digests.get(name) != sha256:
            raise refused("subject", f"The statement is of another kit: it does not vouch for this {name}.", _HOSTILE)
    if statement.predicate.offline_manifest_sha256 != manifest_sha256:
        raise refused("subject", "The statement's predicate names another manifest.", _HOSTILE)
    channel = statement.predicate.oukit_channel
    if channel != manifest.channel:
        found = f"The statement is of the channel {channel[:50]!r}, not {manifest.channel.value!r}."
        raise refused("channel", found, _REBUILD)
    return statement.predicate.builder
