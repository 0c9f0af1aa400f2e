"""Failures in plain words: what went wrong, and what the operator can do."""

from __future__ import annotations

import errno
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TypeVar

from execution_ops.domain.disk import DISK_FULL, is_disk_full
from execution_ops.domain.job_types import JobContext, JobFailed, JobResult

P = TypeVar("P")
_DENIED = {errno.EACCES, errno.EPERM}
REPACK = "Unpack it and scan the directory, or pack it anew with gzip, bzip2, xz or zip."
# What tarfile, zipfile and the decompressors raise for bytes that are not what they should be.
CORRUPT: tuple[type[Exception], ...] = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    gzip.BadGzipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    UnicodeError,
    ValueError,
    OverflowError,
    NotImplementedError,
    RecursionError,
)


class Damaged(ValueError):
    """What is wrong with an archive in our own words, for the operator's sentence."""


def permanent(message: str) -> JobFailed:
    """A failure that the same input would give again."""
    return JobFailed(message, permanent=True)


@contextmanager
def in_words(path: str) -> Iterator[None]:
    """Turn the operating system's errors while reading `path` into failures that say what to do."""
    try:
        yield
    except OSError as error:
        raise _os_failure(path, error) from error


def _os_failure(path: str, error: OSError) -> JobFailed:
    if is_disk_full(error):
        # Space may come back by itself, so this one is tried again.
        return JobFailed(DISK_FULL)
    if error.errno in _DENIED:
        return permanent(
            f"{error.filename or path} cannot be read: permission denied. "
            "Let the user that runs the worker read it, then retry this job."
        )
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return permanent(f"{error.filename or path} is not there any more. Check the path and start a new scan.")
    if error.errno == errno.ELOOP:
        return permanent(f"{path} is a circle of symbolic links. Give the real path.")
    if error.errno is None:
        return corrupt(path, error)
    return JobFailed(f"{error.filename or path} cannot be read: {error.strerror}. Check the disk, then retry this job.")


@contextmanager
def as_archive(path: str) -> Iterator[None]:
    """Like `in_words`, and for an archive whose bytes are not what they should be."""
    with in_words(path):
        try:
            yield
        except CORRUPT as error:
            raise corrupt(path, error) from error


def corrupt(path: str, error: Exception) -> JobFailed:
    """The failure for an archive that cannot be read to its end. What the library said is its cause."""
    if isinstance(error, NotImplementedError):
        return permanent(f"{path} is packed in a way that cannot be read here. {REPACK}")
    detail = f" ({error})" if isinstance(error, Damaged) else ""
    return permanent(f"{path} is damaged or incomplete{detail}. Make or download the file again, then scan it.")


def logs_cause(handler: Callable[[JobContext, P], JobResult]) -> Callable[[JobContext, P], JobResult]:
    """A handler that writes to the job's log what a library or the system said before it was put into words."""

    @wraps(handler)
    def logging_handler(ctx: JobContext, payload: P) -> JobResult:
        try:
            return handler(ctx, payload)
        except JobFailed as error:
            if error.__cause__ is not None:
                ctx.log.error("%s: %s", type(error.__cause__).__name__, error.__cause__)
            raise

    return logging_handler
