"""Schemas of older versions, for tests of what a migration makes of them."""

from __future__ import annotations

from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, Table

from execution_ops.backends.embedded.engines import write
from execution_ops.backends.embedded.migrate import SCRIPTS


def upgrade_to(engine: Engine, revision: str) -> None:
    """Make the schema of an older version."""
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    with write(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def filled(table: Table, values: dict[str, Any]) -> dict[str, Any]:
    """The values, and something for every other column that has to have one."""
    rest: dict[str, Any] = {
        column.name: "" if column.type.python_type is str else 0
        for column in table.columns
        if not column.nullable and column.server_default is None
    }
    return rest | values
