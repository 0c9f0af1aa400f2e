"""Every failure has one category, and the words that look alike are told apart."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.backends.embedded.attempt_words import crash_error
from execution_ops.domain.disk import DISK_FULL
from execution_ops.domain.error_categories import MEANING, RETRYABLE, RULES, Category, categorise, is_retryable
from execution_ops.domain.jobs import WORKER_LOST

TYPES = [
    ("JobCanceled", Category.CANCELED),
    ("CancelledError", Category.CANCELED),
    ("asyncio.exceptions.CancelledError", Category.CANCELED),
    ("KeyboardInterrupt", Category.CANCELED),
    ("JobTimedOut", Category.TRANSIENT),
    ("TimeoutError", Category.TRANSIENT),
    ("ReadTimeout", Category.TRANSIENT),
    ("TimeoutExpired", Category.TRANSIENT),
    ("ConnectionResetError", Category.TRANSIENT),
    ("BrokenPipeError", Category.TRANSIENT),
    ("MemoryError", Category.TRANSIENT),
    ("psycopg.errors.DeadlockDetected", Category.TRANSIENT),
    ("SerializationFailure", Category.TRANSIENT),
    ("RemoteProtocolError", Category.TRANSIENT),
    ("OperationalError", Category.TRANSIENT),
    ("ConnectionError", Category.TRANSIENT),
    ("ConnectionRefusedError", Category.UPSTREAM),
    ("ConnectError", Category.UPSTREAM),
    ("HTTPStatusError", Category.UPSTREAM),
    ("CalledProcessError", Category.UPSTREAM),
    ("FileNotFoundError", Category.NOT_FOUND),
    ("psycopg.errors.UndefinedTable", Category.NOT_FOUND),
    ("PermissionError", Category.AUTH),
    ("SSLCertVerificationError", Category.AUTH),
    ("RateLimitError", Category.RATE_LIMITED),
    ("TooManyRequests", Category.RATE_LIMITED),
    ("FileExistsError", Category.CONFLICT),
    ("psycopg.errors.UniqueViolation", Category.CONFLICT),
    ("IntegrityError", Category.CONFLICT),
    ("ValueError", Category.VALIDATION),
    ("ValidationError", Category.VALIDATION),
    ("json.decoder.JSONDecodeError", Category.VALIDATION),
    ("UnicodeDecodeError", Category.VALIDATION),
    ("BadZipFile", Category.VALIDATION),
    ("Damaged", Category.VALIDATION),
    ("TypeError", Category.INTERNAL),
    ("KeyError", Category.INTERNAL),
    ("ZeroDivisionError", Category.INTERNAL),
    ("ModuleNotFoundError", Category.INTERNAL),
    ("RecursionError", Category.INTERNAL),
    (WORKER_LOST, Category.INTERNAL),
    ("Exception", Category.UNKNOWN),
    ("RuntimeError", Category.UNKNOWN),
    ("", Category.UNKNOWN),
]

MESSAGES = [
    # HTTP
    ("429 Too Many Requests", Category.RATE_LIMITED),
    ("429", Category.RATE_LIMITED),
    ("the API answered with 429", Category.RATE_LIMITED),
    ("HTTP/1.1 429", Category.RATE_LIMITED),
    ("rate limit reached for this key", Category.RATE_LIMITED),
    ("status_code=503", Category.UPSTREAM),
    ("HTTP 503", Category.UPSTREAM),
    ("502 Bad Gateway", Category.UPSTREAM),
    ("Server error '500 Internal Server Error' for url 'https://127.0.0.1/forbidden'", Category.UPSTREAM),
    ("got 401 from the registry", Category.AUTH),
    ("status: 403", Category.AUTH),
    ("404 Client Error: Not Found for url: https://127.0.0.1/v1/forbidden", Category.NOT_FOUND),
    ("error 409", Category.CONFLICT),
    ("status 422", Category.VALIDATION),
    ("error (408)", Category.TRANSIENT),
    # sockets and names
    ("[Errno 111] Connection refused", Category.UPSTREAM),
    ("[Errno 104] Connection reset by peer", Category.TRANSIENT),
    ("[Errno 113] No route to host", Category.UPSTREAM),
    ("[Errno -3] Temporary failure in name resolution", Category.TRANSIENT),
    ("[Errno -2] Name or service not known", Category.NOT_FOUND),
    ("[Errno 13] Permission denied: '/srv/data'", Category.AUTH),
    ("[Errno 28] No space left on device", Category.TRANSIENT),
    ("The read operation timed out", Category.TRANSIENT),
    ("certificate verify failed: self-signed certificate", Category.AUTH),
    # databases
    ("(sqlite3.OperationalError) database is locked", Category.TRANSIENT),
    ("no such table: orders", Category.NOT_FOUND),
    ("UNIQUE constraint failed: users.mail", Category.CONFLICT),
    ("NOT NULL constraint failed: users.mail", Category.VALIDATION),
    ("unable to open database file", Category.NOT_FOUND),
    ('duplicate key value violates unique constraint "users_pkey"', Category.CONFLICT),
    ("deadlock detected", Category.TRANSIENT),
    ("canceling statement due to statement timeout", Category.TRANSIENT),
    ("canceling statement due to user request", Category.CANCELED),
    ('password authentication failed for user "ops"', Category.AUTH),
    ("server closed the connection unexpectedly", Category.TRANSIENT),
    ('invalid input syntax for type integer: "x"', Category.VALIDATION),
    # this console's own sentences
    (DISK_FULL, Category.TRANSIENT),
    ("/a.zip needs 9 MiB to be unpacked, and the disk of the data directory has 1 MiB free.", Category.TRANSIENT),
    ("/a.tar cannot be read: permission denied. Let the user that runs the worker read it.", Category.AUTH),
    ("/a.tar is not there any more. Check the path and start a new scan.", Category.NOT_FOUND),
    ("/a.tar cannot be read: Stale file handle. Check the disk, then retry this job.", Category.TRANSIENT),
    ("/srv/forbidden/a.tar is damaged or incomplete (index.json is missing).", Category.VALIDATION),
    ("/a.zip is encrypted. Make it again without a password, then scan it.", Category.VALIDATION),
    ("/a.tar is packed in a way that cannot be read here. Unpack it.", Category.VALIDATION),
    (
        "/a.zip unpacks to more than 9 MiB. It may be a decompression bomb; if you trust it, unpack it",
        Category.VALIDATION,
    ),
    ("/a changed while it was scanned. Start a new scan of it.", Category.CONFLICT),
    ("Syft is not there: no program 'syft' can be run. Install it.", Category.NOT_FOUND),
    ("Syft failed with exit code 1: it said nothing. Correct the cause, then retry this job.", Category.UPSTREAM),
    ("Syft failed with exit code 1: pull access denied. Correct the cause, then retry.", Category.AUTH),
    ("Syft was killed by signal 9. The machine may be out of memory", Category.TRANSIENT),
    ("Syft's answer cannot be used: it is no JSON. Retry this job", Category.UPSTREAM),
    ("The merged document breaks the CycloneDX schema at a/b ('x' is not a valid purl)", Category.INTERNAL),
    ("This worker does not know the job type image.resize. Install the package", Category.INTERNAL),
    ("The result cannot be stored: two files have the name 'a'.", Category.INTERNAL),
    ("image.resize does not take this payload: width: Input should be less than 9.", Category.VALIDATION),
    ("The artifact 0123456789ab… is not in the data directory of this worker.", Category.NOT_FOUND),
    ("The DAG has a node 'merge' already.", Category.CONFLICT),
]

LOOKALIKES = [
    "4290 files",
    "read 429 files",
    "got 429 rows",
    "row 503 of 900",
    "line 404",
    "exit code 401",
    "took 503 ms",
    "1.429",
    "error 429.5",
    "unforbiddenly",
    "the job stopped",
    "saw /var/429/connection/refused twice",
    "see https://127.0.0.1/rate-limit",
]


@pytest.mark.parametrize(("error_type", "category"), TYPES)
def test_a_type_alone_tells(error_type: str, category: Category) -> None:
    assert categorise(error_type, "") is category


@pytest.mark.parametrize(("message", "category"), MESSAGES)
@pytest.mark.parametrize("error_type", ["JobFailed", "Exception", "some.module.CustomError"])
def test_a_message_tells_where_the_type_does_not(error_type: str, message: str, category: Category) -> None:
    assert categorise(error_type, message) is category
    assert categorise(error_type, message.upper()) is category


@pytest.mark.parametrize("message", LOOKALIKES)
def test_what_only_looks_like_a_known_word_is_unknown(message: str) -> None:
    assert categorise("JobFailed", message) is Category.UNKNOWN


@pytest.mark.parametrize(
    ("error_type", "message", "category"),
    [
        ("FileNotFoundError", "[Errno 2] No such file or directory: '429 Too Many Requests'", Category.NOT_FOUND),
        ("KeyError", "'connection timed out'", Category.INTERNAL),
        ("ValueError", "the server answered 503", Category.UPSTREAM),
        ("ValueError", "timeout must be positive", Category.VALIDATION),
        ("HTTPStatusError", "Client error '429 Too Many Requests'", Category.RATE_LIMITED),
        ("OperationalError", "no such column: x", Category.NOT_FOUND),
        ("IntegrityError", "CHECK constraint failed: positive", Category.VALIDATION),
        ("OSError", "[Errno 24] Too many open files", Category.TRANSIENT),
        (WORKER_LOST, crash_error(3), Category.INTERNAL),
    ],
)
def test_a_plain_type_comes_before_the_message_and_a_vague_one_after_it(
    error_type: str, message: str, category: Category
) -> None:
    assert categorise(error_type, message) is category


def test_only_what_may_pass_by_itself_is_retryable() -> None:
    assert {category for category in Category if is_retryable(category)} == RETRYABLE
    assert {Category.TRANSIENT, Category.RATE_LIMITED, Category.UPSTREAM} == RETRYABLE


def test_every_category_has_a_plain_sentence_and_every_rule_a_reason() -> None:
    assert set(MEANING) == set(Category)
    assert all(re.fullmatch(r"[A-Z].+\.", sentence) for sentence in MEANING.values())
    assert all(rule.why and (rule.types or rule.words) for rule in RULES)
    assert {rule.category for rule in RULES} == set(Category) - {Category.UNKNOWN}


PIECES = st.sampled_from(["429", " ", "error", "status", "(", "=", "no such", "has a node ", "cancel", "/", "é", "\0"])


@given(st.text(max_size=40), st.text(max_size=200) | st.lists(PIECES, max_size=200).map("".join))
def test_any_text_has_one_category_always_the_same(error_type: str, message: str) -> None:
    category = categorise(error_type, message)
    assert category in Category
    assert categorise(error_type, message) is category


def test_only_the_beginning_of_a_message_is_read() -> None:
    assert categorise("JobFailed", "x " * 1_000 + "connection refused") is Category.UNKNOWN
    assert categorise("JobFailed", "has a node " * 10_000) is Category.UNKNOWN
