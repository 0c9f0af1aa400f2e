"""The drawer of a baseline: what it is, what to compare it with, what was promoted, and its verbs."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action, link_button
from execution_ops.components.copy import copy_button
from execution_ops.components.dialog import confirm
from execution_ops.components.drawer import drawer
from execution_ops.components.kv import kv
from execution_ops.components.links import file_link, link
from execution_ops.components.status import badge
from execution_ops.components.times import instant
from execution_ops.domain.scanner_verbs import BASELINE_PROMOTE, BASELINE_REMOVE, BASELINE_ROLLBACK
from execution_ops.domain.verb import Verb
from execution_ops.state.baseline_verbs import ASKED
from execution_ops.state.baselines import BaselinesPage


def baseline_drawer() -> rx.Component:
    """The drawer; it is open while the address names a baseline."""
    facts = BaselinesPage.facts
    return drawer(
        rx.cond(BaselinesPage.is_missing, _missing(), _body()),
        open=BaselinesPage.open_id != "",
        title=rx.cond(BaselinesPage.is_missing, "This baseline is not there", facts.name),
        subtitle=rx.cond(BaselinesPage.is_missing, "It may have been deleted.", facts.source),
        wide=True,
        on_close=BaselinesPage.close_drawer,
        footer=rx.cond(BaselinesPage.is_missing, _close(), _verbs()),
    )


def baseline_questions() -> list[rx.Component]:
    """The questions before the verbs, for the drawer and for a comparison."""
    return [_question(verb) for verb in ASKED]


def _body() -> rx.Component:
    facts = BaselinesPage.facts
    return rx.el.div(
        rx.el.div(badge(facts.state, kind="baseline"), class_name="row wrap"),
        kv(
            ("Source", rx.el.span(facts.source, class_name="mono baseline-path")),
            ("Tenant", facts.tenant),
            ("Components", facts.components),
            ("Document", _document()),
            ("From", _origin()),
            ("Syft", rx.cond(facts.syft != "", facts.syft, "not said")),
            ("Saved", rx.fragment(instant(facts.created_at, zone=True), ", ", facts.created_by)),
            ("Promoted", _promoted()),
        ),
        _part(
            "Compare with",
            rx.el.ul(rx.foreach(BaselinesPage.offers, _offer), class_name="baseline-offers"),
            rx.el.div(link_button("Choose another", BaselinesPage.choose_href, icon="git-compare", look="sm")),
        ),
        _part("Promotions of this source", _promotions()),
        # Nothing in it need take the focus: this does, so that the keyboard scrolls the drawer.
        tab_index=0,
        role="group",
        aria_label="The baseline",
        class_name="parts",
    )


def _part(title: str, *children: rx.Component) -> rx.Component:
    return rx.el.section(rx.el.h3(title), *children, class_name="part")


def _document() -> rx.Component:
    facts = BaselinesPage.facts
    return rx.el.span(
        file_link("CycloneDX", href=facts.document_href),
        f", {facts.size}, SHA-256 ",
        rx.el.span(facts.digest, class_name="mono", title=facts.sha256),
        copy_button(facts.sha256, "Copy the SHA-256"),
        class_name="baseline-path",
    )


def _origin() -> rx.Component:
    facts = BaselinesPage.facts
    kit = rx.cond(facts.kit_href != "", link("An offline kit", href=facts.kit_href), rx.el.span("An offline kit"))
    scan = rx.el.span(link("A scan", href=facts.scan_href), " that ", facts.scan_words)
    return rx.cond(facts.scan_href != "", scan, kit)


def _promoted() -> rx.Component:
    facts = BaselinesPage.facts
    told = rx.el.span(instant(facts.promoted_at, zone=True), ", ", facts.promoted_by, ": “", facts.promote_reason, "”")
    return rx.cond(facts.promoted_at != "", told, rx.el.span("not now", class_name="fg3"))


def _offer(offer: Any) -> rx.Component:
    name = rx.cond(offer.href != "", link(offer.name, href=offer.href), rx.el.span("not offered", class_name="fg3"))
    return rx.el.li(
        rx.el.div(
            rx.el.b(offer.title),
            name,
            rx.cond(offer.best, rx.el.span("suggested", class_name="meta")),
            class_name="row wrap",
        ),
        rx.el.p(offer.why, class_name="fg2"),
        key=offer.title,
    )


def _promotions() -> rx.Component:
    def line(entry: Any) -> rx.Component:
        return rx.el.li(
            rx.el.div(
                rx.el.b(entry.words),
                rx.cond(entry.href != "", link(entry.name, href=entry.href), rx.el.span(entry.name)),
                rx.el.span(entry.by, ", ", instant(entry.at, zone=True), class_name="meta"),
                rx.cond(entry.job_href != "", link("Job", href=entry.job_href)),
                class_name="row wrap",
            ),
            rx.cond(entry.reason != "", rx.el.p("“", entry.reason, "”", class_name="fg2")),
            key=entry.key,
        )

    return rx.cond(
        BaselinesPage.promotions.length() > 0,
        rx.el.ol(rx.foreach(BaselinesPage.promotions, line), class_name="vers"),
        rx.el.p("None yet: scans of this source compare with nothing.", class_name="fg2"),
    )


def _verbs() -> rx.Component:
    return rx.fragment(
        promote_button(),
        _verb(BASELINE_ROLLBACK, BaselinesPage.rollback_off),
        rx.el.span(class_name="grow"),
        _verb(BASELINE_REMOVE, BaselinesPage.remove_off),
    )


def promote_button() -> rx.Component:
    """Asks before a promotion, with what it changes."""
    return action(
        BASELINE_PROMOTE.label,
        on_click=BaselinesPage.ask_promote,
        icon=BASELINE_PROMOTE.icon,
        look="pri",
        off=BaselinesPage.promote_off,
        changes=True,
    )


def _verb(verb: Verb, off: Any) -> rx.Component:
    return action(
        verb.label,
        on_click=BaselinesPage.ask_verb(verb.name),
        icon=verb.icon,
        look="danger" if verb.danger else "",
        off=off,
        changes=True,
    )


def _close() -> rx.Component:
    return action("Close", on_click=BaselinesPage.close_drawer, look="ghost")


def _missing() -> rx.Component:
    return rx.el.p("Go back to the list. The scan that it came from is kept.", class_name="fg2")


def _question(verb: Verb) -> rx.Component:
    return confirm(
        verb,
        open=BaselinesPage.asking == verb.name,
        title=BaselinesPage.question_title,
        confirm_label=verb.label,
        facts=BaselinesPage.question_facts,
        more_href=BaselinesPage.question_href,
        more_label="See every change first",
        busy=BaselinesPage.comparing_first,
        on_confirm=BaselinesPage.do_verb,
        on_close=BaselinesPage.leave_verb,
        error=BaselinesPage.verb_problem,
    )
