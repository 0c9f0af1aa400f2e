"""The errors that an operator may see. Each carries a stable code and a plain sentence."""

from __future__ import annotations


class OpsError(Exception):
    """Something the caller can understand and act on.

    `code` is stable and upper case (it is in the REST envelope), `message` is a plain
    sentence for a person, `status` is the HTTP status that the API answers with. `field` names
    the field of a form that is at fault, "" if it is none or several.
    """

    code = "INTERNAL"
    status = 500

    def __init__(self, message: str, *, code: str | None = None, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        if code is not None:
            self.code = code


class InvalidInput(OpsError):
    """The request itself is wrong: a bad filter, cursor, id or payload."""

    code = "INVALID_INPUT"
    status = 400


class Unauthenticated(OpsError):
    """Nobody is known to be asking: there is no valid session, token or header of a trusted proxy."""

    code = "UNAUTHENTICATED"
    status = 401


class Forbidden(OpsError):
    """The actor lacks the scope that this needs."""

    code = "FORBIDDEN"
    status = 403


class NotFound(OpsError):
    """There is no such thing, or the actor may not know that there is."""

    code = "NOT_FOUND"
    status = 404


class Conflict(OpsError):
    """The thing is in a state that does not allow this."""

    code = "CONFLICT"
    status = 409


class TooMany(OpsError):
    """Too many requests of this kind; `retry_after` is in how many seconds the next one may come."""

    code = "TOO_MANY_REQUESTS"
    status = 429

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(OpsError):
    """A part that this needs (the database, a worker, Syft) does not answer."""

    code = "UNAVAILABLE"
    status = 503
