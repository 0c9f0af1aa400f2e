"""The payload in one pass: unpacked, compared with the manifest, and kept if asked to."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import zstandard

from execution_ops.domain.disk import is_disk_full
from execution_ops.domain.kit_names import parents
from execution_ops.domain.kits import Detail, ExitCode, KitEntry, KitManifest
from execution_ops.domain.sizes import CHUNK
from execution_ops.scanner.kits.container import Part
from execution_ops.scanner.kits.failures import KitRefused
from execution_ops.scanner.kits.lanes import Lane
from execution_ops.scanner.kits.tar import BLOCK, PADDING_MAX, Member, TarFault, next_member

# From this size on, hashing and writing go beside reading and unpacking.
BESIDE_FROM = 1 << 20
# zstd's own levels up to 19 need 8 MiB; a window is memory that the packer of the kit chooses.
WINDOW_MAX = 32 << 20
_FRAME_HEADER_MAX = 18
_DETAILS_MAX = 5
_AGAIN = "Get the kit once more; if it is the same again, ask who made it."
_HOSTILE = "Do not use this kit. Ask who made it and which way it came."
Progress = Callable[[int, int, str], None]


def damaged(category: str, found: str, advice: str = _AGAIN) -> KitRefused:
    """The payload is not what any builder of kits makes."""
    return KitRefused(ExitCode.VALIDATION, f"entries:{category}", found, advice)


class Packed:
    """`payload.tar.zst` as it is, hashed while it is read; what zstd reads from."""

    def __init__(self, part: Part, lane: Lane, checkpoint: Callable[[], None], progress: Progress) -> None:
        self._part = part
        self._lane = lane
        self._checkpoint = checkpoint
        self._progress = progress
        self._digest = hashlib.sha256()
        self._at = 0

    def read(self, count: int) -> bytes:
        """The next bytes; none at the end."""
        self._checkpoint()
        data = self._part.read(self._at, count)
        if data:
            self._at += len(data)
            self._progress(self._at, self._part.size, "Reading the payload")
            self._lane.do(partial(self._digest.update, data))
        return data

    def rest(self) -> None:
        """Read on to the end, so that the digest is that of the whole file."""
        while self.read(CHUNK):
            pass

    def hexdigest(self) -> str:
        """The digest of what was read; once the lane has ended."""
        return self._digest.hexdigest()


class Plain:
    """The unpacked payload, in pieces of exact length and never more than `most` bytes of it."""

    def __init__(self, packed: Packed, most: int) -> None:
        reader = zstandard.ZstdDecompressor(max_window_size=WINDOW_MAX)
        # It is a reader of anything with `read`; the stubs ask for a whole file.
        self._reader = reader.stream_reader(packed, read_size=CHUNK, read_across_frames=True)  # type: ignore[arg-type]
        self._left = most
        self._piece = memoryview(b"")

    def exactly(self, count: int) -> bytes:
        """So many bytes; few, for headers."""
        return b"".join(self.pieces(count))

    def pieces(self, count: int) -> Iterator[memoryview]:
        """So many bytes, in pieces that stay valid."""
        while count:
            if not self._piece and not self._more():
                raise TarFault("The payload is cut off.")
            piece, self._piece = self._piece[:count], self._piece[count:]
            count -= len(piece)
            yield piece

    def end(self) -> None:
        """What follows the end of the archive are zeros, and not many."""
        most = PADDING_MAX
        while self._piece or self._more():
            most -= len(self._piece)
            if most < 0 or any(self._piece):
                raise TarFault("Something follows the end of the payload.")
            self._piece = memoryview(b"")

    def _more(self) -> bool:
        self._piece = memoryview(self._reader.read(CHUNK))
        self._left -= len(self._piece)
        if self._left < 0:
            raise damaged("bomb", "The payload unpacks to more than its manifest says.", _HOSTILE)
        return bool(self._piece)


class Findings(NamedTuple):
    """What the pass over the payload found. `unpacked`: all of it was written; `full`: the disk had no room for it."""

    sha256: str
    matching: int
    differing: int
    missing: int
    details: tuple[Detail, ...]
    fault: KitRefused | None
    unpacked: bool
    full: bool


class Entries:
    """Compares each entry with the manifest, and writes it below `into`. Its methods run in one lane."""

    def __init__(self, into: Path | None) -> None:
        self.matching = 0
        self.differing = 0
        self.details: list[Detail] = []
        self.full = False
        self._into = into
        self._digest = hashlib.sha256()
        self._file: int | None = None

    def begin(self, entry: KitEntry) -> None:
        """An entry begins."""
        self._digest = hashlib.sha256()
        if self._into is not None and not self.full:
            self._writing(partial(self._create, self._into / entry.name))

    def add(self, piece: memoryview) -> None:
        """More of its content."""
        self._digest.update(piece)
        if self._file is not None:
            self._writing(partial(self._write, self._file, piece))

    def finish(self, entry: KitEntry, size: int) -> None:
        """It is whole."""
        self.close()
        found = self._digest.hexdigest()
        if found == entry.sha256 and size == entry.size:
            self.matching += 1
            return
        self.differing += 1
        if self.differing <= _DETAILS_MAX:
            self.details += _difference(entry, found, size)

    def close(self) -> None:
        """Close the file that is being written."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _create(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)

    def _write(self, file: int, piece: memoryview) -> None:
        while piece:
            piece = piece[os.write(file, piece) :]

    def _writing(self, step: Callable[[], None]) -> None:
        # The digests are worth knowing even if there is no room: the step on free disk says what to do.
        try:
            step()
        except OSError as error:
            if not is_disk_full(error):
                raise
            self.full = True
            self.close()


