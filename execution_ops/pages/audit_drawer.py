"""The drawer of the audit: one event with what was before and after it, and the way back."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import action
from execution_ops.components.drawer import drawer
from execution_ops.components.kv import kv, note
from execution_ops.components.links import link
from execution_ops.components.prose import said
from execution_ops.components.times import instant, until
from execution_ops.state.audit import AuditListPage
from execution_ops.texts import audit as words
from execution_ops.texts import common

VIEW = AuditListPage.view


def audit_drawer() -> rx.Component:
    """The drawer, open while the address names an event."""
    known = VIEW.n > 0
    return drawer(
        rx.cond(known, _body(), rx.el.p(words.BACK_TO_THE_EVENTS, class_name="fg2")),
        open=(AuditListPage.open_n > 0) & ~AuditListPage.refused,
        title=rx.cond(known, VIEW.title, words.NOT_THERE),
        subtitle=rx.cond(known, words.event(VIEW.n), AuditListPage.missing),
        wide=True,
        on_close=AuditListPage.close_drawer,
        footer=rx.cond(known, _footer(), action(common.CLOSE, on_click=AuditListPage.close_drawer, look="ghost")),
    )


def _footer() -> rx.Component:
    return rx.fragment(
        action(words.UNDO, on_click=AuditListPage.undo_open, icon="undo-2", off=VIEW.undo_off, changes=True),
        rx.cond(
            VIEW.undo_until != "",
            rx.el.span(said(words.WAY_BACK, until=until(VIEW.undo_until)), class_name="meta"),
            rx.el.span(VIEW.undo_off, class_name="meta"),
        ),
    )


def _body() -> rx.Component:
    return rx.el.div(
        rx.cond(AuditListPage.undo_problem != "", note(AuditListPage.undo_problem, tone="bad", icon_name="circle-x")),
        kv(
            (words.DONE, instant(VIEW.at, precise=True, zone=True)),
            (words.WHO, _linked(VIEW.actor, VIEW.actor_href)),
            (words.FROM, _or(VIEW.source, words.NOT_KNOWN)),
            (words.VERB, VIEW.verb),
            (words.WHAT, _linked(VIEW.what, VIEW.what_href)),
            (words.FILTER, rx.cond(VIEW.scope != "", _linked(VIEW.scope, VIEW.scope_href), _none(words.NO_FILTER))),
            (words.THINGS, VIEW.count),
            (common.TENANT, VIEW.tenant),
            (common.REASON, _or(VIEW.reason, words.NONE_GIVEN)),
            (common.TICKET, rx.cond(VIEW.ticket != "", _linked(VIEW.ticket, VIEW.ticket_href), _none(words.NONE))),
            (
                words.REQUEST,
                rx.cond(VIEW.correlation != "", _mono(VIEW.correlation, VIEW.correlation_href), _none(words.NONE)),
            ),
            (words.UNDOES, rx.cond(VIEW.undoes != "", _linked(VIEW.undoes, VIEW.undoes_href), _none(words.NOTHING))),
            (words.UNDONE_BY, rx.cond(VIEW.undone != "", _linked(VIEW.undone, VIEW.undone_href), _none(words.NOTHING))),
        ),
        rx.cond(VIEW.things.length() > 0, _part(words.DONE_TO, _things())),
        rx.cond(VIEW.changes.length() > 0, _part(words.WHAT_CHANGED, _changes())),
        rx.cond((VIEW.before != "") | (VIEW.after != ""), _part(words.BEFORE_AND_AFTER, _sides())),
        class_name="audit-body",
    )


def _part(title: str, *children: object) -> rx.Component:
    return rx.el.section(rx.el.h3(title), *children)


def _things() -> rx.Component:
    return rx.el.ul(
        rx.foreach(VIEW.things, lambda one: rx.el.li(_mono(one.text, one.href), key=one.text)),
        class_name="audit-things",
    )


def _changes() -> rx.Component:
    head = rx.el.tr(*[rx.el.th(word, scope="col") for word in (words.VALUE, words.BEFORE, words.AFTER)])

    def line(one: Any) -> rx.Component:
        return rx.el.tr(
            rx.el.th(one.path, scope="row", class_name="mono"),
            rx.el.td(one.before, class_name="mono"),
            rx.el.td(one.after, class_name="mono"),
            key=one.path,
        )

    return rx.el.table(
        rx.el.thead(head),
        rx.el.tbody(rx.foreach(VIEW.changes, line)),
        class_name="audit-changes",
        aria_label=words.WHAT_CHANGED,
    )


def _sides() -> rx.Component:
    return rx.fragment(
        rx.el.div(_side(words.BEFORE, VIEW.before), _side(words.AFTER, VIEW.after), class_name="audit-sides"),
        rx.cond(VIEW.cut, rx.el.p(words.CUT, class_name="meta")),
    )


def _side(title: str, text: Any) -> rx.Component:
    code = rx.el.pre(text, class_name="code", tab_index=0, role="region", aria_label=title)
    return rx.el.div(rx.el.h4(title), rx.cond(text != "", code, rx.el.p(words.NOTHING, class_name="fg3")))


def _linked(text: Any, href: Any) -> rx.Component:
    return rx.cond(href != "", link(text, href=href), rx.el.span(text))


def _mono(text: Any, href: Any) -> rx.Component:
    return rx.cond(href != "", link(text, href=href, look="link mono"), rx.el.span(text, class_name="mono"))


def _or(text: Any, nothing: str) -> rx.Component:
    return rx.cond(text != "", rx.el.span(text), _none(nothing))


def _none(text: str) -> rx.Component:
    return rx.el.span(text, class_name="fg3")
