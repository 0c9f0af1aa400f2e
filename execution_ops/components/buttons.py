"""Buttons. One primary button a page; a verb that is off says why in words."""

from __future__ import annotations

from typing import Any, Literal

import reflex as rx

from execution_ops.components.icons import icon as draw_icon
from execution_ops.components.islands import FOLDER, Island, nothing
from execution_ops.components.links import file_link, link
from execution_ops.domain.verb import Verb
from execution_ops.texts import common as words

Look = Literal["", "pri", "danger", "danger-solid", "ghost", "sm", "sm ghost", "sm danger", "sm pri"]


class Button(Island):
    """A button that stays focusable when it is off, so that the reason can be read."""

    library = f"{FOLDER}/button.jsx"
    alias = "OpsButton"

    label: rx.Var[Any]
    icon: rx.Var[Any]
    look: rx.Var[str]
    icon_only: rx.Var[bool]
    off: rx.Var[Any]
    verb: rx.Var[bool]
    changes: rx.Var[bool]
    hotkey: rx.Var[str]
    busy: rx.Var[Any]
    type: rx.Var[str]
    form: rx.Var[str]
    on_click: rx.EventHandler[nothing]


def action(
    label: str | rx.Var[str],
    *,
    on_click: Any = None,
    icon: str | rx.Var[str] = "",
    look: Look = "",
    off: str | rx.Var[str] = "",
    changes: bool = False,
    hotkey: str = "",
    icon_only: bool = False,
    busy: bool | rx.Var[bool] = False,
    kind: Literal["button", "submit"] = "button",
    form: str = "",
) -> rx.Component:
    """A button.

    `off` is the reason, in words, why it cannot be used; empty means that it can. `changes` marks
    a verb that changes something: it is also off while the connection is lost, since the framework
    would deliver the click later. `hotkey` is the key that presses it. `icon_only` keeps the label
    as the accessible name. `form` is the id of the form that a submit button outside of it sends.
    """
    handlers = {"on_click": on_click} if on_click is not None else {}
    return Button.create(
        label=label,
        icon=icon,
        look=look,
        icon_only=icon_only,
        off=off,
        # What can be off for a reason, or changes something, is a verb: the palette offers it too.
        verb=changes or isinstance(off, rx.Var) or off != "",
        changes=changes,
        hotkey=hotkey,
        busy=busy,
        type=kind,
        form=form,
        **handlers,
    )


def verb_button(
    verb: Verb,
    on_click: Any,
    *,
    off: str | rx.Var[str] = "",
    look: Look | None = None,
    label: str | rx.Var[str] = "",
    busy: bool | rx.Var[bool] = False,
    keyed: bool = True,
) -> rx.Component:
    """The button of a verb: label, icon, shortcut and danger come from the verbs table.

    `label` says it in other words. Where there is one in each row, none is `keyed`.
    """
    chosen = look if look is not None else ("danger" if verb.danger else "")
    return action(
        label if isinstance(label, rx.Var) or label else verb.label,
        on_click=on_click,
        icon=verb.icon,
        look=chosen,
        off=off,
        changes=True,
        hotkey=(verb.shortcut or "") if keyed else "",
        busy=busy,
    )


def submit_button(
    verb: Verb,
    *,
    label: str | rx.Var[str] = "",
    off: str | rx.Var[str] = "",
    busy: bool | rx.Var[bool] = False,
    icon: str = "",
    form: str = "",
) -> rx.Component:
    """The one button that sends a form: the verb, or what it does in the words of the form."""
    return action(
        label if isinstance(label, rx.Var) or label else verb.label,
        icon=icon or verb.icon,
        look="pri",
        kind="submit",
        form=form,
        off=off,
        changes=True,
        busy=busy,
    )


def close_button(on_click: Any, label: str = words.CLOSE) -> rx.Component:
    """The way out of a drawer or dialog that changes nothing."""
    return action(label, on_click=on_click, look="ghost")


def link_button(
    label: str, href: str | rx.Var[str], *, icon: str = "", look: Look = "", download: bool = False
) -> rx.Component:
    """A link that looks like a button. `download` leaves the console's router: files, exports."""
    children = [draw_icon(icon), label] if icon else [label]
    leads = file_link if download else link
    return leads(*children, href=href, look=f"btn {look}".strip())


def refresh_button(on_click: Any) -> rx.Component:
    """Refresh, also by `r`."""
    return action(words.REFRESH, on_click=on_click, icon="refresh-cw", icon_only=True, hotkey="r")