def _difference(entry: KitEntry, found: str, size: int) -> list[Detail]:
    details = [
        Detail(label="file", value=entry.name),
        Detail(label="manifest", value=entry.sha256),
        Detail(label="found", value=found),
    ]
    if size != entry.size:
        words = (
            f"{size:,} of {entry.size:,} bytes, cut off" if size < entry.size else f"{size:,} bytes, not {entry.size:,}"
        )
        details.append(Detail(label="size", value=words))
    return details


def check_payload(
    part: Part, manifest: KitManifest, into: Path | None, checkpoint: Callable[[], None], progress: Progress
) -> Findings:
    """Read the payload once: its digest, that of each entry, and each entry written below the new directory `into`.

    `into` is gone again if anything differs or the disk is full.
    """
    _check_window(part)
    entries = Entries(into)
    fault: KitRefused | None = None
    if into is not None:
        into.mkdir()
    try:
        beside = max(part.size, manifest.size) >= BESIDE_FROM
        with Lane("kit-digest", beside=beside) as digest:
            packed = Packed(part, digest, checkpoint, progress)
            try:
                with Lane("kit-entries", beside=beside) as lane:
                    missing = _walk(Plain(packed, _most(manifest)), manifest, entries, lane)
            except KitRefused as refusal:
                fault, missing = refusal, 0
            finally:
                entries.close()
            packed.rest()
    except BaseException:
        _drop(into)
        raise
    whole = fault is None and not (entries.differing or missing or entries.full)
    if not whole:
        _drop(into)
    return Findings(
        packed.hexdigest(),
        entries.matching,
        entries.differing,
        missing,
        tuple(entries.details),
        fault,
        whole and into is not None,
        entries.full,
    )


def _check_window(part: Part) -> None:
    """Refuse what needs more memory than a kit may ask for, in words of its own."""
    try:
        window = zstandard.get_frame_parameters(part.read(0, _FRAME_HEADER_MAX)).window_size
    except zstandard.ZstdError:
        # What it is instead is said when it is unpacked.
        return
    if window > WINDOW_MAX:
        found = (
            f"The payload asks for {window >> 20:,} MiB of memory to be unpacked; at most {WINDOW_MAX >> 20} are given."
        )
        raise damaged("window", found, "Ask its maker to pack it without --long and --ultra.")


def _most(manifest: KitManifest) -> int:
    """How many bytes an honest payload unpacks to: entries, headers with long names, folders, and the end."""
    folders = {folder for entry in manifest.entries for folder in parents(entry.name)}
    return manifest.size + (len(manifest.entries) + len(folders) + 1) * 8 * BLOCK + PADDING_MAX


def _walk(plain: Plain, manifest: KitManifest, entries: Entries, lane: Lane) -> int:
    """Go through the archive; how many entries of the manifest are not in it."""
    waiting = {entry.name: entry for entry in manifest.entries}
    folders = {folder for name in waiting for folder in parents(name)} | {""}
    try:
        while (member := next_member(plain.exactly)) is not None:
            if member.folder:
                _folder(member, folders)
                continue
            entry = waiting.pop(member.name, None)
            if entry is None:
                raise damaged("unexpected", f"The payload holds {member.name!r}, or holds it twice.", _HOSTILE)
            lane.do(partial(entries.begin, entry))
            for piece in plain.pieces(member.size):
                lane.do(partial(entries.add, piece))
            lane.do(partial(entries.finish, entry, member.size))
            if any(plain.exactly(member.padding)):
                raise TarFault(f"Something is hidden behind {member.name!r}.")
        plain.end()
    except TarFault as error:
        raise damaged("archive", f"The payload can't be read as a tar. {error}") from None
    except zstandard.ZstdError as error:
        reason = str(error).removeprefix("zstd decompress error: ")
        raise damaged("zstd", f"The payload can't be unpacked: zstd says {reason!r}.") from error
    return len(waiting)


def _folder(member: Member, folders: set[str]) -> None:
    """Each folder that entries lie in may be there once."""
    if member.name not in folders:
        raise damaged("unexpected", f"The payload holds the folder {member.name!r} without need, or twice.", _HOSTILE)
    folders.remove(member.name)


def _drop(into: Path | None) -> None:
    if into is not None:
        shutil.rmtree(into)
