"""Building a kit: payload, manifest, signed statement. The same files in the same order give the same payload."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO, NamedTuple

import zstandard

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.kit_names import check_version, names_fault
from execution_ops.domain.kits import (
    CHECKSUM,
    ENTRIES_MAX,
    MANIFEST,
    PAYLOAD,
    PREDICATE_TYPE,
    STATEMENT,
    STATEMENT_TYPE,
    Channel,
    KitEntry,
    KitManifest,
)
from execution_ops.domain.sizes import CHUNK
from execution_ops.domain.times import iso
from execution_ops.scanner.kits.payload import PayloadFile
from execution_ops.scanner.kits.signing import SigningKey
from execution_ops.scanner.kits.tar import BLOCK
from execution_ops.scanner.kits.unpacking import Progress

_LEVEL = 6
# Two empty blocks end a tar.
_END = bytes(2 * BLOCK)


class KitAbout(NamedTuple):
    """What a kit says of itself: `builder` names who or what made it."""

    version: str
    channel: Channel
    created_at: datetime
    builder: str


class BuiltKit(NamedTuple):
    """A kit as it was written: its manifest, the manifest's digest, and its size; `sha256` is that of a tar."""

    manifest: KitManifest
    manifest_sha256: str
    size: int
    sha256: str


def build(
    target: Path,
    files: Sequence[PayloadFile],
    about: KitAbout,
    key: SigningKey,
    *,
    work_dir: Path,
    checkpoint: Callable[[], None],
    progress: Progress,
    as_directory: bool = False,
) -> BuiltKit:
    """Write a kit of these files to `target`, a tar (or a directory), which must not exist.

    It is put together in `work_dir`, an empty directory on the same disk, and renamed into place when it is whole.
    What `checkpoint` raises ends the work; what is in `work_dir` then is the caller's to remove. InvalidInput for
    names or a version that no kit can have.
    """
    _check(files, about)
    packing = _Packing("Packing", sum(_size(file) for file in files), checkpoint, progress)
    whole = work_dir / "kit"
    whole.mkdir()
    manifest = _pack(whole / PAYLOAD, files, about, packing)
    text = manifest.model_dump_json(indent=2).encode() + b"\n"
    digest = hashlib.sha256(text).hexdigest()
    (whole / MANIFEST).write_bytes(text)
    (whole / CHECKSUM).write_text(f"{manifest.payload_sha256}  {PAYLOAD}\n")
    (whole / STATEMENT).write_bytes(key.envelope(_statement(manifest, digest, about.builder)))
    size = sum(file.stat().st_size for file in whole.iterdir())
    if as_directory:
        os.rename(whole, target)
        return BuiltKit(manifest, digest, size, "")
    sha256 = _bundle(whole, work_dir / "kit.tar", about, _Packing("Bundling", size, checkpoint, progress))
    shutil.rmtree(whole)
    os.rename(work_dir / "kit.tar", target)
    return BuiltKit(manifest, digest, target.stat().st_size, sha256)


def _check(files: Sequence[PayloadFile], about: KitAbout) -> None:
    if len(files) > ENTRIES_MAX:
        raise InvalidInput(f"A kit holds at most {ENTRIES_MAX:,} files; these are {len(files):,}.")
    if fault := names_fault(file.name for file in files):
        raise InvalidInput(fault)
    check_version(about.version)


class _Packing:
    """Counts what was packed of `total` bytes, and lets a cancel through."""

    def __init__(self, note: str, total: int, checkpoint: Callable[[], None], progress: Progress) -> None:
        self._note = note
        self._total = total
        self._done = 0
        self._checkpoint = checkpoint
        self._progress = progress

    def went(self, count: int) -> None:
        """So many bytes of the files more are packed."""
        self._checkpoint()
        self._done += count
        self._progress(self._done, self._total, self._note)


class _Hashed:
    """A file that is hashed while it is written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Append bytes."""
        self._digest.update(data)
        return self._file.write(data)

    def hexdigest(self) -> str:
        """The SHA-256 of what was written."""
        return self._digest.hexdigest()


def _size(file: PayloadFile) -> int:
    return file.content.stat().st_size if isinstance(file.content, Path) else len(file.content)


@contextmanager
def _opened(file: PayloadFile) -> Iterator[IO[bytes]]:
    with BytesIO(file.content) if isinstance(file.content, bytes) else file.content.open("rb") as content:
        yield content


def _put(write: Callable[[bytes], object], file: PayloadFile, about: KitAbout, packing: _Packing) -> KitEntry:
    """Append a file to a tar, and say what it is as an entry."""
    member = tarfile.TarInfo(file.name)
    member.size = _size(file)
    member.mtime = int(about.created_at.timestamp())
    write(member.tobuf())
    digest = hashlib.sha256()
    left = member.size
    with _opened(file) as content:
        while data := content.read(min(left, CHUNK)):
            digest.update(data)
            write(data)
            left -= len(data)
            packing.went(len(data))
    if left:
        raise InvalidInput(f"{file.name} became shorter while it was packed. Build the kit again.")
    write(bytes(-member.size % BLOCK))
    return KitEntry(name=file.name, sha256=digest.hexdigest(), size=member.size)


def _pack(target: Path, files: Sequence[PayloadFile], about: KitAbout, packing: _Packing) -> KitManifest:
    with target.open("xb") as raw:
        packed = _Hashed(raw)
        compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
        # It writes to anything with `write`; the stubs ask for a whole file.
        with compressor.stream_writer(packed, closefd=False) as plain:  # type: ignore[arg-type]
            entries = [_put(plain.write, file, about, packing) for file in files]
            plain.write(_END)
    return KitManifest(
        version=about.version,
        created_at=about.created_at,
        channel=about.channel,
        entries=tuple(entries),
        payload_sha256=packed.hexdigest(),
    )


def _statement(manifest: KitManifest, manifest_sha256: str, builder: str) -> bytes:
    statement = {
        "_type": STATEMENT_TYPE,
        "subject": [
            {"name": MANIFEST, "digest": {"sha256": manifest_sha256}},
            {"name": PAYLOAD, "digest": {"sha256": manifest.payload_sha256}},
        ],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "offline_manifest_sha256": manifest_sha256,
            "feeds": [],
            "builder": builder,
            "created_at": iso(manifest.created_at),
            "oukit_channel": manifest.channel.value,
        },
    }
    return json.dumps(statement, ensure_ascii=False, separators=(",", ":")).encode()


def _bundle(whole: Path, target: Path, about: KitAbout, packing: _Packing) -> str:
    """Put the files of the kit into one tar; its SHA-256."""
    with target.open("xb") as raw:
        packed = _Hashed(raw)
        for name in (MANIFEST, STATEMENT, CHECKSUM, PAYLOAD):
            _put(packed.write, PayloadFile(name, whole / name), about, packing)
        packed.write(_END)
    return packed.hexdigest()
