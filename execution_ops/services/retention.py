"""What is kept for how long, what was removed, and what would be removed now."""

from __future__ import annotations

from execution_ops.backends.base_retention import RetentionBackend
from execution_ops.domain.access import Actor, Scope, require
from execution_ops.domain.errors import Forbidden
from execution_ops.domain.retention import RetentionStatus, RetentionSurvey


class RetentionService:
    """Blocking and thread-safe. Its figures are those of all tenants."""

    def __init__(self, backend: RetentionBackend) -> None:
        self._backend = backend

    def status(self, actor: Actor) -> RetentionStatus:
        """What was removed so far. Forbidden for who sees some tenants only: nothing is counted by tenant."""
        _require_all(actor, Scope.READ)
        return self._backend.retention_status()

    def survey(self, actor: Actor) -> RetentionSurvey:
        """What would be removed now; it reads all that is old, so it takes the permission of an administrator."""
        _require_all(actor, Scope.ADMIN)
        return self._backend.retention_survey()


def _require_all(actor: Actor, scope: Scope) -> None:
    if require(actor, scope).tenants is not None:
        raise Forbidden("What is removed for its age is not told by tenant: only who sees every tenant sees it.")
