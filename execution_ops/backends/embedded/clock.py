"""The clock that all processes share, and a millisecond clock for DBOS on SQLite.

DBOS asks SQLite for the time in one of two ways, by the version of Python: `unixepoch('subsec')`,
which SQLite before 3.42 answers with NULL, or `strftime('%s', 'now')`, which has whole seconds, so
rate limits overshoot. Both are multiplied by 1000 and stored; our own functions answer both with
a number whose thousandfold is a whole number, so the column holds an integer.
"""

from __future__ import annotations

import sqlite3

from sqlalchemy import Connection, text

from execution_ops.domain.times import now_ms


def clock_ms(connection: Connection) -> int:
    """The one clock that heartbeats, leases and quotas of all machines are compared by."""
    if connection.dialect.name == "sqlite":
        return now_ms()
    moment = connection.execute(text("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)"))
    return int(moment.scalar_one())


def seconds() -> float:
    """The time now in seconds; times 1000 it is exactly a whole number of milliseconds."""
    ms = now_ms()
    # Some thousandths, times 1000 in binary, are not whole. The next such number is near.
    while (ms / 1000) * 1000 != ms:
        ms += 1
    return ms / 1000


def _unixepoch(modifier: str) -> float:
    if modifier != "subsec":
        raise ValueError(f"unixepoch({modifier!r}) is not provided on this connection")
    return seconds()


def _strftime(form: str, moment: str) -> float:
    if (form, moment) != ("%s", "now"):
        raise ValueError(f"strftime({form!r}, {moment!r}) is not provided on this connection")
    return seconds()


def register_clock(connection: sqlite3.Connection) -> None:
    """Give the connection both functions; any other use of them fails instead of answering wrongly."""
    connection.create_function("unixepoch", 1, _unixepoch)
    connection.create_function("strftime", 2, _strftime)
