"""The offline kits."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops import routes
from execution_ops.components.buttons import action, refresh_button
from execution_ops.components.dialog import AlsoAsked, confirm
from execution_ops.components.icons import icon
from execution_ops.components.kv import note
from execution_ops.components.links import link
from execution_ops.components.shell import Liveness
from execution_ops.components.shell import page as shell_page
from execution_ops.components.states import content, empty
from execution_ops.components.status import status
from execution_ops.components.table import Column, pager, row_link, table
from execution_ops.components.times import instant, zone_name
from execution_ops.domain.scanner_verbs import KIT_ACTIVATE, KIT_EXPORT, KIT_ROLLBACK
from execution_ops.domain.tenants import DEFAULT_TENANT
from execution_ops.domain.verb import Verb
from execution_ops.pages.kit_dialogs import kit_dialogs
from execution_ops.pages.kit_panel import kit_panel
from execution_ops.pages.kit_side import quarantine, work
from execution_ops.state.offline_kits import ASKED, KitRows, KitsPage
from execution_ops.state.shell import surroundings

ON_LOAD = (KitsPage.open,)
TABLE = "kits"


def page() -> rx.Component:
    """What is active, the kits, what is open of them, quarantine, and the dialogs."""
    return shell_page(
        "offline_kits",
        rx.cond(
            KitsPage.refused,
            _refused(),
            content(KitsPage, rx.cond(KitsPage.nothing_yet, _first_step(), _kits())),
        ),
        kit_dialogs(),
        *(_question(verb) for verb in ASKED),
        surroundings=surroundings(),
        summary=KitsPage.summary,
        actions=(
            refresh_button(KitsPage.refresh),
            _opens(KIT_EXPORT.label, "export", KIT_EXPORT.icon, KitsPage.export_off),
            _opens("Verify a path", "verify", "folder-search", KitsPage.verify_off),
            _opens("Upload a kit", "upload", "upload", KitsPage.verify_off, look="pri"),
        ),
        liveness=Liveness(KitsPage.stamp, {"on_hide": KitsPage.hide, "on_show": KitsPage.show}),
    )


def _opens(label: str, name: str, icon_name: str, off: rx.Var[str], look: Any = "") -> rx.Component:
    return action(label, on_click=KitsPage.open_dialog(name), icon=icon_name, look=look, off=off)


def _question(verb: Verb) -> rx.Component:
    return confirm(
        verb,
        open=KitsPage.asking == verb.name,
        title=KitsPage.question.title,
        facts=KitsPage.question.facts,
        confirm_label=KitsPage.question.button,
        error=KitsPage.verb_problem,
        on_confirm=KitsPage.do_verb,
        on_close=KitsPage.leave_verb,
        asks=_tenant() if verb is KIT_ACTIVATE else None,
    )


def _tenant() -> AlsoAsked:
    return AlsoAsked(
        label=rx.cond(KitsPage.question.asks_tenant, "Tenant", ""),
        help_text="The tenant that its baselines become those of.",
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
            rx.el.b("No key is trusted yet, so every kit is refused. "),
            link("Add a trust root in the settings", href=routes.scanner_settings()),
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
            rx.el.dl(_fact("Active kit", rx.el.span("none: scans use what is installed here", class_name="fg3"))),
        ),
        rx.el.span(class_name="grow"),
        rx.el.div(
            rx.cond(
                KitsPage.active.id != "",
                action(
                    KIT_ROLLBACK.label,
                    on_click=KitsPage.ask_rollback,
                    icon=KIT_ROLLBACK.icon,
                    off=KitsPage.active.rollback_off,
                    changes=True,
                ),
            ),
            link("Trust roots", href=routes.scanner_settings()),
            class_name="row",
        ),
        class_name="panel kit-active",
        aria_label="The active kit",
    )


def _active_facts() -> rx.Component:
    active = KitsPage.active
    return rx.el.dl(
        _fact(
            "Active kit",
            rx.fragment(
                link(active.version, href=active.href, look="num mono"),
                rx.cond(active.forced, rx.el.span("forced", class_name="st warn")),
            ),
        ),
        _fact("How old", rx.el.span(active.age, class_name="st wrap " + active.age_tone)),
        _fact(
            "Activated",
            rx.fragment(
                instant(active.activated_at, zone=True),
                rx.el.span(" ", active.activated_by, class_name="fg3"),
            ),
        ),
        _fact(
            "Roll back to",
            rx.cond(
                active.previous != "",
                rx.el.span(active.previous, class_name="mono"),
                rx.el.span("nothing", class_name="fg3"),
            ),
        ),
    )


def _fact(label: str, value: object) -> rx.Component:
    return rx.el.div(rx.el.dt(label), rx.el.dd(value))


def _list() -> rx.Component:
    columns = [
        Column("kit", "Kit", _name, place="name", fixed=True),
        Column("state", "State", _state, place="state", fixed=True),
        Column(
            "received",
            "Received",
            lambda row: instant(row.received_at),
            place="end",
            right=True,
            head=rx.fragment("Received, ", zone_name()),
        ),
    ]
    shown = rx.cond(KitsPage.around.removed, "Hide removed kits", "Show removed kits")
    return rx.fragment(
        rx.cond(
            KitsPage.around.rows > 0,
            table(
                TABLE,
                KitRows.kits,
                columns,
                key=lambda row: row.id,
                label="Kits",
                two_lines=True,
                foot=pager(
                    before=KitsPage.around.first_href, after=KitsPage.around.after_href, note="The last received first"
                ),
            ),
            rx.el.div(
                empty("No kit is kept here", "Upload one, or verify one that lies below the scan roots."),
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
    return rx.el.div(
        rx.cond(
            KitsPage.trust_roots == 0,
            empty(
                "No offline kit, and no key that one could be signed with",
                "A kit carries baselines, analyzer settings and Syft to a site without a network. First say whose "
                "signature counts: add the public key of who makes your kits.",
                link("Add a trust root", href=routes.scanner_settings(), look="btn pri"),
                icon_name="key-round",
            ),
            empty(
                "No offline kit yet",
                "Upload one that was carried here, or verify one that lies below the scan roots. To make one for "
                "another site, export it.",
                _opens("Upload a kit", "upload", "upload", KitsPage.verify_off),
                _opens("Verify a path", "verify", "folder-search", KitsPage.verify_off),
                icon_name="package",
            ),
        ),
        class_name="panel first",
    )


def _refused() -> rx.Component:
    return rx.el.div(
        empty(
            "This address shows no kits",
            KitsPage.problem,
            link("Show all kits", href=routes.offline_kits(), look="btn"),
            icon_name="list-filter",
        ),
        class_name="panel",
        role="alert",
    )
