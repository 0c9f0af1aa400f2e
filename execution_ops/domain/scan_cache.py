"""The cache of what analyzers found: what an entry is, what its figures mean, and what a clear would drop."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from execution_ops.domain.job_types import Artifact
from execution_ops.domain.scan_options import ScanOptions
from execution_ops.domain.scanner_settings import CacheLimits
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.times import Instant

# Over so many days hits and misses are counted together; with fewer lookups a rate says nothing.
WINDOW_DAYS = 7
LOOKUPS_FROM = 20
HITS_WARN, HITS_FAIL = 50.0, 20.0
USED_WARN, USED_FAIL = 80.0, 95.0
DAYS_MAX = 3650


class CacheEntry(BaseModel):
    """What one analyzer found in a source that is known by its digest.

    `source` is the name that the source had then, `job_id` the job that found it.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    analyzer: str
    source: str
    artifact: Artifact
    components: int
    job_id: str = ""
    created_at: Instant | None = None


class Level(StrEnum):
    """How a figure stands to its limits."""

    UNKNOWN = "unknown"
    FINE = "fine"
    WARN = "warn"
    FAIL = "fail"


class CacheFigures(BaseModel):
    """How the cache stands. Hits, misses, evictions and expiries are of the last WINDOW_DAYS days."""

    model_config = ConfigDict(frozen=True)

    limits: CacheLimits
    entries: int = 0
    used_bytes: int = 0
    hits: int = 0
    misses: int = 0
    evicted: int = 0
    expired: int = 0
    by_analyzer: dict[str, int] = Field(default_factory=dict)

    @property
    def hit_percent(self) -> float | None:
        """Which part of the lookups was a hit, None before the first."""
        asked = self.hits + self.misses
        return 100 * self.hits / asked if asked else None

    @property
    def used_percent(self) -> float:
        """Which part of the limit is used."""
        return 100 * self.used_bytes / self.limits.max_bytes

    def hit_level(self) -> tuple[Level, str]:
        """How the hit rate stands, in words."""
        if not self.limits.enabled:
            return Level.UNKNOWN, "The cache is switched off in the settings."
        asked = self.hits + self.misses
        if asked < LOOKUPS_FROM or self.hit_percent is None:
            return Level.UNKNOWN, f"Too little to say: {asked} of {LOOKUPS_FROM} lookups in {WINDOW_DAYS} days."
        words = f"{self.hits:,} of {asked:,} lookups in {WINDOW_DAYS} days"
        if self.hit_percent < HITS_FAIL:
            return Level.FAIL, f"{words}: below {HITS_FAIL:.0f} %."
        if self.hit_percent < HITS_WARN:
            return Level.WARN, f"{words}: below {HITS_WARN:.0f} %."
        return Level.FINE, f"{words}."

    def used_level(self) -> tuple[Level, str]:
        """How the used bytes stand to the limit, in words."""
        words = f"{describe_bytes(self.used_bytes)} of {describe_bytes(self.limits.max_bytes)}"
        if self.used_percent >= USED_FAIL:
            return Level.FAIL, f"{words}: {USED_FAIL:.0f} % or more."
        if self.used_percent >= USED_WARN:
            return Level.WARN, f"{words}: {USED_WARN:.0f} % or more."
        return Level.FINE, f"{words}."


class CacheScope(BaseModel):
    """Which entries: of one analyzer, and those made before an instant; empty: all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    analyzer: str = Field("", max_length=100)
    before: Instant | None = None


class CachePreview(BaseModel):
    """What a clear would drop. `until` is when it was looked, in ms: what is kept from then on stays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scope: CacheScope
    entries: int = Field(ge=0)
    bytes: int = Field(ge=0)
    until: int = Field(ge=0)


def cache_key(
    tenant: str, version: str, name: str, catalogers: Sequence[str], syft_version: str, options: ScanOptions
) -> str:
    """What tells two results apart: of one tenant, the content by its digest, and all that the result is made with.

    `name` is that of a source whose name stands in the result, else "".
    """
    parts = [1, tenant, version, name, sorted(catalogers), syft_version]
    parts += [options.determinism.model_dump(mode="json"), options.limits.model_dump(mode="json")]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
