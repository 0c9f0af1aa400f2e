"""Baselines: stored results of scans that later results of the same source are compared with."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from execution_ops.domain.states import BaselineState
from execution_ops.domain.times import Instant

LABEL_MAX = 100


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
    """A baseline as it is kept. `promoted_*` tell of its last promotion; `state` is how it stands now."""

    id: str
    state: BaselineState
    created_at: Instant
    created_by: str
    promoted_at: Instant | None = None
    promoted_by: str = ""
    promote_reason: str = ""
