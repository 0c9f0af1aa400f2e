"""The page of one job."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action, link_button, verb_button
from execution_ops.components.copy import copy_button, copyable
from execution_ops.components.dialog import question
from execution_ops.components.icons import icon
from execution_ops.components.json_view import json_view
from execution_ops.components.kv import facts, note, panel
from execution_ops.components.links import figure, file_link, link
from execution_ops.components.listing import missing
from execution_ops.components.log_view import log_panel
from execution_ops.components.prose import noun, or_word, said
from execution_ops.components.states import content
from execution_ops.components.status import badge, status
from execution_ops.components.timeline import timeline, track
from execution_ops.components.times import duration, instant
from execution_ops.domain.job_verbs import CANCEL, RETRY
from execution_ops.domain.verb import Verb
from execution_ops.pages.job_baseline import save_button, save_dialog, scan_result
from execution_ops.pages.live_page import live_page
from execution_ops.pages.worker_cells import worker_link
from execution_ops.routes import jobs
from execution_ops.state.job import JobPage
from execution_ops.state.job_log import JobLog
from execution_ops.state.job_values import JobValues
from execution_ops.texts import common
from execution_ops.texts import jobs as words

ON_LOAD = (JobPage.open, JobLog.open, JobValues.open)
SUBJECT = rx.cond(JobPage.problem_code == "NOT_FOUND", words.UNKNOWN_JOB, JobPage.name)


def page() -> rx.Component:
    """Facts, life to scale, timeline, attempts, log, values, relatives."""
    # The state may still hold the job that was shown before: it must lend neither its name nor its verbs.
    lost = JobPage.problem_code == "NOT_FOUND"
    known = (JobPage.id != "") & (JobPage.problem == "")
    name = rx.fragment(JobPage.job_type, rx.el.span(" ", JobPage.label, class_name="fg2"))
    return live_page(
        "job",
        JobPage,
        rx.cond(
            lost,
            _missing(),
            content(
                JobPage,
                _body(),
            ),
        ),
        *[_question(verb) for verb in (CANCEL, RETRY)],
        save_dialog(),
        title=rx.cond(lost, words.UNKNOWN_JOB, rx.cond(known, name, common.JOB)),
        beside_title=rx.cond(known, badge(JobPage.state, JobPage.canceling)),
        summary=rx.cond(known, copyable(JobPage.id)),
        actions=(
            rx.cond(
                known,
                rx.fragment(
                    save_button(),
                    link_button(words.OPEN_DAG, JobPage.dag_href, icon="workflow"),
                    verb_button(CANCEL, JobPage.ask_verb("cancel"), off=JobPage.cancel_off),
                    verb_button(RETRY, JobPage.ask_verb("retry"), off=JobPage.retry_off),
                ),
            ),
        ),
        also=(JobLog,),
        crumb=rx.cond(lost, words.UNKNOWN_JOB, rx.cond(known, JobPage.name, common.JOB)),
    )


def _missing() -> rx.Component:
    return missing(words.THERE_IS_NO_SUCH_JOB, common.NEVER_HERE, link_button(common.ALL_JOBS, jobs(), icon="list"))


def _body() -> rx.Component:
    return rx.fragment(
        _facts(),
        track(JobPage.parts),
        _waiting(),
        scan_result(),
        rx.el.div(
            panel(words.TIMELINE, timeline(JobPage.timeline)),
            rx.el.div(_attempts(), log_panel(JobLog), class_name="mid"),
            rx.el.div(_payload(), _result(), _lineage(), class_name="side"),
            class_name="cols",
        ),
    )


def _facts() -> rx.Component:
    named = worker_link(JobPage.worker, JobPage.worker_id, JobPage.worker_href)
    worker = or_word(JobPage.worker, common.NONE_YET, named)
    running = JobPage.state == "running"
    return facts(
        (common.QUEUE, figure(JobPage.queue, JobPage.queue_href)),
        (common.TENANT, figure(JobPage.tenant, JobPage.tenant_href)),
        (common.ATTEMPTS, JobPage.attempts_text),
        (
            common.DURATION,
            duration(JobPage.duration_ms, since=JobPage.started_at, running=running, missing=common.NOT_STARTED),
        ),
        (common.CREATED, instant(JobPage.created_at, precise=True, zone=True)),
        (common.WORKER, worker),
        (words.TIMEOUT, JobPage.timeout_text),
        (common.PRIORITY, JobPage.priority),
    )


def _waiting() -> rx.Component:
    """Why it is not running, or how it ended; and how far it is while it runs."""
    blocked = rx.cond(
        JobPage.waiting_href != "", rx.fragment(" ", link(JobPage.waiting_link, href=JobPage.waiting_href))
    )
    progress = rx.cond(
        (JobPage.state == "running") & (JobPage.progress_total > 0),
        rx.fragment(" ", words.progress(JobPage.progress_done, JobPage.progress_total), " ", JobPage.progress_note),
    )
    died = rx.fragment(" ", link(words.DEAD_LETTER, href=JobPage.letters_href))
    said = (JobPage.waiting, progress, blocked)
    shown = rx.match(
        JobPage.state,
        ("failed", note(*said, died, tone="bad", icon_name="circle-x")),
        ("timed_out", note(*said, died, tone="warn", icon_name="timer-off")),
        note(*said),
    )
    return rx.cond(JobPage.waiting != "", shown)


def _attempts() -> rx.Component:
    head = [rx.el.th(word, scope="col") for word in ("#", common.STATE, common.WORKER)]
    head += [
        rx.el.th(common.STARTED, scope="col", class_name="only-d"),
        rx.el.th(common.DURATION, scope="col", class_name="r"),
    ]
    table = rx.el.table(
        rx.el.thead(rx.el.tr(*head)),
        rx.el.tbody(rx.foreach(JobPage.attempts, _attempt)),
        class_name="tbl at",
        aria_label=common.ATTEMPTS,
    )
    none = rx.el.p(words.NO_ATTEMPT_YET, class_name="meta pad")
    return panel(
        common.ATTEMPTS,
        rx.el.div(rx.cond(JobPage.attempts.length() > 0, table, none), class_name="scroll"),
        meta=words.attempts_used(JobPage.attempts_text),
    )


def _attempt(attempt: Any) -> rx.Component:
    row = rx.el.tr(
        rx.el.td(attempt.number),
        rx.el.td(status(attempt.state, kind="attempt")),
        rx.el.td(worker_link(attempt.worker, attempt.worker_id, attempt.worker_url)),
        rx.el.td(instant(attempt.started_at, day=False), class_name="only-d"),
        rx.el.td(attempt.duration, class_name="r"),
    )
    words = rx.cond(
        attempt.stack != "",
        rx.el.details(rx.el.summary(attempt.error), rx.el.pre(attempt.stack, class_name="code", tab_index=0)),
        rx.el.span(attempt.error),
    )
    # Below its attempt, at full width: an error is a sentence, not a column.
    error = rx.el.tr(rx.el.td(words, col_span=5, class_name="er"))
    return rx.fragment(row, rx.cond(attempt.error != "", error), key=attempt.number.to(str))


def _payload() -> rx.Component:
    reveal = action(
        rx.cond(JobValues.revealed, words.HIDE_SECRETS, words.REVEAL),
        on_click=JobValues.reveal,
        icon="lock",
        look="sm",
        off=JobValues.reveal_off,
    )
    reveal = rx.cond(JobValues.hides, reveal)
    return _value(common.PAYLOAD, "payload", JobPage.payload_size, JobValues.payload, JobValues.payload_problem, reveal)


def _result() -> rx.Component:
    return _value(words.RESULT, "result", JobPage.result_size, JobValues.result, JobValues.result_problem)


def _value(title: str, which: str, size: Any, rows: Any, problem: Any, control: object = None) -> rx.Component:
    tree = json_view(
        rows,
        on_toggle=lambda path: JobValues.toggle(which, path),
        on_more=lambda path: JobValues.more(which, path),
        label=title,
    )
    return panel(
        title,
        rx.cond(problem != "", rx.el.p(problem, class_name="meta pad"), tree),
        meta=size,
        actions=control,
    )


def _lineage() -> rx.Component:
    return panel(
        words.LINEAGE,
        rx.el.ul(
            rx.el.li(
                icon("workflow"),
                rx.el.div(
                    rx.el.span(
                        said(words.DAG_OF, count=JobPage.dag_size, noun=noun(JobPage.dag_size, words.JOBS_OF_DAG)),
                        class_name="meta",
                    ),
                    link(JobPage.dag_title, href=JobPage.dag_href, look="num"),
                ),
            ),
            rx.foreach(JobPage.parents, lambda one: _relative(one, "arrow-up", words.AFTER)),
            _more(JobPage.parents_more, "arrow-up", words.AFTER),
            rx.foreach(JobPage.children, lambda one: _relative(one, "arrow-down", words.BEFORE)),
            _more(JobPage.children_more, "arrow-down", words.BEFORE),
            rx.foreach(JobPage.artifacts, _artifact),
            class_name="lin",
        ),
    )


def _relative(one: Any, icon_name: str, word: str) -> rx.Component:
    return rx.el.li(
        icon(icon_name),
        rx.el.div(
            rx.el.span(word, class_name="meta"),
            rx.el.div(link(one.name, href=one.url, look="num"), status(one.state), class_name="row wrap"),
        ),
        key=one.url,
    )


def _more(count: Any, icon_name: str, word: str) -> rx.Component:
    line = rx.el.li(
        icon(icon_name),
        rx.el.div(
            rx.el.span(word, class_name="meta"),
            rx.el.div(rx.el.span(count), link(words.SEE_ALL_IN_THE_DAG, href=JobPage.dag_href), class_name="row wrap"),
        ),
    )
    return rx.cond(count != "", line)


def _artifact(item: Any) -> rx.Component:
    return rx.el.li(
        icon("file-output"),
        rx.el.div(
            rx.el.span(words.file(item.size), class_name="meta"),
            rx.el.div(
                file_link(item.name, href=item.url, look="num break"),
                copy_button(item.sha256, common.COPY_THE_SHA_256),
                class_name="row wrap",
            ),
        ),
        key=item.sha256,
    )


def _question(verb: Verb) -> rx.Component:
    return question(JobPage, verb, title=words.verb_this(verb.label), confirm_label=words.verb_one(verb.label))
