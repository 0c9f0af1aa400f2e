"""Dead letters of a remote, and its replay plans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from execution_ops.backends.gateway.remote import Listed, Remote, at, pairs_of
from execution_ops.backends.gateway.transport import Tenants
from execution_ops.domain.capabilities import SAMPLES
from execution_ops.domain.dead_letters import (
    DeadLetter,
    DeadLetterDetail,
    Groups,
    LetterCounts,
    LetterOutcome,
    LetterPage,
)
from execution_ops.domain.errors import Conflict
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.letter_verbs import ABORT_PLAN, HOLD_PLAN, REOPEN, REPLAY, RESOLVE, RESUME_PLAN, START_PLAN
from execution_ops.domain.paging import in_time
from execution_ops.domain.replays import (
    Dispatched,
    ItemPage,
    ItemStatus,
    PlanKind,
    PlanPage,
    Prepared,
    ReplayItem,
    ReplayPlan,
    Verdict,
)
from execution_ops.domain.verbs import Stamp
from execution_ops.routes import Rest

_LETTER_ROUTES = {
    REPLAY.name: Rest.LETTERS_REPLAY,
    RESOLVE.name: Rest.LETTERS_RESOLVE,
    REOPEN.name: Rest.LETTERS_REOPEN,
}
_PLAN_ROUTES = {
    START_PLAN.name: Rest.REPLAY_START,
    HOLD_PLAN.name: Rest.REPLAY_HOLD,
    RESUME_PLAN.name: Rest.REPLAY_RESUME,
    ABORT_PLAN.name: Rest.REPLAY_ABORT,
}
_BATCHES = {
    PlanKind.REPLAY: Rest.LETTERS_REPLAY_BATCH,
    PlanKind.RESOLVE: Rest.LETTERS_RESOLVE_BATCH,
    PlanKind.REOPEN: Rest.LETTERS_REOPEN_BATCH,
}


class _Outcomes(Listed[LetterOutcome]):
    pass


class Letters(Remote):
    """See `DeadLetterBackend`."""

    def list_letters(self, where: DeadLetterFilter, *, tenants: Tenants, cursor: str | None, limit: int) -> LetterPage:
        """One keyset page; see DeadLetterBackend."""
        pairs = [*where.to_pairs(), *pairs_of(cursor=cursor, limit=limit)]
        page = self._http.get(Listed[DeadLetter], Rest.LETTERS, pairs, tenants=tenants)
        older, newer = in_time(page.next_cursor, page.prev_cursor, where.sort)
        return LetterPage(rows=page.items, older=older, newer=newer, searched=page.searched)

    def count_letters(self, where: DeadLetterFilter, *, tenants: Tenants) -> LetterCounts:
        """Counts by state; see DeadLetterBackend."""
        return self._http.get(LetterCounts, Rest.LETTERS_SUMMARY, where.to_pairs(), tenants=tenants)

    def iterate_letters(
        self, where: DeadLetterFilter, *, tenants: Tenants, batch: int = 500, stamp: Stamp | None = None
    ) -> Iterator[list[DeadLetter]]:
        """All matches as the remote exports them; see DeadLetterBackend."""
        return self._lines(DeadLetter, Rest.LETTERS_EXPORT, where.to_pairs(), tenants, stamp, batch)

    def letter_groups(self, where: DeadLetterFilter, *, tenants: Tenants, limit: int) -> Groups:
        """The error groups; see DeadLetterBackend."""
        counted = ("group", "tenant", "job_type", "category", "retryable")
        pairs = [(name, value) for name, value in where.to_pairs() if name in counted]
        return self._http.get(Groups, Rest.LETTERS_STATS, [*pairs, *pairs_of(limit=limit)], tenants=tenants)

    def get_letter(self, letter_id: str, *, tenants: Tenants) -> DeadLetterDetail | None:
        """One entry; see DeadLetterBackend."""
        return self._http.find(DeadLetterDetail, at(Rest.LETTER, entry_id=letter_id), tenants=tenants)

    def letter_facets(self, *, tenants: Tenants) -> dict[str, list[str]]:
        """Values for suggestions; see DeadLetterBackend."""
        self._needs(SAMPLES)
        return self._http.get(dict[str, list[str]], Rest.LETTERS_FACETS, tenants=tenants)

    def act_on_letters(
        self, verb: str, ids: Sequence[str], stamp: Stamp, revisions: Mapping[str, int]
    ) -> list[LetterOutcome]:
        """Replay, resolve or reopen entries; see DeadLetterBackend."""
        body = {"ids": list(ids), "revisions": dict(revisions) or None}
        return list(self._http.send(_Outcomes, "POST", _LETTER_ROUTES[verb], stamp, body=body).items)


class Replays(Remote):
    """See `ReplayBackend`. Plans are driven by the remote's workers."""

    pause_s = 0.0

    def create_plan(
        self,
        kind: PlanKind,
        *,
        where: DeadLetterFilter | None,
        ids: Sequence[str],
        description: str,
        rate: float | None,
        starts: bool,
        undoes: str,
        stamp: Stamp,
    ) -> ReplayPlan:
        """Store a plan; the remote describes it in its own words. See ReplayBackend."""
        if undoes:
            return self._http.send(ReplayPlan, "POST", at(Rest.REPLAY_UNDO, plan_id=undoes), stamp)
        body: dict[str, object] = {"start": starts}
        if where is None:
            body["ids"] = list(ids)
        else:
            body["filter"] = where.to_query()
        if kind is PlanKind.REPLAY:
            body["rate"] = None if rate is None else float(rate)
        return self._http.send(ReplayPlan, "POST", _BATCHES[kind], stamp, body=body)

    def get_plan(self, plan_id: str, *, tenants: Tenants) -> ReplayPlan | None:
        """One plan; see ReplayBackend."""
        return self._http.find(ReplayPlan, at(Rest.REPLAY, plan_id=plan_id), tenants=tenants)

    def list_plans(self, *, tenants: Tenants, cursor: str | None, limit: int) -> PlanPage:
        """Plans, newest first; see ReplayBackend."""
        pairs = pairs_of(cursor=cursor, limit=limit)
        page = self._http.get(Listed[ReplayPlan], Rest.REPLAYS, pairs, tenants=tenants)
        return PlanPage(plans=page.items, next_cursor=page.next_cursor)

    def plan_items(
        self,
        plan_id: str,
        *,
        tenants: Tenants,
        statuses: Sequence[ItemStatus],
        verdicts: Sequence[Verdict],
        after: int,
        limit: int,
    ) -> ItemPage | None:
        """Entries of a plan; see ReplayBackend."""
        pairs = pairs_of(status=list(statuses), verdict=list(verdicts), cursor=after or None, limit=limit)
        page = self._http.find(Listed[ReplayItem], at(Rest.REPLAY_ITEMS, plan_id=plan_id), pairs, tenants=tenants)
        if page is None:
            return None
        return ItemPage(items=page.items, next_no=self._number(page.next_cursor))

    def act_on_plan(self, plan_id: str, verb: str, stamp: Stamp) -> ReplayPlan:
        """Start, hold, resume or abort; see ReplayBackend."""
        return self._http.send(ReplayPlan, "POST", at(_PLAN_ROUTES[verb], plan_id=plan_id), stamp)

    def set_plan_rate(self, plan_id: str, rate: float | None, stamp: Stamp) -> ReplayPlan:
        """Send at another rate; see ReplayBackend."""
        body = {"rate": None if rate is None else float(rate)}
        return self._http.send(ReplayPlan, "PUT", at(Rest.REPLAY_RATE, plan_id=plan_id), stamp, body=body)

    def prepare_plan(self, plan_id: str, *, batch: int) -> Prepared:
        """Only the remote's workers do this."""
        raise not_here()

    def dispatch_plan(self, plan_id: str, round_: int, *, most: int) -> Dispatched:
        """Only the remote's workers do this."""
        raise not_here()


def not_here() -> Conflict:
    """The error for what a worker does, who is at the remote."""
    return Conflict("Workers run beside the engine: no job runs in this console.", code="NOT_SUPPORTED")
