"""The one choke point of redaction: what a job or an engine says passes here before anyone reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache

MASK = "[redacted]"
DEFAULT_KEYS = (
    "password",
    "passwd",
    "secret",
    "token",
    "api_key",
    "apikey",
    "authorization",
    "credential",
    "private_key",
    "cookie",
)

_JSON_MASK = json.dumps(MASK)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_AFTER_KEY = re.compile(r"[ \t\r\n]*:[ \t\r\n]*")
_SCALAR = re.compile(r"[^\s,\]}]+")
_BRACKET = re.compile(r'["\[\]{}]')
_WORDLESS = re.compile(r"[^a-z0-9]")
_BLOCK = re.compile(
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)", re.DOTALL
)
_URL = re.compile(r"(?<=://)[^\s/?#\"'<>\\]*@")
_COOKIE = re.compile(r"(cookie[ \t]{0,8}:[ \t]{0,8})[^\r\n\"']+", re.IGNORECASE)
_SCHEME = re.compile(r"\b(bearer|basic|digest|dpop)[ \t]{1,8}(?=[^\s,;]*[\d._~+/=-])[\w.~+/=-]{6,}", re.IGNORECASE)
_SHAPES = re.compile(
    r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?"
    r"|(?<!\w)(?:AKIA|ASIA)[0-9A-Z]{16}(?!\w)"
    r"|(?<!\w)(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk-|npm_|pypi-)[\w-]{16,}"
)


def hides(key: str, keys: Iterable[str] = DEFAULT_KEYS) -> bool:
    """Whether values under this key are hidden; case and punctuation don't matter."""
    plain = _WORDLESS.sub("", key.lower())
    return any(_WORDLESS.sub("", word.lower()) in plain for word in keys)


def redact_text(text: str, keys: Iterable[str] = DEFAULT_KEYS) -> str:
    """Hide secrets in free text: a log line, an error, a stack.

    Hidden are the values of `key=value` and `key: value` whose key contains one of `keys`,
    credentials in URLs, HTTP authorization values, private key blocks, and tokens of well-known
    shapes. Takes time linear in the text, whatever it holds.
    """
    text = _BLOCK.sub(MASK, text) if "-----BEGIN" in text else text
    text = _URL.sub(MASK + "@", text) if "://" in text else text
    text = _COOKIE.sub(rf"\1{MASK}", text)
    text = _pairs(tuple(keys)).sub(_mask_pair, text)
    text = _SCHEME.sub(lambda match: f"{match[1]} {MASK}", text)
    return _SHAPES.sub(MASK, text)


def redact_json(text: str, keys: Iterable[str] = DEFAULT_KEYS) -> str:
    """Hide secrets in JSON text and leave every other byte of it as it is, numbers included.

    The value of a key that contains one of `keys` (case and punctuation don't matter) is
    replaced whole, be it a string, a number or a tree; strings pass `redact_text`. Null stays,
    so "not set" can be told from "hidden".
    """
    names = tuple(keys)
    sensitive: dict[str, bool] = {}
    parts: list[str] = []
    done = position = 0
    while match := _STRING.search(text, position):
        position = match.end()
        colon = _AFTER_KEY.match(text, position)
        if colon is None:
            clean = _redact_literal(match[0], names)
            if clean is not None:
                parts += (text[done : match.start()], clean)
                done = position
            continue
        position = colon.end()
        key = match[0]
        if key not in sensitive:
            sensitive[key] = hides(_decode(key), names)
        if sensitive[key]:
            end = _value_end(text, position)
            if text[position:end] != "null":
                parts += (text[done:position], _JSON_MASK)
                done = end
            position = end
    return "".join((*parts, text[done:]))


@lru_cache(maxsize=16)
def _pairs(keys: tuple[str, ...]) -> re.Pattern[str]:
    # Starts at the word itself and bounds what follows, so hostile text can't make it backtrack.
    # In an error's template a placeholder like <n> may be part of the key.
    words = "|".join(r"[-_ ]?".join(map(re.escape, re.split(r"[-_ ]", key))) for key in keys if key) or r"(?!)"
    return re.compile(
        rf"(?P<key>(?:{words})(?:[\w.-]|<[a-z]{{1,7}}>){{0,64}}\\?[\"']?[ \t]{{0,8}}[=:][ \t]{{0,8}})"
        r"(?P<scheme>(?:bearer|basic|digest|dpop|token)[ \t]+)?"
        r"(?P<value>\\?\"[^\"\n]*\"?|'[^'\n]*'?|[^\s,;&'\"]+)",
        re.IGNORECASE,
    )


def _mask_pair(match: re.Match[str]) -> str:
    value = match["value"]
    if value.startswith(MASK) or value in {"null", "None"}:
        return match[0]
    quote = value[0] if value[0] in "\"'" else ""
    return f"{match['key']}{match['scheme'] or ''}{quote}{MASK}{quote}"


def _redact_literal(literal: str, keys: tuple[str, ...]) -> str | None:
    """The JSON string with its secrets hidden; None if it holds none."""
    plain = _decode(literal)
    clean = redact_text(plain, keys)
    return None if clean == plain else json.dumps(clean)


def _decode(literal: str) -> str:
    if "\\" not in literal:
        return literal[1:-1]
    try:
        return str(json.loads(literal, strict=False))
    except ValueError:
        return literal[1:-1]


def _value_end(text: str, start: int) -> int:
    """Where the value at `start` ends; the end of the text if it is cut off, so nothing leaks."""
    string = _STRING.match(text, start)
    if string:
        return string.end()
    if text[start : start + 1] not in ("{", "["):
        scalar = _SCALAR.match(text, start)
        return scalar.end() if scalar and scalar[0][0] != '"' else len(text)
    depth, position = 0, start
    while bracket := _BRACKET.search(text, position):
        if bracket[0] == '"':
            string = _STRING.match(text, bracket.start())
            if string is None:
                return len(text)
            position = string.end()
            continue
        depth += 1 if bracket[0] in "{[" else -1
        position = bracket.end()
        if depth == 0:
            return position
    return len(text)
