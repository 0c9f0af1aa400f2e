"""The page of one dead letter."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import link_button, verb_button
from execution_ops.components.copy import copy_button, copyable
from execution_ops.components.dialog import question
from execution_ops.components.icons import icon
from execution_ops.components.kv import facts, kv, note, panel
from execution_ops.components.links import figure, link
from execution_ops.components.listing import missing
from execution_ops.components.prose import muted, or_word, said
from execution_ops.components.states import content
from execution_ops.components.status import badge, status
from execution_ops.components.times import instant
from execution_ops.domain.letter_verbs import REOPEN, REPLAY, RESOLVE
from execution_ops.domain.verb import Verb
from execution_ops.pages.audit_parts import what_was_done
from execution_ops.pages.letter_parts import template
from execution_ops.pages.live_page import live_page
from execution_ops.pages.worker_cells import worker_link
from execution_ops.state.dead_letter_entry import EntryPage
from execution_ops.texts import common
from execution_ops.texts import dead_letters as words

ON_LOAD = (EntryPage.open,)
ENTRY = EntryPage.entry
SUBJECT = rx.cond(EntryPage.problem_code == "NOT_FOUND", words.UNKNOWN_DEAD_LETTER, ENTRY.error_type)


def page() -> rx.Component:
    """Facts, what came of it, the error, where it belongs, its chain of deaths."""
    # The state may still hold the entry that was shown before: it must lend neither its name nor its verbs.
    lost = EntryPage.problem_code == "NOT_FOUND"
    known = (ENTRY.id != "") & (EntryPage.problem == "")
    offs = {REPLAY: EntryPage.replay_off, RESOLVE: EntryPage.resolve_off, REOPEN: EntryPage.reopen_off}
    return live_page(
        "dead_letter_entry",
        EntryPage,
        rx.cond(lost, _missing(), content(EntryPage, _body())),
        *[_question(verb) for verb in offs],
        title=rx.cond(lost, words.UNKNOWN_DEAD_LETTER, rx.cond(known, ENTRY.error_type, words.A_DEAD_LETTER)),
        beside_title=rx.cond(known, badge(ENTRY.state, kind="letter")),
        summary=rx.cond(
            known,
            said(words.DIED_FOR_GOOD, job_type=ENTRY.job_type, label=ENTRY.label, id=copyable(ENTRY.id)),
        ),
        actions=(
            rx.cond(
                known,
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
        crumb=rx.cond(lost, words.UNKNOWN_DEAD_LETTER, rx.cond(known, ENTRY.short, words.A_DEAD_LETTER)),
    )


def _missing() -> rx.Component:
    return missing(
        words.THERE_IS_NO_SUCH_DEAD_LETTER,
        common.NEVER_HERE,
        link_button(words.ALL_DEAD_LETTERS, routes.dead_letter_queue(), icon="list"),
    )


def _body() -> rx.Component:
    return rx.fragment(
        _facts(),
        _notes(),
        rx.el.div(
            rx.el.div(_error(), _chain(), what_was_done(boxed=True), class_name="mid"),
            rx.el.div(_belongs(), _snapshot(), class_name="side"),
            class_name="cols-2",
        ),
    )


def _facts() -> rx.Component:
    return facts(
        (
            words.CATEGORY,
            said(
                words.CATEGORY_IS,
                category=ENTRY.category,
                retryable=rx.cond(ENTRY.retryable, "retryable", words.NOT_RETRYABLE),
            ),
        ),
        (common.QUEUE, figure(ENTRY.queue, ENTRY.queue_href)),
        (common.TENANT, figure(ENTRY.tenant, ENTRY.tenant_href)),
        (common.ATTEMPTS, ENTRY.attempts),
        (
            words.DIED_AGAIN,
            rx.match(ENTRY.redeaths, (0, words.NEVER), (1, words.ONCE), words.times(ENTRY.redeaths)),
        ),
        (words.DIED, instant(ENTRY.died_at, precise=True, zone=True)),
        (
            common.WORKER,
            or_word(ENTRY.worker, common.NONE, worker_link(ENTRY.worker, ENTRY.worker_id, ENTRY.worker_href)),
        ),
        (words.WAITS_BEHIND_IT, ENTRY.blocked),
    )


def _notes() -> rx.Component:
    """What came of it so far, and what to know before a verb."""
    standing = note(
        ENTRY.standing,
        " ",
        rx.cond(ENTRY.job_stored, link(common.OPEN_THE_JOB, href=ENTRY.job_href)),
        tone="run",
        icon_name="history",
    )
    quarantine = note(
        rx.el.b(words.IN_QUARANTINE),
        " ",
        words.died_in_spite_of_a_replay(ENTRY.redeaths),
        tone="bad",
        icon_name="shield-ban",
    )
    changed = note(
        said(
            words.CHANGED_AT,
            change=rx.el.b(words.state_by(ENTRY.state, ENTRY.changed_by)),
            at=instant(ENTRY.changed_at, zone=True),
        ),
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
        common.ERROR,
        rx.el.div(
            rx.el.p(ENTRY.error_message, class_name="err"),
            rx.el.p(rx.el.b(ENTRY.category, ": "), ENTRY.meaning, class_name="meta"),
            kv(
                (words.IN_GENERAL, template(EntryPage.parts, ENTRY.template)),
                (
                    words.RAISED_IN,
                    or_word(ENTRY.frame, common.NOT_KNOWN, rx.el.code(ENTRY.frame, class_name="mono break")),
                ),
            ),
            class_name="pad stack",
        ),
        rx.cond(
            ENTRY.stack != "",
            rx.el.pre(ENTRY.stack, class_name="code", tab_index=0, role="region", aria_label=words.STACK),
            rx.el.p(words.IT_LEFT_NO_STACK, class_name="meta pad"),
        ),
        meta=said(words.GROUP, group=figure(rx.el.span(ENTRY.group_short, class_name="mono"), ENTRY.group_href)),
    )


def _chain() -> rx.Component:
    return panel(
        words.DEATHS_AND_REPLAYS,
        rx.el.ol(rx.foreach(EntryPage.chain, _death), class_name="lin"),
        meta=words.OF_THIS_JOB_NEWEST_FIRST,
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
                rx.cond(one.plan_href != "", link(words.PLAN, href=one.plan_href)),
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
    gone = muted(words.NO_LONGER_STORED)
    return panel(
        words.BELONGS_TO,
        rx.el.ul(
            _line("list", common.JOB, rx.cond(ENTRY.job_stored, job, gone)),
            _line(
                "workflow",
                words.NODE_OF_THE_DAG,
                rx.cond(ENTRY.dag_href != "", link(ENTRY.dag_title, href=ENTRY.dag_href, look="num"), gone),
            ),
            _line("fingerprint", words.ERROR_GROUP, link(ENTRY.group_short, href=ENTRY.group_href, look="num mono")),
            rx.cond(
                ENTRY.plan_href != "",
                _line("history", words.REPLAY_PLAN, link(ENTRY.plan_short, href=ENTRY.plan_href, look="num mono")),
            ),
            class_name="lin",
        ),
    )


def _line(icon_name: str, word: str, *children: object) -> rx.Component:
    return rx.el.li(icon(icon_name), rx.el.div(rx.el.span(word, class_name="meta"), *children))


def _snapshot() -> rx.Component:
    return panel(
        words.SNAPSHOT,
        rx.el.div(
            kv(
                (common.PRIORITY, ENTRY.priority.to_string()),
                (words.WORKER_VERSION, or_word(ENTRY.worker_version, common.NOT_KNOWN)),
                (
                    common.PAYLOAD,
                    rx.fragment(
                        ENTRY.payload_size,
                        rx.cond(
                            ENTRY.job_stored, rx.fragment(", ", link(words.SEE_IT_ON_THE_JOB, href=ENTRY.job_href))
                        ),
                    ),
                ),
                (
                    words.SHA_256,
                    rx.fragment(
                        rx.el.span(ENTRY.payload_sha256, class_name="mono break"),
                        copy_button(ENTRY.payload_sha256, common.COPY_THE_SHA_256),
                    ),
                ),
                (words.CORRELATION, or_word(ENTRY.correlation_id, common.NONE, copyable(ENTRY.correlation_id))),
            ),
            class_name="pad",
        ),
        meta=words.AS_IT_DIED,
    )


def _question(verb: Verb) -> rx.Component:
    return question(
        EntryPage,
        verb,
        title=words.verb_this(verb.label),
        confirm_label=words.verb_one(verb.label),
    )
