"""What the inverted index `job_token` holds: hashes of exact payload pairs and of error words.

A job has a bounded number of tokens, so a 10 MB payload costs no more than a small one: what
lies beyond the bounds cannot be searched for. Readers check a match against the values with
`payload_has` and `error_has`, so two values with one hash are never mixed up.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, text

PAIRS_MAX = 64
WORDS_MAX = 48
DEPTH_MAX = 8
VALUE_CHARS_MAX = 200
NODES_MAX = 2_000
ERROR_CHARS_MAX = 2_000
WORD_CHARS_MAX = 64
_KEY = re.compile(r"[A-Za-z0-9_-]+")
_WORD = re.compile(r"\w+")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_ADD = text(
    "INSERT INTO job_token (token, created_at, n) VALUES (:token, :created_at, :n) "
    "ON CONFLICT (token, created_at, n) DO NOTHING"
)
_REMOVE = text("DELETE FROM job_token WHERE token = :token AND created_at = :created_at AND n = :n")


def payload_tokens(payload: Mapping[str, Any]) -> set[int]:
    """The tokens of a payload's scalar values, at most PAIRS_MAX, the shallow ones first."""
    return {pair_token(key, value) for key, value in islice(_pairs(payload), PAIRS_MAX)}


def error_tokens(error_type: str, message: str) -> set[int]:
    """The tokens of an error's words, at most WORDS_MAX; none for an empty error."""
    return {word_token(word) for word in error_words(error_type, message)}


def pair_token(key: str, value: str) -> int:
    """The token of one payload pair; `key` is dotted, `value` as `payload_has` spells it."""
    return _hash(f"p\0{key}\0{value}")


def word_token(word: str) -> int:
    """The token of one lower-case word of an error."""
    return _hash(f"e\0{word}")


def reason_token(word: str) -> int:
    """The token of one lower-case word of a reason in the audit."""
    return _hash(f"r\0{word}")


def query_words(query: str) -> tuple[str, ...]:
    """The words of a search text, as they stand in the index."""
    return tuple(dict.fromkeys(word.casefold()[:WORD_CHARS_MAX] for word in _WORD.findall(query)))


def error_words(error_type: str, message: str) -> tuple[str, ...]:
    """The words by which an error is found, lower case; `TimeoutError` is also `timeout`, `error`."""
    found: dict[str, None] = {}
    for word in _WORD.findall(f"{error_type} {message[:ERROR_CHARS_MAX]}"):
        found.setdefault(word.casefold()[:WORD_CHARS_MAX])
        parts = _CAMEL.findall(word)
        if len(parts) > 1:
            for part in parts:
                found.setdefault(part.casefold()[:WORD_CHARS_MAX])
        if len(found) >= WORDS_MAX:
            break
    return tuple(islice(found, WORDS_MAX))


def error_has(query: str, error_type: str, message: str) -> bool:
    """Whether all words of the search text occur in the error."""
    return set(query_words(query)) <= set(error_words(error_type, message))


def payload_has(payload: Mapping[str, Any], key: str, value: str) -> bool:
    """Whether the payload has this pair; in a list any element counts, numbers are as in JSON."""
    return (key, value) in islice(_pairs(payload), PAIRS_MAX)


def add_tokens(connection: Connection, n: int, created_at: int, tokens: set[int]) -> None:
    """Index a job under the tokens, within the transaction that wrote the job."""
    _each(connection, _ADD, n, created_at, tokens)


def remove_tokens(connection: Connection, gone: Sequence[tuple[int, int, int]]) -> None:
    """Take removed jobs out of the index (token, creation in ms, number), within the transaction that removes them."""
    if gone:
        names = ("token", "created_at", "n")
        connection.execute(_REMOVE, [dict(zip(names, key, strict=True)) for key in gone])


def replace_error(
    connection: Connection, n: int, created_at: int, *, old: tuple[str, str], new: tuple[str, str]
) -> None:
    """Index a job under its new error (type, message) instead of its old one; ("", "") is none."""
    before, after = error_tokens(*old), error_tokens(*new)
    _each(connection, _REMOVE, n, created_at, before - after)
    _each(connection, _ADD, n, created_at, after - before)


def _each(connection: Connection, statement: Any, n: int, created_at: int, tokens: set[int]) -> None:
    if tokens:
        connection.execute(statement, [{"token": token, "created_at": created_at, "n": n} for token in sorted(tokens)])


def _pairs(payload: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The (dotted key, value) pairs of the scalars, level by level, looking at NODES_MAX values."""
    waiting: deque[tuple[str, int, Any]] = deque([("", 0, payload)])
    for _ in range(NODES_MAX):
        if not waiting:
            return
        path, depth, value = waiting.popleft()
        if isinstance(value, Mapping):
            if depth < DEPTH_MAX:
                waiting.extend(
                    (f"{path}.{key}" if path else key, depth + 1, inner)
                    for key, inner in islice(value.items(), NODES_MAX)
                    if isinstance(key, str) and _KEY.fullmatch(key)
                )
        elif isinstance(value, list | tuple):
            waiting.extend((path, depth, inner) for inner in islice(value, NODES_MAX))
        else:
            spelled = value if isinstance(value, str) else json.dumps(value)
            if len(spelled) <= VALUE_CHARS_MAX:
                yield path, spelled


def _hash(value: str) -> int:
    digest = hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
