"""Finding a thing by the beginning of its id, whatever kind of thing it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from execution_ops.backends.base_lookup import LookupBackend
from execution_ops.domain.access import Actor, Scope, require
from execution_ops.domain.lookup import FOUND_MAX, Found, Lookup, check_prefix
from execution_ops.domain.redaction import DEFAULT_KEYS
from execution_ops.services.redact import Redactor


class LookupService:
    """Blocking and thread-safe. The actor comes first; OpsError in words."""

    def __init__(self, backend: LookupBackend, *, redact_keys: Sequence[str] = DEFAULT_KEYS) -> None:
        self._backend = backend
        self._redact = Redactor(redact_keys)

    def find(self, actor: Actor, text: str) -> Lookup:
        """What begins so and the actor may see; InvalidInput for a beginning that no id has."""
        require(actor, Scope.READ)
        prefix = check_prefix(text)
        items: list[Found] = []
        seen: Counter[str] = Counter()
        # One more than is shown tells whether there is more.
        for found in self._backend.find(prefix, tenants=actor.tenants, limit=FOUND_MAX + 1):
            seen[found.kind] += 1
            if seen[found.kind] <= FOUND_MAX:
                items.append(self._redacted(found))
        more = tuple(kind for kind in dict.fromkeys(item.kind for item in items) if seen[kind] > FOUND_MAX)
        return Lookup(id=prefix, items=tuple(items), more=more)

    def _redacted(self, found: Found) -> Found:
        texts = {"name": self._redact.text(found.name), "note": self._redact.text(found.note)}
        return found.model_copy(update=texts)
