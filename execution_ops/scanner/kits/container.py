"""The container of a kit, a directory or a plain tar: its files, opened once, so that nobody swaps them meanwhile."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from execution_ops.domain.kits import CHECKSUM, MANIFEST, NEEDED, OPTIONAL, RECEIPT, STATEMENT, ExitCode
from execution_ops.scanner.kits.failures import KitRefused
from execution_ops.scanner.kits.tar import PADDING_MAX, TarFault, next_member

# Bytes of what is read into memory whole. The payload is not.
SIZES = {MANIFEST: 4 << 20, STATEMENT: 256 << 10, RECEIPT: 256 << 10, CHECKSUM: 1 << 10}
_MEMBERS_MAX = 16
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
_PACKED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz"}
_AGAIN = "Get the kit once more from where it was made, and compare the size."


class Part(NamedTuple):
    """One file of the kit: `size` bytes from `start` on of an open file."""

    name: str
    descriptor: int
    start: int
    size: int

    def read(self, offset: int, count: int) -> bytes:
        """Up to `count` bytes from `offset` on; fewer only at the end. KitRefused if they can't be read."""
        count = max(0, min(count, self.size - offset))
        try:
            data = os.pread(self.descriptor, count, self.start + offset)
        except OSError as error:
            raise refused("unreadable", f"{self.name} can't be read: {error.strerror}.", "Check the disk.") from error
        if len(data) < count:
            raise refused("changed", f"{self.name} became shorter while it was read.", _AGAIN)
        return data

    def whole(self) -> bytes:
        """All of it; its size was limited when the container was opened."""
        return self.read(0, self.size)


class Opened(NamedTuple):
    """A kit that is open already: what is read is what lay at `path` then, whoever puts something else there."""

    path: Path
    descriptor: int


class Container(NamedTuple):
    """An open kit. `form` says in words what it is, `size` is its on disk."""

    form: str
    size: int
    parts: Mapping[str, Part]


def refused(category: str, found: str, advice: str) -> KitRefused:
    """The container can't be read."""
    return KitRefused(ExitCode.VALIDATION, f"container:{category}", found, advice)


@contextmanager
def open_kit(source: Path | Opened) -> Iterator[Container]:
    """The kit at `source`, open until the end of the block. KitRefused says why it is none."""
    with ExitStack() as stack:
        descriptor = _open(source, stack)
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            container = _directory(descriptor, stack)
        elif stat.S_ISREG(mode):
            container = _tar(descriptor)
        else:
            place = source.path if isinstance(source, Opened) else source
            raise refused("kind", f"{place} is neither a directory nor a file.", "Give the path of a kit.")
        for name in NEEDED:
            if name not in container.parts:
                raise refused("incomplete", f"The kit has no {name}.", _AGAIN)
        yield container


def _open(source: Path | Opened, stack: ExitStack) -> int:
    try:
        descriptor = os.dup(source.descriptor) if isinstance(source, Opened) else os.open(source, _READ)
    except (FileNotFoundError, NotADirectoryError):
        advice = "Check the path; it is read on the host of the worker."
        raise KitRefused(ExitCode.NOT_FOUND, "container:not-found", f"There is nothing at {source}.", advice) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "the path has a character that no path has"
        advice = "Let the user that runs the worker read it."
        raise refused("unreadable", f"{source} can't be opened: {reason}.", advice) from error
    stack.callback(os.close, descriptor)
    return descriptor


def _directory(folder: int, stack: ExitStack) -> Container:
    parts: dict[str, Part] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            _known(entry.name, len(parts))
            parts[entry.name] = _file(folder, entry.name, stack)
    return Container("A directory", sum(part.size for part in parts.values()), parts)


def _file(folder: int, name: str, stack: ExitStack) -> Part:
    try:
        descriptor = os.open(name, _READ | os.O_NOFOLLOW, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise refused("link", f"{name} is a symbolic link.", "Put the file itself there.") from None
        raise refused("unreadable", f"{name} can't be opened: {error.strerror}.", "Check who may read it.") from error
    stack.callback(os.close, descriptor)
    about = os.fstat(descriptor)
    if not stat.S_ISREG(about.st_mode):
        raise refused("kind", f"{name} is not a regular file.", _AGAIN)
    return _limited(Part(name, descriptor, 0, about.st_size))


def _tar(descriptor: int) -> Container:
    whole = Part("The kit", descriptor, 0, os.fstat(descriptor).st_size)
    for magic, name in _PACKED.items():
        if whole.read(0, len(magic)) == magic:
            raise refused("packed", f"The file is packed with {name}.", "Unpack it: a kit is a directory or plain tar.")
    parts: dict[str, Part] = {}
    at = 0

    def read(count: int) -> bytes:
        nonlocal at
        data = whole.read(at, count)
        at += count
        if len(data) < count:
            raise TarFault("The archive is cut off.")
        return data

    try:
        members = 0
        while (member := next_member(read)) is not None:
            members += 1
            if member.folder:
                if member.name or members > 1:
                    raise TarFault(f"It holds the folder {member.name!r}.")
                continue
            _known(member.name, members)
            if member.name in parts:
                raise TarFault(f"It holds {member.name} twice.")
            parts[member.name] = _limited(Part(member.name, descriptor, at, member.size))
            at += member.size + member.padding
            if at > whole.size:
                raise TarFault("The archive is cut off.")
        _only_zeros(whole, at)
    except TarFault as error:
        raise refused("damaged", f"The tar can't be read. {error}", _AGAIN) from None
    return Container("A tar", whole.size, parts)


def _only_zeros(whole: Part, at: int) -> None:
    if whole.size - at > PADDING_MAX or any(whole.read(at, PADDING_MAX)):
        raise TarFault("Something follows its end.")


def _known(name: str, count: int) -> None:
    if count >= _MEMBERS_MAX:
        raise refused("crowded", f"It holds more than {_MEMBERS_MAX} files.", "Give a kit as it was made.")
    if name not in NEEDED and name not in OPTIONAL:
        advice = f"A kit has {', '.join(NEEDED)} and optionally {' and '.join(OPTIONAL)} at its top, nothing else."
        raise refused("unknown-file", f"It holds {name!r}, which no kit has.", advice)


def _limited(part: Part) -> Part:
    limit = SIZES.get(part.name)
    if limit is not None and part.size > limit:
        found = f"{part.name} has {part.size:,} bytes; at most {limit:,} are read."
        raise refused("oversize", found, "Give a kit as it was made.")
    return part
