"""The drawer of a baseline: what it is, what to compare it with, what was promoted, and its verbs."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import close_button, link_button, verb_button
from execution_ops.components.copy import copy_button
from execution_ops.components.dialog import question
from execution_ops.components.drawer import drawer, drawer_body, lost
from execution_ops.components.kv import kv, part
from execution_ops.components.links import file_link, link
from execution_ops.components.prose import or_word, said
from execution_ops.components.status import badge
from execution_ops.components.times import instant
from execution_ops.domain.scanner_verbs import BASELINE_PROMOTE, BASELINE_REMOVE, BASELINE_ROLLBACK
from execution_ops.domain.verb import Verb
from execution_ops.pages.audit_parts import what_was_done
from execution_ops.state.baseline_verbs import ASKED
from execution_ops.state.baselines import BaselinesPage
from execution_ops.texts import baselines as words
from execution_ops.texts import common


def baseline_drawer() -> rx.Component:
    """The drawer; it is open while the address names a baseline."""
    facts = BaselinesPage.facts
    return drawer(
        rx.cond(BaselinesPage.is_missing, lost(words.GO_BACK_TO_THE_LIST), _body()),
        open=BaselinesPage.open_id != "",
        title=rx.cond(BaselinesPage.is_missing, words.THIS_BASELINE_IS_NOT_THERE, facts.name),
        subtitle=rx.cond(BaselinesPage.is_missing, common.IT_MAY_HAVE_BEEN_DELETED, facts.source),
        wide=True,
        on_close=BaselinesPage.close_drawer,
        footer=rx.cond(BaselinesPage.is_missing, close_button(BaselinesPage.close_drawer), _verbs()),
    )


def baseline_questions() -> list[rx.Component]:
    """The questions before the verbs, for the drawer and for a comparison."""
    return [_question(verb) for verb in ASKED]


def _body() -> rx.Component:
    facts = BaselinesPage.facts
    return drawer_body(
        words.THE_BASELINE,
        rx.el.div(badge(facts.state, kind="baseline"), class_name="row wrap"),
        kv(
            (common.SOURCE, rx.el.span(facts.source, class_name="mono baseline-path")),
            (common.TENANT, facts.tenant),
            (common.COMPONENTS, facts.components),
            (words.DOCUMENT, _document()),
            (words.FROM, _origin()),
            (common.SYFT, or_word(facts.syft, words.NOT_SAID)),
            (common.SAVED, said(common.AT_BY, at=instant(facts.created_at, zone=True), by=facts.created_by)),
            (words.PROMOTED, _promoted()),
        ),
        part(
            words.COMPARE_WITH,
            rx.el.ul(rx.foreach(BaselinesPage.offers, _offer), class_name="baseline-offers"),
            rx.el.div(link_button(words.CHOOSE_ANOTHER, BaselinesPage.choose_href, icon="git-compare", look="sm")),
        ),
        part(words.PROMOTIONS_OF_THIS_SOURCE, _promotions()),
        what_was_done(),
    )


def _document() -> rx.Component:
    facts = BaselinesPage.facts
    told = said(
        words.DOCUMENT_IS,
        file=file_link(words.CYCLONEDX, href=facts.document_href),
        size=facts.size,
        digest=rx.el.span(facts.digest, class_name="mono", title=facts.sha256),
    )
    return rx.el.span(told, copy_button(facts.sha256, common.COPY_THE_SHA_256), class_name="baseline-path")


def _origin() -> rx.Component:
    facts = BaselinesPage.facts
    kit = rx.cond(
        facts.kit_href != "", link(words.AN_OFFLINE_KIT, href=facts.kit_href), rx.el.span(words.AN_OFFLINE_KIT)
    )
    scan = rx.el.span(said(words.FROM_A_SCAN, scan=link(words.A_SCAN, href=facts.scan_href), ended=facts.scan_words))
    return rx.cond(facts.scan_href != "", scan, kit)


def _promoted() -> rx.Component:
    facts = BaselinesPage.facts
    told = said(
        words.PROMOTED_BY,
        at=instant(facts.promoted_at, zone=True),
        by=facts.promoted_by,
        reason=facts.promote_reason,
    )
    return or_word(facts.promoted_at, words.NOT_NOW, rx.el.span(told))


def _offer(offer: Any) -> rx.Component:
    name = or_word(offer.href, words.NOT_OFFERED, link(offer.name, href=offer.href))
    return rx.el.li(
        rx.el.div(
            rx.el.b(offer.title),
            name,
            rx.cond(offer.best, rx.el.span(words.SUGGESTED, class_name="meta")),
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
                rx.cond(entry.job_href != "", link(common.JOB, href=entry.job_href)),
                class_name="row wrap",
            ),
            rx.cond(entry.reason != "", rx.el.p(said(common.QUOTED, text=entry.reason), class_name="fg2")),
            key=entry.key,
        )

    return rx.cond(
        BaselinesPage.promotions.length() > 0,
        rx.el.ol(rx.foreach(BaselinesPage.promotions, line), class_name="vers"),
        rx.el.p(words.NO_PROMOTION_YET, class_name="fg2"),
    )


def _verbs() -> rx.Component:
    return rx.fragment(
        promote_button(),
        verb_button(BASELINE_ROLLBACK, BaselinesPage.ask_verb(BASELINE_ROLLBACK.name), off=BaselinesPage.rollback_off),
        rx.el.span(class_name="grow"),
        verb_button(BASELINE_REMOVE, BaselinesPage.ask_verb(BASELINE_REMOVE.name), off=BaselinesPage.remove_off),
    )


def promote_button() -> rx.Component:
    """Asks before a promotion, with what it changes."""
    return verb_button(BASELINE_PROMOTE, BaselinesPage.ask_promote, look="pri", off=BaselinesPage.promote_off)


def _question(verb: Verb) -> rx.Component:
    return question(
        BaselinesPage,
        verb,
        more_href=BaselinesPage.question_href,
        more_label=words.SEE_EVERY_CHANGE_FIRST,
        busy=BaselinesPage.comparing_first,
    )
