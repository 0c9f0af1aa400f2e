"""Reading archives that may be hostile: bounded listing, and unpacking that cannot leave its directory."""

from __future__ import annotations

import os
import shutil
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from execution_ops.domain.disk import DISK_FULL, KEEP_FREE
from execution_ops.domain.job_types import JobFailed
from execution_ops.domain.scanner_settings import ScanLimits
from execution_ops.domain.sizes import CHUNK
from execution_ops.scanner.failures import Damaged, as_archive, permanent

Checkpoint = Callable[[], None]
_HEADER_MAX = 1 << 20
_NAME_MAX = 255
_PATH_MAX = 3000
# Unpacking stops before the disk is full: the ledger lives on the same one.


class Limits(NamedTuple):
    """How much an archive may hold, unpacked. Beyond it is a bomb, or needs a directory scan."""

    members: int = 1_000_000
    bytes: int = 64 << 30


LIMITS = Limits()


def limits_of(limits: ScanLimits) -> Limits:
    """The limits that the settings name."""
    return Limits(members=limits.files_max, bytes=limits.unpacked_max)


class Member(NamedTuple):
    """One entry. `path` is relative and safe, or empty if the entry must not be unpacked.

    `link` is the target of a symbolic link, `twin` the path of the member that a hard link names.
    `content` opens a regular file; it is valid until the next member is asked for.
    """

    path: str
    size: int
    link: str | None
    twin: str | None
    content: Callable[[], IO[bytes]] | None


class _BoundedTarInfo(tarfile.TarInfo):
    """tarfile reads long names and pax headers into memory whole, whatever size they claim."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _BoundedTarInfo:
        info = super().frombuf(buf, encoding, errors)
        special = {tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE}
        special |= {tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK}
        if info.type in special and not 0 <= info.size <= _HEADER_MAX:
            raise Damaged("a header of the archive is larger than 1 MiB")
        return info


def safe_path(name: str) -> str:
    """The member's path below the unpacking directory; empty if it would lead out or cannot exist."""
    parts = [part for part in name.split("/") if part not in {"", "."}]
    too_long = any(len(os.fsencode(part)) > _NAME_MAX for part in parts) or len(os.fsencode(name)) > _PATH_MAX
    return "" if not parts or ".." in parts or "\0" in name or too_long else "/".join(parts)


@contextmanager
def open_tar(path: Path) -> Iterator[tarfile.TarFile]:
    """A tar file, plain or packed with gzip, bzip2 or xz, with seeking."""
    with as_archive(str(path)), tarfile.open(path, "r:*", tarinfo=_BoundedTarInfo) as tar:
        yield tar


@contextmanager
def open_tar_stream(file: IO[bytes], name: str) -> Iterator[tarfile.TarFile]:
    """A tar inside another file, read once from front to back."""
    with as_archive(name), tarfile.open(fileobj=file, mode="r|*", tarinfo=_BoundedTarInfo) as tar:
        yield tar


class Budget:
    """Counts what an archive holds against its limits."""

    def __init__(self, name: str, limits: Limits = LIMITS) -> None:
        self._name = name
        self._limits = limits
        self._members = 0
        self._bytes = 0

    def take(self, size: int) -> None:
        """Account for one member; JobFailed when the archive is too large."""
        self._members += 1
        self.grow(size)

    def grow(self, size: int) -> None:
        """Account for bytes alone."""
        self._bytes += max(size, 0)
        if self._members > self._limits.members or self._bytes > self._limits.bytes:
            raise permanent(
                f"{self._name} unpacks to more than {self._limits.bytes >> 20:,} MiB or "
                f"{self._limits.members:,} files. It may be a decompression bomb; if you trust it, unpack it "
                "yourself and scan the directory."
            )


