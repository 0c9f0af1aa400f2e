"""The files of baselines: the document as it is stored, and the file of its packages that is derived from it."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import NamedTuple

from execution_ops.backends.embedded.artifacts import ArtifactStore
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.sbom_parts import MEDIA_TYPE, Damaged, Inventory, inventory, pack, syft_version


class Derived(NamedTuple):
    """What a document gave: the digest of its file of packages, and the version of the Syft that made it."""

    parts: str
    syft: str


def derive(store: ArtifactStore, sha256: str) -> Derived:
    """Store the packages of a stored document beside it. InvalidInput if it is not stored or no CycloneDX."""
    path = store.path(sha256)
    if path is None:
        raise InvalidInput("The document of this result is not stored any more.", code="NO_DOCUMENT")
    try:
        with path.open(encoding="utf-8") as file:
            document = json.load(file)
        found = inventory(document)
    except (Damaged, ValueError, RecursionError) as error:
        raise InvalidInput("The stored document is no CycloneDX document.", code="NO_DOCUMENT") from error
    return Derived(_keep(store, found), syft_version(document))


def _keep(store: ArtifactStore, found: Inventory) -> str:
    handle, name = tempfile.mkstemp(dir=store.incoming())
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pack(found))
        return store.keep(path, name="parts", media_type=MEDIA_TYPE).sha256
    finally:
        path.unlink(missing_ok=True)
