"""The page of one replay plan."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import action, link_button, verb_button
from execution_ops.components.copy import copyable
from execution_ops.components.dialog import confirm, field
from execution_ops.components.figures import shares
from execution_ops.components.kv import facts, note, panel
from execution_ops.components.links import figure, link
from execution_ops.components.shell import Liveness
from execution_ops.components.shell import page as shell_page
from execution_ops.components.states import content, empty
from execution_ops.components.status import Kind, badge, status
from execution_ops.components.times import instant
from execution_ops.domain.letter_verbs import ABORT_PLAN, HOLD_PLAN, REOPEN, RESUME_PLAN, START_PLAN
from execution_ops.domain.verb import Verb
from execution_ops.pages.replay_entries import entries
from execution_ops.state.replay import ReplayPage
from execution_ops.state.shell import surroundings

ON_LOAD = (ReplayPage.open,)
PLAN = ReplayPage.plan


def page() -> rx.Component:
    """What the dry run says, how far it is, what came of it, the entries."""
    missing = ReplayPage.problem_code == "NOT_FOUND"
    refused = ReplayPage.problem_code == "INVALID_INPUT"
    return shell_page(
        "replay",
        rx.cond(missing | refused, _missing(), content(ReplayPage, _body())),
        *[_question(verb) for verb in (START_PLAN, HOLD_PLAN, RESUME_PLAN, ABORT_PLAN, REOPEN)],
        surroundings=surroundings(),
        title=rx.cond(missing | (PLAN.title == ""), "Replay plan", PLAN.title),
        beside_title=rx.cond(~missing & (PLAN.state != ""), badge(PLAN.state, kind="plan")),
        summary=rx.cond(~missing & (PLAN.id != ""), rx.fragment(PLAN.description, ". ", copyable(PLAN.id, "Copy id"))),
        actions=(rx.cond(~missing & (PLAN.id != ""), _verbs()),),
        liveness=Liveness(ReplayPage.stamp, {"on_hide": ReplayPage.hide, "on_show": ReplayPage.show}),
        crumb=rx.cond(missing, "Unknown plan", PLAN.short),
    )


def _missing() -> rx.Component:
    return rx.el.div(
        empty(
            "There is no such plan",
            ReplayPage.problem,
            link_button("All plans", routes.replays(), icon="history"),
            icon_name="text-search",
        ),
        class_name="panel",
    )


def _verbs() -> rx.Component:
    """The verbs of the state that the plan is in; the main one last."""

    def button(verb: Verb, off: Any, *, main: bool = False) -> rx.Component:
        return verb_button(verb, ReplayPage.ask_verb(verb.name), off=off, look="pri" if main else None)

    abort = button(ABORT_PLAN, ReplayPage.abort_off)
    resume = button(RESUME_PLAN, ReplayPage.resume_off, main=True)
    reopen = action(
        "Reopen all",
        on_click=ReplayPage.ask_verb(REOPEN.name),
        icon=REOPEN.icon,
        off=ReplayPage.undo_off,
        changes=True,
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
    )


def _notes() -> rx.Component:
    """What stands in the way, and what to know before and after."""
    stuck = note(
        rx.el.b("The plan stands still. "),
        "The background job that ",
        rx.cond(PLAN.state == "draft", "prepares", "carries out"),
        " it ended without finishing. ",
        link("Open that job", href=PLAN.driver_href),
        rx.cond(
            PLAN.state == "draft",
            ", then press Start: the dry run goes on, and the plan starts after it.",
            ", then press Resume: it goes on with what was not done yet.",
        ),
        tone="bad",
        icon_name="circle-x",
    )
    preparing = note(
        rx.el.b("The dry run goes on. "),
        "Each entry is frozen and judged; nothing is touched. ",
        PLAN.preparing,
        ".",
        rx.el.div(shares(PLAN.parts, PLAN.whole, PLAN.preparing), class_name="plan-bar"),
        tone="run",
        icon_name="loader-circle",
    )
    held = note(
        rx.el.b("Paused by ", PLAN.changed_by, _because(), ". "),
        "Nothing more is done until somebody resumes it. What was sent goes on.",
        tone="warn",
        icon_name="circle-pause",
    )
    aborted = note(rx.el.b("Aborted by ", PLAN.changed_by, _because(), ". "), PLAN.left_behind, icon_name="octagon-x")
    return rx.el.div(
        rx.cond(ReplayPage.stuck, stuck, rx.cond(PLAN.preparing != "", preparing)),
        rx.cond(PLAN.undoes_href != "", note("It takes back ", link("another plan", href=PLAN.undoes_href), ".")),
        rx.match(PLAN.state, ("held", held), ("aborted", aborted), rx.fragment()),
        rx.cond(
            (PLAN.side_effects != "") & ~PLAN.ended,
            note(rx.el.b("Careful. "), PLAN.side_effects, tone="warn", icon_name="triangle-alert"),
        ),
        class_name="stack notes",
    )


def _because() -> rx.Component:
    return rx.cond(PLAN.note != "", rx.fragment(": ", PLAN.note))


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
        "Dry run",
        rx.cond(draft, rx.el.div(shares(PLAN.parts, PLAN.whole, PLAN.progress), class_name="plan-bar pad")),
        _steps(ReplayPage.verdicts, "verdict"),
        meta=rx.cond(draft, PLAN.progress, "what was left out, and why"),
    )


def _steps(lines: Any, kind: Kind) -> rx.Component:
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
            "Jobs a second, at most",
            # Keyed by plan and rate: another operator's change is shown, what is being typed is not touched.
            rx.el.input(
                name="rate",
                default_value=PLAN.rate,
                key=f"{PLAN.id} {PLAN.rate}",
                placeholder="no limit",
                class_name="in mono",
                input_mode="decimal",
                auto_complete="off",
            ),
            help_text="Empty means as fast as possible. It can be changed while the plan runs.",
            error=ReplayPage.rate_problem,
        ),
        rx.el.div(
            action("Set the rate", icon="gauge", kind="submit", changes=True, off=ReplayPage.rate_off), class_name="row"
        ),
        on_submit=ReplayPage.change_rate,
        class_name="stack pad",
    )
    return panel("Rate", editor, meta=PLAN.rate_words)


def _about() -> rx.Component:
    def when(value: Any, word: str) -> rx.Component:
        return rx.cond(value != "", instant(value, zone=True), rx.el.span(word, class_name="fg3"))

    def text(value: Any) -> rx.Component:
        return rx.cond(value != "", value, rx.el.span("none", class_name="fg3"))

    return facts(
        ("Made by", PLAN.actor),
        ("Frozen at", when(PLAN.created_at, "")),
        ("Reason", text(PLAN.reason)),
        ("Ticket", text(PLAN.ticket)),
        ("Started", when(PLAN.started_at, "not yet")),
        ("Ended", when(PLAN.ended_at, "not yet")),
        ("Rate", PLAN.rate_words),
        ("Background job", rx.cond(PLAN.driver_href != "", link("Open", href=PLAN.driver_href), text(""))),
        ("Entries it took", link("In the queue", href=PLAN.entries_href)),
    )


def _question(verb: Verb) -> rx.Component:
    return confirm(
        verb,
        open=ReplayPage.asking == verb.name,
        title=ReplayPage.question_title,
        confirm_label=ReplayPage.question_button,
        facts=ReplayPage.question_facts,
        on_confirm=ReplayPage.do_verb,
        on_close=ReplayPage.leave_verb,
        error=ReplayPage.verb_problem,
    )
