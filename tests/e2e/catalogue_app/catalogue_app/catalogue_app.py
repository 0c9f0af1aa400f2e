"""Every component in every state that it has: for the eyes, and for the browser tests."""

import reflex as rx

from catalogue_app.pages import CatalogueState, parts_page, table_page
from execution_ops.components.appearance import app_options

app = rx.App(**app_options())
app.add_page(parts_page, route="/", on_load=CatalogueState.load, title="Parts · Execution Operations")
app.add_page(table_page, route="/jobs", on_load=CatalogueState.load, title="Jobs · Execution Operations")
