"""What a verb is. `verbs.py` is the one table of them, `job_verbs.py` and the like are its parts."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from execution_ops.domain.access import Actor, Scope, why_forbidden


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


def why_off(verb: Verb, actor: Actor, tenant: str = "") -> str:
    """Why the actor can't do the verb at all (to things of the tenant), in words; empty if they can.

    Who may not is told so before what the engine can't do for anybody.
    """
    return why_forbidden(actor, verb.scope, tenant) or dict(actor.unable).get(verb.name, "")
