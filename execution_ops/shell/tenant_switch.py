"""The switch that narrows the console to one tenant. The choice is in the address and nowhere else."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.islands import FOLDER, Island, one_text


class TenantSwitch(Island):
    """The button with the tenants below it."""

    library = f"{FOLDER}/tenant-switch.jsx"

    several: rx.Var[Any]
    names: rx.Var[Any]
    asked: rx.Var[Any]
    more: rx.Var[Any]
    applies: rx.Var[bool]
    on_search: rx.EventHandler[one_text]


def tenant_switch(tenants: Any, *, applies: bool) -> rx.Component:
    """The switch; nothing for a viewer of one tenant. `applies` is whether the page lists by tenant.

    `tenants` is the State of the tenants that the viewer sees (`state/tenants.py`): whether they are `several`, and
    the `names` that match the text `asked`, as far as they fit (`more` if there are others). `search(text)` asks for
    others.
    """
    return TenantSwitch.create(
        several=tenants.several,
        names=tenants.names,
        asked=tenants.asked,
        more=tenants.more,
        applies=applies,
        on_search=tenants.search,
    )
