"""Replay, resolve and reopen single entries: each id gets one outcome, each batch is one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Engine, RowMapping, select

from execution_ops.backends.embedded.audit import record
from execution_ops.backends.embedded.control import batches, by_tenant
from execution_ops.backends.embedded.dispatcher import Dispatcher
from execution_ops.backends.embedded.gate import Gate
from execution_ops.backends.embedded.letters import LETTER, change
from execution_ops.backends.embedded.replay_judge import Judge, superseded
from execution_ops.backends.embedded.transitions import announce_topics, lock_jobs, restart
from execution_ops.domain.access import no_such
from execution_ops.domain.audit import SubjectKey, SubjectKind, Touched
from execution_ops.domain.dead_letters import LetterOutcome, open_state
from execution_ops.domain.errors import Conflict
from execution_ops.domain.job_types import Registry
from execution_ops.domain.letter_verbs import LETTER_VERBS
from execution_ops.domain.replays import SAYS, PlanKind, Verdict
from execution_ops.domain.states import DeadLetterState
from execution_ops.domain.times import from_ms, iso, now_ms
from execution_ops.domain.topics import LETTERS
from execution_ops.domain.verbs import Stamp

_VERBS = {verb.name: verb for verb in LETTER_VERBS}


def act(
    engine: Engine,
    dispatcher: Dispatcher,
    registry: Registry,
    verb: str,
    ids: Sequence[str],
    stamp: Stamp,
    revisions: Mapping[str, int],
) -> list[LetterOutcome]:
    """Do the verb to each entry, see `DeadLetterBackend.act_on_letters`."""

    def batch(connection: Connection, few: Sequence[str]) -> list[LetterOutcome]:
        deed = _Deed(connection, dispatcher, registry, verb, stamp, few, alone=len(set(ids)) == 1)
        done = [deed.do(letter_id, revisions.get(letter_id)) for letter_id in few]
        deed.gate.open()
        deed.tell(few, done)
        if any(outcome.done for outcome in done):
            announce_topics(connection, [LETTERS], deed.now)
        return done

    return batches(engine, ids, batch, lambda letter_id, why: LetterOutcome(id=letter_id, done=False, why=why))


class _Deed:
    """One verb on some entries within one transaction, which locks their jobs and then them."""

    def __init__(
        self,
        connection: Connection,
        dispatcher: Dispatcher,
        registry: Registry,
        verb: str,
        stamp: Stamp,
        ids: Sequence[str],
        *,
        alone: bool,
    ) -> None:
        self._connection = connection
        self.gate = Gate(connection, dispatcher)
        self._judge = Judge(connection, registry)
        self._verb = _VERBS[verb]
        self._stamp = stamp
        self._alone = alone
        self.now = now_ms()
        wanted = select(LETTER.c.job_id).where(LETTER.c.id.in_(ids))
        starts = verb in (PlanKind.REPLAY.value, PlanKind.REOPEN.value)
        self._jobs = lock_jobs(connection, list(connection.execute(wanted).scalars())) if starts else {}
        found = connection.execute(select(LETTER).where(LETTER.c.id.in_(ids)).order_by(LETTER.c.n).with_for_update())
        self._entries = {entry["id"]: entry for entry in found.mappings()}
        reopens = list(self._entries.values()) if verb == PlanKind.REOPEN.value else []
        self._superseded = superseded(connection, reopens)

    def do(self, letter_id: str, revision: int | None) -> LetterOutcome:
        """What came of it for one entry."""
        entry = self._entries.get(letter_id)
        if entry is None or not self._stamp.actor.sees(entry["tenant"]):
            return LetterOutcome(id=letter_id, done=False, why=no_such(self._stamp.actor, "dead letter"))
        return self._change(entry, self._jobs.get(entry["job_id"]), revision)

    def tell(self, ids: Sequence[str], done: Sequence[LetterOutcome]) -> None:
        """Write down what came of it: an event for each tenant whose entries these are."""
        by_id = {outcome.id: outcome for outcome in done}
        for tenant, theirs in by_tenant(ids, self._entries, self._stamp.actor).items():
            refusals = {one: by_id[one].why for one in theirs if not by_id[one].done}
            changed = tuple(one for one in theirs if by_id[one].done)
            if self._stamp.undoes is not None and refusals:
                raise Conflict(f"{next(iter(refusals.values()))} Nothing was undone.", code="CHANGED_MEANWHILE")
            jobs = sorted({self._entries[one]["job_id"] for one in changed})
            record(
                self._connection,
                self._verb.name,
                self._stamp,
                touched=Touched(
                    SubjectKind.DEAD_LETTER,
                    changed,
                    tenant,
                    also=tuple(SubjectKey(SubjectKind.JOB, job) for job in jobs),
                ),
                subject=json.dumps(theirs),
                count=len(changed),
                before=json.dumps({one: self._entries[one]["state"] for one in changed}),
                after=json.dumps(_after(by_id, theirs, self._entries), ensure_ascii=False),
                inverse=self._verb.inverse or "",
            )

    def _change(self, entry: RowMapping, job: RowMapping | None, revision: int | None) -> LetterOutcome:
        state = DeadLetterState(entry["state"])
        if why := self._why_not(entry, state, job, revision):
            return LetterOutcome(id=entry["id"], done=False, why=why, state=state, job_id=entry["job_id"])
        new = {
            PlanKind.REPLAY.value: DeadLetterState.REPLAYING,
            PlanKind.RESOLVE.value: DeadLetterState.RESOLVED,
            # Three deaths too many are not forgotten because somebody resolved the entry meanwhile.
            PlanKind.REOPEN.value: open_state(entry["redeaths"]),
        }[self._verb.name]
        if job is not None and self._verb.name == PlanKind.REPLAY.value:
            change(
                self._connection,
                [entry],
                new,
                self.now,
                stamp=self._stamp,
                attempt_from=job["attempts"],
                plan_n=None,
                item_no=None,
            )
            restart(self._connection, self.gate, job, self.now, self._verb.name, self._stamp)
        else:
            change(self._connection, [entry], new, self.now, stamp=self._stamp)
        return LetterOutcome(id=entry["id"], done=True, state=new, job_id=entry["job_id"])

    def _why_not(self, entry: RowMapping, state: DeadLetterState, job: RowMapping | None, revision: int | None) -> str:
        if revision is not None and revision != entry["revision"]:
            return f"It changed since you saw it: {said_change(entry)}."
        if state not in self._verb.applies_to:
            return f"It is {state.value} already: {said_change(entry)}. {self._verb.refusal}"
        if entry["n"] in self._superseded:
            return f"It cannot be reopened: {SAYS[Verdict.SUPERSEDED]}."
        if self._verb.name != PlanKind.REPLAY.value:
            return ""
        verdict, detail = self._judge.replay(entry, job, self._stamp.actor, quarantine=not self._alone)
        if verdict is Verdict.FORBIDDEN:
            return detail
        return "" if verdict is Verdict.ELIGIBLE else f"It cannot be replayed: {SAYS[verdict]}. {detail}".strip()


def _after(
    outcomes: Mapping[str, LetterOutcome], ids: Sequence[str], entries: Mapping[str, RowMapping]
) -> dict[str, dict[str, object]]:
    """What the entries came to, with the revision of each, by which somebody who undoes it sees whether it stands."""
    done = [one for one in ids if outcomes[one].done]
    refused = {one: outcomes[one].why for one in ids if not outcomes[one].done}
    found: dict[str, dict[str, object]] = {
        "state": {one: str(outcomes[one].state) for one in done},
        "revision": {one: entries[one]["revision"] + 1 for one in done},
        "refused": dict(refused),
    }
    return {name: values for name, values in found.items() if values}


def said_change(entry: RowMapping) -> str:
    """Who changed an entry last, and when, in words."""
    state = entry["state"]
    if entry["changed_at"] is None:
        return f"{state} since it died at {iso(from_ms(entry['created_at']))}"
    return f"{state} by {entry['changed_by']} at {iso(from_ms(entry['changed_at']))}"
