"""The page of one dead letter."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import link_button, verb_button
from execution_ops.components.copy import copy_button, copyable
from execution_ops.components.dialog import confirm
from execution_ops.components.icons import icon
from execution_ops.components.kv import facts, kv, note, panel
from execution_ops.components.links import figure, link
from execution_ops.components.shell import Liveness
from execution_ops.components.shell import page as shell_page
from execution_ops.components.states import content, empty
from execution_ops.components.status import badge, status
from execution_ops.components.times import instant
from execution_ops.domain.letter_verbs import REOPEN, REPLAY, RESOLVE
from execution_ops.domain.verb import Verb
from execution_ops.pages.letter_parts import template
from execution_ops.state.dead_letter_entry import EntryPage
from execution_ops.state.shell import surroundings

ON_LOAD = (EntryPage.open,)
ENTRY = EntryPage.entry


def page() -> rx.Component:
    """Facts, what came of it, the error, where it belongs, its chain of deaths."""
    # The state may still hold the entry that was shown before: it must lend neither its name nor its verbs.
    missing = EntryPage.problem_code == "NOT_FOUND"
    offs = {REPLAY: EntryPage.replay_off, RESOLVE: EntryPage.resolve_off, REOPEN: EntryPage.reopen_off}
    return shell_page(
        "dead_letter_entry",
        rx.cond(missing, _missing(), content(EntryPage, _body())),
        *[_question(verb) for verb in offs],
        surroundings=surroundings(),
        title=rx.cond(missing, "Unknown dead letter", ENTRY.error_type),
        beside_title=rx.cond(~missing & (ENTRY.state != ""), badge(ENTRY.state, kind="letter")),
        summary=rx.cond(
            ~missing & (ENTRY.id != ""),
            rx.fragment(ENTRY.job_type, " ", ENTRY.label, " died for good. ", copyable(ENTRY.id, "Copy id")),
        ),
        actions=(
            rx.cond(
                ~missing,
                rx.fragment(
                    *[
                        verb_button(
                            verb, EntryPage.ask_verb(verb.name), off=off, look="pri" if verb is REPLAY else None
                        )
                        for verb, off in reversed(offs.items())
                    ]
                ),
            ),
        ),
        liveness=Liveness(EntryPage.stamp, {"on_hide": EntryPage.hide, "on_show": EntryPage.show}),
        crumb=rx.cond(missing, "Unknown dead letter", ENTRY.short),
    )


def _missing() -> rx.Component:
    return rx.el.div(
        empty(
            "There is no such dead letter",
            "It was never here, or it belongs to a tenant that you may not see.",
            link_button("All dead letters", routes.dead_letter_queue(), icon="list"),
            icon_name="text-search",
        ),
        class_name="panel",
    )


def _body() -> rx.Component:
    return rx.fragment(
        _facts(),
        _notes(),
        rx.el.div(
            rx.el.div(_error(), _chain(), class_name="mid"),
            rx.el.div(_belongs(), _snapshot(), class_name="side"),
            class_name="cols-2",
        ),
    )


def _facts() -> rx.Component:
    return facts(
        ("Category", rx.fragment(ENTRY.category, rx.cond(ENTRY.retryable, ", retryable", ", not retryable"))),
        ("Queue", figure(ENTRY.queue, ENTRY.queue_href)),
        ("Tenant", figure(ENTRY.tenant, ENTRY.tenant_href)),
        ("Attempts", ENTRY.attempts),
        ("Died again", rx.cond(ENTRY.redeaths > 0, rx.fragment(ENTRY.redeaths.to_string(), " times"), "never")),
        ("Died", instant(ENTRY.died_at, precise=True, zone=True)),
        (
            "Worker",
            rx.cond(ENTRY.worker != "", figure(ENTRY.worker, ENTRY.worker_href), rx.el.span("none", class_name="fg3")),
        ),
        ("Waits behind it", ENTRY.blocked),
    )


def _notes() -> rx.Component:
    """What came of it so far, and what to know before a verb."""
    standing = note(
        ENTRY.standing,
        " ",
        rx.cond(ENTRY.job_stored, link("Open the job", href=ENTRY.job_href)),
        tone="run",
        icon_name="history",
    )
    quarantine = note(
        rx.el.b("In quarantine. "),
        "It died again ",
        ENTRY.redeaths,
        " times in spite of a replay, so no bulk verb takes it. Look at what changed before you replay it.",
        tone="bad",
        icon_name="shield-ban",
    )
    changed = note(
        rx.el.b(ENTRY.state, " by ", ENTRY.changed_by),
        " at ",
        instant(ENTRY.changed_at, zone=True),
        rx.cond(ENTRY.note != "", rx.fragment(": ", ENTRY.note)),
        icon_name="user",
    )
    return rx.el.div(
        rx.cond(ENTRY.standing != "", standing),
        rx.cond(ENTRY.state == "quarantined", quarantine),
        rx.cond(ENTRY.changed_by != "", changed),
        rx.cond(ENTRY.side_effects != "", note(ENTRY.side_effects, tone="warn", icon_name="triangle-alert")),
        class_name="stack notes",
    )


def _error() -> rx.Component:
    return panel(
        "Error",
        rx.el.div(
            rx.el.p(ENTRY.error_message, class_name="err"),
            rx.el.p(rx.el.b(ENTRY.category, ": "), ENTRY.meaning, class_name="meta"),
            kv(
                ("In general", template(EntryPage.parts, ENTRY.template)),
                (
                    "Raised in",
                    rx.cond(
                        ENTRY.frame != "",
                        rx.el.code(ENTRY.frame, class_name="mono break"),
                        rx.el.span("not known", class_name="fg3"),
                    ),
                ),
            ),
            class_name="pad stack",
        ),
        rx.cond(
            ENTRY.stack != "",
            rx.el.pre(ENTRY.stack, class_name="code", tab_index=0, role="region", aria_label="Stack"),
            rx.el.p("It left no stack.", class_name="meta pad"),
        ),
        meta=rx.fragment("group ", figure(rx.el.span(ENTRY.group_short, class_name="mono"), ENTRY.group_href)),
    )


def _chain() -> rx.Component:
    return panel(
        "Deaths and replays",
        rx.el.ol(rx.foreach(EntryPage.chain, _death), class_name="lin"),
        meta="of this job, newest first",
    )


def _death(one: Any) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.div(
                status(one.state, kind="letter"),
                rx.cond(
                    one.here,
                    rx.el.b(one.said),
                    link(one.said, href=one.href, look="num"),
                ),
                rx.el.span(class_name="grow"),
                rx.cond(one.plan_href != "", link("Plan", href=one.plan_href)),
                instant(one.died_at, zone=True),
                class_name="row wrap",
            ),
            rx.el.span(one.error, class_name="meta break"),
            class_name="grow",
        ),
        key=one.id,
        aria_current=rx.cond(one.here, "true", rx.Var("undefined")),
    )


def _belongs() -> rx.Component:
    job = rx.el.div(
        link(ENTRY.job_short, href=ENTRY.job_href, look="num mono"), status(ENTRY.job_state), class_name="row"
    )
    gone = rx.el.span("no longer stored", class_name="fg3")
    return panel(
        "Belongs to",
        rx.el.ul(
            _line("list", "Job", rx.cond(ENTRY.job_stored, job, gone)),
            _line(
                "workflow",
                "Node of the DAG",
                rx.cond(ENTRY.dag_href != "", link(ENTRY.dag_title, href=ENTRY.dag_href, look="num"), gone),
            ),
            _line("fingerprint", "Error group", link(ENTRY.group_short, href=ENTRY.group_href, look="num mono")),
            rx.cond(
                ENTRY.plan_href != "",
                _line("history", "Replay plan", link(ENTRY.plan_short, href=ENTRY.plan_href, look="num mono")),
            ),
            class_name="lin",
        ),
    )


def _line(icon_name: str, word: str, *children: object) -> rx.Component:
    return rx.el.li(icon(icon_name), rx.el.div(rx.el.span(word, class_name="meta"), *children))


def _snapshot() -> rx.Component:
    return panel(
        "Snapshot",
        rx.el.div(
            kv(
                ("Priority", ENTRY.priority.to_string()),
                ("Worker version", rx.cond(ENTRY.worker_version != "", ENTRY.worker_version, "not known")),
                (
                    "Payload",
                    rx.fragment(
                        ENTRY.payload_size,
                        rx.cond(ENTRY.job_stored, rx.fragment(", ", link("see it on the job", href=ENTRY.job_href))),
                    ),
                ),
                (
                    "SHA-256",
                    rx.fragment(
                        rx.el.span(ENTRY.payload_sha256, class_name="mono break"),
                        copy_button(ENTRY.payload_sha256, "Copy the SHA-256"),
                    ),
                ),
                ("Correlation", rx.cond(ENTRY.correlation_id != "", copyable(ENTRY.correlation_id), "none")),
            ),
            class_name="pad",
        ),
        meta="as it died",
    )


def _question(verb: Verb) -> rx.Component:
    return confirm(
        verb,
        open=EntryPage.asking == verb.name,
        title=f"{verb.label} this dead letter?",
        confirm_label=f"{verb.label} 1 dead letter",
        facts=EntryPage.question_facts,
        on_confirm=EntryPage.do_verb,
        on_close=EntryPage.leave_verb,
        error=EntryPage.verb_problem,
    )
