"""Quotas of a remote."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from execution_ops.backends.gateway.remote import Remote, at, pairs_of
from execution_ops.backends.gateway.transport import Tenants
from execution_ops.domain.quota_verbs import QUOTA_EDIT, QUOTA_OVERRIDE, QUOTA_PAUSE, QUOTA_RESET, QUOTA_RESUME
from execution_ops.domain.quotas import NO_LIMITS, Limits, Quota, QuotaRow
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp
from execution_ops.routes import Rest

_ROUTES = {
    QUOTA_EDIT.name: ("PUT", Rest.QUOTA),
    QUOTA_OVERRIDE.name: ("POST", Rest.QUOTA_OVERRIDE),
    QUOTA_RESET.name: ("POST", Rest.QUOTA_RESET),
    QUOTA_PAUSE.name: ("POST", Rest.QUOTA_PAUSE),
    QUOTA_RESUME.name: ("POST", Rest.QUOTA_RESUME),
}


class _Deleted(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str


class Quotas(Remote):
    """See `QuotaBackend`."""

    def quotas(self, *, tenants: Tenants) -> tuple[QuotaRow, ...]:
        """All quotas with their figures; see QuotaBackend."""
        return tuple(self._all(QuotaRow, Rest.QUOTAS, tenants=tenants))

    def create_quota(self, tenant: str, job_type: str, limits: Limits, stamp: Stamp) -> Quota:
        """Make a quota; see QuotaBackend."""
        body = {"tenant": tenant, "job_type": job_type, **limits.model_dump()}
        return self._http.send(Quota, "POST", Rest.QUOTAS, stamp, body=body)

    def change_quota(
        self, quota_id: str, verb: Verb, limits: Limits | None, stamp: Stamp, *, revision: int | None
    ) -> Quota:
        """Do a verb to a quota; see QuotaBackend."""
        method, pattern = _ROUTES[verb.name]
        body: dict[str, object] = {"revision": revision}
        if verb in (QUOTA_EDIT, QUOTA_OVERRIDE):
            seen = self._quota(quota_id, stamp).revision if revision is None else revision
            body = {**(limits or NO_LIMITS).model_dump(), "revision": seen}
        return self._http.send(Quota, method, at(pattern, quota_id=quota_id), stamp, body=body)

    def delete_quota(self, quota_id: str, stamp: Stamp, *, revision: int | None) -> Quota:
        """Delete a quota; see QuotaBackend."""
        known = self._quota(quota_id, stamp)
        pairs = pairs_of(revision=revision)
        self._http.send(_Deleted, "DELETE", at(Rest.QUOTA, quota_id=quota_id), stamp, query=pairs)
        return known

    def _quota(self, quota_id: str, stamp: Stamp) -> Quota:
        return self._http.get(Quota, at(Rest.QUOTA, quota_id=quota_id), tenants=stamp.actor.tenants)
