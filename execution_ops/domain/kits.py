"""Offline kits: the manifest, the checks of a verification and what they found, and when a kit is stale.

A kit is a directory or a plain tar with `manifest.json`, `payload.tar.zst`, `statement.dsse.json`, and optionally
`payload.tar.zst.sha256` and `rekor-receipt.json` (stella-ops facts, section 6.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Annotated, NamedTuple, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, model_validator

from execution_ops.domain.kit_names import NAME_MAX, VERSION_MAX, VERSION_PATTERN, names_fault
from execution_ops.domain.scanner_settings import Staleness
from execution_ops.domain.times import describe_duration, iso

MANIFEST = "manifest.json"
PAYLOAD = "payload.tar.zst"
CHECKSUM = "payload.tar.zst.sha256"
STATEMENT = "statement.dsse.json"
RECEIPT = "rekor-receipt.json"
NEEDED = (MANIFEST, PAYLOAD, STATEMENT)
OPTIONAL = (CHECKSUM, RECEIPT)

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://stella-ops.org/attestations/offline-update/1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"

ENTRIES_MAX = 10_000
ENTRY_SIZE_MAX = 1 << 40
SHA256_PATTERN = r"^[0-9a-f]{64}$"

_Sha256 = Annotated[str, Field(pattern=SHA256_PATTERN)]
_Aware = Annotated[AwareDatetime, PlainSerializer(iso, return_type=str, when_used="json")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Channel(StrEnum):
    """Which audience a kit is made for."""

    EDGE = "edge"
    STABLE = "stable"
    FIPS = "fips-profile"


class KitEntry(_Frozen):
    """One file of the payload. `name` is its path in it, `size` counts bytes."""

    model_config = ConfigDict(frozen=True, strict=True)

    name: str = Field(min_length=1, max_length=NAME_MAX)
    sha256: _Sha256
    size: int = Field(ge=0, le=ENTRY_SIZE_MAX)


class KitManifest(_Frozen):
    """What a kit says that it carries. `payload_sha256` is the digest of `payload.tar.zst` as it is."""

    version: str = Field(max_length=VERSION_MAX, pattern=VERSION_PATTERN)
    created_at: _Aware
    channel: Channel
    entries: tuple[KitEntry, ...] = Field(max_length=ENTRIES_MAX)
    payload_sha256: _Sha256

    @model_validator(mode="after")
    def _names_are_safe(self) -> Self:
        if fault := names_fault(entry.name for entry in self.entries):
            raise ValueError(fault)
        return self

    @property
    def size(self) -> int:
        """Bytes of all entries, unpacked."""
        return sum(entry.size for entry in self.entries)


class CheckStep(StrEnum):
    """The steps of a verification, in their order."""

    CONTAINER = "container"
    MANIFEST = "manifest"
    ENTRIES = "entries"
    PAYLOAD = "payload"
    SIGNATURE = "signature"
    RECEIPT = "receipt"
    VERSION = "version"
    DISK = "disk"

    @property
    def heading(self) -> str:
        """The step as a heading."""
        return _TITLES[self]

    @property
    def number(self) -> int:
        """Its place in the list, from 1."""
        return list(CheckStep).index(self) + 1


_TITLES = {
    CheckStep.CONTAINER: "Container opens",
    CheckStep.MANIFEST: "Manifest",
    CheckStep.ENTRIES: "Entry digests and sizes",
    CheckStep.PAYLOAD: "Payload digest",
    CheckStep.SIGNATURE: "Signature and trust root",
    CheckStep.RECEIPT: "Transparency receipt",
    CheckStep.VERSION: "Not lower than the active kit",
    CheckStep.DISK: "Free disk",
}


def failed_at(category: str) -> str:
    """The heading of the step that refused a kit of this category, such as "Payload digest" of `payload:digest`."""
    area = category.partition(":")[0]
    step = {"dsse": CheckStep.SIGNATURE, "rekor": CheckStep.RECEIPT}.get(area) or CheckStep(area)
    return step.heading


class CheckStatus(StrEnum):
    """How a step ended. `absent`: what it checks is optional and not there."""

    PASSED = "passed"
    FAILED = "failed"
    ABSENT = "absent"
    NOT_RUN = "not_run"

    @property
    def word(self) -> str:
        """It in words."""
        return "not there, optional" if self is CheckStatus.ABSENT else self.value.replace("_", " ")


class Detail(_Frozen):
    """One line of what differs, such as `manifest 4be190c7…`."""

    label: str
    value: str


class Check(_Frozen):
    """One step as it ended: what was expected, what was found, and for a failed one what to do (`advice`).

    All texts are whole sentences, safe to show. `details` tell of mismatches line by line.
    """

    step: CheckStep
    status: CheckStatus
    expected: str = ""
    found: str = ""
    advice: str = ""
    duration_ms: int = 0
    details: tuple[Detail, ...] = ()


class ExitCode(IntEnum):
    """What `kits verify` ends with (stella-ops facts, section 6.1)."""

    OK = 0
    NOT_FOUND = 1
    CHECKSUM = 2
    DSSE = 5
    REKOR = 6
    NON_MONOTONIC = 8
    VALIDATION = 11


class Signer(_Frozen):
    """The trust root that a kit is signed with."""

    name: str
    fingerprint: str


class KitReport(_Frozen):
    """A verification as it ended.

    `manifest` and `manifest_sha256` (which identifies the kit) are there once the manifest was read, `signer` once
    the signature held. `category` tells in one word what failed, such as `dsse:untrusted`; "" if nothing did.
    `size` is the kit's on disk, in bytes.
    """

    checks: tuple[Check, ...]
    exit_code: ExitCode = ExitCode.OK
    category: str = ""
    manifest: KitManifest | None = None
    manifest_sha256: str = ""
    signer: Signer | None = None
    size: int = 0

    @property
    def verified(self) -> bool:
        """Whether every step passed, or is optional and absent."""
        return self.exit_code == ExitCode.OK

    @property
    def only_lower(self) -> bool:
        """Whether the kit is sound and merely of a lower version than the active one.

        Such a kit may be stored; to activate it needs force and a reason.
        """
        return [check.step for check in self._failed()] == [CheckStep.VERSION]

    @property
    def failure(self) -> str:
        """What failed first and what to do, in words; "" if nothing did."""
        return next((f"{check.found} {check.advice}".strip() for check in self._failed()), "")

    def _failed(self) -> Sequence[Check]:
        return [check for check in self.checks if check.status is CheckStatus.FAILED]


class AgeLevel(StrEnum):
    """How stale the active kit is."""

    OK = "ok"
    AMBER = "amber"
    RED = "red"


class KitAge(NamedTuple):
    """The age of a kit: its level, and in words."""

    level: AgeLevel
    words: str


def kit_age(created_at: datetime, now: datetime, rule: Staleness) -> KitAge:
    """How old a kit made at `created_at` is, by the rule of the settings."""
    ms = int((now - created_at).total_seconds() * 1000)
    if ms < 0:
        ahead = describe_duration(-ms)
        return KitAge(AgeLevel.AMBER, f"Made {ahead} in the future: check the clocks of this host and of the builder.")
    old = f"{describe_duration(ms)} old"
    hours = ms / 3_600_000
    if hours >= rule.red_h:
        return KitAge(AgeLevel.RED, f"{old}, stale: red from {rule.red_h} h on. Import a newer kit.")
    if hours >= rule.amber_h:
        return KitAge(AgeLevel.AMBER, f"{old}: amber from {rule.amber_h} h on, red from {rule.red_h} h on.")
    return KitAge(AgeLevel.OK, f"{old}.")
