"""What every service asks of a request: how much it may want at once, and who signs a change."""

from __future__ import annotations

from execution_ops.domain.access import Actor
from execution_ops.domain.errors import Conflict, Forbidden, InvalidInput
from execution_ops.domain.ids import new_id
from execution_ops.domain.verb import Verb
from execution_ops.domain.verbs import Stamp, check_stamp

LIMIT_DEFAULT = 50
LIMIT_MAX = 500
LOG_LIMIT_MAX = 5000
IDS_MAX = 500
SEARCH_MAX = 200


def sign(verb: Verb, actor: Actor, stamp: Stamp) -> Stamp:
    """The stamp as the actor's own, within the tenants where they hold the verb's scope, checked against the verb, with
    a correlation id. Conflict for a verb that the engine can't do."""
    if stamp.actor.name != actor.name:
        raise Forbidden("A change is signed by the one who makes it.")
    if cannot := dict(actor.unable).get(verb.name, ""):
        raise Conflict(cannot, code="NOT_SUPPORTED")
    check_stamp(verb, stamp)
    key = f"{verb.name}:{stamp.idempotency_key}" if stamp.idempotency_key else ""
    correlation = stamp.correlation_id or new_id()
    signer = actor.within(verb.scope)
    return stamp.model_copy(update={"actor": signer, "idempotency_key": key, "correlation_id": correlation})


def check_search(after: int, skip: int, text: str) -> None:
    """InvalidInput for what can't be a place in a log, or is no text to search for."""
    if not 0 <= after < 2**53 or not 0 <= skip < 2**53:
        raise InvalidInput("after is the number of a line, skip how many lines to leave out.")
    if len(text) > SEARCH_MAX or "\0" in text:
        raise InvalidInput(f"A search has at most {SEARCH_MAX} characters.")


def check_range(name: str, value: int, highest: int) -> None:
    """Raise InvalidInput unless the value is from 1 to `highest`."""
    if not 1 <= value <= highest:
        raise InvalidInput(f"{name}: from 1 to {highest}.")
