"""What surrounds every page of the catalogue."""

import reflex as rx

from catalogue_app.lookup import CatalogueLookup
from catalogue_app.state import CatalogueState
from execution_ops.shell.frame import Surroundings, frame
from execution_ops.shell.live_mark import Liveness

SURROUNDINGS = Surroundings(CatalogueState, CatalogueLookup, CatalogueLookup, CatalogueLookup)
LIVENESS = Liveness(CatalogueState.stamp, handlers={"on_hide": CatalogueState.hide, "on_show": CatalogueState.load})


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
