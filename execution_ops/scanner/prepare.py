"""Making a source readable for Syft without trusting what is in it."""

from __future__ import annotations

import bz2
import gzip
import lzma
import shutil
from pathlib import Path
from typing import IO, cast

from execution_ops.domain.disk import DISK_FULL, KEEP_FREE
from execution_ops.domain.job_types import JobContext, JobFailed
from execution_ops.domain.sizes import CHUNK
from execution_ops.scanner.archives import (
    LIMITS,
    Budget,
    Limits,
    open_tar,
    tar_members,
    unpack,
    zip_members,
)
from execution_ops.scanner.failures import as_archive
from execution_ops.scanner.sources import Kind, Source
from execution_ops.scanner.syft import Target


def prepare(ctx: JobContext, source: Source, limits: Limits = LIMITS) -> Target:
    """What Syft is to read. Archives are unpacked below the work directory, within the limits.

    Syft would unpack some itself, but without limits, by the file's ending alone (a wheel stays
    shut), and it takes a damaged archive for an empty one.
    """
    path = Path(source.path)
    if source.kind is Kind.DIRECTORY:
        return Target("dir", path)
    if source.kind is Kind.JAVA:
        return Target("file", path)
    if source.kind is Kind.OCI_LAYOUT:
        return Target("oci-dir", path)
    if source.kind is Kind.DOCKER_TAR:
        return Target("docker-archive", _plain(ctx, path, limits))
    into = ctx.work_dir / "source"
    budget = Budget(source.path, limits)
    if source.kind is Kind.ZIP:
        done = unpack(zip_members(path, budget, ctx.checkpoint), into, source.path)
    else:
        with open_tar(path) as tar:
            done = unpack(tar_members(tar, budget, ctx.checkpoint), into, source.path)
    ctx.log.info("Unpacked %d files of %s", done.files, source.name)
    if done.left_out:
        ctx.log.warning(
            "Left out %d unsafe members (devices, or paths that lead out of the archive or through a link)",
            done.left_out,
        )
    return Target("oci-dir" if source.kind is Kind.OCI_TAR else "dir", into)


def _plain(ctx: JobContext, path: Path, limits: Limits) -> Path:
    """The image tarball itself, or its unpacked copy if it is compressed: Syft reads only plain ones."""
    with as_archive(str(path)), path.open("rb") as file:
        packed = _opened(path, file.read(6))
        if packed is None:
            return path
        budget = Budget(str(path), limits)
        plain = ctx.work_dir / "image.tar"
        with packed, plain.open("wb") as out:
            while chunk := packed.read(CHUNK):
                ctx.checkpoint()
                budget.grow(len(chunk))
                if shutil.disk_usage(ctx.work_dir).free < KEEP_FREE:
                    raise JobFailed(DISK_FULL)
                out.write(chunk)
        return plain


def _opened(path: Path, magic: bytes) -> IO[bytes] | None:
    if magic.startswith(b"\x1f\x8b"):
        return cast(IO[bytes], gzip.open(path, "rb"))
    if magic.startswith(b"BZh"):
        return cast(IO[bytes], bz2.open(path, "rb"))
    return cast(IO[bytes], lzma.open(path, "rb")) if magic.startswith(b"\xfd7zXZ\0") else None
