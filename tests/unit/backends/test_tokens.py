"""What can be searched for, and that the work for it is bounded."""

from __future__ import annotations

from typing import Any

import pytest

from execution_ops.backends.embedded.tokens import (
    PAIRS_MAX,
    WORDS_MAX,
    error_has,
    error_tokens,
    pair_token,
    payload_has,
    payload_tokens,
    query_words,
)


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("image.tag", "1.2", True),
        ("image.tag", "1.3", False),
        ("tag", "1.2", False),
        ("count", "3", True),
        ("ratio", "0.5", True),
        ("dry", "true", True),
        ("none", "null", True),
        ("roots", "/srv", True),
        ("steps.name", "b", True),
        ("image", "1.2", False),
    ],
)
def test_payload_pairs_are_exact(key: str, value: str, found: bool) -> None:
    payload: dict[str, Any] = {
        "image": {"tag": "1.2"},
        "count": 3,
        "ratio": 0.5,
        "dry": True,
        "none": None,
        "roots": ["/opt", "/srv"],
        "steps": [{"name": "a"}, {"name": "b"}],
    }
    assert payload_has(payload, key, value) is found
    assert (pair_token(key, value) in payload_tokens(payload)) is found


def test_a_huge_payload_has_few_tokens_and_keeps_the_shallow_ones() -> None:
    deep: Any = "end"
    for _ in range(500):
        deep = {"k": [deep]}
    payload = {"deep": deep, "many": list(range(100_000)), "long": "x" * 1_000_000, "first": "yes"}
    tokens = payload_tokens(payload)
    assert len(tokens) <= PAIRS_MAX
    assert pair_token("first", "yes") in tokens


def test_tokens_fit_a_signed_64_bit_column_even_of_broken_text() -> None:
    tokens = payload_tokens({str(i): f"\ud800{i}" for i in range(60)})
    assert len(tokens) == 60
    assert all(-(2**63) <= token < 2**63 for token in tokens)
    assert any(token < 0 for token in tokens)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("refused", True),
        ("REFUSED connection", True),
        ("timeout", True),
        ("ConnectTimeoutError", True),
        ("refus", False),
        ("refused nothing", False),
        ("größe", True),
        ("", True),
    ],
)
def test_errors_are_found_by_their_words(query: str, found: bool) -> None:
    assert error_has(query, "net.ConnectTimeoutError", "Connection refused: GRÖSSE 12") is found


def test_the_words_of_an_error_are_bounded() -> None:
    assert error_tokens("", "") == set()
    assert len(error_tokens("E", " ".join(f"word{i}" for i in range(10_000)))) <= WORDS_MAX
    assert query_words("  a, a; B!  ") == ("a", "b")
