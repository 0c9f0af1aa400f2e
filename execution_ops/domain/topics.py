"""What changes: the names under which the change feed tells of it and pages wait for it."""

from __future__ import annotations

JOBS = "jobs"
HEALTH = "health"
# Anything at all.
FEED = "feed"
QUOTAS = "quotas"
LETTERS = "letters"
REPLAYS = "replays"
SCHEDULES = "schedules"
RUNS = "runs"
WORKERS = "workers"
AUDIT = "audit"
TOKENS = "tokens"
KITS = "kits"
BASELINES = "baselines"
ANALYZERS = "analyzers"
BENCHMARKS = "benchmarks"
SCANNER_SETTINGS = "scanner-settings"
# Told of whenever a part of Scanner Ops is.
SCANNER = "scanner"
SCANNER_PARTS = frozenset({KITS, BASELINES, ANALYZERS, BENCHMARKS, SCANNER_SETTINGS})


def job_topic(job_id: str) -> str:
    """The topic of one job."""
    return f"job:{job_id}"


def dag_topic(dag_id: str) -> str:
    """The topic of one DAG."""
    return f"dag:{dag_id}"


def plan_topic(plan_id: str) -> str:
    """The topic of one replay plan."""
    return f"plan:{plan_id}"


def schedule_topic(schedule_id: str) -> str:
    """The topic of one schedule."""
    return f"schedule:{schedule_id}"


def run_topic(run_id: str) -> str:
    """The topic of one run."""
    return f"run:{run_id}"


def run_feed_topic(run_id: str) -> str:
    """The topic of the events of one run, which come much more often than the run itself changes."""
    return f"run-feed:{run_id}"
