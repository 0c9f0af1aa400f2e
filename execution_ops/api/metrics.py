"""The figures for Prometheus, in its text format. Names from jobs are labels: escaped, cut, and bounded in number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from execution_ops.api.meters import OTHER, OWN, PREFIX, JobTimes, Names
from execution_ops.domain.dead_letters import LetterCounts
from execution_ops.domain.jobs import Counts, Health, QueueHealth
from execution_ops.domain.quotas import QuotaRow
from execution_ops.domain.rates import Rates
from execution_ops.domain.retention import RetentionStatus
from execution_ops.domain.states import DeadLetterState, JobState, WorkerState
from execution_ops.domain.times import to_ms
from execution_ops.services.live import Gauges

QUEUES_MAX = QUOTAS_MAX = 200
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_Sample = tuple[Sequence[str], float]


@dataclass(frozen=True)
class Figures:
    """What is told of the ledger and of the web process, read or sampled before.

    `missed` counts schedules whose last due time was missed; `statements` and the seconds that they took are those
    that this process sent to the engine, `tasks` those of its event loop.
    """

    counts: Counts
    health: Health
    rates: Rates
    letters: LetterCounts
    quotas: Sequence[QuotaRow]
    missed: int
    retention: RetentionStatus
    gauges: Gauges
    statements: int
    statement_seconds: float
    tasks: int


def render(figures: Figures, times: JobTimes) -> bytes:
    """The whole document."""
    sampled = CollectorRegistry()
    sampled.register(_Sampled(figures))
    return b"".join(generate_latest(registry) for registry in (sampled, times.registry, OWN))


class _Sampled:
    """Prometheus' client asks it for what was sampled."""

    def __init__(self, figures: Figures) -> None:
        self._of = figures

    def collect(self) -> Iterable[Metric]:
        """All families."""
        yield from self._jobs()
        yield from self._queues(self._of.health.queues)
        yield from self._fleet()
        yield from self._quotas()
        yield from self._retention()
        yield from self._console()

    def _jobs(self) -> Iterable[Metric]:
        by_state = self._of.counts.by_state
        yield _gauge("jobs", "Jobs by state.", ("state",), [((s.value,), by_state.get(s, 0)) for s in JobState])
        letters = self._of.letters.by_state
        counted = [((s.value,), letters.get(s, 0)) for s in DeadLetterState]
        yield _gauge("dead_letters", "Dead letters by state.", ("state",), counted)
        what = "Enabled schedules whose last due time brought no run."
        yield _gauge("schedules_missed", what, (), [((), self._of.missed)])

    def _queues(self, found: Sequence[QueueHealth]) -> Iterable[Metric]:
        queues = sorted(found, key=lambda queue: (-(queue.waiting + queue.running), queue.queue))
        names = Names(QUEUES_MAX)
        shown = [(names.of(queue.queue), queue) for queue in queues]
        label = ("queue",)
        for name, what, field in (
            ("queue_waiting", "Jobs that may start and wait.", "waiting"),
            ("queue_pending", "Jobs that wait for parents.", "pending"),
            ("queue_running", "Jobs that run.", "running"),
            ("queue_workers", "Workers that take jobs from it.", "workers"),
        ):
            yield _gauge(name, what, label, _summed((key, getattr(queue, field)) for key, queue in shown))
        waits = [(key, (queue.oldest_wait_ms or 0) / 1000) for key, queue in shown if key != (OTHER,)]
        yield _gauge("queue_oldest_wait_seconds", "Age of the job that waits longest.", label, waits)
        hour = [
            ((*names.of(one.queue), outcome), sum(series))
            for one in self._of.rates.queues
            for outcome, series in (("arrived", one.arrived), ("done", one.done), ("failed", one.failed))
        ]
        what = "Jobs of the last hour: those that arrived, ended well, and ended badly."
        yield _gauge("queue_last_hour", what, ("queue", "outcome"), _summed(hour))

    def _fleet(self) -> Iterable[Metric]:
        # Those that ended as they were asked to are no part of the fleet any more.
        workers = self._of.health.workers
        states = [one.state for one in workers if one.ended_at is None or one.state is WorkerState.LOST]
        counted = [((state.value,), states.count(state)) for state in WorkerState]
        yield _gauge("workers", "Workers by state.", ("state",), counted)

    def _quotas(self) -> Iterable[Metric]:
        labels = ("tenant", "job_type")
        nearest = sorted(self._of.quotas, key=lambda row: (-row.waiting, -row.active, row.tenant, row.job_type))
        names = Names(QUOTAS_MAX)
        # A quota is one of many or none: sums over several would be a quota that nobody has.
        shown = [(names.of(row.tenant, row.job_type), row) for row in nearest[:QUOTAS_MAX]]
        active = [(key, row.active) for key, row in shown]
        yield _gauge("quota_active", "Jobs that run under a quota.", labels, active)
        limits = [(key, row.limits.max_active) for key, row in shown if row.limits.max_active is not None]
        yield _gauge("quota_active_limit", "How many may, where it says so.", labels, limits)
        yield _gauge(
            "quota_started_hour", "Jobs that it let start in the last hour.", labels, [(k, r.started) for k, r in shown]
        )
        per_hour = [(key, row.limits.max_per_hour) for key, row in shown if row.limits.max_per_hour is not None]
        yield _gauge("quota_hour_limit", "How many may, where it says so.", labels, per_hour)
        yield _gauge(
            "quota_waiting",
            "Jobs that it holds back, counted up to a bound.",
            labels,
            [(k, r.waiting) for k, r in shown],
        )
        paused = [(key, int(row.paused_at is not None)) for key, row in shown]
        yield _gauge("quota_paused", "Whether it lets nothing start.", labels, paused)
        yield _gauge("quotas", "How many quotas there are.", (), [((), len(self._of.quotas))])

    def _retention(self) -> Iterable[Metric]:
        told = self._of.retention
        removed = [((one.kind.value,), one.removed) for one in told.kinds]
        yield _counter(
            "retention_removed", "What was removed for its age since the ledger was made.", ("kind",), removed
        )
        kept = [((one.kind.value,), one.days * 86_400.0) for one in told.kinds]
        yield _gauge("retention_seconds", "For how long it is kept; 0 for ever.", ("kind",), kept)
        yield _gauge("retention_leftovers", "Parts and files still to clear away.", (), [((), told.leftovers)])
        if told.round_at is not None:
            at = to_ms(told.round_at) / 1000
            yield _gauge(
                "retention_round_timestamp_seconds", "When the leader last went through it all.", (), [((), at)]
            )

    def _console(self) -> Iterable[Metric]:
        gauges = self._of.gauges
        yield _gauge("live_viewers", "Pages that wait for changes.", (), [((), gauges.viewers)])
        yield _gauge("live_topics", "Topics that are followed.", (), [((), gauges.topics)])
        yield _gauge("live_cached_pages", "Pages held for all their viewers.", (), [((), gauges.cached)])
        yield _gauge("live_up", "Whether the change feed is followed.", (), [((), int(gauges.live))])
        yield _counter("live_loads", "Queries made for pages.", (), [((), gauges.loads)])
        yield _counter("live_polls", "Reads of the change feed.", (), [((), gauges.polls)])
        yield _counter("statements", "Statements sent to the engine.", (), [((), self._of.statements)])
        what = "Time that statements took the database, all added up."
        yield _counter("statement_seconds", what, (), [((), self._of.statement_seconds)])
        yield _gauge("tasks", "Tasks of the web process's event loop.", (), [((), self._of.tasks)])


def _summed(samples: Iterable[_Sample]) -> list[_Sample]:
    sums: dict[tuple[str, ...], float] = {}
    for labels, value in samples:
        sums[tuple(labels)] = sums.get(tuple(labels), 0) + value
    return list(sums.items())


def _gauge(name: str, what: str, labels: Sequence[str], samples: Iterable[_Sample]) -> Metric:
    return _family(GaugeMetricFamily(f"{PREFIX}_{name}", what, labels=labels), samples)


def _counter(name: str, what: str, labels: Sequence[str], samples: Iterable[_Sample]) -> Metric:
    return _family(CounterMetricFamily(f"{PREFIX}_{name}", what, labels=labels), samples)


def _family(family: GaugeMetricFamily | CounterMetricFamily, samples: Iterable[_Sample]) -> Metric:
    for labels, value in samples:
        family.add_metric(list(labels), value)
    return family
