"""The offline kits."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import action, refresh_button, verb_button
from execution_ops.components.dialog import AlsoAsked, question
from execution_ops.components.icons import icon
from execution_ops.components.kv import note
from execution_ops.components.links import link
from execution_ops.components.listing import first_step, list_body
from execution_ops.components.prose import muted, or_word
from execution_ops.components.states import empty
from execution_ops.components.status import status
from execution_ops.components.table import Column, pager, row_link, table, time_column
from execution_ops.components.times import instant
from execution_ops.domain.scanner_verbs import KIT_ACTIVATE, KIT_EXPORT, KIT_ROLLBACK
from execution_ops.domain.tenants import DEFAULT_TENANT
from execution_ops.domain.verb import Verb
from execution_ops.pages.kit_dialogs import kit_dialogs
from execution_ops.pages.kit_panel import kit_panel
from execution_ops.pages.kit_side import quarantine, work
from execution_ops.pages.live_page import live_page
from execution_ops.state.offline_kits import ASKED, KitRows, KitsPage
from execution_ops.texts import common
from execution_ops.texts import kits as words

ON_LOAD = (KitsPage.open,)
TABLE = "kits"


def page() -> rx.Component:
    """What is active, the kits, what is open of them, quarantine, and the dialogs."""
    return live_page(
        "offline_kits",
        KitsPage,
        list_body(
            KitsPage,
            rx.cond(KitsPage.nothing_yet, _first_step(), _kits()),
            noun="kits",
            href=routes.offline_kits(),
        ),
        kit_dialogs(),
        *(_question(verb) for verb in ASKED),
        summary=KitsPage.summary,
        actions=(
            refresh_button(KitsPage.refresh),
            _opens(KIT_EXPORT.label, "export", KIT_EXPORT.icon, KitsPage.export_off),
            _opens(words.VERIFY_A_PATH, "verify", "folder-search", KitsPage.verify_off),
            _opens(words.UPLOAD_A_KIT, "upload", "upload", KitsPage.upload_off, look="pri"),
        ),
    )


def _opens(label: str, name: str, icon_name: str, off: rx.Var[str], look: Any = "") -> rx.Component:
    return action(label, on_click=KitsPage.open_dialog(name), icon=icon_name, look=look, off=off)


def _question(verb: Verb) -> rx.Component:
    asked = KitsPage.question
    return question(
        KitsPage,
        verb,
        title=asked.title,
        facts=asked.facts,
        confirm_label=asked.button,
        asks=_tenant() if verb is KIT_ACTIVATE else None,
    )


def _tenant() -> AlsoAsked:
    return AlsoAsked(
        label=rx.cond(KitsPage.question.asks_tenant, common.TENANT, ""),
        help_text=words.WHOSE_ITS_BASELINES_BECOME,
        hint=DEFAULT_TENANT,
        values=KitsPage.question.tenants,
        on_answer=KitsPage.choose_tenant,
    )


def _kits() -> rx.Component:
    return rx.fragment(
        rx.cond(KitsPage.trust_roots == 0, _no_trust()),
        _active(),
        rx.el.div(
            rx.el.div(_list(), quarantine(), work(), class_name="kit-side"),
            rx.el.div(kit_panel(), class_name="kit-main"),
            class_name="kit-cols",
        ),
    )


def _no_trust() -> rx.Component:
    return rx.el.div(
        note(
            rx.el.b(words.NO_KEY_IS_TRUSTED_YET),
            " ",
            link(words.ADD_ONE_IN_THE_SETTINGS, href=routes.new_trust_root()),
            tone="warn",
            icon_name="key-round",
        ),
        class_name="kit-note",
    )


def _active() -> rx.Component:
    return rx.el.section(
        icon("package-check", 22, class_name="t-accent"),
        rx.cond(
            KitsPage.active.id != "",
            _active_facts(),
            rx.el.dl(_fact(common.ACTIVE_KIT, muted(words.NO_ACTIVE_KIT))),
        ),
        rx.el.span(class_name="grow"),
        rx.el.div(
            rx.cond(
                KitsPage.active.id != "",
                verb_button(KIT_ROLLBACK, KitsPage.ask_rollback, off=KitsPage.active.rollback_off, look=""),
            ),
            link(common.TRUST_ROOTS, href=routes.trust_roots()),
            class_name="row",
        ),
        class_name="panel kit-active",
        aria_label=words.THE_ACTIVE_KIT,
    )


def _active_facts() -> rx.Component:
    active = KitsPage.active
    return rx.el.dl(
        _fact(
            common.ACTIVE_KIT,
            rx.fragment(
                link(active.version, href=active.href, look="num mono"),
                rx.cond(active.forced, rx.el.span(words.FORCED, class_name="st warn")),
            ),
        ),
        _fact(words.HOW_OLD, rx.el.span(active.age, class_name="st wrap " + active.age_tone)),
        _fact(
            words.ACTIVATED,
            rx.fragment(
                instant(active.activated_at, zone=True),
                rx.el.span(" ", active.activated_by, class_name="fg3"),
            ),
        ),
        _fact(
            words.ROLL_BACK_TO, or_word(active.previous, common.NOTHING, rx.el.span(active.previous, class_name="mono"))
        ),
    )


def _fact(label: str, value: object) -> rx.Component:
    return rx.el.div(rx.el.dt(label), rx.el.dd(value))


def _list() -> rx.Component:
    columns = [
        Column("kit", words.KIT, _name, place="name", fixed=True),
        Column("state", common.STATE, _state, place="state", fixed=True),
        time_column("received", words.RECEIVED, lambda row: instant(row.received_at)),
    ]
    shown = rx.cond(KitsPage.around.removed, words.HIDE_REMOVED_KITS, words.SHOW_REMOVED_KITS)
    return rx.fragment(
        rx.cond(
            KitsPage.around.rows > 0,
            table(
                TABLE,
                KitRows.kits,
                columns,
                key=lambda row: row.id,
                label=words.KITS,
                two_lines=True,
                foot=pager(
                    before=KitsPage.around.first_href,
                    after=KitsPage.around.after_href,
                    note=words.THE_LAST_RECEIVED_FIRST,
                ),
            ),
            rx.el.div(
                empty(words.NO_KIT_IS_KEPT_HERE, words.NO_KIT_IS_KEPT_HERE_WHY),
                class_name="panel",
            ),
        ),
        rx.el.p(link(shown, href=KitsPage.around.removed_href), class_name="meta kit-more"),
    )


def _name(row: Any) -> rx.Component:
    return rx.fragment(
        row_link(
            rx.el.b(row.version, class_name="mono"),
            href=row.href,
            aria_current=rx.cond(row.chosen, "true", "false"),
        ),
        rx.el.span(row.what, class_name="sub"),
    )


def _state(row: Any) -> rx.Component:
    return rx.fragment(
        status(row.state, kind="kit", word=rx.cond(row.removed, "removed", "")),
        rx.el.span(row.phrase, title=row.phrase, class_name="sub trunc kit-phrase"),
    )


def _first_step() -> rx.Component:
    no_key = first_step(
        words.NO_OFFLINE_KIT_AND_NO_KEY,
        words.NO_OFFLINE_KIT_AND_NO_KEY_WHY,
        link(words.ADD_A_TRUST_ROOT, href=routes.new_trust_root(), look="btn pri"),
        icon_name="key-round",
    )
    no_kit = first_step(
        words.NO_OFFLINE_KIT_YET,
        words.NO_OFFLINE_KIT_YET_WHY,
        _opens(words.UPLOAD_A_KIT, "upload", "upload", KitsPage.upload_off),
        _opens(words.VERIFY_A_PATH, "verify", "folder-search", KitsPage.verify_off),
        icon_name="package",
    )
    return rx.cond(KitsPage.trust_roots == 0, no_key, no_kit)
