"""One dead letter: why the job died, what it holds up, and the verbs on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import reflex as rx

from execution_ops.domain.access import Actor
from execution_ops.domain.audit import SubjectKind
from execution_ops.domain.dead_letters import DeadLetterDetail, LetterOutcome
from execution_ops.domain.ids import check_id
from execution_ops.domain.letter_verbs import LETTER_VERBS, REOPEN, REPLAY, RESOLVE
from execution_ops.domain.states import DeadLetterState
from execution_ops.domain.topics import LETTERS, job_topic
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp, why_not
from execution_ops.services.container import services
from execution_ops.services.live import viewer_key
from execution_ops.state.actor import actor_of
from execution_ops.state.audit_trail import trail_of
from execution_ops.state.entry_view import ChainView, EntryView, chain_views, entry_view
from execution_ops.state.letters_view import Part, template_parts
from execution_ops.state.live import LOADING, Ask
from execution_ops.state.verbs import VerbQuestion
from execution_ops.texts import common
from execution_ops.texts import dead_letters as words


class EntryPage(VerbQuestion, rx.State):
    """One entry as its page shows it."""

    entry: EntryView = EntryView()
    parts: rx.Field[list[Part]] = rx.field(default_factory=list)
    chain: rx.Field[list[ChainView]] = rx.field(default_factory=list)
    replay_off: str = LOADING
    resolve_off: str = LOADING
    reopen_off: str = LOADING
    question_facts: rx.Field[list[tuple[str, str]]] = rx.field(default_factory=list)

    _revision: int = 0
    # What the operator saw when the question was opened.
    _seen_revision: int = 0
    _replaying: tuple[str, str] = ("", "")

    # LivePage

    def _ask(self) -> Ask:
        entry_id = check_id(self.entry_id)  # type: ignore[attr-defined]
        actor = actor_of(self)
        # While it is replayed only its job can change it, and how that stands is shown too.
        known, job_id = self._replaying
        topic = job_topic(job_id) if known == entry_id and job_id else LETTERS
        key = ("letter", entry_id, viewer_key(actor))
        trail = trail_of(actor, SubjectKind.DEAD_LETTER, entry_id)
        return Ask(topic, key, lambda: services().letters.get(actor, entry_id), trail=trail)

    async def _show(self, answer: Any) -> None:
        detail: DeadLetterDetail = answer
        row, actor = detail.row, actor_of(self)
        self.entry, self.chain = entry_view(detail), chain_views(detail)
        self.parts = template_parts(detail.error_template)
        self._revision = row.revision
        self._replaying = (row.id, row.job_id if row.state is DeadLetterState.REPLAYING else "")
        states, tenant = [row.state], row.tenant
        self.replay_off = why_not(REPLAY, actor, states, tenant) or detail.replay_off
        self.resolve_off = why_not(RESOLVE, actor, states, tenant)
        self.reopen_off = why_not(REOPEN, actor, states, tenant)

    # VerbQuestion

    def _verbs(self) -> Sequence[Verb]:
        return LETTER_VERBS

    def _noun(self) -> tuple[str, str]:
        return (words.DEAD_LETTER, words.LETTERS)

    def _subjects(self) -> list[str]:
        return [self.entry.id]

    def _phrase(self, verb: Verb) -> None:
        if not self.entry.id:
            self.asking = ""
            return
        self._seen_revision = self._revision
        entry = self.entry
        facts = [(common.JOB, " ".join(part for part in (entry.job_type, entry.label, entry.job_short) if part))]
        if verb is REPLAY:
            facts.append((words.CONTINUES, words.continues(entry.blocked)))
            if entry.state == DeadLetterState.QUARANTINED:
                facts.append((words.QUARANTINE, words.asks_after_deaths(entry.redeaths)))
            if entry.side_effects:
                facts.append((words.CAREFUL_LABEL, entry.side_effects))
        self.question_facts = facts

    def _carry_out(self, verb: Verb, actor: Actor, ids: list[str], stamp: Stamp) -> list[LetterOutcome]:
        return services().letters.act(actor, verb.name, ids, stamp, dict.fromkeys(ids, self._seen_revision))

    async def _done(self, verb: Verb) -> None:
        await self._refresh(anew=True)
