"""The addresses of pages, built. Ids are percent-encoded in `href` and nowhere else."""

from __future__ import annotations

from execution_ops.routes.table import Query, href


def jobs_queues(query: Query = ()) -> str:
    """Jobs & Queues; `query` are the pairs of a filter (`OverviewFilter.to_pairs()`) and the page's own."""
    return href("jobs_queues", query)


def jobengine(query: Query = ()) -> str:
    """The JobEngine summary."""
    return href("jobengine", query)


def jobs(query: Query = ()) -> str:
    """The job list; `query` are the pairs of a filter (`JobFilter.to_pairs()`) and the page's own."""
    return href("jobs", query)


def job(job_id: str, query: Query = (), *, line: int | None = None) -> str:
    """One job, at a line of its log if given."""
    return href("job", query, f"L{line}" if line else "", job_id=job_id)


def job_dag(job_id: str, query: Query = ()) -> str:
    """The graph that a job belongs to."""
    return href("job_dag", query, job_id=job_id)


def dead_letter(query: Query = ()) -> str:
    """The error groups; `query` are the pairs of a filter (`DeadLetterFilter.to_pairs()`)."""
    return href("dead_letter", query)


def dead_letter_queue(query: Query = ()) -> str:
    """The entries; `query` are the pairs of a filter and the page's own."""
    return href("dead_letter_queue", query)


def dead_letter_entry(entry_id: str, query: Query = ()) -> str:
    """One dead letter."""
    return href("dead_letter_entry", query, entry_id=entry_id)


def replays(query: Query = ()) -> str:
    """The replay plans."""
    return href("replays", query)


def replay(plan_id: str, query: Query = ()) -> str:
    """One replay plan; `verdict` and `status` among the pairs choose which of its entries are listed."""
    return href("replay", query, plan_id=plan_id)


def quotas(query: Query = ()) -> str:
    """The quotas; `query` are the pairs of a filter (`QuotaFilter.to_pairs()`) and the page's own."""
    return href("quotas", query)


def quota(quota_id: str) -> str:
    """The quotas, with one of them open."""
    return quotas([("quota", quota_id)])


def workers(query: Query = ()) -> str:
    """The worker fleet; `query` are the pairs of a filter (`WorkerFilter.to_pairs()`) and the page's own."""
    return href("workers", query)


def worker(worker_id: str) -> str:
    """The worker fleet, with one of them open."""
    return workers([("worker", worker_id)])


def scheduler(query: Query = ()) -> str:
    """The overview of the scheduler; `missed=all` among the pairs lists what was missed, and that alone."""
    return href("scheduler", query)


def runs(query: Query = ()) -> str:
    """The runs; `query` are the pairs of a filter (`RunFilter.to_pairs()`) and the page's own."""
    return href("runs", query)


def run(run_id: str) -> str:
    """The runs, with one of them open."""
    return runs([("run", run_id)])


def run_stream(run_id: str, query: Query = (), *, line: int | None = None) -> str:
    """What a run tells, at a line of its log if given."""
    return href("run_stream", query, f"L{line}" if line else "", run_id=run_id)


def schedules(query: Query = ()) -> str:
    """The schedules; `query` are the pairs of a filter (`ScheduleFilter.to_pairs()`) and the page's own."""
    return href("schedules", query)


def new_schedule() -> str:
    """The schedules, with the form of a new one open."""
    return schedules([("new", "1")])


def schedule(schedule_id: str) -> str:
    """The schedules, with one of them open."""
    return schedules([("schedule", schedule_id)])


def scanner(query: Query = ()) -> str:
    """Scanner Ops at a glance."""
    return href("scanner", query)


def offline_kits(query: Query = ()) -> str:
    """The offline kits; `kit=<id>` among the pairs opens one of them."""
    return href("offline_kits", query)


def offline_kit(kit_id: str) -> str:
    """The offline kits, with one of them open."""
    return offline_kits([("kit", kit_id)])


def baselines(query: Query = ()) -> str:
    """The baselines; `query` are the pairs of a filter (`BaselineFilter.to_pairs()`) and the page's own."""
    return href("baselines", query)


def baseline(baseline_id: str) -> str:
    """The baselines, with one of them open."""
    return baselines([("baseline", baseline_id)])


def compare_baselines(left: str, right: str, query: Query = ()) -> str:
    """The comparison of two baselines, from the older one to the newer one."""
    return baselines([("left", left), ("right", right), *query])


def analyzers(query: Query = ()) -> str:
    """The analyzers; `analyzer=<name>` among the pairs opens one of them."""
    return href("analyzers", query)


def analyzer(name: str) -> str:
    """The analyzers, with one of them open."""
    return analyzers([("analyzer", name)])


def performance(query: Query = ()) -> str:
    """The benchmarks; `result=<id>` among the pairs opens one of them."""
    return href("performance", query)


def scanner_settings(query: Query = ()) -> str:
    """The scanner's settings; `version=<number>` among the pairs shows an earlier one."""
    return href("scanner_settings", query)


def trust_roots() -> str:
    """The keys that the scanner trusts."""
    return scanner_settings([("part", "trust")])


def new_trust_root() -> str:
    """The same, with the dialog that adds one."""
    return scanner_settings([("part", "trust"), ("ask", "key")])


def access() -> str:
    """Who one is here, and the API tokens."""
    return href("access")


def new_token() -> str:
    """The same, with the form of a new token."""
    return href("access", [("ask", "token")])


def audit(query: Query = ()) -> str:
    """The audit; `query` are the pairs of a filter (`AuditFilter.to_pairs()`) and the page's own."""
    return href("audit", query)


def audit_event(n: int, query: Query = ()) -> str:
    """The audit, with one event open in front of the list of these pairs."""
    return audit([*query, ("event", str(n))])
