"""Storing a DAG: all of it in one transaction, with the start of what has no parents."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError
from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.exc import IntegrityError

from execution_ops.backends.embedded.audit import record
from execution_ops.backends.embedded.counters import Move, count
from execution_ops.backends.embedded.dispatcher import Dispatcher
from execution_ops.backends.embedded.engines import read, write
from execution_ops.backends.embedded.gate import Gate, Seat
from execution_ops.backends.embedded.tokens import add_tokens, payload_tokens
from execution_ops.backends.embedded.transitions import CHANGE, DAG, EDGE, EVENT, JOB, table
from execution_ops.domain.audit import SubjectKind, Touched
from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.ids import child_id, new_id
from execution_ops.domain.job_types import DagSpec, JobType, NodeSpec, Registry
from execution_ops.domain.job_verbs import SUBMIT
from execution_ops.domain.jobs import Submission
from execution_ops.domain.states import JobState
from execution_ops.domain.times import now_ms
from execution_ops.domain.verbs import Stamp

VALUE_MAX_BYTES = 16 * 1024 * 1024
NODES_MAX = 10_000
PRIORITY_MAX = 2**31 - 1
TEXT_MAX = 200
VALUE = table("job_value")


class Node(NamedTuple):
    """A checked node: its declaration, its type, and its payload as JSON text."""

    spec: NodeSpec
    entry: JobType
    payload: str


class Place(NamedTuple):
    """What new jobs belong to: their DAG, their tenant, and the run that they work for, if any."""

    dag_id: str
    tenant: str
    run_n: int | None = None


def submit(
    engine: Engine, dispatcher: Dispatcher, registry: Registry, spec: DagSpec, *, tenant: str, stamp: Stamp
) -> Submission:
    """Store the DAG and start its roots; see `JobBackend.submit`."""
    nodes = check_nodes(registry, spec.nodes, known=frozenset())
    if not tenant or len(tenant) > TEXT_MAX or len(stamp.idempotency_key) > TEXT_MAX:
        raise InvalidInput(f"A tenant, and an idempotency key if any, has 1 to {TEXT_MAX} characters.")
    try:
        with write(engine) as connection:
            known = _known(connection, tenant, stamp.idempotency_key)
            if known is not None:
                return known
            gate = Gate(connection, dispatcher)
            dag_id, ids = store(connection, gate, spec.title, nodes, tenant=tenant, stamp=stamp)
            gate.open()
            record(
                connection,
                SUBMIT.name,
                stamp,
                touched=Touched(SubjectKind.DAG, (dag_id,), tenant),
                subject=spec.title,
                count=len(nodes),
                after=dag_id,
                inverse=SUBMIT.inverse or "",
            )
    except IntegrityError:
        # Somebody else submitted with the same key between our look and our commit.
        with read(engine) as connection:
            known = _known(connection, tenant, stamp.idempotency_key)
        if known is None:
            raise
        return known
    return Submission(dag_id=dag_id, job_ids=ids, created=True)


def store(
    connection: Connection,
    gate: Gate,
    title: str,
    nodes: Sequence[Node],
    *,
    tenant: str,
    stamp: Stamp,
    run_n: int | None = None,
) -> tuple[str, dict[str, str]]:
    """Store a DAG of checked nodes within the caller's transaction and start its roots.

    `run_n` is the run that it works for. Answers its id, and the ids of its jobs by key.
    """
    dag_id, now = new_id(), now_ms()
    connection.execute(
        insert(DAG).values(
            id=dag_id,
            title=title,
            tenant=tenant,
            created_at=now,
            size=len(nodes),
            idempotency_key=stamp.idempotency_key or None,
            correlation_id=stamp.correlation_id,
        )
    )
    place = Place(dag_id, tenant, run_n)
    return dag_id, insert_nodes(connection, gate, nodes, place, now=now, stamp=stamp)


def check_nodes(registry: Registry, specs: Sequence[NodeSpec], *, known: frozenset[str]) -> list[Node]:
    """The nodes, each checked and its payload validated; InvalidInput, in words, if one is wrong.

    `known` are keys that exist already and may be parents.
    """
    if not 1 <= len(specs) <= NODES_MAX:
        raise InvalidInput(f"A DAG has 1 to {NODES_MAX} nodes, this one has {len(specs)}.")
    keys = {spec.key for spec in specs}
    if len(keys) < len(specs) or keys & known:
        raise InvalidInput("Two nodes of the DAG have the same key.")
    nodes = [_check_node(registry, spec) for spec in specs]
    for spec in specs:
        unknown = [key for key in spec.after if key not in keys and key not in known]
        if unknown:
            raise InvalidInput(f"Node {spec.key!r} comes after {unknown[0]!r}, which the DAG does not have.")
    _check_acyclic(specs, known)
    return nodes


def json_text(value: Any, what: str) -> str:
    """The value as JSON text; InvalidInput in words if it is none or too large."""
    try:
        body = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        size = len(body.encode())
    except UnicodeEncodeError:
        # Half a surrogate pair has no UTF-8; escaped it survives.
        body = json.dumps(value, separators=(",", ":"))
        size = len(body)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(f"{what} is not JSON: {error}.") from error
    if size > VALUE_MAX_BYTES:
        raise InvalidInput(f"{what} has {size:,} bytes; at most {VALUE_MAX_BYTES:,} (16 MB) can be stored.")
    return body


def insert_nodes(
    connection: Connection,
    gate: Gate,
    nodes: Sequence[Node],
    place: Place,
    *,
    now: int,
    stamp: Stamp | None = None,
    done: Mapping[str, tuple[int, bool]] | None = None,
) -> dict[str, str]:
    """Insert checked nodes with their edges, and start those whose parents all succeeded.

    `done` gives (n, succeeded) of the jobs that exist already and may be parents. Answers the
    ids by key.
    """
    existing = done or {}
    dag_id, tenant, _ = place
    ids = {node.spec.key: child_id(dag_id, node.spec.key) for node in nodes}
    waiting = {
        node.spec.key: sum(1 for key in set(node.spec.after) if not existing.get(key, (0, False))[1]) for node in nodes
    }
    rows = [_row(node, ids[node.spec.key], waiting[node.spec.key], place, now) for node in nodes]
    stored = connection.execute(insert(JOB).returning(JOB.c.id, JOB.c.n), rows).all()
    by_id: dict[str, int] = {row.id: row.n for row in stored}
    numbers = {key: by_id[job_id] for key, job_id in ids.items()} | {key: n for key, (n, _) in existing.items()}
    connection.execute(
        insert(VALUE),
        [
            {
                "job_n": numbers[node.spec.key],
                "which": "payload",
                "body": node.payload,
                "size": len(node.payload.encode()),
            }
            for node in nodes
        ],
    )
    _insert_edges(
        connection, ((numbers[key], numbers[node.spec.key]) for node in nodes for key in set(node.spec.after))
    )
    states = {key: JobState.PENDING if left else JobState.SCHEDULED for key, left in waiting.items()}
    connection.execute(insert(EVENT), [_event(numbers[key], state, now, stamp) for key, state in states.items()])
    connection.execute(
        insert(CHANGE),
        [{"at": now, "job_id": ids[n.spec.key], "dag_id": dag_id, "queue": n.entry.queue} for n in nodes],
    )
    count(connection, [Move(tenant, n.entry.name, n.entry.queue, None, states[n.spec.key]) for n in nodes], now)
    for node in nodes:
        add_tokens(connection, numbers[node.spec.key], now, payload_tokens(node.spec.payload))
    starting = [node for node in nodes if states[node.spec.key] is JobState.SCHEDULED]
    gate.enter([_seat(node, numbers[node.spec.key], ids[node.spec.key], tenant, now) for node in starting])
    return ids


def _check_node(registry: Registry, spec: NodeSpec) -> Node:
    entry = registry.get(spec.job_type)
    if entry is None:
        raise InvalidInput(f"There is no job type {spec.job_type!r} here.")
    if not 0 <= spec.priority <= PRIORITY_MAX:
        raise InvalidInput(f"Node {spec.key!r}: a priority is a number from 0 (first) to {PRIORITY_MAX}.")
    if not spec.key or max(len(spec.key), len(spec.label), len(spec.group)) > TEXT_MAX or "\0" in spec.key + spec.label:
        raise InvalidInput(f"The key of a node has 1 to {TEXT_MAX} characters, its label and group at most as many.")
    body = json_text(spec.payload, f"The payload of node {spec.key!r}")
    check_payload(entry, spec.payload)
    return Node(spec, entry, body)


def check_payload(entry: JobType, payload: Any) -> Any:
    """The payload as its type's model; InvalidInput, without the values, if the model refuses it."""
    try:
        return entry.payload.model_validate(payload)
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(("payload", *(str(part) for part in problem["loc"])))
        raise InvalidInput(
            f"{entry.name} does not take this payload: {where}: {problem['msg']}.", field="payload"
        ) from error


