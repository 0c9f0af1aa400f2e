"""Files as downloads that no browser opens, runs or takes for something else."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import anyio
from fastapi.responses import FileResponse, StreamingResponse
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool

from execution_ops.domain.job_types import Artifact
from execution_ops.services.exports import Chunks

_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]{0,100}")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def attachment(name: str) -> dict[str, str]:
    """The headers that make an answer a download under a harmless name (RFC 6266)."""
    plain = _UNSAFE.sub("_", name).lstrip(".")[-120:] or "download"
    extended = quote(name.replace("/", "_").encode(errors="replace")[-120:], safe="")
    return {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{extended}"}


def export_response(chunks: Chunks, name: str, media_type: str) -> StreamingResponse:
    """An export as a download; whoever goes away in the middle cuts it off."""
    return StreamingResponse(_closed(chunks), media_type=media_type, headers=attachment(name))


async def _closed(chunks: Chunks) -> AsyncIterator[bytes]:
    try:
        async for chunk in iterate_in_threadpool(chunks):
            yield chunk
    finally:
        # Closing writes to the audit, which the event loop must not wait for, nor a request that is over stop.
        with anyio.CancelScope(shield=True):
            await run_in_threadpool(chunks.close)


def artifact_response(artifact: Artifact, path: Path) -> FileResponse:
    """A stored file. Its address names its content, so it may be kept by the one who asked."""
    known = _MEDIA_TYPE.fullmatch(artifact.media_type)
    headers = {
        **attachment(artifact.name),
        "ETag": f'"{artifact.sha256}"',
        "Cache-Control": "private, max-age=86400, immutable",
    }
    return FileResponse(path, media_type=artifact.media_type if known else "application/octet-stream", headers=headers)
