"""The cells of a run's row that more than one page has."""

from __future__ import annotations

from typing import Any

import reflex as rx

from execution_ops.components.figures import shares
from execution_ops.components.icons import icon
from execution_ops.components.times import duration


def run_trigger(row: Any) -> rx.Component:
    """What made the run."""
    return rx.el.span(icon(row.trigger_icon, 13, class_name="fg3"), row.trigger, class_name="trigger")


def run_progress(row: Any) -> rx.Component:
    """How far it is, in words and as a bar."""
    return rx.el.span(row.progress, shares(row.parts, row.whole, row.progress), class_name="plan-bar")


def run_duration(row: Any) -> rx.Component:
    """How long it took, or takes."""
    return duration(row.duration_ms, since=row.running_since, running=row.running_since != "", missing=row.not_started)
