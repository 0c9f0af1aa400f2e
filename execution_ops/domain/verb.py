"""What a verb is. `verbs.py` is the one table of them, `job_verbs.py` and the like are its parts."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.access import Scope


class Verb(BaseModel):
    """One thing that can be done.

    `effect` says in one sentence what it does, for the dialog; `refusal` says why it is off
    when the state does not allow it; `inverse` names the verb that undoes it.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    label: str
    scope: Scope
    applies_to: frozenset[StrEnum] = frozenset()
    reason_required: bool = False
    danger: bool = False
    inverse: str | None = None
    shortcut: str | None = None
    icon: str
    effect: str
    refusal: str = ""
