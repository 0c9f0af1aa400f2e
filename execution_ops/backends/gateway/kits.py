"""Offline kits and analyzers of a remote."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.gateway.letters import not_here
from execution_ops.backends.gateway.remote import PAGE_MAX, Listed, Remote, at, pairs_of
from execution_ops.backends.gateway.transport import Tenants
from execution_ops.domain.analyzers import AnalyzerRun, SyftInventory, TestRun
from execution_ops.domain.capabilities import SCANNER_PARTS
from execution_ops.domain.kit_records import (
    KIT_FOLDER,
    Kit,
    KitActivation,
    KitOrder,
    KitPlace,
    KitReads,
    KitRun,
    NewKit,
)
from execution_ops.domain.kits import KitReport
from execution_ops.domain.scan_cache import CacheFigures, CachePreview, CacheScope
from execution_ops.domain.scanner_verbs import KIT_REMOVE
from execution_ops.domain.states import KitState
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.routes import Rest

_DAY = timedelta(days=1)


class _Status(BaseModel):
    model_config = ConfigDict(frozen=True)

    place: KitPlace


class _Inventory(BaseModel):
    model_config = ConfigDict(frozen=True)

    inventory: SyftInventory


class _Cache(BaseModel):
    model_config = ConfigDict(frozen=True)

    figures: CacheFigures


class Kits(Remote):
    """See `KitBackend`. The files are at the remote, whose workers keep, activate and drop kits."""

    @property
    def kit_root(self) -> Path:
        """A directory of this console's own; no kit comes here."""
        return self._files.directory.parent / KIT_FOLDER

    def kits(self, *, removed: bool = False, before: int | None = None, limit: int) -> list[Kit]:
        """Kits, the last received first; see KitBackend."""
        pairs = pairs_of(removed=removed, cursor=before, limit=min(limit, PAGE_MAX))
        return list(self._http.get(Listed[Kit], Rest.KITS, pairs).items)

    def get_kit(self, kit_id: str) -> KitReads | None:
        """One kit; see KitBackend."""
        return self._http.find(KitReads, at(Rest.KIT, kit_id=kit_id))

    def kit_by_manifest(self, manifest_sha256: str) -> Kit | None:
        """Only the remote's workers ask this."""
        raise not_here()

    def kit_place(self) -> KitPlace:
        """The active kit; see KitBackend."""
        return self._http.get(_Status, Rest.KITS_STATUS).place

    def kit_activations(self, *, limit: int) -> list[KitActivation]:
        """What was activated; see KitBackend."""
        pairs = pairs_of(limit=limit)
        return list(self._http.get(Listed[KitActivation], Rest.KITS_ACTIVATIONS, pairs).items)

    def active_syft(self) -> str:
        """Where the Syft of the active kit is concerns the remote's workers only."""
        return ""

    def keep_kit(self, new: NewKit, report: KitReport, stamp: Stamp) -> Kit:
        """Only the remote's workers do this."""
        raise not_here()

    def activate_kit(self, kit_id: str, order: KitOrder, stamp: Stamp) -> Kit:
        """Only the remote's workers do this: who activates starts their job."""
        raise not_here()

    def rollback_kit(self, stamp: Stamp, *, seen: str = "") -> Kit:
        """Make the kit before active again; see KitBackend."""
        return self._http.send(Kit, "POST", Rest.KITS_ROLLBACK, stamp, body={"seen": seen})

    def remove_kit(self, kit_id: str, stamp: Stamp, verb: Verb = KIT_REMOVE) -> Kit:
        """Mark it removed, its files deleted; see KitBackend."""
        if verb is not KIT_REMOVE:
            raise not_here()
        return self._http.send(Kit, "POST", at(Rest.KIT_REMOVE, kit_id=kit_id), stamp)

    def expire_kits(self, ids: Sequence[str], why: str) -> None:
        """Only the remote's workers do this."""
        raise not_here()

    def kits_without_files(self) -> list[Kit]:
        """None that this console would have to look after: the remote deletes its own."""
        return []

    def quarantined_kits(self) -> list[Kit]:
        """All kits in quarantine, the oldest first; see KitBackend."""
        found = self._all(Kit, Rest.KITS)
        return [kit for kit in reversed(found) if kit.state is KitState.QUARANTINED and kit.has_files]

    def save_kit_run(self, run: KitRun) -> None:
        """Only the remote's workers do this."""
        raise not_here()

    def get_kit_run(self, job_id: str) -> KitRun | None:
        """The work of a job; see KitBackend."""
        return self._http.find(KitRun, at(Rest.KITS_RUN, job_id=job_id))

    def kit_runs(self, *, limit: int) -> list[KitRun]:
        """The work of jobs on kits; see KitBackend."""
        return list(self._http.get(Listed[KitRun], Rest.KITS_RUNS, pairs_of(limit=limit)).items)


class Analyzers(Remote):
    """See `AnalyzerBackend`."""

    def syft_inventory(self, *, tenants: Tenants) -> SyftInventory:
        """What Syft said of itself; see AnalyzerBackend."""
        return self._http.get(_Inventory, Rest.ANALYZERS, tenants=tenants).inventory

    def analyzer_runs(self, analyzers: Sequence[str], *, tenants: Tenants, limit: int) -> dict[str, list[AnalyzerRun]]:
        """The last runs of each; see AnalyzerBackend."""
        if not analyzers:
            return {}
        self._needs(SCANNER_PARTS)
        pairs = pairs_of(analyzer=list(analyzers), limit=limit)
        return self._http.get(dict[str, list[AnalyzerRun]], Rest.ANALYZERS_RUNS, pairs, tenants=tenants)

    def analyzer_tests(self, *, tenants: Tenants) -> dict[str, TestRun]:
        """The last self-tests; see AnalyzerBackend."""
        self._needs(SCANNER_PARTS)
        return self._http.get(dict[str, TestRun], Rest.ANALYZERS_TESTS, tenants=tenants)

    def cache_figures(self, *, tenants: Tenants) -> CacheFigures:
        """How the cache stands; see AnalyzerBackend."""
        return self._http.get(_Cache, Rest.CACHE, tenants=tenants).figures

    def preview_cache(self, scope: CacheScope, *, tenants: Tenants) -> CachePreview:
        """What a clear would drop; see AnalyzerBackend. The remote counts ages in whole days."""
        days = None if scope.before is None else max(1, round((datetime.now(UTC) - scope.before) / _DAY))
        pairs = pairs_of(analyzer=scope.analyzer, older_days=days)
        return self._http.get(CachePreview, Rest.CACHE_PREVIEW, pairs, tenants=tenants)

    def clear_cache(self, preview: CachePreview, stamp: Stamp) -> CachePreview:
        """Drop what the preview showed; see AnalyzerBackend."""
        return self._http.send(CachePreview, "POST", Rest.CACHE_CLEAR, stamp, body=preview.model_dump(mode="json"))
