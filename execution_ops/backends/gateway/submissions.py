"""What the console starts at a remote: each kind of work through the route that is made for it.

The console's own jobs act in the name of who asked, so no remote takes them as plain jobs: from what their payloads
say, the remote's own verb is asked for, which then makes the job there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.gateway.remote import Remote, at
from execution_ops.domain.analyzers import REFRESH_TYPE, SELFTEST_TYPE
from execution_ops.domain.baselines import COMPARE_TYPE, PROMOTE_TYPE
from execution_ops.domain.benchmarks import PATH_PREFIX
from execution_ops.domain.capabilities import DAGS
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.job_types import BENCH_TYPE, BULK_TYPE, DagSpec, NodeSpec
from execution_ops.domain.job_verbs import CANCEL, RETRY
from execution_ops.domain.jobs import Submission
from execution_ops.domain.kit_records import ACTIVATE_TYPE, EXPORT_TYPE, IMPORT_TYPE, VERIFY_TYPE
from execution_ops.domain.verbs import Stamp
from execution_ops.routes import Rest

INSPECT_TYPE = "scan.inspect"
_BULK = {CANCEL.name: Rest.JOBS_CANCEL, RETRY.name: Rest.JOBS_RETRY}


class _Started(BaseModel):
    """What any of these routes answers: one job, or several by the keys of their nodes."""

    model_config = ConfigDict(frozen=True)

    dag_id: str
    created: bool
    job_id: str = ""
    job_ids: Mapping[str, str] = {}

    def submission(self, key: str) -> Submission:
        """The same as the console knows it."""
        return Submission(dag_id=self.dag_id, job_ids=dict(self.job_ids) or {key: self.job_id}, created=self.created)


class _Order(BaseModel):
    """A route, and what it is asked."""

    model_config = ConfigDict(frozen=True)

    path: str
    body: dict[str, Any] | None


class Submissions(Remote):
    """The part of `JobBackend` that starts work."""

    def submit(self, spec: DagSpec, *, tenant: str, stamp: Stamp) -> Submission:
        """Store a DAG whole and start what has no parents; see JobBackend."""
        order = _order(spec) if spec.nodes else None
        if order is None:
            self._needs(DAGS)
            nodes = [_node(node) for node in spec.nodes]
            body = {"title": spec.title, "nodes": nodes, "tenant": tenant}
            return self._http.send(_Started, "POST", Rest.DAGS, stamp, body=body).submission("")
        if spec.nodes[0].job_type in _OF_TENANT:
            # These routes start their work for the tenant that the request is narrowed to.
            actor = stamp.actor.model_copy(update={"tenants": frozenset({tenant})})
            stamp = stamp.model_copy(update={"actor": actor})
        return self._http.send(_Started, "POST", order.path, stamp, body=order.body).submission(spec.nodes[0].key)


def _node(node: NodeSpec) -> dict[str, Any]:
    try:
        json.dumps(node.payload, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"The payload of {node.key!r} is not JSON: {error}.") from None
    return node.model_dump(mode="json")


_OF_TENANT = frozenset({INSPECT_TYPE, REFRESH_TYPE, SELFTEST_TYPE})


def _order(spec: DagSpec) -> _Order | None:
    """How the console's own work is asked for; None for plain jobs."""
    first = spec.nodes[0]
    if first.job_type == SELFTEST_TYPE:
        return _Order(path=Rest.ANALYZERS_TEST, body={"analyzers": [node.key for node in spec.nodes]})
    if first.job_type == INSPECT_TYPE:
        checks = any(node.key == "determinism" for node in spec.nodes)
        return _Order(
            path=Rest.DETERMINISM_CHECKS if checks else Rest.SCANS, body={"path": str(first.payload["source"])}
        )
    known = _ORDERS.get(first.job_type)
    return known(first.payload) if known else None


def _bulk(payload: Mapping[str, Any]) -> _Order:
    return _Order(path=_BULK[payload["verb"]], body={"filter": payload["filter"]})


def _bench(payload: Mapping[str, Any]) -> _Order:
    name = str(payload["scenario"])
    subject = {"path": name.removeprefix(PATH_PREFIX)} if name.startswith(PATH_PREFIX) else {"scenario": name}
    asked = {field: payload[field] for field in ("analyzers", "iterations", "warm_up")}
    return _Order(path=Rest.BENCHMARKS, body={**subject, **asked})


def _kit(path: str) -> Callable[[Mapping[str, Any]], _Order]:
    def order(payload: Mapping[str, Any]) -> _Order:
        source = payload["source"]
        if path == Rest.KITS_IMPORT and source["kit"]:
            return _Order(path=at(Rest.KIT_RELEASE, kit_id=source["kit"]), body=None)
        return _Order(path=path, body=dict(source))

    return order


_ORDERS: Mapping[str, Callable[[Mapping[str, Any]], _Order]] = {
    BULK_TYPE: _bulk,
    BENCH_TYPE: _bench,
    REFRESH_TYPE: lambda payload: _Order(path=Rest.ANALYZERS_REFRESH, body=None),
    COMPARE_TYPE: lambda payload: _Order(
        path=Rest.BASELINES_KEEP_COMPARISON, body={"left": payload["left"], "right": payload["right"]}
    ),
    PROMOTE_TYPE: lambda payload: _Order(
        path=at(Rest.BASELINE_PROMOTE, baseline_id=payload["baseline"]), body={"held": payload["held"]}
    ),
    VERIFY_TYPE: _kit(Rest.KITS_VERIFY),
    IMPORT_TYPE: _kit(Rest.KITS_IMPORT),
    ACTIVATE_TYPE: lambda payload: _Order(
        path=at(Rest.KIT_ACTIVATE, kit_id=payload["kit_id"]),
        body={"force": payload["force"], "tenant": payload["tenant"]},
    ),
    EXPORT_TYPE: lambda payload: _Order(path=Rest.KITS_EXPORT, body=dict(payload["recipe"])),
}