def _check_acyclic(specs: Sequence[NodeSpec], known: frozenset[str]) -> None:
    left = {spec.key: set(spec.after) - known for spec in specs}
    children: dict[str, list[str]] = {}
    for spec in specs:
        for key in set(spec.after):
            children.setdefault(key, []).append(spec.key)
    ready = [key for key, parents in left.items() if not parents]
    seen = 0
    while ready:
        key = ready.pop()
        seen += 1
        for child in children.get(key, ()):
            left[child].discard(key)
            if not left[child]:
                ready.append(child)
    if seen < len(specs):
        raise InvalidInput(f"The DAG has a cycle through {min(key for key, parents in left.items() if parents)!r}.")


def _row(node: Node, job_id: str, waiting: int, place: Place, now: int) -> dict[str, Any]:
    spec, entry = node.spec, node.entry
    return {
        "id": job_id,
        "dag_id": place.dag_id,
        "run_n": place.run_n,
        "node_key": spec.key,
        "job_type": entry.name,
        "label": spec.label,
        "group_key": spec.group,
        "queue": entry.queue,
        "tenant": place.tenant,
        "state": (JobState.PENDING if waiting else JobState.SCHEDULED).value,
        "dispatch": 0 if waiting else 1,
        "waiting_for": waiting,
        "max_attempts": entry.max_attempts,
        "timeout_ms": int((spec.timeout_s or entry.timeout_s) * 1000),
        "priority": spec.priority,
        "created_at": now,
    }


