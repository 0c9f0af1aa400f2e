"""The steps of a verification, one after the other; each knows what those before it found."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from execution_ops.domain.disk import KEEP_FREE
from execution_ops.domain.kit_names import compare_versions
from execution_ops.domain.kits import (
    CHECKSUM,
    MANIFEST,
    NEEDED,
    PAYLOAD,
    RECEIPT,
    STATEMENT,
    CheckStep,
    ExitCode,
    KitManifest,
)
from execution_ops.domain.scanner_settings import GIB, MIB, TrustKey, TrustUse
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.times import iso
from execution_ops.scanner.kits.container import Container, Opened, Part, open_kit
from execution_ops.scanner.kits.failures import KitRefused
from execution_ops.scanner.kits.receipt import check_receipt
from execution_ops.scanner.kits.statement import Attested, check_statement
from execution_ops.scanner.kits.strict_json import Malformed, read_model
from execution_ops.scanner.kits.unpacking import Findings, Progress, check_payload, damaged

# What stays free beside an unpacked kit: the ledger lives on the same disk.
# Up to this size a payload may be packed as small as it can.
_RATIO_FROM = 64 * MIB
_AGAIN = "Get the kit once more from where it was made, and compare the digests."
_CHECKSUM_LINE = re.compile(rb"([0-9a-f]{64})(?: [ *]payload\.tar\.zst)?\s*")


class Limits(NamedTuple):
    """How much a kit may carry: bytes of its payload unpacked, and how many times its packed size that may be."""

    unpacked: int = 64 * GIB
    ratio: int = 500


class Site(NamedTuple):
    """What the kit meets here: see `verify`."""

    trust: Sequence[TrustKey]
    active_version: str | None
    free_bytes: Callable[[], int]
    checkpoint: Callable[[], None]
    progress: Progress
    limits: Limits


class Absent(Exception):
    """What the step checks is optional and not there; the message says so."""


class Kit:
    """A kit that is being verified. What is known of it grows with the steps."""

    container: Container | None = None
    manifest: KitManifest | None = None
    manifest_sha256: str = ""
    findings: Findings | None = None
    attested: Attested | None = None

    def __init__(self, source: Path | Opened, into: Path | None, site: Site, stack: ExitStack) -> None:
        self._source = source
        self._into = into
        self._site = site
        self._stack = stack
        self._free = 0
        self._steps = {
            CheckStep.CONTAINER: self._open,
            CheckStep.MANIFEST: self._read_manifest,
            CheckStep.ENTRIES: self._check_entries,
            CheckStep.PAYLOAD: self._check_payload,
            CheckStep.SIGNATURE: self._check_signature,
            CheckStep.RECEIPT: self._check_receipt,
            CheckStep.VERSION: self._check_version,
            CheckStep.DISK: self._check_disk,
        }

    def check(self, step: CheckStep) -> str:
        """Carry out the step: what was found, in words. KitRefused if it fails, Absent if it has nothing to check."""
        return self._steps[step]()

    def expected(self, step: CheckStep) -> str:
        """What the step looks for, in words, as far as it is known."""
        match step:
            case CheckStep.CONTAINER:
                return f"A directory or plain tar with {NEEDED[0]}, {NEEDED[1]} and {NEEDED[2]}."
            case CheckStep.MANIFEST:
                return "Version, time, channel, entries and payload digest, in the form of a kit."
            case CheckStep.ENTRIES:
                count = f"{len(self.manifest.entries):,} files" if self.manifest else "The files"
                return f"{count} with the digests and sizes of the manifest, and nothing else."
            case CheckStep.PAYLOAD:
                return f"SHA-256 {self.manifest.payload_sha256}." if self.manifest else "The digest of the manifest."
            case CheckStep.SIGNATURE:
                return "A statement of this very kit, signed by an enabled trust root."
            case CheckStep.RECEIPT:
                return "Optional: a receipt of the statement from a log whose key is trusted."
            case CheckStep.VERSION:
                active = self._site.active_version
                return "Any version, since no kit is active." if active is None else f"{active} or higher."
            case CheckStep.DISK:
                spare = describe_bytes(KEEP_FREE)
                size = (
                    f"{describe_bytes(self.manifest.size)} for the entries" if self.manifest else "Room for the entries"
                )
                return f"{size}, and {spare} to spare."

    def _known(self) -> KitManifest:
        if self.manifest is None:
            raise RuntimeError("a step was carried out before the manifest was read")
        return self.manifest

    def _found(self) -> Findings:
        if self.findings is None:
            raise RuntimeError("a step was carried out before the payload was read")
        return self.findings

    def _part(self, name: str) -> Part:
        part = self._optional(name)
        if part is None:
            raise RuntimeError("a step was carried out on a kit that is incomplete")
        return part

    def _optional(self, name: str) -> Part | None:
        return self.container.parts.get(name) if self.container else None

    def _open(self) -> str:
        self.container = container = self._stack.enter_context(open_kit(self._source))
        files = ", ".join(sorted(container.parts))
        return f"{container.form} of {describe_bytes(container.size)}: {files}."

    def _read_manifest(self) -> str:
        data = self._part(MANIFEST).whole()
        try:
            manifest = read_model(KitManifest, data)
        except Malformed as error:
            advice = "Ask who made the kit to build it anew."
            found = f"{MANIFEST} is none of a kit. {error}"
            raise KitRefused(ExitCode.VALIDATION, "manifest:malformed", found, advice) from None
        self.manifest, self.manifest_sha256 = manifest, hashlib.sha256(data).hexdigest()
        made = f"{manifest.version}, {manifest.channel}, made {iso(manifest.created_at)}"
        return f"{made}, {len(manifest.entries):,} entries of {describe_bytes(manifest.size)}."

    def _check_entries(self) -> str:
        manifest, site = self._known(), self._site
        payload = self._part(PAYLOAD)
        most = min(site.limits.unpacked, max(_RATIO_FROM, payload.size * site.limits.ratio))
        if manifest.size > most:
            found = (
                f"{describe_bytes(payload.size)} would unpack to {describe_bytes(manifest.size)}: this may be a bomb."
            )
            raise damaged("bomb", found, f"At most {describe_bytes(most)} are unpacked of it. Ask who made the kit.")
        self._free = site.free_bytes()
        into = self._into if self._free >= manifest.size + KEEP_FREE else None
        self.findings = findings = check_payload(payload, manifest, into, site.checkpoint, site.progress)
        if findings.fault is not None:
            raise self._blamed(findings.fault)
        if findings.differing or findings.missing:
            raise KitRefused(ExitCode.CHECKSUM, "entries:digest", _counted(findings), _AGAIN, findings.details)
        return f"All {findings.matching:,} match."

    def _blamed(self, fault: KitRefused) -> KitRefused:
        """A payload that can't be read was most often changed on its way, which its digest tells."""
        if self._found().sha256 == self._known().payload_sha256:
            return fault
        found = f"{fault.found} It is not the payload that the manifest names: it was changed or cut off."
        return KitRefused(ExitCode.CHECKSUM, "entries:changed", found, _AGAIN, fault.details)

    def _check_payload(self) -> str:
        expected, found = self._known().payload_sha256, self._found().sha256
        if found != expected:
            raise KitRefused(ExitCode.CHECKSUM, "payload:digest", f"SHA-256 {found}.", _AGAIN)
        beside = self._optional(CHECKSUM)
        if beside is not None:
            line = _CHECKSUM_LINE.fullmatch(beside.whole())
            if line is None or line[1].decode() != found:
                words = f"The payload has the digest of the manifest, but {CHECKSUM} says another."
                raise KitRefused(ExitCode.CHECKSUM, "payload:checksum-file", words, _AGAIN)
        return "The same."

    def _check_signature(self) -> str:
        data = self._part(STATEMENT).whole()
        trust = self._trusted(TrustUse.KIT)
        self.attested = check_statement(data, self._known(), self.manifest_sha256, trust)
        signer = self.attested.signer
        return f"Signed by {signer.name} (SHA-256 {signer.fingerprint}), built by {self.attested.builder}."

    def _check_receipt(self) -> str:
        part = self._optional(RECEIPT)
        if part is None:
            raise Absent("The kit has no receipt.")
        if self.attested is None:
            raise RuntimeError("the receipt was checked before the statement")
        logged = check_receipt(part.whole(), self.attested.payload, self._trusted(TrustUse.LOG))
        return f"Entry {logged.place:,} of {logged.size:,} in {logged.origin}, whose checkpoint {logged.key} signed."

    def _check_version(self) -> str:
        version, active = self._known().version, self._site.active_version
        if active is not None and compare_versions(version, active) < 0:
            advice = "Activate it only if you mean to go back: that needs force and a reason, and stays marked."
            found = f"{version} is lower than {active}, which is active."
            raise KitRefused(ExitCode.NON_MONOTONIC, "version:lower", found, advice)
        return f"{version}."

    def _check_disk(self) -> str:
        needed = self._known().size + KEEP_FREE
        if self._free < needed or self._found().full:
            found = f"{describe_bytes(self._free)} are free; {describe_bytes(needed)} are needed."
            advice = "Free some space on the disk of the data directory, then verify the kit again."
            raise KitRefused(ExitCode.VALIDATION, "disk:full", found, advice)
        return f"{describe_bytes(self._free)} are free."

    def _trusted(self, use: TrustUse) -> list[TrustKey]:
        return [key for key in self._site.trust if key.enabled and key.use is use]


def _counted(found: Findings) -> str:
    total = found.matching + found.differing + found.missing
    words = f"{found.matching:,} of {total:,} match the manifest."
    if found.differing:
        words += f" {found.differing:,} {'differs' if found.differing == 1 else 'differ'}."
    if found.missing:
        words += f" {found.missing:,} {'is' if found.missing == 1 else 'are'} missing."
    return words
