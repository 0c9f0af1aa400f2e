"""What can be done with quotas: authorise, validate, act through the backend."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.base import Backend
from execution_ops.domain.access import Actor, Scope, require, why_forbidden
from execution_ops.domain.audit import SubjectKind, Touched, own_tenant
from execution_ops.domain.errors import InvalidInput, NotFound
from execution_ops.domain.ids import check_id
from execution_ops.domain.quota_exports import QuotaExportFormat, write_quotas
from execution_ops.domain.quota_filters import QuotaFilter, QuotaPage, page_of
from execution_ops.domain.quota_verbs import QUOTA_CREATE, QUOTA_DELETE, QUOTA_EDIT, QUOTA_OVERRIDE, QUOTA_VERBS
from execution_ops.domain.quotas import ANY, WAITING_MAX, Limits, QuotaRow, check_scope
from execution_ops.domain.redaction import DEFAULT_KEYS
from execution_ops.domain.times import Instant
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import EXPORT, Stamp
from execution_ops.services.exports import Chunks, exported
from execution_ops.services.redact import Redactor
from execution_ops.services.requests import LIMIT_DEFAULT, LIMIT_MAX, sign

REVISION_MAX = 2**31 - 1
# Named here: inside the class `list` is its method.
Rows = list[QuotaRow]


class QuotaSummary(BaseModel):
    """How quotas stand. `waiting` counts held jobs of all, `exact` is False where one has 10,000 or more."""

    model_config = ConfigDict(frozen=True)

    quotas: int
    paused: int
    at_limit: int
    waiting: int
    exact: bool
    as_of: Instant


class QuotaService:
    """Blocking and thread-safe. Every method takes the actor first and raises OpsError in words."""

    def __init__(self, backend: Backend, *, redact_keys: Sequence[str] = DEFAULT_KEYS) -> None:
        self._backend = backend
        self._redact = Redactor(redact_keys)

    # reading

    def all(self, actor: Actor) -> Rows:
        """Every quota that the actor sees, figures at most a second old."""
        require(actor, Scope.READ)
        return [self._shown(row) for row in self._backend.quotas(tenants=actor.tenants)]

    def list(
        self, actor: Actor, where: QuotaFilter, *, cursor: str | None = None, limit: int = LIMIT_DEFAULT
    ) -> QuotaPage:
        """One page of the quotas that match, in the order of their names."""
        if not 1 <= limit <= LIMIT_MAX:
            raise InvalidInput(f"limit: from 1 to {LIMIT_MAX}.")
        return page_of(self.all(actor), where, cursor, limit)

    def get(self, actor: Actor, quota_id: str) -> QuotaRow:
        """One quota; NotFound also for one of a tenant that the actor may not see."""
        check_id(quota_id)
        found = next((row for row in self.all(actor) if row.id == quota_id), None)
        if found is None:
            raise NotFound(f"There is no quota {quota_id}. It may have been deleted.")
        return found

    def summary(self, actor: Actor) -> QuotaSummary:
        """How all of them stand."""
        return summarize(self.all(actor))

    def export(self, actor: Actor, where: QuotaFilter, form: QuotaExportFormat, stamp: Stamp) -> Chunks:
        """A snapshot of all that match, as one document; the audit tells of it, see `exported`."""
        found, now = [row for row in self.all(actor) if where.matches(row)], datetime.now(UTC)
        subject = f"quotas {form.value}: {where.to_query() or 'all'}"
        touched = Touched(SubjectKind.QUOTA, tenant=own_tenant(actor), scope=where.to_query())
        signed = sign(EXPORT, actor, stamp)
        return exported(
            self._backend,
            subject,
            touched,
            signed,
            [found],
            lambda all_: (write_quotas(rows, form, now) for rows in all_),
        )

    # writing

    def create(self, actor: Actor, tenant: str, job_type: str, limits: Limits, stamp: Stamp) -> QuotaRow:
        """Make a quota. InvalidInput for bad names, Conflict if there is one for this tenant and type."""
        actor = require(actor, QUOTA_CREATE.scope)
        check_scope(actor, tenant, job_type)
        made = self._backend.create_quota(tenant, job_type, limits, sign(QUOTA_CREATE, actor, stamp))
        return self.get(actor, made.id)

    def act(
        self,
        actor: Actor,
        verb: str,
        quota_id: str,
        stamp: Stamp,
        *,
        limits: Limits | None = None,
        revision: int | None = None,
    ) -> QuotaRow:
        """Do the verb of that name; edit and override take `limits`.

        Conflict if somebody else changed the quota since `revision`, or there is nothing to do.
        """
        entry = quota_verb(verb)
        actor = require(actor, entry.scope)
        if entry in (QUOTA_CREATE, QUOTA_DELETE):
            raise InvalidInput(f"{entry.label} is not done to a quota like this.")
        if (limits is not None) != (entry in (QUOTA_EDIT, QUOTA_OVERRIDE)):
            raise InvalidInput("Limits are named to edit or override a quota, and for nothing else.")
        check_id(quota_id)
        _check_revision(revision)
        self._backend.change_quota(quota_id, entry, limits, sign(entry, actor, stamp), revision=revision)
        return self.get(actor, quota_id)

    def delete(self, actor: Actor, quota_id: str, stamp: Stamp, *, revision: int | None = None) -> None:
        """Delete a quota; its jobs go to the next one that fits them."""
        actor = require(actor, QUOTA_DELETE.scope)
        check_id(quota_id)
        _check_revision(revision)
        self._backend.delete_quota(quota_id, sign(QUOTA_DELETE, actor, stamp), revision=revision)

    def _shown(self, row: QuotaRow) -> QuotaRow:
        reason = self._redact.text(row.pause_reason)
        return row if reason == row.pause_reason else row.model_copy(update={"pause_reason": reason})


def quota_verb(name: str) -> Verb:
    """The verb on quotas of that name; InvalidInput if there is none."""
    verb = next((verb for verb in QUOTA_VERBS if verb.name == name), None)
    if verb is None:
        raise InvalidInput(f"Quotas know the verbs {', '.join(verb.name for verb in QUOTA_VERBS)}.")
    return verb


def why_quota_off(actor: Actor, tenant: str) -> str:
    """Why the actor can't change quotas of the tenant, in words; empty if they can."""
    if forbidden := why_forbidden(actor, Scope.QUOTA, tenant.strip(ANY)):
        return forbidden
    if tenant == ANY and actor.within(Scope.QUOTA).tenants is not None:
        return "A quota of any tenant is changed only by who may act for all tenants."
    return ""


def summarize(rows: Sequence[QuotaRow]) -> QuotaSummary:
    """How these quotas stand."""
    return QuotaSummary(
        quotas=len(rows),
        paused=sum(row.paused_at is not None for row in rows),
        at_limit=sum(row.at_limit for row in rows),
        waiting=sum(min(row.waiting, WAITING_MAX) for row in rows),
        exact=all(row.waiting <= WAITING_MAX for row in rows),
        as_of=min((row.as_of for row in rows), default=datetime.now(UTC)),
    )


def _check_revision(revision: int | None) -> None:
    if revision is not None and not 1 <= revision <= REVISION_MAX:
        raise InvalidInput("A revision is the number that the quota had when you looked at it.")
