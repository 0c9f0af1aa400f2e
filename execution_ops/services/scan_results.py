"""What scans found: the merged document of a scan, from any of its jobs."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.base import JobBackend
from execution_ops.domain.access import Actor, Scope, require
from execution_ops.domain.errors import Conflict, InvalidInput, NotFound
from execution_ops.domain.ids import check_id
from execution_ops.domain.job_types import Artifact
from execution_ops.domain.jobs import Dag, DagNode
from execution_ops.domain.states import JobState
from execution_ops.scanner.plan import COMPARE, INSPECT, MERGE


class Scanned(BaseModel):
    """What a scan found, ready to be kept: its tenant and source, the merged document, and whether all succeeded."""

    model_config = ConfigDict(frozen=True)

    tenant: str
    source: str
    merge_id: str
    dag_id: str
    document: Artifact
    components: int
    green: bool


class ScanResults:
    """Blocking and thread-safe."""

    def __init__(self, backend: JobBackend) -> None:
        self._backend = backend

    def of_job(self, actor: Actor, job_id: str) -> Scanned:
        """What the scan that this job belongs to found; Conflict, in words, while it has no merged document."""
        require(actor, Scope.READ)
        detail = self._backend.get_job(check_id(job_id), tenants=actor.tenants)
        if detail is None:
            raise NotFound(f"There is no job {job_id}.")
        dag = self._dag(actor, detail.row.dag_id)
        merge, inspect = _node(dag, "merge", MERGE), _node(dag, "inspect", INSPECT)
        if merge is None or inspect is None:
            raise InvalidInput("This job belongs to no scan: only the result of a scan can be saved as a baseline.")
        if merge.row.state is not JobState.SUCCEEDED:
            raise Conflict("This scan has no merged document yet: its merge job has not succeeded.", code="NOT_READY")
        merged = self._backend.get_job(merge.row.id, tenants=actor.tenants)
        if merged is None or not merged.artifacts:
            raise NotFound("The merged document of this scan is not stored any more.", code="NO_DOCUMENT")
        return Scanned(
            tenant=dag.tenant,
            source=str(self._value(actor, inspect.row.id)["source"]["path"]),
            merge_id=merge.row.id,
            dag_id=dag.id,
            document=merged.artifacts[0],
            components=int(self._value(actor, merge.row.id)["components"]),
            green=all(node.row.state is JobState.SUCCEEDED for node in dag.nodes),
        )

    def compared_with(self, actor: Actor, dag_id: str) -> tuple[str, str]:
        """The id and the label of the baseline that a scan was compared with; both empty where there was none."""
        compare = _node(self._dag(actor, dag_id), "compare", COMPARE)
        if compare is None or compare.row.state is not JobState.SUCCEEDED:
            return "", ""
        told = self._value(actor, compare.row.id)
        return str(told.get("baseline") or ""), str(told.get("label") or "")

    def _dag(self, actor: Actor, dag_id: str) -> Dag:
        dag = self._backend.get_dag(dag_id, tenants=actor.tenants)
        if dag is None:
            raise NotFound(f"There is no DAG {dag_id}.")
        return dag

    def _value(self, actor: Actor, job_id: str) -> dict[str, Any]:
        text = self._backend.get_value(job_id, "result", tenants=actor.tenants)
        if text is None:
            raise NotFound("What this scan found is not stored any more.", code="NO_DOCUMENT")
        value: dict[str, Any] = json.loads(text)
        return value


def _node(dag: Dag, key: str, job_type: str) -> DagNode | None:
    return next((node for node in dag.nodes if (node.row.node_key, node.row.job_type) == (key, job_type)), None)