def tar_members(tar: tarfile.TarFile, budget: Budget, checkpoint: Checkpoint) -> Iterator[Member]:
    """The entries of a tar in its order, without keeping them."""
    while (info := tar.next()) is not None:
        checkpoint()
        budget.take(info.size)
        yield _tar_member(tar, info)
        # tarfile remembers every header; a long archive would fill the memory. The stubs hide the list.
        cast(Any, tar).members.clear()


def _tar_member(tar: tarfile.TarFile, info: tarfile.TarInfo) -> Member:
    path = safe_path(info.name)
    if info.issym():
        return Member(path, 0, info.linkname, None, None)
    if info.islnk():
        return Member(path if safe_path(info.linkname) else "", 0, None, safe_path(info.linkname), None)
    if info.isreg():

        def content() -> IO[bytes]:
            file = tar.extractfile(info)
            if file is None:
                raise Damaged(f"{info.name} has no content")
            return file

        return Member(path, info.size, None, None, content)
    # Directories are made for their files; devices and pipes are never made.
    return Member(path if info.isdir() else "", 0, None, None, None)


def zip_members(path: Path, budget: Budget, checkpoint: Checkpoint) -> Iterator[Member]:
    """The entries of a zip file in its order."""
    with as_archive(str(path)), zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            checkpoint()
            budget.take(info.file_size)
            if info.flag_bits & 1:
                raise permanent(f"{path} is encrypted. Make it again without a password, then scan it.")
            yield _zip_member(archive, info)


def _zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    path = safe_path(info.filename)
    mode = info.external_attr >> 16
    if info.is_dir():
        return Member(path, 0, None, None, None)
    if stat.S_ISLNK(mode):
        if info.file_size > _PATH_MAX:
            return Member("", 0, None, None, None)
        return Member(path, 0, os.fsdecode(archive.read(info)), None, None)
    return Member(path, info.file_size, None, None, lambda: archive.open(info))


class Unpacked(NamedTuple):
    """What unpacking did: files written and entries left out because they were unsafe or in the way."""

    files: int
    left_out: int


def unpack(members: Iterator[Member], into: Path, name: str) -> Unpacked:
    """Write the members below the new directory `into`.

    Nothing is ever written through a link: links are made last, when every file is in place.
    Symbolic links are kept as they are, since they are only followed with `into` as their root.
    """
    into.mkdir()
    links: list[Member] = []
    files = left_out = 0
    with as_archive(name):
        for member in members:
            if member.link is not None or member.twin is not None:
                links.append(member)
            elif member.content is None:
                left_out += not member.path
            elif member.path and _write(into, member):
                files += 1
            else:
                left_out += 1
        for member in sorted(links, key=lambda entry: entry.twin is None):
            if member.path and _link(into, member):
                files += 1
            else:
                left_out += 1
    return Unpacked(files, left_out)


def _write(into: Path, member: Member) -> bool:
    target = into / member.path
    if not _make_parent(target) or target.is_dir() or member.content is None:
        return False
    if shutil.disk_usage(into).free - member.size < KEEP_FREE:
        raise JobFailed(DISK_FULL)
    with member.content() as source, target.open("wb") as out:
        shutil.copyfileobj(source, out, CHUNK)
    return True


def _link(into: Path, member: Member) -> bool:
    target = into / member.path
    if not _stays_inside(into, target) or not _make_parent(target) or os.path.lexists(target):
        return False
    if member.twin is not None:
        twin = into / member.twin
        if not _stays_inside(into, twin) or twin.is_symlink() or not twin.is_file():
            return False
        os.link(twin, target)
    elif member.link and "\0" not in member.link and len(os.fsencode(member.link)) <= _PATH_MAX:
        os.symlink(member.link, target)
    else:
        return False
    return True


def _stays_inside(into: Path, target: Path) -> bool:
    """Whether no link that was already made lies on the way to the target."""
    return not any((into / parent).is_symlink() for parent in target.relative_to(into).parents)


def _make_parent(target: Path) -> bool:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        return False
    return True
