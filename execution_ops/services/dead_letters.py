"""What can be done with dead letters: authorise, validate, act through the backend, redact what comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from execution_ops.backends.base import Backend
from execution_ops.domain.access import Actor, Scope, require
from execution_ops.domain.audit import SubjectKind, Touched, own_tenant
from execution_ops.domain.dead_letters import (
    DeadLetter,
    DeadLetterDetail,
    Groups,
    LetterCounts,
    LetterOutcome,
    LetterPage,
)
from execution_ops.domain.errors import InvalidInput, NotFound
from execution_ops.domain.exports import ExportFormat, write
from execution_ops.domain.ids import check_id
from execution_ops.domain.job_types import REGISTRY, Registry
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.letter_verbs import LETTER_VERBS
from execution_ops.domain.redaction import DEFAULT_KEYS
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import EXPORT, Stamp
from execution_ops.services.exports import Chunks, exported
from execution_ops.services.redact import Redactor
from execution_ops.services.requests import IDS_MAX, LIMIT_DEFAULT, LIMIT_MAX, check_range, sign

GROUPS_MAX = 200
# What of a filter counts for the groups: they are figures of whole groups, so far as one may see them.
GROUP_FIELDS = frozenset({"group", "tenant", "job_type", "category", "retryable"})
# Named here: inside the class `list` is its method.
Outcomes = list[LetterOutcome]
Facets = dict[str, list[str]]


class DeadLetterService:
    """Blocking and thread-safe. Every method takes the actor first and raises OpsError in words."""

    def __init__(
        self, backend: Backend, *, redact_keys: Sequence[str] = DEFAULT_KEYS, registry: Registry = REGISTRY
    ) -> None:
        self._backend = backend
        self._registry = registry
        self._redact = Redactor(redact_keys)

    # reading

    def list(
        self, actor: Actor, where: DeadLetterFilter, *, cursor: str | None = None, limit: int = LIMIT_DEFAULT
    ) -> LetterPage:
        """One page of the entries that match, by their death."""
        require(actor, Scope.READ)
        check_range("limit", limit, LIMIT_MAX)
        page = self._backend.list_letters(where, tenants=actor.tenants, cursor=cursor, limit=limit)
        return page.model_copy(update={"rows": self._redact.letters(page.rows)})

    def counts(self, actor: Actor, where: DeadLetterFilter) -> LetterCounts:
        """Counts by state for the filter without its own states."""
        require(actor, Scope.READ)
        return self._backend.count_letters(where, tenants=actor.tenants)

    def groups(self, actor: Actor, where: DeadLetterFilter, *, limit: int = LIMIT_DEFAULT) -> Groups:
        """The error groups, the largest first, and the health figures of what the filter leaves."""
        require(actor, Scope.READ)
        check_range("limit", limit, GROUPS_MAX)
        found = self._backend.letter_groups(where, tenants=actor.tenants, limit=limit)
        return self._redact.groups(found)

    def get(self, actor: Actor, letter_id: str) -> DeadLetterDetail:
        """One entry; NotFound also for an entry of a tenant that the actor may not see."""
        require(actor, Scope.READ)
        detail = self._backend.get_letter(check_id(letter_id), tenants=actor.tenants)
        if detail is None:
            raise NotFound(f"There is no dead letter {letter_id}.")
        return self._redact.letter_detail(self._with_type(actor, detail))

    def facets(self, actor: Actor) -> Facets:
        """Known values of `job_type`, `tenant` and `error_type`, to suggest in filters."""
        require(actor, Scope.READ)
        return self._backend.letter_facets(tenants=actor.tenants)

    def export(self, actor: Actor, where: DeadLetterFilter, form: ExportFormat, stamp: Stamp) -> Chunks:
        """All matches, redacted, as a stream of chunks; the audit tells of it, see `exported`."""
        require(actor, Scope.READ)
        subject = f"dead letters {form.value}: {where.to_query() or 'all'}"
        touched = Touched(SubjectKind.DEAD_LETTER, tenant=own_tenant(actor), scope=where.to_query())
        signed = sign(EXPORT, actor, stamp)
        found = self._backend.iterate_letters(where, tenants=actor.tenants, stamp=signed)
        batches = map(self._redact.letters, found)
        return exported(self._backend, subject, touched, signed, batches, lambda rows: write(rows, form, DeadLetter))

    # writing

    def act(
        self,
        actor: Actor,
        verb: str,
        ids: Sequence[str],
        stamp: Stamp,
        revisions: Mapping[str, int] | None = None,
    ) -> Outcomes:
        """Do the verb of that name (one of LETTER_VERBS) to entries; one outcome an id, in the order given.

        `revisions` are those that the actor saw: an entry that changed since is refused.
        """
        entry = letter_verb(verb)
        actor = require(actor, entry.scope)
        unique = list(dict.fromkeys(check_id(letter_id) for letter_id in ids))
        check_range("ids", len(unique), IDS_MAX)
        signed = sign(entry, actor, stamp)
        return self._redact.outcomes(self._backend.act_on_letters(entry.name, unique, signed, revisions or {}))

    def _with_type(self, actor: Actor, detail: DeadLetterDetail) -> DeadLetterDetail:
        entry = self._registry.get(detail.row.job_type)
        off = self._registry.why_not_again(actor, detail.row.job_type, detail.row.tenant)
        if entry is None:
            off = f"This console does not know the job type {detail.row.job_type}."
        if not detail.job_stored:
            off = "The job is no longer stored, so there is nothing to run again."
        effects = entry.side_effects if entry else ""
        return detail.model_copy(update={"replay_off": off, "side_effects": effects})


def letter_verb(name: str) -> Verb:
    """The verb on dead letters of that name; InvalidInput if there is none."""
    verb = next((verb for verb in LETTER_VERBS if verb.name == name), None)
    if verb is None:
        raise InvalidInput(f"Dead letters know the verbs {', '.join(verb.name for verb in LETTER_VERBS)}.")
    return verb
