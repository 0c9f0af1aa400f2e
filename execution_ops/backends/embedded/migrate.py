"""Brings the ledger's schema up to date, also when several processes start at once."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from execution_ops.backends.embedded.engines import write
from execution_ops.domain.errors import Conflict

SCRIPTS = "execution_ops.backends.embedded:migrations"
# Any number that nothing else in the database locks.
_LOCK = 7_246_113_905


def upgrade(engine: Engine) -> None:
    """Apply the revisions that are missing, in one transaction; other processes wait meanwhile.

    Raises Conflict when the schema is newer than this program, Unavailable when the database does
    not answer.
    """
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    scripts = ScriptDirectory.from_config(config)
    # On SQLite `write` itself takes the exclusive right to write.
    with write(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        current = MigrationContext.configure(connection).get_current_heads()
        known = {script.revision for script in scripts.walk_revisions()}
        if not set(current) <= known:
            raise Conflict(
                f"The database has the schema {', '.join(current)}, which this version of Execution Operations "
                "does not know. Start the newer version that used it last, or name another database.",
                code="SCHEMA_TOO_NEW",
            )
        if current != tuple(scripts.get_heads()):
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
