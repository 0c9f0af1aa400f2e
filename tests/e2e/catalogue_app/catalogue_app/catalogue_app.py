"""Every component in every state that it has: for the eyes, and for the browser tests."""

import reflex as rx

from catalogue_app.lookup import CatalogueLookup
from catalogue_app.pages import job_page, table_page
from catalogue_app.parts import parts_page
from catalogue_app.state import CatalogueState
from execution_ops.pages import not_found
from execution_ops.shell.appearance import app_options

app = rx.App(**app_options())
app.add_page(
    parts_page, route="/", on_load=[CatalogueState.load, CatalogueLookup.open], title="Parts · Execution Operations"
)
app.add_page(
    table_page, route="/jobs", on_load=[CatalogueState.load, CatalogueLookup.open], title="Jobs · Execution Operations"
)
app.add_page(
    job_page, route="/job", on_load=[CatalogueState.open_job, CatalogueLookup.open], title="Job · Execution Operations"
)
app.add_page(not_found.page, route="404", title="Not found · Execution Operations")
