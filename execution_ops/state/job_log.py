"""The log of the job page."""

from __future__ import annotations

import reflex as rx

from execution_ops import routes
from execution_ops.domain.access import Actor
from execution_ops.domain.jobs import LogLine, LogSlice
from execution_ops.domain.times import iso
from execution_ops.domain.topics import job_topic
from execution_ops.services.container import services
from execution_ops.state.log_window import LogOf, LogQuery, LogRow, LogWindow, Look


def _read(actor: Actor, look: Look) -> LogSlice:
    return services().jobs.log(actor, look.query.subject, **look.wanted())


def _row(line: LogLine) -> LogRow:
    return LogRow(line.seq, iso(line.at), line.level.value, line.text)


JOB_LOG = LogOf(
    topic=job_topic,
    read=_read,
    row=_row,
    href=routes.job,
    download=lambda job_id: routes.api_job(job_id, "logs", [("format", "text")]),
)


class JobLog(LogWindow, rx.State):
    """The window of the job's log."""

    def _log(self) -> LogOf:
        return JOB_LOG

    def _query(self) -> LogQuery:
        url = self.router.url
        return LogQuery.read(self.job_id, url.query, url.fragment)  # type: ignore[attr-defined]
