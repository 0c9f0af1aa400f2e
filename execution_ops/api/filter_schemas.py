"""The filters of lists as parameters of the contract: what each field of a query may be."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from execution_ops.api.parameters import ID_PATTERN
from execution_ops.domain.query_values import VALUE_MAX, VALUES_MAX
from execution_ops.services.queries import fields_of

Schema = dict[str, Any]

_DAY = r"(19[7-9][0-9]|[2-8][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
_MOMENT = rf"^([0-9]{{1,4}}[mhd]|{_DAY}(T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{{1,6}})?)?Z)?)$"
_MOMENT_WORDS = (
    "An age like `24h`, `30m` or `7d`, or an instant in ISO 8601 like `2026-11-23T14:00:00Z`, from 1970 to 9000."
)
_AN_ID: Schema = {"type": "string", "pattern": ID_PATTERN}
_A_BEGINNING: Schema = {"type": "string", "pattern": r"^[0-9a-f][0-9a-f-]{0,35}$"}
_A_TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": VALUE_MAX, "pattern": r"^[^\x00]*[^\s\x00][^\x00]*$"}
_A_MOMENT: Schema = {"type": "string", "pattern": _MOMENT}
_A_FLAG: Schema = {"type": "string", "enum": ["yes", "no", "true", "false"]}
# What a text of a filter must be, by its field; where filters differ, by the filter as well.
_TEXTS: dict[str, Schema] = {
    **dict.fromkeys(("after", "before", "ended_after"), _A_MOMENT),
    **dict.fromkeys(("dag", "quota", "job", "plan", "schedule"), _AN_ID),
    "JobFilter.id": _A_BEGINNING,
    "DeadLetterFilter.id": _A_BEGINNING,
    "group": {"type": "string", "pattern": r"^[0-9a-f]{16}$"},
    "retryable": {"type": "string", "enum": ["yes", "no"]},
}
_WORDS = {
    "sort": "Which end of the list comes first.",
    "window": "How far the rates reach back.",
    **dict.fromkeys(("after", "ended_after"), f"From then on. {_MOMENT_WORDS}"),
    "before": f"Up to then. {_MOMENT_WORDS}",
    "at_limit": "Whether they are used up now.",
    "missed": "Whether their last due time was missed.",
    "paused": "Whether they let nothing start.",
    "retryable": "Whether the same try again may help.",
    "id": "An id, or where the list allows it the beginning of one.",
    "text": "Words to look for.",
    "error": "Words that all occur in the last error.",
}


def parameters_of(kind: type[BaseModel]) -> list[Schema]:
    """The parameters of the query of a list with that filter."""
    whole = kind.model_json_schema()
    known = fields_of(kind)
    return [
        _parameter(kind.__name__, name, field, whole) for name, field in whole["properties"].items() if name in known
    ]


def _parameter(kind: str, name: str, field: Schema, whole: Schema) -> Schema:
    words = _WORDS.get(name, f"Only those with this {name.replace('_', ' ')}.")
    if field.get("type") == "array":
        one = _value(kind, name, field["items"], whole)
        schema: Schema = {"type": "array", "items": one, "minItems": 1}
        if "enum" not in one:  # of which the same may stand any number of times
            schema["maxItems"] = VALUES_MAX
        words = f"{words} Repeat it for alternatives."
    else:
        schema = _value(kind, name, field, whole)
    return {"name": name, "in": "query", "required": False, "description": words, "schema": schema}


def _value(kind: str, name: str, field: Schema, whole: Schema) -> Schema:
    if "$ref" in field:
        enumeration = whole["$defs"][field["$ref"].rpartition("/")[2]]
        return {"type": "string", "enum": enumeration["enum"]}
    if "anyOf" in field:
        return _A_FLAG
    return _TEXTS.get(f"{kind}.{name}") or _TEXTS.get(name) or _A_TEXT
