"""What can be done with replay plans: authorise, validate, act through the backend, redact what comes back."""

from __future__ import annotations

from collections.abc import Sequence

from execution_ops.backends.base_letters import ReplayBackend
from execution_ops.domain.access import Actor, Scope, require
from execution_ops.domain.errors import InvalidInput, NotFound
from execution_ops.domain.ids import check_id
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.letter_verbs import LETTER_VERBS, PLAN_VERBS, REOPEN, SET_RATE
from execution_ops.domain.redaction import DEFAULT_KEYS
from execution_ops.domain.replays import (
    ItemPage,
    ItemStatus,
    PlanKind,
    PlanPage,
    ReplayPlan,
    Verdict,
    check_rate,
)
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.services.redact import Redactor
from execution_ops.services.requests import IDS_MAX, LIMIT_DEFAULT, LIMIT_MAX, check_range, sign


class ReplayService:
    """Blocking and thread-safe. Every method takes the actor first and raises OpsError in words."""

    def __init__(self, backend: ReplayBackend, *, redact_keys: Sequence[str] = DEFAULT_KEYS) -> None:
        self._backend = backend
        self._redact = Redactor(redact_keys)

    # reading

    def get(self, actor: Actor, plan_id: str) -> ReplayPlan:
        """One plan; NotFound also for a plan of somebody who saw more tenants than the actor."""
        require(actor, Scope.READ)
        plan = self._backend.get_plan(check_id(plan_id), tenants=actor.tenants)
        if plan is None:
            raise NotFound(f"There is no replay plan {plan_id}.")
        return self._redact.plan(plan)

    def list(self, actor: Actor, *, cursor: str | None = None, limit: int = LIMIT_DEFAULT) -> PlanPage:
        """Plans, newest first."""
        require(actor, Scope.READ)
        check_range("limit", limit, LIMIT_MAX)
        page = self._backend.list_plans(tenants=actor.tenants, cursor=cursor, limit=limit)
        return page.model_copy(update={"plans": tuple(map(self._redact.plan, page.plans))})

    def items(
        self,
        actor: Actor,
        plan_id: str,
        *,
        statuses: Sequence[ItemStatus] = (),
        verdicts: Sequence[Verdict] = (),
        after: int = 0,
        limit: int = LIMIT_DEFAULT,
    ) -> ItemPage:
        """Entries of a plan with a number above `after`, in their order."""
        require(actor, Scope.READ)
        check_range("limit", limit, LIMIT_MAX)
        if not 0 <= after < 2**53:
            raise InvalidInput("after is the number of an entry in the plan.")
        page = self._backend.plan_items(
            check_id(plan_id),
            tenants=actor.tenants,
            statuses=tuple(statuses),
            verdicts=tuple(verdicts),
            after=after,
            limit=limit,
        )
        if page is None:
            raise NotFound(f"There is no replay plan {plan_id}.")
        return self._redact.items(page)

    # writing

    def plan(
        self,
        actor: Actor,
        kind: PlanKind,
        *,
        where: DeadLetterFilter | None = None,
        ids: Sequence[str] = (),
        rate: float | None = None,
        starts: bool = False,
        stamp: Stamp,
    ) -> ReplayPlan:
        """Make a plan for what matches now, or for the entries named; the dry run follows by itself.

        `starts` has it start as soon as the dry run is done. Conflict if nothing matches.
        """
        verb = next(verb for verb in LETTER_VERBS if verb.name == kind.value)
        actor = require(actor, verb.scope)
        require(actor, Scope.READ)
        if (where is None) == (not ids):
            raise InvalidInput("Name either a filter or entries.")
        unique = list(dict.fromkeys(check_id(letter_id) for letter_id in ids))
        if where is None:
            check_range("ids", len(unique), IDS_MAX)
        said = where.describe() if where is not None else f"{len(unique):,} dead letters picked by hand"
        made = self._backend.create_plan(
            kind,
            where=where,
            ids=unique,
            description=f"{verb.label} {said}",
            rate=check_rate(rate),
            starts=starts,
            undoes="",
            stamp=sign(verb, actor, stamp),
        )
        return self._redact.plan(made)

    def undo(self, actor: Actor, plan_id: str, stamp: Stamp) -> ReplayPlan:
        """Reopen all that a plan resolved, as a plan that starts by itself."""
        actor = require(actor, REOPEN.scope)
        done = self.get(actor, plan_id)
        if done.kind is not PlanKind.RESOLVE:
            raise InvalidInput("Only a plan that resolved entries can be taken back.")
        made = self._backend.create_plan(
            PlanKind.REOPEN,
            where=None,
            ids=(),
            description=f"Reopen what was resolved by: {done.description}",
            rate=None,
            starts=True,
            undoes=done.id,
            stamp=sign(REOPEN, actor, stamp),
        )
        return self._redact.plan(made)

    def act(self, actor: Actor, verb: str, plan_id: str, stamp: Stamp) -> ReplayPlan:
        """Start, hold, resume or abort a plan (one of PLAN_VERBS); the plan as it is then."""
        entry = plan_verb(verb)
        actor = require(actor, entry.scope)
        self.get(actor, plan_id)
        return self._redact.plan(self._backend.act_on_plan(plan_id, entry.name, sign(entry, actor, stamp)))

    def set_rate(self, actor: Actor, plan_id: str, rate: float | None, stamp: Stamp) -> ReplayPlan:
        """Send at most `rate` entries a second from now on; None for as fast as possible."""
        actor = require(actor, SET_RATE.scope)
        self.get(actor, plan_id)
        changed = self._backend.set_plan_rate(plan_id, check_rate(rate), sign(SET_RATE, actor, stamp))
        return self._redact.plan(changed)


def plan_verb(name: str) -> Verb:
    """The verb on plans of that name; InvalidInput if there is none."""
    verb = next((verb for verb in PLAN_VERBS if verb.name == name), None)
    if verb is None:
        raise InvalidInput(f"Replay plans know the verbs {', '.join(verb.name for verb in PLAN_VERBS)}.")
    return verb
