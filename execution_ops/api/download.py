"""Files as downloads that no browser opens, runs or takes for something else."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

from fastapi.responses import FileResponse

from execution_ops.domain.job_types import Artifact

_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]{0,100}")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def attachment(name: str) -> dict[str, str]:
    """The headers that make an answer a download under a harmless name (RFC 6266)."""
    plain = _UNSAFE.sub("_", name).lstrip(".")[-120:] or "download"
    extended = quote(name.replace("/", "_").encode(errors="replace")[-120:], safe="")
    return {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{extended}"}


def artifact_response(artifact: Artifact, path: Path) -> FileResponse:
    """A stored file. Its address names its content, so it may be kept by the one who asked."""
    known = _MEDIA_TYPE.fullmatch(artifact.media_type)
    headers = {
        **attachment(artifact.name),
        "ETag": f'"{artifact.sha256}"',
        "Cache-Control": "private, max-age=86400, immutable",
    }
    return FileResponse(path, media_type=artifact.media_type if known else "application/octet-stream", headers=headers)
