"""The ledger's table of how long nothing has stood in the way."""

from __future__ import annotations

from typing import ClassVar

from sqlmodel import Field, SQLModel

from execution_ops.backends.embedded.columns import instant


class ClearSpell(SQLModel, table=True):
    """One row: since when nothing blocks, NULL while something does, and when the leader last looked."""

    __tablename__: ClassVar[str] = "clear_spell"

    name: str = Field(primary_key=True)
    since: int | None = instant(default=None)
    noted_at: int = instant()
