"""The settings of the scanner: what they mean, and the range of each (defaults: stella-ops facts, section 6).

They are stored whole, as versions. A scan is started with the version that holds then, and keeps it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from execution_ops.domain.times import EPOCH, Instant, iso

MIB = 1 << 20
GIB = 1 << 30
TRUST_MAX = 50
NAME_MAX = 100


Moment = Annotated[AwareDatetime, PlainSerializer(iso, return_type=str, when_used="json")]
_SNAPSHOT = r"^[^\x00-\x1f\x7f]*$"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Determinism(_Part):
    """What makes two scans of the same source the same, to the byte."""

    fixed_instant: Moment = Field(
        datetime(2024, 1, 1, tzinfo=UTC),
        ge=EPOCH,
        le=datetime(2199, 12, 31, tzinfo=UTC),
        description="The time that documents carry in place of the clock's.",
    )
    seed: int = Field(1337, ge=0, le=2**31 - 1, description="Seed of the serial numbers of documents.")
    concurrency_limit: int = Field(1, ge=1, le=64, description="Threads of one Syft process.")
    feed_snapshot_id: str = Field(
        "", max_length=NAME_MAX, pattern=_SNAPSHOT, description="Which feeds the results belong to."
    )
    policy_snapshot_id: str = Field(
        "", max_length=NAME_MAX, pattern=_SNAPSHOT, description="Which policy the results belong to."
    )


class ScanLimits(_Part):
    """What a source may hold at most."""

    files_max: int = Field(1_000_000, ge=1, le=10_000_000, description="How many files a source may unpack to.")
    unpacked_max: int = Field(64 * GIB, ge=MIB, le=1024 * GIB, description="Bytes of an unpacked source.")


class Timeouts(_Part):
    """Seconds until a step of a scan is stopped."""

    inspect_s: int = Field(1800, ge=10, le=86_400, description="Seconds for the inspection of a source.")
    catalog_s: int = Field(1800, ge=10, le=86_400, description="Seconds for one analyzer.")
    report_s: int = Field(600, ge=10, le=86_400, description="Seconds for merge, comparison and export.")


class CacheLimits(_Part):
    """The cache of what analyzers found in sources that are known by their digest."""

    enabled: StrictBool = Field(True, description="Whether results are taken from the cache.")
    ttl_days: int = Field(30, ge=1, le=365, description="Days after which an entry is dropped.")
    max_bytes: int = Field(5 * GIB, ge=MIB, le=1024 * GIB, description="Bytes of all entries; the oldest go first.")


class Staleness(_Part):
    """From which age on the active kit is called stale, in hours."""

    amber_h: int = Field(24, ge=1, le=8760, description="Hours after which the active kit is amber.")
    red_h: int = Field(72, ge=1, le=8760, description="Hours after which the active kit is red.")

    @model_validator(mode="after")
    def _amber_first(self) -> Self:
        if self.amber_h >= self.red_h:
            # The type of the error names the field that is at fault.
            raise PydanticCustomError("amber_h", "Amber comes before red: fewer than {red} hours.", {"red": self.red_h})
        return self


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


class SettingsValues(_Part):
    """What is set by hand: all but the trust roots, which change one by one and need another permission."""

    determinism: Determinism = Determinism()
    limits: ScanLimits = ScanLimits()
    timeouts: Timeouts = Timeouts()
    cache: CacheLimits = CacheLimits()
    staleness: Staleness = Staleness()
    bench: BenchBudget = BenchBudget()


class ScannerSettings(SettingsValues):
    """All of them."""

    trust: tuple[TrustKey, ...] = Field((), max_length=TRUST_MAX)

    def values(self) -> SettingsValues:
        """All but the trust roots."""
        return SettingsValues(**{name: getattr(self, name) for name in SettingsValues.model_fields})

    def with_values(self, values: SettingsValues) -> ScannerSettings:
        """These with other values; the trust roots stay."""
        return ScannerSettings(
            **{name: getattr(values, name) for name in SettingsValues.model_fields}, trust=self.trust
        )


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
