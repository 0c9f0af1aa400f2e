"""Failures in plain words: what went wrong, and what the operator can do."""

from __future__ import annotations

import errno
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from execution_ops.domain.job_types import JobFailed

_FULL = {errno.ENOSPC, errno.EDQUOT}
_DENIED = {errno.EACCES, errno.EPERM}
MAKE_ROOM = "Free some space or set EXECUTION_OPS_DATA_DIR to a larger disk, then retry this job."
DISK_FULL = f"The disk of the data directory is full. {MAKE_ROOM}"
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
    if error.errno in _FULL:
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
    """The failure for an archive that cannot be read to its end."""
    detail = str(error) or type(error).__name__
    return permanent(f"{path} is damaged or incomplete ({detail}). Make or download the file again, then scan it.")
