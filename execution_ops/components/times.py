"""Times in the browser: instants in the chosen zone, ages and durations that tick by themselves.

Values are ISO 8601 texts or milliseconds since 1970 (UTC); None shows `missing`, a word, or nothing.
The exact value is in the title. Ages use the server's clock, learnt from the live stamp.
"""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.islands import FOLDER, Island


class _TimeIsland(Island):
    library = f"{FOLDER}/time.jsx"


class Instant(_TimeIsland):
    """An instant in the zone that the reader chose."""

    value: rx.Var[Any]
    precise: rx.Var[bool]
    day: rx.Var[bool]
    zone: rx.Var[bool]
    missing: rx.Var[str]


class Age(_TimeIsland):
    """How long ago."""

    value: rx.Var[Any]
    bare: rx.Var[bool]
    missing: rx.Var[str]


class Until(_TimeIsland):
    """How long until an instant."""

    value: rx.Var[Any]
    missing: rx.Var[str]


class Duration(_TimeIsland):
    """How long something took, or takes."""

    ms: rx.Var[Any]
    since: rx.Var[Any]
    running: rx.Var[Any]
    missing: rx.Var[str]


class ZoneName(_TimeIsland):
    """The zone that times are shown in."""


class ZoneSwitch(_TimeIsland):
    """The switch between UTC and local time, kept in the browser; every time on the page follows it."""


def instant(
    value: object, *, precise: bool = False, day: bool = True, zone: bool = False, missing: str = ""
) -> rx.Component:
    """`23 Nov 14:01:57`: an instant. `precise` adds ms, `day` the day, `zone` the zone's name.

    Where many share a column, leave `zone` off and put `zone_name()` into the head.
    """
    return Instant.create(value=value, precise=precise, day=day, zone=zone, missing=missing)


def age(value: object, *, bare: bool = False, missing: str = "") -> rx.Component:
    """`2m 41s ago`, ticking. `bare` leaves out the "ago"."""
    return Age.create(value=value, bare=bare, missing=missing)


def until(value: object, *, missing: str = "") -> rx.Component:
    """`in 2h 05m`, ticking; `due now` once it is reached."""
    return Until.create(value=value, missing=missing)


def duration(
    ms: object = None, *, since: object = None, running: bool | rx.Var[bool] = True, missing: str = ""
) -> rx.Component:
    """`14.6 s`. With `since` set and `running` true it ticks from there; else `ms` is shown."""
    return Duration.create(ms=ms, since=since, running=running, missing=missing)


def zone_name() -> rx.Component:
    """`UTC`, or the local offset such as `UTC+1`."""
    return ZoneName.create()