def _seat(node: Node, n: int, job_id: str, tenant: str, now: int) -> Seat:
    entry = node.entry
    return Seat(n, job_id, 1, tenant, entry.name, entry.queue, node.spec.priority, now)


def _insert_edges(connection: Connection, edges: Iterable[tuple[int, int]]) -> None:
    rows = [{"parent_n": parent, "child_n": child} for parent, child in sorted(edges)]
    if rows:
        connection.execute(insert(EDGE), rows)


def _event(n: int, state: JobState, now: int, stamp: Stamp | None) -> dict[str, Any]:
    return {
        "job_n": n,
        "seq": 1,
        "at": now,
        "kind": state.value,
        "detail": "submitted" if stamp else "found by its parent",
        "actor": stamp.actor.name if stamp else "",
        "reason": stamp.reason if stamp else "",
        "ticket": stamp.ticket if stamp else "",
    }


def _known(connection: Connection, tenant: str, key: str) -> Submission | None:
    if not key:
        return None
    found = connection.execute(select(DAG.c.id).where(DAG.c.tenant == tenant, DAG.c.idempotency_key == key))
    dag_id = found.scalar_one_or_none()
    if dag_id is None:
        return None
    jobs = connection.execute(select(JOB.c.node_key, JOB.c.id).where(JOB.c.dag_id == dag_id)).all()
    return Submission(dag_id=dag_id, job_ids={row.node_key: row.id for row in jobs}, created=False)
