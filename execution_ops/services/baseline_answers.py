"""What is told of baselines beside the baselines themselves: how a scan stands, what a source has, a comparison."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.baselines import Baseline, Promotion
from execution_ops.domain.sbom_diff import Change, DiffCounts


class ScanStand(BaseModel):
    """How the result of a job's scan stands: the baseline that keeps it, why it can't be kept, and the baseline that
    the scan was compared with (empty where there was none)."""

    model_config = ConfigDict(frozen=True)

    saved: Baseline | None = None
    cannot: str = ""
    compared_id: str = ""
    compared_label: str = ""


class OfSource(BaseModel):
    """What there is of one source of a tenant: its baselines, the newest first, and its promotions likewise; `found`
    is the one that keeps a document."""

    model_config = ConfigDict(frozen=True)

    items: tuple[Baseline, ...] = ()
    promoted: Baseline | None = None
    promotions: tuple[Promotion, ...] = ()
    found: Baseline | None = None


class ComparisonPage(BaseModel):
    """Rows of a comparison from `start` on. `matching` counts those of the filter, `counts` all."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    left: Baseline
    right: Baseline
    counts: DiffCounts
    ecosystems: tuple[str, ...]
    rows: tuple[Change, ...]
    start: int
    matching: int
