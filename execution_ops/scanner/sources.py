"""What may be scanned: a path becomes a Source, or a failure that says what to do."""

from __future__ import annotations

import os
import stat
import tarfile
import zipfile
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.job_types import JobFailed
from execution_ops.scanner.analyzers import JAVA_ENDINGS
from execution_ops.scanner.failures import CORRUPT, REPACK, as_archive, in_words, permanent

ZSTD = b"\x28\xb5\x2f\xfd"
_ARCHIVE_WORDS = "a directory, an archive (tar, zip, wheel, jar), an OCI layout or an image tarball"


class Kind(StrEnum):
    """How a source is read. `oci_tar` and `docker_tar` are told from `tar` by their members."""

    DIRECTORY = "directory"
    TAR = "tar"
    ZIP = "zip"
    JAVA = "java_archive"
    OCI_LAYOUT = "oci_layout"
    OCI_TAR = "oci_tar"
    DOCKER_TAR = "docker_tar"

    @property
    def is_image(self) -> bool:
        """Whether Syft reads it as a container image."""
        return self in {Kind.OCI_LAYOUT, Kind.OCI_TAR, Kind.DOCKER_TAR}

    @property
    def words(self) -> str:
        """What it is, for a sentence."""
        return _WORDS[self]


_WORDS = {
    Kind.DIRECTORY: "a directory",
    Kind.TAR: "a tar archive",
    Kind.ZIP: "a zip archive",
    Kind.JAVA: "a Java archive",
    Kind.OCI_LAYOUT: "an OCI image layout",
    Kind.OCI_TAR: "an OCI image tarball",
    Kind.DOCKER_TAR: "a Docker image tarball",
}


class Source(BaseModel):
    """A checked source. `path` has its links resolved; `size` and `mtime_ns` are 0 for directories."""

    model_config = ConfigDict(frozen=True)

    path: str
    kind: Kind
    name: str
    size: int = 0
    mtime_ns: int = 0


def resolve(text: str, roots: Sequence[Path]) -> Source:
    """The source at the path `text`, which must lie below one of the scan roots.

    Symbolic links are resolved first, so none leads out of the roots. Raises JobFailed, with one answer for outside
    and absent: it must not tell what exists outside.
    """
    if not text or "\0" in text or not os.path.isabs(text):
        raise permanent("The source is not an absolute path. Start a new scan with a path that begins with /.")
    # Not strict: what is absent, forbidden or a circle outside gives the answer of all that is outside.
    path = Path(os.path.realpath(text))
    if not any(path.is_relative_to(root.resolve()) for root in roots):
        raise _not_below(text)
    with in_words(str(path)):
        try:
            found = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            # Its cause would tell this answer from the one above.
            raise _not_below(text) from None
    if stat.S_ISDIR(found.st_mode):
        return _directory(path)
    if not stat.S_ISREG(found.st_mode):
        raise permanent(f"{path} is a device, pipe or socket. Give {_ARCHIVE_WORDS}.")
    if found.st_size == 0:
        raise permanent(f"{path} is empty (0 bytes). Make or download the file again, then scan it.")
    return Source(path=str(path), kind=_file_kind(path), name=path.name, size=found.st_size, mtime_ns=found.st_mtime_ns)


def _not_below(text: str) -> JobFailed:
    return permanent(
        f"{text} was not found below the scan roots of this worker. A source must lie below one of them: check the "
        "path and EXECUTION_OPS_SCAN_ROOTS, then start a new scan."
    )


def check_unchanged(source: Source, roots: Sequence[Path]) -> None:
    """Raise JobFailed if the source is no longer what `scan.inspect` saw, or no longer allowed."""
    now = resolve(source.path, roots)
    if (now.path, now.size, now.mtime_ns) != (source.path, source.size, source.mtime_ns):
        raise permanent(f"{source.path} changed while it was scanned. Start a new scan of it.")


def _directory(path: Path) -> Source:
    with in_words(str(path)):
        os.listdir(path)
        is_layout = (path / "oci-layout").is_file() and (path / "index.json").is_file()
    return Source(path=str(path), kind=Kind.OCI_LAYOUT if is_layout else Kind.DIRECTORY, name=path.name or "filesystem")


def _file_kind(path: Path) -> Kind:
    name = path.name.lower()
    zip_like = name.endswith((".zip", ".whl", *JAVA_ENDINGS))
    with in_words(str(path)):
        # Opening says "permission denied" here; the two testers below would hide it.
        with path.open("rb") as file:
            magic = file.read(4)
        if magic == ZSTD:
            raise permanent(f"{path} is packed with zstd, which cannot be read here. {REPACK}")
        if zip_like or magic.startswith(b"PK\x03\x04") or magic.startswith(b"PK\x05\x06"):
            if not zipfile.is_zipfile(path):
                raise permanent(
                    f"{path} is damaged or incomplete (it has no zip directory). "
                    "Make or download the file again, then scan it."
                )
            return Kind.JAVA if name.endswith(JAVA_ENDINGS) else Kind.ZIP
    looks_packed = magic.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zX"))
    if looks_packed or ".tar" in name:
        with as_archive(str(path)), tarfile.open(path, "r:*") as tar:
            tar.next()
        return Kind.TAR
    with in_words(str(path)):
        try:
            with tarfile.open(path, "r:") as tar:
                tar.next()
        except CORRUPT as error:
            raise permanent(f"{path} is none of what can be scanned. Give {_ARCHIVE_WORDS}.") from error
    return Kind.TAR
