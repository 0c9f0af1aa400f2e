"""Who one is here, and the API tokens."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.buttons import verb_button
from execution_ops.components.dialog import dialog, question
from execution_ops.components.kv import kv, note, panel
from execution_ops.components.prose import muted
from execution_ops.components.states import content, empty
from execution_ops.components.status import badge
from execution_ops.components.table import Column, table, time_column, verbs_column
from execution_ops.components.times import instant
from execution_ops.components.token_form import token_form
from execution_ops.domain.identity_verbs import TOKEN_CREATE, TOKEN_REVOKE
from execution_ops.pages.live_page import live_page
from execution_ops.state.access import NEW, AccessLines, AccessPage
from execution_ops.texts import common
from execution_ops.texts import identity as words

ON_LOAD = (AccessPage.open,)


def page() -> rx.Component:
    """Who one is, the tokens, and the form of a new one."""
    return live_page(
        "access",
        AccessPage,
        content(AccessPage, rx.fragment(_you(), _tokens())),
        dialog(
            token_form(scopes=AccessLines.scopes, off=AccessPage.new_off, on_close=AccessPage.close),
            open=AccessPage.dialog == NEW,
            title=TOKEN_CREATE.label,
            lead=words.NEW_TOKEN_LEAD,
            on_close=AccessPage.close,
        ),
        question(AccessPage, TOKEN_REVOKE),
        summary=AccessPage.summary,
        actions=(verb_button(TOKEN_CREATE, AccessPage.ask_new, look="pri", off=AccessPage.new_off),),
    )


def _you() -> rx.Component:
    columns = [
        Column("scope", words.PERMISSIONS, lambda row: rx.el.span(row.scope, class_name="mono"), place="name"),
        Column("meaning", words.LETS_YOU, lambda row: row.meaning, place="sub", wide=True),
        Column("tenants", words.TENANTS, lambda row: row.tenants, place="end"),
    ]
    return rx.fragment(
        rx.cond(AccessPage.read_only, note(words.READ_ONLY, tone="warn", icon_name="eye-off")),
        panel(
            words.YOU,
            rx.el.div(kv((words.NAME, AccessPage.name), (words.SIGN_IN_BY, AccessPage.known_by)), class_name="pad"),
        ),
        rx.cond(
            AccessLines.scopes.length() > 0,
            table("permissions", AccessLines.scopes, columns, key=lambda row: row.scope, label=words.PERMISSIONS),
            note(words.NOTHING_IS_GRANTED, tone="warn", icon_name="eye-off"),
        ),
    )


def _tokens() -> rx.Component:
    columns = [
        Column("name", words.TOKEN, _name, place="name", fixed=True, wide=True),
        Column("state", common.STATE, lambda row: badge(row.state, kind="token"), place="state", fixed=True),
        Column("hint", words.BEGINS_WITH, lambda row: rx.el.span(row.hint, class_name="mono"), place="sub"),
        Column("scopes", words.PERMISSIONS, _granted, wide=True),
        time_column("created", words.CREATED, lambda row: instant(row.created_at), place="rest"),
        time_column("expires", words.EXPIRES, lambda row: instant(row.expires_at)),
        time_column("used", words.LAST_USED, _used, place="rest"),
        verbs_column(_revoke),
    ]
    none = rx.el.div(empty(words.NO_TOKEN_YET, words.NO_TOKEN_YET_WHY, icon_name="key-round"), class_name="panel")
    listed = table("tokens", AccessLines.tokens, columns, key=lambda row: row.id, label=words.TOKENS, two_lines=True)
    return rx.el.section(
        rx.el.div(rx.el.h2(words.TOKENS, class_name="sec"), class_name="row sech"),
        rx.cond(
            AccessPage.sees_tokens,
            rx.cond(AccessPage.tokens_total > 0, listed, none),
            rx.el.p(words.TOKENS_ARE_NOT_SHOWN, class_name="meta"),
        ),
        aria_label=words.TOKENS,
    )


def _name(row: Any) -> rx.Component:
    return rx.fragment(rx.el.b(row.name, title=row.name), rx.el.span(row.about, class_name="sub trunc"))


def _granted(row: Any) -> rx.Component:
    return rx.fragment(
        rx.el.span(row.scopes, class_name="mono", title=row.scopes),
        rx.el.span(row.tenants, title=row.tenants, class_name="sub trunc"),
    )


def _used(row: Any) -> rx.Component:
    return rx.cond(row.last_used_at != "", instant(row.last_used_at), muted(common.NOT_YET))


def _revoke(row: Any) -> rx.Component:
    return verb_button(TOKEN_REVOKE, AccessPage.ask_revoke(row.id), look="sm danger", off=row.off, keyed=False)
