"""Secrets never get out, and everything else stays as it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution_ops.domain.redaction import DEFAULT_KEYS, MASK, redact_json, redact_text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)
HOSTILE = st.text(alphabet='{}[]":,\\ \n=/@passwordtoken-_.0e', max_size=200)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("password=hunter2 next", f"password={MASK} next"),
        ("DB_PASSWORD: 'two words' next", f"DB_PASSWORD: '{MASK}' next"),
        ('{"apiKey": "abc", "n": 1}', f'{{"apiKey": "{MASK}", "n": 1}}'),
        ("Authorization: Bearer abc123def", f"Authorization: Bearer {MASK}"),
        ("curl -H 'Bearer abc.123-def'", f"curl -H 'Bearer {MASK}'"),
        ("Cookie: a=b; session=c", f"Cookie: {MASK}"),
        ("postgresql://ops:p@ss@db/x", f"postgresql://{MASK}@db/x"),
        ("https://token@host/x?access_token=abc&b=1", f"https://{MASK}@host/x?access_token={MASK}&b=1"),
        ("key ghp_0123456789abcdefABCD end", f"key {MASK} end"),
        ("AKIAIOSFODNN7EXAMPLE", MASK),
        ("x eyJhbGciOiJI.eyJzdWIiOiIx.c2ln y", f"x {MASK} y"),
        ("a\n-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\nb", f"a\n{MASK}\nb"),
        ("-----BEGIN PRIVATE KEY-----\ncut off", MASK),
        # As an error's template has them.
        ("password_<n>=hunter", f"password_<n>={MASK}"),
        ("secret-v<n>: swordfish, api_key.<address>=x", f"secret-v<n>: {MASK}, api_key.<address>={MASK}"),
    ],
)
def test_a_secret_in_text_is_hidden(text: str, clean: str) -> None:
    assert redact_text(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "basic information needed",
        "the token bucket is full",
        "password=None",
        "see https://example.org/a@b for more",
        "read 12 keys in 3 ms",
    ],
)
def test_plain_text_stays(text: str) -> None:
    assert redact_text(text) == text


def test_every_default_key_is_hidden_in_json_whatever_its_spelling() -> None:
    for key in DEFAULT_KEYS:
        for spelled in (key, key.upper(), f"x-{key.replace('_', '-')}", f"{key}s"):
            assert json.loads(redact_json(json.dumps({spelled: "s3cret"}))) == {spelled: MASK}


def test_a_key_that_hides_behind_escapes_is_found() -> None:
    assert redact_json('{"pass\\u0077ord" : 1.50}') == f'{{"pass\\u0077ord" : "{MASK}"}}'


def test_whole_trees_are_hidden_and_null_stays() -> None:
    text = '{"secret": {"a": ["]", {"b": "}"}]}, "token": null, "n": 1}'
    assert redact_json(text) == f'{{"secret": "{MASK}", "token": null, "n": 1}}'


def test_numbers_and_spacing_stay_byte_for_byte() -> None:
    text = '{ "a" : 1e400 ,"b":-0, "c": 12345678901234567890.10,\n"d":[1.0e+5 ] }'
    assert redact_json(text) == text


def test_secrets_inside_of_strings_are_hidden() -> None:
    assert json.loads(redact_json('["see https://u:p\\u0040h/", "password=a\\"b"]')) == [
        f"see https://{MASK}@h/",
        f'password={MASK}"b',
    ]


@given(JSON)
def test_json_without_secrets_is_untouched(value: Any) -> None:
    text = json.dumps(value)
    assert redact_json(text, ["no such key"]) == text


@given(JSON, JSON, st.sampled_from(DEFAULT_KEYS))
def test_no_hidden_value_survives_in_json(around: Any, hidden: Any, key: str) -> None:
    document = {"around": around, key: {"marker-7f3a": hidden}}
    clean = json.loads(redact_json(json.dumps(document)))
    assert clean[key] == MASK
    assert set(clean) == set(document)


@given(HOSTILE)
def test_text_that_is_no_json_raises_nothing(text: str) -> None:
    assert isinstance(redact_json(text), str)
    assert isinstance(redact_text(text), str)


def test_a_cut_off_document_hides_its_rest() -> None:
    assert redact_json('{"token": {"a": "s3cret') == f'{{"token": "{MASK}"'


@given(HOSTILE)
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = redact_text(text)
    assert redact_text(once) == once
