"""Copies that leave the console: who takes what is in the audit before its first byte, and how that ended after it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import TypeVar

from execution_ops.backends.base import JobBackend
from execution_ops.domain.audit import Touched
from execution_ops.domain.errors import OpsError
from execution_ops.domain.verbs import EXPORT, EXPORT_CUT_OFF, EXPORT_FINISHED, Stamp

T = TypeVar("T")
Chunks = Generator[bytes, None, None]

_log = logging.getLogger(__name__)


def exported(
    backend: JobBackend,
    what: str,
    touched: Touched,
    stamp: Stamp,
    batches: Iterable[Sequence[T]],
    write: Callable[[Iterator[Sequence[T]]], Iterable[bytes]],
) -> Chunks:
    """What `write` makes of the batches, in chunks; `stamp` is signed for EXPORT.

    The event of its beginning is written by this call, so nobody gets anything without it. That of its end has how
    many things went out, whole or until it was cut off: whoever stops to read closes the generator.
    """
    backend.witness(EXPORT.name, what, stamp, touched)
    return _told(backend, what, touched, stamp, batches, write)


def _told(
    backend: JobBackend,
    what: str,
    touched: Touched,
    stamp: Stamp,
    batches: Iterable[Sequence[T]],
    write: Callable[[Iterator[Sequence[T]]], Iterable[bytes]],
) -> Chunks:
    taken, end = 0, EXPORT_CUT_OFF

    def counted() -> Iterator[Sequence[T]]:
        nonlocal taken
        for batch in batches:
            # Before it goes out: of what was cut off nobody can tell whether the last of it arrived.
            taken += len(batch)
            yield batch

    try:
        yield from write(counted())
        end = EXPORT_FINISHED
    finally:
        try:
            backend.witness(end.name, what, stamp, touched, count=taken)
        except OpsError as error:
            # The event of its beginning stands, and nothing of its end: the audit says as much.
            _log.warning("the end of the export %r is not in the audit: %s", what, error.message)
