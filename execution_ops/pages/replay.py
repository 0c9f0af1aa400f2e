"""The page of one replay plan."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import action, link_button, verb_button
from execution_ops.components.copy import copyable
from execution_ops.components.dialog import question
from execution_ops.components.fields import field, text_input
from execution_ops.components.figures import shares
from execution_ops.components.kv import facts, note, panel
from execution_ops.components.links import figure, link
from execution_ops.components.listing import missing
from execution_ops.components.prose import or_word, said
from execution_ops.components.states import content
from execution_ops.components.status import badge, status
from execution_ops.components.times import instant
from execution_ops.domain.letter_verbs import ABORT_PLAN, HOLD_PLAN, REOPEN, RESUME_PLAN, START_PLAN
from execution_ops.domain.verb import Verb
from execution_ops.pages.audit_parts import what_was_done
from execution_ops.pages.live_page import live_page
from execution_ops.pages.replay_entries import entries
from execution_ops.state.replay import ReplayPage
from execution_ops.texts import common, dead_letters
from execution_ops.texts import replays as words

ON_LOAD = (ReplayPage.open,)
PLAN = ReplayPage.plan
SUBJECT = rx.cond(ReplayPage.problem_code == "NOT_FOUND", words.UNKNOWN_PLAN, PLAN.title)


def page() -> rx.Component:
    """What the dry run says, how far it is, what came of it, the entries."""
    lost = ReplayPage.problem_code == "NOT_FOUND"
    refused = ReplayPage.problem_code == "INVALID_INPUT"
    known = (PLAN.id != "") & (ReplayPage.problem == "")
    return live_page(
        "replay",
        ReplayPage,
        rx.cond(lost | refused, _missing(), content(ReplayPage, _body())),
        *[question(ReplayPage, verb) for verb in (START_PLAN, HOLD_PLAN, RESUME_PLAN, ABORT_PLAN, REOPEN)],
        title=rx.cond(known, PLAN.title, dead_letters.REPLAY_PLAN),
        beside_title=rx.cond(known, badge(PLAN.state, kind="plan")),
        summary=rx.cond(known, rx.fragment(PLAN.description, ". ", copyable(PLAN.id))),
        actions=(rx.cond(known, _verbs()),),
        crumb=rx.cond(lost, words.UNKNOWN_PLAN, rx.cond(known, PLAN.short, dead_letters.REPLAY_PLAN)),
    )


def _missing() -> rx.Component:
    return missing(
        words.THERE_IS_NO_SUCH_PLAN, ReplayPage.problem, link_button(words.ALL_PLANS, routes.replays(), icon="history")
    )


def _verbs() -> rx.Component:
    """The verbs of the state that the plan is in; the main one last."""

    def button(verb: Verb, off: Any, *, main: bool = False) -> rx.Component:
        return verb_button(verb, ReplayPage.ask_verb(verb.name), off=off, look="pri" if main else None)

    abort = button(ABORT_PLAN, ReplayPage.abort_off)
    resume = button(RESUME_PLAN, ReplayPage.resume_off, main=True)
    reopen = verb_button(
        REOPEN, ReplayPage.ask_verb(REOPEN.name), label=words.REOPEN_ALL, off=ReplayPage.undo_off, keyed=False
    )
    return rx.match(
        PLAN.state,
        ("draft", rx.fragment(abort, button(START_PLAN, ReplayPage.start_off, main=True))),
        (
            "running",
            rx.fragment(abort, rx.cond(ReplayPage.stuck, resume, button(HOLD_PLAN, ReplayPage.hold_off))),
        ),
        ("held", rx.fragment(abort, resume)),
        rx.cond(PLAN.kind == "resolve", reopen),
    )


def _body() -> rx.Component:
    parts = rx.el.div(
        rx.cond(PLAN.state == "draft", rx.fragment(), _progress()),
        rx.cond(PLAN.prepared & ((PLAN.state == "draft") | (ReplayPage.verdicts.length() > 1)), _dry_run()),
        class_name="mid",
    )
    return rx.fragment(
        _about(),
        _notes(),
        rx.cond(
            (PLAN.kind == "replay") & ~PLAN.ended,
            rx.el.div(parts, _rate(), class_name="cols-2 plan"),
            rx.el.div(parts, class_name="plan"),
        ),
        rx.cond(PLAN.prepared, entries()),
        what_was_done(boxed=True),
    )


def _notes() -> rx.Component:
    """What stands in the way, and what to know before and after."""
    draft = PLAN.state == "draft"
    job = link(words.OPEN_THAT_JOB, href=PLAN.driver_href)
    stuck = note(
        rx.el.b(words.THE_PLAN_STANDS_STILL),
        " ",
        rx.cond(draft, said(words.PREPARATION_ENDED, job=job), said(words.WORK_ENDED, job=job)),
        tone="bad",
        icon_name="circle-x",
    )
    preparing = note(
        rx.el.b(words.THE_DRY_RUN_GOES_ON),
        " ",
        words.each_entry_is_judged(PLAN.preparing),
        rx.el.div(shares(PLAN.parts, PLAN.whole, PLAN.preparing), class_name="plan-bar"),
        tone="run",
        icon_name="loader-circle",
    )
    held = note(_done_by(words.PAUSED_BY), " ", words.NOTHING_MORE_IS_DONE, tone="warn", icon_name="circle-pause")
    aborted = note(_done_by(words.ABORTED_BY), " ", PLAN.left_behind, icon_name="octagon-x")
    return rx.el.div(
        rx.cond(ReplayPage.stuck, stuck, rx.cond(PLAN.preparing != "", preparing)),
        rx.cond(
            PLAN.undoes_href != "",
            note(said(words.IT_TAKES_BACK, plan=link(words.ANOTHER_PLAN, href=PLAN.undoes_href))),
        ),
        rx.match(PLAN.state, ("held", held), ("aborted", aborted), rx.fragment()),
        rx.cond(
            (PLAN.side_effects != "") & ~PLAN.ended,
            note(rx.el.b(words.CAREFUL), " ", PLAN.side_effects, tone="warn", icon_name="triangle-alert"),
        ),
        class_name="stack notes",
    )


def _done_by(sentence: str) -> rx.Component:
    because = rx.cond(PLAN.note != "", rx.fragment(": ", PLAN.note))
    return rx.el.b(said(sentence, by=PLAN.changed_by, because=because))


def _progress() -> rx.Component:
    """How far it is and what came of it; each figure opens its entries."""
    return panel(
        PLAN.progress,
        rx.el.div(shares(PLAN.parts, PLAN.whole, PLAN.progress), class_name="plan-bar pad"),
        _steps(ReplayPage.statuses, "item"),
        meta=ReplayPage.speed,
    )


def _dry_run() -> rx.Component:
    draft = PLAN.state == "draft"
    return panel(
        words.DRY_RUN,
        rx.cond(draft, rx.el.div(shares(PLAN.parts, PLAN.whole, PLAN.progress), class_name="plan-bar pad")),
        _steps(ReplayPage.verdicts, "verdict"),
        meta=rx.cond(draft, PLAN.progress, words.WHAT_WAS_LEFT_OUT_AND_WHY),
    )


def _steps(lines: Any, kind: str) -> rx.Component:
    return rx.el.ul(
        rx.foreach(
            lines,
            lambda line: rx.el.li(
                rx.el.div(
                    status(line.look, kind=kind, word=line.word),
                    rx.cond(line.hint != "", rx.el.span(line.hint, class_name="meta")),
                    class_name="grow",
                ),
                figure(line.count, line.href),
                key=line.key,
                aria_current=rx.cond(line.on, "true", rx.Var("undefined")),
            ),
        ),
        class_name="lin steps",
    )


def _rate() -> rx.Component:
    """The rate, and its editor while it can be changed."""
    editor = rx.el.form(
        field(
            words.JOBS_A_SECOND_AT_MOST,
            # Keyed by plan and rate: another operator's change is shown, what is being typed is not touched.
            text_input(
                "rate",
                mono=True,
                default_value=PLAN.rate,
                key=f"{PLAN.id} {PLAN.rate}",
                placeholder=common.NO_LIMIT,
                input_mode="decimal",
            ),
            help_text=words.JOBS_A_SECOND_AT_MOST_HELP,
            error=ReplayPage.rate_problem,
        ),
        rx.el.div(
            action(words.SET_THE_RATE, icon="gauge", kind="submit", changes=True, off=ReplayPage.rate_off),
            class_name="row",
        ),
        on_submit=ReplayPage.change_rate,
        class_name="stack pad",
    )
    return panel(words.RATE, editor, meta=PLAN.rate_words)


def _about() -> rx.Component:
    return facts(
        (words.MADE_BY, PLAN.actor),
        (words.FROZEN_AT, or_word(PLAN.created_at, "", instant(PLAN.created_at, zone=True))),
        (common.REASON, or_word(PLAN.reason, common.NONE)),
        (common.TICKET, or_word(PLAN.ticket, common.NONE)),
        (common.STARTED, or_word(PLAN.started_at, common.NOT_YET, instant(PLAN.started_at, zone=True))),
        (common.ENDED, or_word(PLAN.ended_at, common.NOT_YET, instant(PLAN.ended_at, zone=True))),
        (words.RATE, PLAN.rate_words),
        (words.BACKGROUND_JOB, or_word(PLAN.driver_href, common.NONE, link(dead_letters.OPEN, href=PLAN.driver_href))),
        (words.ENTRIES_IT_TOOK, link(words.IN_THE_LIST, href=PLAN.entries_href)),
    )
