"""Kinds of columns that the ledger's tables share."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Integer
from sqlalchemy.types import TypeEngine
from sqlmodel import Field

# SQLite gives a row id only to a column declared INTEGER.
ROWID: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")
WITHOUT_ROWID = {"sqlite_with_rowid": False}


def instant(**options: Any) -> Any:
    """A column of milliseconds since 1970 UTC."""
    return Field(sa_type=BigInteger, **options)
