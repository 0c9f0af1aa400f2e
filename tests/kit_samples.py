"""Offline kits for tests, made without the code of the product, piece by piece, so that each can be hostile."""

from __future__ import annotations

import base64
import hashlib
import json
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import zstandard
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from execution_ops.domain.kits import Check, KitReport
from execution_ops.domain.scanner_settings import TrustKey, TrustUse
from execution_ops.domain.trust_keys import read_public_key
from execution_ops.scanner.kits.steps import Limits
from execution_ops.scanner.kits.verify import LIMITS, verify

PrivateKey = Ed25519PrivateKey | EllipticCurvePrivateKey
BUILDER = Ed25519PrivateKey.from_private_bytes(b"builder of kits, for tests only!")
CURVE_BUILDER = derive_private_key(20261114, SECP256R1())
STRANGER = Ed25519PrivateKey.from_private_bytes(b"somebody that nobody here trusts")
LOG = derive_private_key(9162, SECP256R1())
NOTE_LOG = Ed25519PrivateKey.from_private_bytes(b"a log that signs notes, in tests")
FILES = {"baselines/1.cdx.json": b'{"bomFormat": "CycloneDX"}', "analyzers.json": b'{"disabled": []}'}
CREATED = "2026-11-14T07:52:00.000Z"
PREDICATE = "https://stella-ops.org/attestations/offline-update/1"
IN_TOTO = "application/vnd.in-toto+json"


def pem(key: PrivateKey) -> str:
    """The public key that belongs to it."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def trusted(key: PrivateKey, use: TrustUse = TrustUse.KIT, *, name: str = "ops-kit", enabled: bool = True) -> TrustKey:
    """The key as a trust root."""
    public = read_public_key(pem(key))
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return TrustKey(
        name=name,
        use=use,
        pem=public.pem,
        fingerprint=public.fingerprint,
        algorithm=public.algorithm,
        enabled=enabled,
        added_at=at,
    )


TRUST = (trusted(BUILDER), trusted(LOG, TrustUse.LOG, name="rekor"))


def sha256(data: bytes) -> str:
    """In hex."""
    return hashlib.sha256(data).hexdigest()


def sign(key: PrivateKey, data: bytes) -> bytes:
    """As DSSE and checkpoints do."""
    return key.sign(data) if isinstance(key, Ed25519PrivateKey) else key.sign(data, ECDSA(SHA256()))


def member(name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = "", size: int = -1) -> bytes:
    """A member of a tar, as it stands in the archive; `size` may lie."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    info.size = len(content) if size < 0 else size
    return info.tobuf(tarfile.GNU_FORMAT) + content + bytes(-len(content) % 512)


def archive(*members: bytes, end: bytes = bytes(1024)) -> bytes:
    """A tar of these members."""
    return b"".join(members) + end


def packed(tar: bytes, **options: Any) -> bytes:
    """Compressed with zstd."""
    return zstandard.ZstdCompressor(write_checksum=True, **options).compress(tar)


def envelope(payload: bytes, keys: Sequence[PrivateKey] = (BUILDER,), payload_type: str = IN_TOTO) -> dict[str, Any]:
    """A DSSE envelope."""
    pae = b"DSSEv1 %d %b %d %b" % (len(payload_type), payload_type.encode(), len(payload), payload)
    signatures = [
        {"keyid": read_public_key(pem(key)).fingerprint, "sig": base64.b64encode(sign(key, pae)).decode()}
        for key in keys
    ]
    return {"payload": base64.b64encode(payload).decode(), "payloadType": payload_type, "signatures": signatures}


def _same(document: dict[str, Any]) -> dict[str, Any]:
    return document


