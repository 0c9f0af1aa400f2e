"""Verification of a kit, step by step, in one pass over its payload."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from execution_ops.domain.kits import Check, KitReport
from execution_ops.domain.scanner_settings import GIB, TrustKey


class Limits(NamedTuple):
    """How much a kit may carry: bytes of its payload unpacked, and how many times its packed size that may be."""

    unpacked: int = 64 * GIB
    ratio: int = 500


LIMITS = Limits()


def verify(
    source: Path,
    *,
    trust: Sequence[TrustKey],
    active_version: str | None,
    free_bytes: Callable[[], int],
    on_check: Callable[[Check], None],
    checkpoint: Callable[[], None],
    progress: Callable[[int, int, str], None],
    into: Path | None = None,
    limits: Limits = LIMITS,
) -> KitReport:
    """Check the kit at `source`, a directory or a tar, and say of each step how it ended.

    Nothing is written unless `into` is given: then the payload is unpacked to this directory, which must not exist,
    in the same pass that checks its digests, so that what is unpacked is what was verified. It is there afterwards
    only if the report is `verified` or `only_lower`; its parent must be on the disk that it will stay on, so that it
    can be renamed into place.

    `trust` are the trust roots of the settings (disabled ones do not count); `active_version` that of the active
    kit, None if none is; `free_bytes` tells the free bytes of the disk that kits are unpacked to. `on_check` is
    called with each step as it ends, `progress` with bytes done, bytes in all and what goes on. What `checkpoint`
    raises ends the verification and leaves nothing behind. A hostile or damaged kit never raises; an OSError of the
    disk that is written to does, other than a full one.
    """
    raise NotImplementedError
