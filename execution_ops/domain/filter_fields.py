"""The fields of every filter: how each is typed, what it means, and how its token reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class FilterField:
    """A field that can be typed.

    `key` is the name in the query (an open family ends with a dot: `payload.`), `label` and `op`
    make the token ("tenant is acme"), `help` and `kind` the suggestion. `many` values are
    alternatives; `free` takes any text; `plain` takes words typed without a field.
    """

    key: str
    label: str
    help: str
    kind: str
    icon: str
    op: str = "is"
    many: bool = False
    free: bool = False
    plain: bool = False


JOB_FIELDS = (
    FilterField("state", "state", "where the job is", "7 states", "circle-dot", many=True),
    FilterField("job_type", "type", "what kind of work it is", "list", "package", many=True, free=True),
    FilterField("queue", "queue", "the queue it waits or waited in", "list", "layers", many=True, free=True),
    FilterField("tenant", "tenant", "whom it is for", "list", "user", many=True, free=True),
    FilterField("after", "created", "created since, like 24h or a time", "time", "clock", op="after", free=True),
    FilterField("before", "created", "created before, like 1h or a time", "time", "clock", op="before", free=True),
    FilterField("ended_after", "ended", "ended since, like 1h or a time", "time", "clock", op="after", free=True),
    FilterField("id", "id", "an id or its beginning", "text", "search", op="begins with", free=True),
    FilterField("dag", "DAG", "jobs of one pipeline", "id", "workflow", free=True),
    FilterField("worker", "worker", "ran or runs on this worker", "text", "server", free=True),
    FilterField("quota", "quota", "held back by this quota", "id", "gauge", free=True),
    FilterField(
        "error", "error", "words of the last error", "text", "triangle-alert", op="contains", free=True, plain=True
    ),
    FilterField("payload.", "payload", "payload.key:value, the exact value", "text", "file-text", many=True, free=True),
)
_GROUP = FilterField("group", "group", "an error group, by its fingerprint", "id", "fingerprint", many=True, free=True)
_TYPE = FilterField("job_type", "type", "what kind of work it is", "list", "package", many=True, free=True)
_TENANT = FilterField("tenant", "tenant", "whom it is for", "list", "user", many=True, free=True)
_CATEGORY = FilterField("category", "category", "what kind of failure it is", "list", "flag", many=True)
_RETRYABLE = FilterField("retryable", "retryable", "whether the same try again may help", "yes or no", "rotate-ccw")
# What the error groups are counted by.
GROUP_FIELDS = (_TYPE, _TENANT, _CATEGORY, _RETRYABLE, _GROUP)
LETTER_FIELDS = (
    FilterField("state", "state", "where the entry is", "5 states", "circle-dot", many=True),
    _TYPE,
    _TENANT,
    FilterField("queue", "queue", "the queue it ran in", "list", "layers", many=True, free=True),
    _CATEGORY,
    _RETRYABLE,
    FilterField("error_type", "error", "the type of the error", "list", "triangle-alert", many=True, free=True),
    FilterField("after", "died", "died since, like 24h or a time", "time", "clock", op="after", free=True),
    FilterField("before", "died", "died before, like 1h or a time", "time", "clock", op="before", free=True),
    _GROUP,
    FilterField("id", "id", "an id or its beginning", "text", "search", op="begins with", free=True),
    FilterField("job", "job", "entries of one job", "id", "list", free=True),
    FilterField("plan", "plan", "entries that a replay plan took", "id", "history", free=True),
)
QUOTA_FIELDS = (
    FilterField("tenant", "tenant", "whose jobs it governs, * for any", "list", "user", many=True, free=True),
    FilterField("job_type", "type", "which jobs it governs, * for any", "list", "package", many=True, free=True),
    FilterField("paused", "paused", "whether it lets nothing start", "yes or no", "circle-pause"),
    FilterField("at_limit", "at its limit", "whether it is used up now", "yes or no", "gauge"),
)
WORKER_FIELDS = (
    FilterField("state", "state", "how the worker stands", "4 states", "circle-dot", many=True),
    FilterField("queue", "queue", "a queue that it takes jobs from", "list", "layers", many=True, free=True),
    FilterField("host", "host", "the machine that it runs on", "list", "server", many=True, free=True),
    FilterField("version", "version", "the version that it runs", "list", "package", many=True, free=True),
    FilterField("id", "id", "one worker, by its id", "text", "search", many=True, free=True),
)
RUN_FIELDS = (
    FilterField("state", "state", "where the run is", "6 states", "circle-dot", many=True),
    FilterField("trigger", "trigger", "what made it", "4 kinds", "zap", many=True),
    FilterField("schedule", "schedule", "runs of one schedule, by its id", "id", "calendar", many=True, free=True),
    _TENANT,
    FilterField("after", "made", "made since, like 24h or a time", "time", "clock", op="after", free=True),
    FilterField("before", "made", "made before, like 1h or a time", "time", "clock", op="before", free=True),
)
SCHEDULE_FIELDS = (
    FilterField("tenant", "tenant", "whom it runs for", "list", "user", many=True, free=True),
    FilterField("state", "state", "whether it fires", "2 states", "circle-dot", many=True),
    FilterField("job_type", "type", "what kind of work it starts", "list", "package", many=True, free=True),
    FilterField("missed", "missed", "whether its last due time was missed", "yes or no", "triangle-alert"),
    FilterField("text", "text", "words of its name or description", "text", "search", "has", free=True, plain=True),
)
BASELINE_FIELDS = (
    FilterField("source", "source", "a part of the scanned path", "list", "folder", "has", free=True, plain=True),
    FilterField("label", "label", "a part of the label", "text", "tag", "has", free=True),
    FilterField("state", "state", "whether scans compare with it", "2 states", "circle-dot", many=True),
    _TENANT,
    FilterField("after", "saved", "saved since, like 24h or a time", "time", "clock", op="after", free=True),
    FilterField("before", "saved", "saved before, like 1h or a time", "time", "clock", op="before", free=True),
)
BENCH_FIELDS = (
    FilterField("scenario", "scenario", "the tree that was measured", "list", "package", many=True, free=True),
    FilterField("analyzer", "analyzer", "whose time it is", "list", "cpu", many=True, free=True),
    _TENANT,
    FilterField("state", "state", "whether it is a breach", "2 states", "circle-dot", many=True),
)


def _pick(fields: Sequence[FilterField], *keys: str) -> list[FilterField]:
    """Those fields, in the order of their keys."""
    by_key = {field.key: field for field in fields}
    return [by_key[key] for key in keys]


def _of(tab: str, fields: Sequence[FilterField], key: str) -> FilterField:
    """The field as one that a tab has alone: it is named after it."""
    return replace(*_pick(fields, key), key=f"{tab}.{key}")


# By tab of Jobs & Queues: what each shows (`domain/overview_filters.SHOWN`).
OVERVIEW_FIELDS: Mapping[str, tuple[FilterField, ...]] = {
    "queues": (
        *_pick(JOB_FIELDS, "tenant", "queue"),
        FilterField("queues.text", "name", "a part of its name", "text", "search", "has", free=True, plain=True),
    ),
    "jobs": (
        _of("jobs", JOB_FIELDS, "state"),
        *_pick(JOB_FIELDS, "tenant", "queue", "job_type", "after", "before"),
        replace(*_pick(JOB_FIELDS, "error"), key="jobs.text"),
    ),
    "runs": (_of("runs", RUN_FIELDS, "state"), *_pick(RUN_FIELDS, "tenant", "after", "before")),
    "dead-letters": (
        _of("letters", LETTER_FIELDS, "state"),
        *_pick(LETTER_FIELDS, "tenant", "queue", "job_type", "after", "before"),
    ),
    "workers": (_of("workers", WORKER_FIELDS, "state"), *_pick(WORKER_FIELDS, "queue")),
}
AUDIT_FIELDS = (
    FilterField("actor", "who", "who did it", "list", "user", many=True, free=True),
    FilterField("verb", "verb", "what was done", "list", "zap", many=True, free=True),
    FilterField("kind", "kind", "what it was done to", "15 kinds", "package", many=True),
    FilterField("id", "id", "the id of what it was done to", "text", "search", free=True),
    _TENANT,
    FilterField("after", "done", "done since, like 24h or a time", "time", "clock", op="after", free=True),
    FilterField("before", "done", "done before, like 1h or a time", "time", "clock", op="before", free=True),
    FilterField("ticket", "ticket", "the ticket that it belongs to", "text", "tag", free=True),
    FilterField("text", "reason", "words of the reason", "text", "file-text", op="has", free=True, plain=True),
    FilterField("correlation", "request", "one request, by its correlation id", "text", "fingerprint", free=True),
)
AGES = ("15m", "1h", "6h", "24h", "7d")
