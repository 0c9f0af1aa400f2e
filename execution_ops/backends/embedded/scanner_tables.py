"""The ledger's tables of Scanner Ops. Instants are integer milliseconds since 1970 UTC."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from execution_ops.backends.embedded.columns import WITHOUT_ROWID, instant


class ScannerVersion(SQLModel, table=True):
    """One version of the scanner's settings (`kind` settings) or of the default analyzers (`kind` analyzers).

    `body` is the model as JSON. The highest version of a kind holds.
    """

    __tablename__: ClassVar[str] = "scanner_version"
    __table_args__ = (WITHOUT_ROWID,)

    kind: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    body: str = Field(sa_type=Text)
    at: int = instant()
    by: str
    reason: str
