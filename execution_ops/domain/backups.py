"""What a back-up is: an archive whose last member lists what stands before it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.times import Instant

FORMAT = 1
MANIFEST = "manifest.json"
MANIFEST_MAX = 256 << 20
DATABASE = "execution_ops.db"
FILES = "files"
# What belongs to running processes, and what the archive has in another form.
APART = frozenset({"work", "workers", "up.lock", "use.lock", DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"})
ASIDE = "before-restore-"
COMING = ".restoring-"


class Member(BaseModel):
    """One file of the archive."""

    model_config = ConfigDict(frozen=True)

    size: int
    sha256: str


class Manifest(BaseModel):
    """What the archive holds. `database` is "sqlite" where the ledger is in it, "postgresql" where it is not."""

    model_config = ConfigDict(frozen=True)

    format: int
    version: str
    made_at: Instant
    database: str
    members: Mapping[str, Member]


def belongs(name: str) -> bool:
    """Whether an entry of a data directory, by its name there, is saved as a file."""
    return name not in APART and not name.startswith((ASIDE, COMING))


def check_name(name: str) -> str:
    """The name of a member, which says where it goes. InvalidInput for one that leads elsewhere."""
    path = PurePosixPath(name)
    top = name == DATABASE or (name.startswith(f"{FILES}/") and belongs(path.parts[1]))
    if not top or path.is_absolute() or ".." in path.parts or str(path) != name or "\0" in name:
        raise InvalidInput(f"The archive has a file with the name {name[:200]!r}, which no back-up has.")
    return name


def check_members(manifest: Manifest, found: Mapping[str, Member]) -> None:
    """InvalidInput unless the archive holds exactly what its manifest lists."""
    if manifest.format != FORMAT:
        raise InvalidInput(f"The archive has the format {manifest.format}; this version reads {FORMAT}.")
    for name in sorted({*manifest.members, *found}):
        if manifest.members.get(name) != found.get(name):
            what = "is missing" if name not in found else "is not what was saved"
            raise InvalidInput(f"The archive is damaged: {name[:200]} {what}.")
    if manifest.database == "sqlite" and DATABASE not in found:
        raise InvalidInput(f"The archive is damaged: {DATABASE} is missing.")
