"""The settings of the scanner: what they mean, and the range of each (defaults: stella-ops facts, section 6).

They are stored whole, as versions. A scan is started with the version that holds then, and keeps it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from execution_ops.domain.times import Instant

MIB = 1 << 20
GIB = 1 << 30
TRUST_MAX = 50
NAME_MAX = 100


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Determinism(_Part):
    """What makes two scans of the same source the same, to the byte."""

    fixed_instant: datetime = Field(
        datetime(2024, 1, 1, tzinfo=UTC), description="The time that documents carry in place of the clock's."
    )
    seed: int = Field(1337, ge=0, le=2**31 - 1, description="Seed of the serial numbers of documents.")
    concurrency_limit: int = Field(1, ge=1, le=64, description="Threads of one Syft process.")
    feed_snapshot_id: str = Field("", max_length=NAME_MAX, description="Which feeds the results belong to.")
    policy_snapshot_id: str = Field("", max_length=NAME_MAX, description="Which policy the results belong to.")


class ScanLimits(_Part):
    """What a source may hold at most."""

    files_max: int = Field(1_000_000, ge=1, le=10_000_000, description="Files of an unpacked source.")
    unpacked_max: int = Field(64 * GIB, ge=MIB, le=1024 * GIB, description="Bytes of an unpacked source.")


class Timeouts(_Part):
    """Seconds until a step of a scan is stopped."""

    inspect_s: int = Field(1800, ge=10, le=86_400, description="Seconds for the inspection of a source.")
    catalog_s: int = Field(1800, ge=10, le=86_400, description="Seconds for one analyzer.")
    report_s: int = Field(600, ge=10, le=86_400, description="Seconds for merge, comparison and export.")


class CacheLimits(_Part):
    """The cache of what analyzers found in sources that are known by their digest."""

    enabled: bool = Field(True, description="Whether results are taken from the cache.")
    ttl_days: int = Field(30, ge=1, le=365, description="Days after which an entry is dropped.")
    max_bytes: int = Field(5 * GIB, ge=MIB, le=1024 * GIB, description="Bytes of all entries; the oldest go first.")


class Staleness(_Part):
    """From which age on the active kit is called stale, in hours."""

    amber_h: int = Field(24, ge=1, le=8760, description="Hours after which the active kit is amber.")
    red_h: int = Field(72, ge=1, le=8760, description="Hours after which the active kit is red.")


class BenchBudget(_Part):
    """When a benchmark is a breach."""

    max_ms: int = Field(5_000, ge=1, le=3_600_000, description="Milliseconds that no iteration may exceed.")
    worse_percent: int = Field(20, ge=1, le=1000, description="Percent worse than the stored one that is a breach.")


class TrustUse(StrEnum):
    """What a key is trusted for: signing kits, or the checkpoints of a transparency log."""

    KIT = "kit"
    LOG = "log"


class TrustKey(_Part):
    """A public key that is trusted. `fingerprint` is the SHA-256 of its SubjectPublicKeyInfo, in hex."""

    name: str = Field(min_length=1, max_length=NAME_MAX)
    use: TrustUse
    pem: str = Field(max_length=4096)
    fingerprint: str = Field(pattern=r"^[0-9a-f]{64}$")
    algorithm: str
    enabled: bool = True
    added_by: str = ""
    added_at: Instant


class ScannerSettings(_Part):
    """All of them."""

    determinism: Determinism = Determinism()
    limits: ScanLimits = ScanLimits()
    timeouts: Timeouts = Timeouts()
    cache: CacheLimits = CacheLimits()
    staleness: Staleness = Staleness()
    bench: BenchBudget = BenchBudget()
    trust: tuple[TrustKey, ...] = Field((), max_length=TRUST_MAX)


class SettingsVersion(_Part):
    """One version as it was saved. Version 0 are the defaults, before anybody saved any."""

    version: int
    settings: ScannerSettings
    at: Instant | None = None
    by: str = ""
    reason: str = ""


class AnalyzerDefaults(_Part):
    """Which analyzers scans run unless told otherwise: all but the `disabled` ones, by name.

    Version 0 is what holds before anybody changed it: every analyzer.
    """

    version: int
    disabled: tuple[str, ...] = ()
    at: Instant | None = None
    by: str = ""
    reason: str = ""
