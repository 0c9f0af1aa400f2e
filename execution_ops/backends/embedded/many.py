"""Statements about many rows whose values travel as one parameter.

With a parameter for each value, as `in_` does it, a statement for a hundred rows is rendered and parsed
anew each time it is sent, which takes longer than to run it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import JSON, ColumnElement, Dialect, Text, TypeDecorator, bindparam, column
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine


class _Several(TypeDecorator[Iterable[Any]]):
    """An array where the database has them, else JSON."""

    impl = Text
    cache_ok = True

    def __init__(self, each: TypeEngine[Any]) -> None:
        super().__init__()
        self.each = each

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(self.each) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Iterable[Any] | None, dialect: Dialect) -> list[Any] | str:
        values = list(value or ())
        return values if dialect.name == "postgresql" else json.dumps(values)


class _OneOf(FunctionElement[bool]):
    """The condition; its clauses are the column and the parameter.

    Without the type Boolean, for which SQLAlchemy writes ` = 1` on SQLite, which then uses no index.
    """

    inherit_cache = True


def one_of(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Whether the column is among the values of the parameter of this name, a sequence of any length."""
    return _OneOf(column, bindparam(name, type_=_Several(column.type)))


@compiles(_OneOf, "postgresql")
def _with_array(element: _OneOf, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} = ANY ({values})"


@compiles(_OneOf)
def _with_json(element: _OneOf, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"


class _Rows(FunctionElement[Any]):
    """The rows of a parameter as a table."""

    inherit_cache = True


def fields(name: str, count: int) -> list[ColumnElement[str]]:
    """The first fields, all texts, of each row of the parameter of this name, a list of lists."""
    rows = _Rows(bindparam(name, type_=JSON)).table_valued(column("value", JSON), name="value")
    return [rows.c.value[i].as_string() for i in range(count)]


@compiles(_Rows, "postgresql")
def _of_array(element: _Rows, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_array_elements({compiler.process(element.clauses, **options)})"


@compiles(_Rows)
def _of_json(element: _Rows, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"
