"""The addresses of the REST interface, built."""

from __future__ import annotations

from urllib.parse import quote

from execution_ops.routes.rest import Rest
from execution_ops.routes.table import Query, with_query


def api_standing() -> str:
    """What blocks, as JSON."""
    return _rest(Rest.STANDING)


def api_queues(query: Query = ()) -> str:
    """How the queues stand and how fast their jobs come and end, as JSON."""
    return _rest(Rest.QUEUES, query)


def api_jobs(query: Query = ()) -> str:
    """The job list as JSON."""
    return _rest(Rest.JOBS, query)


def api_job(job_id: str, part: str = "", query: Query = ()) -> str:
    """One job as JSON, or a part of it: `dag`, `logs`, `payload`, `result`."""
    return _rest(f"{Rest.JOB}/{{part}}" if part else Rest.JOB, query, job_id=job_id, part=part)


def api_export(query: Query = ()) -> str:
    """The filtered job list as a file; `format` among the pairs is `csv` or `ndjson`."""
    return _rest(Rest.JOBS_EXPORT, query)


def api_letters(query: Query = ()) -> str:
    """The dead letters as JSON."""
    return _rest(Rest.LETTERS, query)


def api_letter(entry_id: str) -> str:
    """One dead letter as JSON."""
    return _rest(Rest.LETTER, entry_id=entry_id)


def api_letters_export(query: Query = ()) -> str:
    """The filtered dead letters as a file; `format` among the pairs is `csv` or `ndjson`."""
    return _rest(Rest.LETTERS_EXPORT, query)


def api_replay(plan_id: str, part: str = "", query: Query = ()) -> str:
    """One replay plan as JSON, or a part of it: `items`, `rate`."""
    return _rest(f"{Rest.REPLAY}/{{part}}" if part else Rest.REPLAY, query, plan_id=plan_id, part=part)


def api_quotas(query: Query = ()) -> str:
    """The quotas as JSON."""
    return _rest(Rest.QUOTAS, query)


def api_quota(quota_id: str) -> str:
    """One quota as JSON."""
    return _rest(Rest.QUOTA, quota_id=quota_id)


def api_quotas_export(query: Query = ()) -> str:
    """A snapshot of the quotas as a file; `format` among the pairs is `csv` or `json`."""
    return _rest(Rest.QUOTAS_EXPORT, query)


def api_schedules(query: Query = ()) -> str:
    """The schedules as JSON."""
    return _rest(Rest.SCHEDULES, query)


def api_schedule(schedule_id: str) -> str:
    """One schedule as JSON."""
    return _rest(Rest.SCHEDULE, schedule_id=schedule_id)


def api_runs(query: Query = ()) -> str:
    """The runs of schedules as JSON."""
    return _rest(Rest.RUNS, query)


def api_queue_lag() -> str:
    """How far the queues are behind, as JSON."""
    return _rest(Rest.RUNS_LAG)


def api_run(run_id: str, part: str = "", query: Query = ()) -> str:
    """One run as JSON, or a part of it: `targets`, `deltas`, `logs`, `artifacts`; `stream` are its events."""
    return _rest(f"{Rest.RUN}/{{part}}" if part else Rest.RUN, query, run_id=run_id, part=part)


def api_workers(query: Query = ()) -> str:
    """The workers as JSON."""
    return _rest(Rest.WORKERS, query)


def api_worker(worker_id: str) -> str:
    """One worker as JSON."""
    return _rest(Rest.WORKER, worker_id=worker_id)


def api_baselines(query: Query = ()) -> str:
    """The baselines as JSON."""
    return _rest(Rest.BASELINES, query)


def api_baseline(baseline_id: str) -> str:
    """One baseline as JSON."""
    return _rest(Rest.BASELINE, baseline_id=baseline_id)


def api_baseline_document(baseline_id: str) -> str:
    """The CycloneDX document of a baseline, as a download."""
    return _rest(Rest.BASELINE_DOCUMENT, baseline_id=baseline_id)


def api_comparison_export(query: Query) -> str:
    """A comparison as a file; `format` among the pairs is `csv`, `json` or `cyclonedx`."""
    return _rest(Rest.BASELINES_EXPORT, query)


def api_kits(query: Query = ()) -> str:
    """The offline kits as JSON."""
    return _rest(Rest.KITS, query)


def api_kit(kit_id: str, part: str = "") -> str:
    """One offline kit as JSON, or a part of it: `log` (text), `file`."""
    return _rest(f"{Rest.KIT}/{{part}}" if part else Rest.KIT, kit_id=kit_id, part=part)


def api_kit_upload(query: Query = ()) -> str:
    """Where a kit is uploaded to; `name` among the pairs is what its file is called."""
    return _rest(Rest.KITS_UPLOAD, query)


def api_scans() -> str:
    """Where a scan is started."""
    return _rest(Rest.SCANS)


def api_scan(dag_id: str) -> str:
    """How a scan stands, as JSON."""
    return _rest(Rest.SCAN, dag_id=dag_id)


def api_benchmarks(query: Query = ()) -> str:
    """The latest results of benchmarks as JSON."""
    return _rest(Rest.BENCHMARKS, query)


def api_benchmarks_export(query: Query = ()) -> str:
    """The latest results that match as a file; `format` among the pairs is `csv` or `json`."""
    return _rest(Rest.BENCHMARKS_EXPORT, query)


def api_artifact(job_id: str, sha256: str) -> str:
    """A stored file of a job, as a download."""
    return _rest(Rest.JOB_ARTIFACT, job_id=job_id, sha256=sha256)


def api_audit(query: Query = ()) -> str:
    """The audit as JSON."""
    return _rest(Rest.AUDIT, query)


def api_audit_export(query: Query = ()) -> str:
    """The filtered audit as a file; `format` among the pairs is `csv`, `json` or `ndjson`."""
    return _rest(Rest.AUDIT_EXPORT, query)


def _rest(pattern: str, query: Query = (), **params: str) -> str:
    return with_query(pattern.format(**{name: quote(value, safe="") for name, value in params.items()}), query)
