"""What the contract says of parameters: words, forms and examples, by name."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, StrictInt

from execution_ops.api.example_values import VALUES
from execution_ops.domain.verbs import REASON_MAX, TICKET_MAX


def _written(value: Any) -> Any:
    # Pydantic would take a number for the seconds since 1970, too.
    if isinstance(value, str) and "T" not in value.upper():
        raise ValueError("an instant is written like 2026-11-23T14:02:10Z")
    return value


def whole(value: Any) -> Any:
    """A number without a fraction as an integer, anything else as it is."""
    # JSON knows no integers: 3.0 is one (JSON Schema, 6.3 of the core).
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[StrictInt, BeforeValidator(whole)]
"""A number without a fraction in a body; no text and no boolean."""

Instant = Annotated[AwareDatetime, BeforeValidator(_written)]
"""A moment in a query: ISO 8601 with an offset."""

ID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
NOT_BLANK = r"\S"
REASON = "x-stella-operator-reason"
# Ids that an engine gives, in whatever form.
NAMES = frozenset({"worker_id"})

HEADERS = {
    "x-stella-tenant": "X-Stella-Tenant",
    REASON: "X-Stella-Operator-Reason",
    "x-stella-operator-ticket": "X-Stella-Operator-Ticket",
}

PARAMETERS = {
    "cursor": "Where the page begins: the `next_cursor` of the page before.",
    "limit": "How many at most.",
    "format": "The form of the file.",
    "idempotency-key": "1 to 128 visible ASCII characters. The same key gets the same answer, and acts once.",
    "x-stella-tenant": "Look at and act for this tenant alone, or for these, with commas between them.",
    REASON: f"Why, for the audit: at most {REASON_MAX} characters.",
    "x-stella-operator-ticket": f"The ticket that it belongs to: at most {TICKET_MAX} characters.",
    "if-none-match": "The ETag that is known already.",
    "last-event-id": "The id of the last event that was received.",
    "after": "The id of the last event that was received, where no header can be set.",
    "reveal": "With the secrets; takes ops:reveal, and is written to the audit.",
    "last": "The end of the log instead of its beginning.",
    "level": "Lines of at least this level.",
    "text": "Only what contains this text.",
    "to": "Where to be led in the end: a path, or an address of this console.",
    "count": "How many times to tell.",
    "start": "How many rows come before the page.",
    "since": "From which moment on.",
    "revision": "The revision that was seen: 409 if it is another by now.",
}

IN_PATHS: dict[str, Any] = {
    "entry_id": VALUES["letter_id"],
    "token_id": VALUES["job_id"],
    "n": 42,
    "segment": 1,
    "analyzer": "python",
    "version": 3,
    "fingerprint": VALUES["TrustKey.fingerprint"],
}

_TENANT = "[A-Za-z0-9][A-Za-z0-9._-]{0,62}"
_FORMS: dict[str, dict[str, Any]] = {
    REASON: {"type": "string", "maxLength": REASON_MAX},
    "x-stella-operator-ticket": {"type": "string", "maxLength": TICKET_MAX},
    "x-stella-tenant": {"type": "string", "pattern": rf"^{_TENANT}( ?, ?{_TENANT})*$"},
    "idempotency-key": {"type": "string", "pattern": r"^[!-~]{1,128}$"},
}


def header_schema(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The form of a header: FastAPI knows of the type alone, where a rule of ours reads it."""
    return dict(_FORMS.get(name, schema))
