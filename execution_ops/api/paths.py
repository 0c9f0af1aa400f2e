"""The address patterns of the REST interface, below the prefixes of the URL table."""

from __future__ import annotations

from execution_ops.routes import JOBENGINE_API, SCANNER_API

JOBS = f"{JOBENGINE_API}/jobs"
JOBS_SUMMARY = f"{JOBS}/summary"
JOBS_EXPORT = f"{JOBS}/export"
JOBS_CANCEL = f"{JOBS}:cancel"
JOBS_RETRY = f"{JOBS}:retry"
JOB = f"{JOBS}/{{job_id}}"
JOB_DAG = f"{JOB}/dag"
JOB_LOGS = f"{JOB}/logs"
JOB_PAYLOAD = f"{JOB}/payload"
JOB_RESULT = f"{JOB}/result"
JOB_ARTIFACT = f"{JOB}/artifacts/{{sha256}}"
JOB_CANCEL = f"{JOB}:cancel"
JOB_RETRY = f"{JOB}:retry"
FIRST_SIGNAL = f"{JOBENGINE_API}/runs/{{run_id}}/first-signal"
SCANS = f"{SCANNER_API}/scans"
SCAN = f"{SCANS}/{{dag_id}}"
