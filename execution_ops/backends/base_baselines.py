"""The port for baselines. Every method is blocking and thread-safe."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

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


class BaselineBackend(Protocol):
    """Baselines and which of them are promoted, at most one of a tenant's source.

    Who may change one is checked by the stamp's actor: its tenants are all it may touch. A read of something
    unknown, deleted or of another tenant answers None.
    """

    def keep_baseline(self, new: NewBaseline, stamp: Stamp) -> Baseline:
        """Keep a result as a candidate, and derive the file of its packages.

        The same document of a tenant's source is kept once: then this is the one that there is, with the label
        given now if any, and green once it was. InvalidInput if the document is not stored or no CycloneDX.
        """

    def baselines(
        self, where: BaselineFilter, *, tenants: frozenset[str] | None, cursor: str | None, limit: int
    ) -> BaselinePage:
        """One keyset page; `cursor` is a page's `older` or `newer`. InvalidInput for a bad cursor."""

    def get_baseline(self, baseline_id: str, *, tenants: frozenset[str] | None) -> Baseline | None:
        """One baseline."""

    def find_baseline(self, tenant: str, source: str, sha256: str) -> Baseline | None:
        """The baseline that keeps this document of the source."""

    def baselines_of(self, tenant: str, source: str, *, limit: int) -> list[Baseline]:
        """The newest baselines of exactly this source."""

    def promoted_baseline(self, tenant: str, source: str) -> Baseline | None:
        """What scans of the source compare with."""

    def baseline_sources(self, *, tenants: frozenset[str] | None, limit: int) -> list[BaselineSource]:
        """The sources that have baselines, by name, each with its promoted one."""

    def promotions(self, tenant: str, source: str, *, limit: int) -> list[Promotion]:
        """The promotion log of the source, the newest entry first."""

    def promote_baseline(self, baseline_id: str, order: PromotionOrder, stamp: Stamp) -> Baseline:
        """Scans of its source compare with it from now on; the promoted one is a candidate again.

        NotFound for an unknown one; Conflict if it is promoted already, unless by an earlier try of the same job, and
        if another one is promoted than the order says.
        """

    def rollback_baseline(self, baseline_id: str, stamp: Stamp) -> Baseline:
        """The baseline that was promoted before this one is promoted again; that one.

        Conflict if this one is not promoted, none was before, or that one was deleted.
        """

    def remove_baseline(self, baseline_id: str, stamp: Stamp) -> Baseline:
        """Delete a candidate; what it was. Conflict if it is promoted. Its document stays with its scan."""

    def baseline_file(self, sha256: str) -> Path | None:
        """The stored document or file of packages of a baseline that was read; None if it is not here any more."""
