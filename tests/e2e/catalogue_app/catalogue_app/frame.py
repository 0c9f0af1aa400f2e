"""What surrounds every page of the catalogue."""

import reflex as rx

from catalogue_app.lookup import CatalogueLookup
from catalogue_app.state import CatalogueState
from execution_ops.components.palette import Finder
from execution_ops.components.shell import Liveness, Surroundings, frame
from execution_ops.components.tenant_switch import Tenancy

FINDER = Finder(CatalogueLookup.found, CatalogueLookup.answered, CatalogueLookup.trouble, CatalogueLookup.find)
TENANCY = Tenancy(
    CatalogueLookup.several, CatalogueLookup.names, CatalogueLookup.asked, CatalogueLookup.more, CatalogueLookup.search
)
SURROUNDINGS = Surroundings(
    "production", "0.9.2 · SQLite", CatalogueState.toasts, CatalogueState.gone, "red", FINDER, TENANCY
)
LIVENESS = Liveness(CatalogueState.stamp, {"on_hide": CatalogueState.hide, "on_show": CatalogueState.load})


def framed(*children: object, current: str, title: str, **props: object) -> rx.Component:
    """A page with the shell around it."""
    return frame(
        *children,
        current=current,
        crumbs=[("Ops", "/"), (title, "")],
        title=title,
        surroundings=SURROUNDINGS,
        liveness=LIVENESS,
        by_tenant=current == "jobs",
        **props,
    )
