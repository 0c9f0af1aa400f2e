"""The codes of errors: which statuses each comes with, and a sentence that it may have. Clients rely on them."""

from __future__ import annotations

_TRACE = "019ab107-5a2f-7c3e-8d41-0b6f2c9e7a10"

CODES: dict[str, tuple[tuple[int, ...], str]] = {
    "INVALID_INPUT": ((400, 422), "There is no state 'done'; known are pending, scheduled, running, succeeded."),
    "BAD_CURSOR": ((400,), "This page address is damaged: start again from the first page."),
    "UNKNOWN_PARAMETER": ((400,), "There is no parameter 'stat' here."),
    "REASON_REQUIRED": ((400,), "Cancel needs a reason."),
    "CUT_OFF": ((400,), "The upload was cut off. Nothing of it was kept: send it again."),
    "UNAUTHENTICATED": ((401,), "Sign in, or send an API token that is valid."),
    "FORBIDDEN": ((403,), "This needs the permission ops:operate, which vera does not have."),
    "CROSS_SITE": ((403,), "Another site may not change anything here."),
    "NOT_FOUND": ((404,), "There is no such job."),
    "NO_VALUE": ((404,), "This job has no result yet."),
    "NO_DOCUMENT": ((400, 404), "The document of this baseline is not stored any more."),
    "CONFLICT": ((409,), "Only jobs that wait or run can be canceled."),
    "CHANGED": ((409,), "Somebody saved since: look at what holds now."),
    "CHANGED_MEANWHILE": ((409,), "ann changed this quota meanwhile: look at it again."),
    "DUPLICATE": ((409,), "This key is there already, as release."),
    "EMPTY": ((409,), "The file is empty: no kit was received."),
    "EXISTS": ((409,), "There is a quota for acme already: change that."),
    "IDEMPOTENCY_KEY_REUSED": ((409,), "This Idempotency-Key was used for another request."),
    "IN_PROGRESS": ((409,), "The request with this Idempotency-Key is still under way."),
    "LOWER_VERSION": ((409,), "The active kit has a higher version: force it if that is meant."),
    "NOTHING_MATCHES": ((409,), "Nothing matches: there are no pending dead letters of tenant acme."),
    "NOT_ASKED": ((409,), "It is not known yet which analyzers Syft has: refresh first."),
    "NOT_READY": ((409,), "This scan has no merged document yet: its merge job has not succeeded."),
    "NOT_SUPPORTED": ((409,), "This engine can't do that."),
    "NOT_UNDOABLE": ((409,), "It can be undone within 10 minutes only."),
    "NO_CHANGE": ((409,), "These are the values that hold already: nothing was changed."),
    "NO_IDEMPOTENCY": ((409,), "The answer to this is not kept, so it takes no Idempotency-Key."),
    "NO_KEY": ((409,), "No key to sign with is set."),
    "NO_SIGN_IN": ((409,), "Nobody signs in at this console itself."),
    "TOO_MANY": ((409,), "At most 20 keys are kept."),
    "TWO_PROMOTED": ((409,), "Two baselines of one source are promoted: name one."),
    "BODY_TOO_LARGE": ((413,), "A request has at most 64 KiB."),
    "TOO_MANY_REQUESTS": ((429,), "Too many attempts from this address. Try again in 30 s."),
    "HOST_NOT_ALLOWED": ((421,), "This server answers for localhost only."),
    "INTERNAL": (
        (500,),
        "Something went wrong in the console itself. Its log has the details under the trace id.",
    ),
    "REMOTE_BUSY": ((503,), "The remote system at ops.example.org takes no more requests for now."),
    "REMOTE_CONTRACT": ((503,), "The remote system at ops.example.org answered what is no JSON."),
    "REMOTE_FAILED": ((503,), "The remote system at ops.example.org failed (HTTP 500)."),
    "REMOTE_UNAUTHORIZED": ((503,), "The remote system at ops.example.org does not accept this console's token."),
    "REMOTE_UNREACHABLE": ((503,), "The remote system at ops.example.org can't be reached."),
    "TOO_MANY_STREAMS": ((503,), "This console has 200 streams open, which is all that it serves. Close one, or wait."),
    "UNAVAILABLE": ((503,), "The database does not answer."),
    "DISK_FULL": ((507,), "No space is left on the disk: free some, then send it again."),
}

STATUSES: dict[int, str] = {
    400: "The request has a value that nothing can have.",
    401: "Nobody is signed in, or the token is unknown, expired or revoked.",
    403: "Who asks may not do this.",
    404: "There is no such thing, or who asks may not know of it.",
    409: "What is there does not allow this now.",
    413: "The body is too large.",
    421: "The name in Host is not one of this server's.",
    422: "A parameter or the body has not the form that the contract says.",
    429: "Too many attempts; `Retry-After` says in how many seconds the next one may come.",
    500: "Something went wrong in the console itself.",
    503: "A part that this needs does not answer.",
    507: "No space is left for what is being sent.",
}


def example(code: str) -> dict[str, dict[str, str]]:
    """The body of an answer with that code."""
    return {"error": {"code": code, "message": CODES[code][1], "trace_id": _TRACE}}