@dataclass
class Recipe:
    """How to make a kit. What is None follows from the rest; each document can be changed before what vouches for it
    is made, so that a kit can be signed and hostile at once."""

    files: Mapping[str, bytes] = field(default_factory=lambda: dict(FILES))
    version: str = "2026.11.14"
    tar: bytes | None = None
    payload: bytes | None = None
    manifest: Callable[[dict[str, Any]], Any] = _same
    manifest_bytes: bytes | None = None
    statement: Callable[[dict[str, Any]], Any] = _same
    envelope: Callable[[dict[str, Any]], Any] = _same
    keys: Sequence[PrivateKey] = (BUILDER,)
    payload_type: str = IN_TOTO
    checksum: bool = True

    def parts(self) -> dict[str, bytes]:
        """The files of the kit."""
        tar = archive(*(member(name, data) for name, data in self.files.items())) if self.tar is None else self.tar
        payload = packed(tar) if self.payload is None else self.payload
        manifest = self.manifest_bytes
        if manifest is None:
            manifest = json.dumps(self.manifest(self._manifest(payload))).encode()
        statement = json.dumps(self.statement(self._statement(manifest, payload))).encode()
        parts = {
            "manifest.json": manifest,
            "payload.tar.zst": payload,
            "statement.dsse.json": json.dumps(
                self.envelope(envelope(statement, self.keys, self.payload_type))
            ).encode(),
        }
        if self.checksum:
            parts["payload.tar.zst.sha256"] = f"{sha256(payload)}  payload.tar.zst\n".encode()
        return parts

    def _manifest(self, payload: bytes) -> dict[str, Any]:
        entries = [{"name": name, "sha256": sha256(data), "size": len(data)} for name, data in self.files.items()]
        return {
            "version": self.version,
            "created_at": CREATED,
            "channel": "stable",
            "entries": entries,
            "payload_sha256": sha256(payload),
        }

    def _statement(self, manifest: bytes, payload: bytes) -> dict[str, Any]:
        return {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [
                {"name": "manifest.json", "digest": {"sha256": sha256(manifest)}},
                {"name": "payload.tar.zst", "digest": {"sha256": sha256(payload)}},
            ],
            "predicateType": PREDICATE,
            "predicate": {
                "offline_manifest_sha256": sha256(manifest),
                "feeds": [{"name": "osv", "snapshot_date": "2026-11-14", "archive_digest": "sha256:00"}],
                "builder": "tests",
                "created_at": CREATED,
                "oukit_channel": "stable",
            },
        }


def tree_hash(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, as it is written there."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + tree_hash(leaves[:split]) + tree_hash(leaves[split:])).digest()


def audit_path(at: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH of RFC 6962, section 2.1.1, as it is written there."""
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if at < split:
        return [*audit_path(at, leaves[:split]), tree_hash(leaves[split:])]
    return [*audit_path(at - split, leaves[split:]), tree_hash(leaves[:split])]


def receipt(parts: Mapping[str, bytes], key: PrivateKey = LOG, *, at: int = 5, size: int = 11) -> dict[str, Any]:
    """What a log of `size` entries gives for the statement of this kit, its entry `at`."""
    statement = base64.b64decode(json.loads(parts["statement.dsse.json"])["payload"])
    about = {"payloadHash": {"algorithm": "sha256", "value": sha256(statement)}}
    body = json.dumps({"apiVersion": "0.0.1", "kind": "dsse", "spec": about}).encode()
    leaves = [body if place == at else b"entry %d" % place for place in range(size)]
    root = tree_hash(leaves)
    note = f"rekor.example - 42\n{size}\n{base64.b64encode(root).decode()}\n"
    signature = base64.b64encode(b"hint" + sign(key, note.encode())).decode()
    return {
        "uuid": "00" * 8 + hashlib.sha256(b"\0" + body).hexdigest(),
        "logIndex": at,
        "treeSize": size,
        "rootHash": root.hex(),
        "hashes": [one.hex() for one in audit_path(at, leaves)],
        "checkpoint": f"{note}\n— rekor.example {signature}\n",
        "body": base64.b64encode(body).decode(),
    }


def with_receipt(parts: Mapping[str, bytes], document: Any) -> dict[str, bytes]:
    """The kit with this receipt."""
    return {**parts, "rekor-receipt.json": json.dumps(document).encode()}


def write_tar(path: Path, parts: Mapping[str, bytes]) -> Path:
    """The kit as a tar."""
    path.write_bytes(archive(*(member(name, data) for name, data in parts.items())))
    return path


def write_folder(path: Path, parts: Mapping[str, bytes]) -> Path:
    """The kit as a directory."""
    path.mkdir()
    for name, data in parts.items():
        (path / name).write_bytes(data)
    return path


def ignore(*_: object) -> None:
    """For who wants no progress, no checks, no cancel."""


def verified(
    source: Path,
    into: Path | None = None,
    *,
    trust: Sequence[TrustKey] = TRUST,
    active: str | None = None,
    free: int = 1 << 40,
    on_check: Callable[[Check], None] = ignore,
    checkpoint: Callable[[], None] = ignore,
    limits: Limits = LIMITS,
) -> KitReport:
    """Verify with what most tests do not care for."""
    return verify(
        source,
        trust=trust,
        active_version=active,
        free_bytes=lambda: free,
        on_check=on_check,
        checkpoint=checkpoint,
        progress=ignore,
        into=into,
        limits=limits,
    )


def tree(root: Path) -> dict[str, bytes]:
    """All files below, with their content."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
