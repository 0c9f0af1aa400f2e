"""The switch that narrows the console to one tenant. The choice is in the address and nowhere else."""

from __future__ import annotations

from typing import Any, NamedTuple

import reflex as rx

from execution_ops.components.islands import FOLDER, Island, one_text


class Tenancy(NamedTuple):
    """The tenants that the viewer sees: whether they are `several`, and the `names` that match the text `asked`,
    as far as they fit (`more` if there are others). `on_search(text)` asks for others."""

    several: Any
    names: Any
    asked: Any
    more: Any
    on_search: Any


class TenantSwitch(Island):
    """The button with the tenants below it."""

    library = f"{FOLDER}/tenant-switch.jsx"
    tag = "TenantSwitch"

    several: rx.Var[Any]
    names: rx.Var[Any]
    asked: rx.Var[Any]
    more: rx.Var[Any]
    applies: rx.Var[bool]
    on_search: rx.EventHandler[one_text]


def tenant_switch(tenancy: Tenancy, *, applies: bool) -> rx.Component:
    """The switch; nothing for a viewer of one tenant. `applies` is whether the page lists by tenant."""
    return TenantSwitch.create(
        several=tenancy.several,
        names=tenancy.names,
        asked=tenancy.asked,
        more=tenancy.more,
        applies=applies,
        on_search=tenancy.on_search,
    )
