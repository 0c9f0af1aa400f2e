"""Baselines: stored results of scans that later results of the same source are compared with."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from execution_ops.domain.errors import InvalidInput, NotFound
from execution_ops.domain.query_values import Sort
from execution_ops.domain.states import BaselineState
from execution_ops.domain.text import is_unicode
from execution_ops.domain.times import Instant

LABEL_MAX = 100
# The jobs on baselines, and their queue.
COMPARE_TYPE = "baseline.compare"
PROMOTE_TYPE = "baseline.promote"
QUEUE = "baselines"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class NewBaseline(_Frozen):
    """A result to keep. `sha256` is its CycloneDX document in the artifact store; the same document of a source is
    kept once. `source` is the path that was scanned; of `job_id`, `dag_id` (its scan) and `kit_id` (the kit that
    brought it) one is empty. `green` says that the scan succeeded as a whole."""

    tenant: str
    source: str
    label: str = Field("", max_length=LABEL_MAX)
    sha256: str
    size: int
    components: int
    job_id: str = ""
    dag_id: str = ""
    kit_id: str = ""
    green: bool = False
    syft: str = ""


class Baseline(NewBaseline):
    """A baseline as it is kept. `parts` is the digest of the file of its packages, which comparisons read.
    `promoted_*` tell of its last promotion; `state` is how it stands now."""

    id: str
    parts: str
    state: BaselineState
    created_at: Instant
    created_by: str
    promoted_at: Instant | None = None
    promoted_by: str = ""
    promote_reason: str = ""


class PromotionOrder(_Frozen):
    """What a promotion was decided on: `job_id` carries it out, and `held` is the baseline that was promoted when its
    difference was shown, empty for none."""

    job_id: str
    held: str


class PromotedBaseline(_Frozen):
    """The baseline that scans of a source compare with, as a job needs it."""

    id: str
    label: str
    parts: str


class BaselinePage(_Frozen):
    """One page of baselines; `older` and `newer` are cursors, None where nothing follows."""

    rows: tuple[Baseline, ...]
    older: str | None
    newer: str | None

    def following(self, sort: Sort) -> str | None:
        """The cursor of the next page of a list with this sort."""
        return self.older if sort is Sort.NEWEST else self.newer


class Promotion(_Frozen):
    """One entry of the promotion log of a source. `verb` is what led to it (a promotion, a roll-back, a kit).

    `baseline_id` is what scans of the source compared with from then on, empty for nothing any more; `previous_id`
    what they had compared with until then. `job_id` is the job that did it, empty for a roll-back, which needs none.
    """

    at: Instant
    by: str
    reason: str
    verb: str
    baseline_id: str
    label: str
    previous_id: str
    previous_label: str
    kit_id: str
    job_id: str = ""


class BaselineSource(_Frozen):
    """A source that has baselines, and the promoted one if there is one."""

    tenant: str
    source: str
    baselines: int
    promoted: Baseline | None = None


def check_label(label: str) -> str:
    """The label trimmed; InvalidInput for one that can't be stored."""
    label = label.strip()
    if len(label) > LABEL_MAX:
        raise InvalidInput(f"A label has at most {LABEL_MAX} characters.", field="label")
    if not is_unicode(label) or "\0" in label:
        raise InvalidInput("A label is text, without the character NUL and without half characters.", field="label")
    return label


def name_of(baseline: Baseline) -> str:
    """What a baseline is called in a sentence: its label, else the beginning of its document's digest."""
    return baseline.label or baseline.sha256[:12]


def describe_side(baseline: Baseline) -> dict[str, str]:
    """What a file of a comparison says of one of its sides."""
    return {
        "baseline": baseline.id,
        "source": baseline.source,
        "label": baseline.label,
        "document": f"sha256:{baseline.sha256}",
    }


def missing(baseline_id: str) -> NotFound:
    """The error for a baseline that is not there."""
    return NotFound(f"There is no baseline {baseline_id}. It may have been deleted.")
