"""Building a kit: payload, manifest, signed statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from execution_ops.domain.kits import Channel, KitManifest
from execution_ops.scanner.kits.payload import PayloadFile


class KitAbout(NamedTuple):
    """What a kit says of itself: `builder` names who or what made it."""

    version: str
    channel: Channel
    created_at: datetime
    builder: str


class BuiltKit(NamedTuple):
    """A kit as it was written: its manifest, the manifest's digest, and its size and (of a tar) SHA-256."""

    manifest: KitManifest
    manifest_sha256: str
    size: int
    sha256: str


class SigningKey:
    """A private key, Ed25519 or ECDSA P-256, that statements are signed with. Its text is never kept or shown."""

    fingerprint: str
    algorithm: str


def read_signing_key(pem: bytes, password: bytes | None = None) -> SigningKey:
    """The key in this PEM text (PKCS#8 or as OpenSSL writes them). InvalidInput says what is wrong with another."""
    raise NotImplementedError


def build(
    target: Path,
    files: Sequence[PayloadFile],
    about: KitAbout,
    key: SigningKey,
    *,
    work_dir: Path,
    checkpoint: Callable[[], None],
    progress: Callable[[int, int, str], None],
    as_directory: bool = False,
) -> BuiltKit:
    """Write a kit of these files to `target`, a tar (or a directory), which must not exist.

    It is put together in `work_dir`, on the same disk, and renamed into place when it is whole. What `checkpoint`
    raises ends the work and leaves nothing behind; InvalidInput for names or a version that no kit can have.
    """
    raise NotImplementedError
