"""The baselines of one database behind the port that the console knows."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from execution_ops.backends.embedded import baseline_rows as rows
from execution_ops.backends.embedded import baselines
from execution_ops.backends.embedded.artifacts import ArtifactStore
from execution_ops.backends.embedded.baseline_files import derive
from execution_ops.backends.embedded.baseline_rows import baseline_of
from execution_ops.backends.embedded.engines import read, write
from execution_ops.domain.baseline_filters import BaselineFilter
from execution_ops.domain.baselines import (
    Baseline,
    BaselinePage,
    BaselineSource,
    NewBaseline,
    Promotion,
    PromotionOrder,
)
from execution_ops.domain.verbs import Stamp

Tenants = frozenset[str] | None


class Baselines:
    """Implements BaselineBackend; every method is as the port says."""

    def __init__(self, engine: Engine, store: ArtifactStore) -> None:
        self._baseline_engine = engine
        self._baseline_store = store

    def keep_baseline(self, new: NewBaseline, stamp: Stamp) -> Baseline:
        """Keep a result as a candidate."""
        derived = derive(self._baseline_store, new.sha256)
        new = new.model_copy(update={"syft": new.syft or derived.syft})
        with write(self._baseline_engine) as connection:
            return baselines.keep(connection, new, derived.parts, stamp)

    def baselines(self, where: BaselineFilter, *, tenants: Tenants, cursor: str | None, limit: int) -> BaselinePage:
        """One keyset page."""
        with read(self._baseline_engine) as connection:
            return rows.page(connection, where, tenants=tenants, cursor=cursor, limit=limit)

    def get_baseline(self, baseline_id: str, *, tenants: Tenants) -> Baseline | None:
        """One baseline."""
        with read(self._baseline_engine) as connection:
            row = rows.one(connection, baseline_id, tenants)
        return None if row is None else baseline_of(row)

    def find_baseline(self, tenant: str, source: str, sha256: str) -> Baseline | None:
        """The baseline that keeps this document of the source."""
        with read(self._baseline_engine) as connection:
            row = rows.of_document(connection, tenant, source, sha256)
        return None if row is None else baseline_of(row)

    def baselines_of(self, tenant: str, source: str, *, limit: int) -> list[Baseline]:
        """The newest baselines of a source."""
        with read(self._baseline_engine) as connection:
            return rows.newest(connection, tenant, source, limit)

    def promoted_baseline(self, tenant: str, source: str) -> Baseline | None:
        """What scans of the source compare with."""
        with read(self._baseline_engine) as connection:
            row = rows.promoted(connection, tenant, source)
        return None if row is None else baseline_of(row)

    def baseline_sources(self, *, tenants: Tenants, limit: int) -> list[BaselineSource]:
        """The sources that have baselines."""
        with read(self._baseline_engine) as connection:
            return rows.sources(connection, tenants, limit)

    def promotions(self, tenant: str, source: str, *, limit: int) -> list[Promotion]:
        """The promotion log of a source."""
        with read(self._baseline_engine) as connection:
            return rows.log(connection, tenant, source, limit)

    def promote_baseline(self, baseline_id: str, order: PromotionOrder, stamp: Stamp) -> Baseline:
        """Promote a candidate."""
        with write(self._baseline_engine) as connection:
            return baselines.promote(connection, baseline_id, order, stamp)

    def rollback_baseline(self, baseline_id: str, stamp: Stamp) -> Baseline:
        """Promote again what was promoted before."""
        with write(self._baseline_engine) as connection:
            return baselines.roll_back(connection, baseline_id, stamp)

    def remove_baseline(self, baseline_id: str, stamp: Stamp) -> Baseline:
        """Delete a candidate."""
        with write(self._baseline_engine) as connection:
            return baselines.remove(connection, baseline_id, stamp)

    def baseline_file(self, sha256: str) -> Path | None:
        """The stored document or file of packages."""
        return self._baseline_store.path(sha256)
