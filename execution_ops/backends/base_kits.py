"""The port for offline kits. Every method is blocking and thread-safe."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from execution_ops.domain.kit_records import Kit, KitActivation, KitOrder, KitPlace, KitReads, KitRun, NewKit
from execution_ops.domain.kits import KitReport
from execution_ops.domain.scanner_verbs import KIT_REMOVE
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp


class KitBackend(Protocol):
    """Kits belong to no tenant: all see them, and only who acts for all tenants changes them.

    The files are below `kit_root`; the ledger says which of them count.
    """

    @property
    def kit_root(self) -> Path:
        """The directory of all kits on this machine."""

    def kits(self, *, removed: bool = False, before: int | None = None, limit: int) -> list[Kit]:
        """Kits, the last received first; `before` is the `n` of the last one of the page before."""

    def get_kit(self, kit_id: str) -> KitReads | None:
        """One kit, also a removed one."""

    def kit_by_manifest(self, manifest_sha256: str) -> Kit | None:
        """The verified kit with this manifest, also a removed one."""

    def kit_place(self) -> KitPlace:
        """The active kit, and where a roll-back would lead."""

    def kit_activations(self, *, limit: int) -> list[KitActivation]:
        """What was activated, the newest first."""

    def active_syft(self) -> str:
        """The path of the Syft that the active kit brought, "" if it brought none."""

    def keep_kit(self, new: NewKit, report: KitReport, stamp: Stamp) -> Kit:
        """Keep what an import found; the same identity again gives the same kit, its files there again."""

    def activate_kit(self, kit_id: str, order: KitOrder, stamp: Stamp) -> Kit:
        """Make it the active one: pointer, baselines, default analyzers and audit in one transaction.

        Conflict for one that can't be, or of a lower version than the active one without force. The former ones
        beyond those kept for a roll-back lose their files (see `kits_without_files`).
        """

    def rollback_kit(self, stamp: Stamp, *, seen: str = "") -> Kit:
        """Make the kit before active again, with the baselines and default analyzers of then; that kit.

        Conflict without one, or if the active kit is not the one that was `seen`.
        """

    def remove_kit(self, kit_id: str, stamp: Stamp, verb: Verb = KIT_REMOVE) -> Kit:
        """Mark it removed; its record stays. `verb` may be KIT_RELEASE. Conflict for the active one."""

    def expire_kits(self, ids: Sequence[str], why: str) -> None:
        """Mark kits in quarantine as removed by its limits."""

    def kits_without_files(self) -> list[Kit]:
        """Kits whose files are to be deleted, or are already."""

    def quarantined_kits(self) -> list[Kit]:
        """All kits in quarantine that have their bundle."""

    def save_kit_run(self, run: KitRun) -> None:
        """Keep how far the work of a job is; the oldest runs are forgotten."""

    def get_kit_run(self, job_id: str) -> KitRun | None:
        """The work of a job."""

    def kit_runs(self, *, limit: int) -> list[KitRun]:
        """The work of jobs on kits, the newest first."""
