"""What the pages of other things show of the audit."""

from __future__ import annotations

import reflex as rx

from execution_ops.components.timeline import trail
from execution_ops.state.audit_trail import AuditTrail


def what_was_done(*, boxed: bool = False) -> rx.Component:
    """What was done to the thing that the page (`boxed`), or its drawer, shows; nothing if that is nothing."""
    return trail(AuditTrail.rows, AuditTrail.href, boxed=boxed)
