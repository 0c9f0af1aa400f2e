"""JSON that is read in one way only: no duplicate keys, no NaN, no huge numbers, nothing that is no UTF-8."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)
_DIGITS_MAX = 20


class Malformed(ValueError):
    """What is wrong with a document, as a sentence."""


def read_model(model: type[M], data: bytes) -> M:
    """The document as this model, every value of the very type that it asks for. Malformed says why not.

    Its size is the caller's to limit.
    """
    try:
        text = data.decode()
        json.loads(text, object_pairs_hook=_once, parse_constant=_constant, parse_int=_number, parse_float=_number)
        return model.model_validate_json(text, strict=True)
    except UnicodeDecodeError as error:
        raise Malformed(f"It is not UTF-8 at byte {error.start:,}.") from None
    except RecursionError:
        raise Malformed("It is nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise Malformed(f"It is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from None
    except ValidationError as error:
        raise Malformed(_first(error)) from None


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len({key for key, _ in pairs}) != len(pairs):
        raise Malformed("The same key stands twice in one object.")


def _constant(word: str) -> None:
    raise Malformed(f"{word} is no number in JSON.")


def _number(digits: str) -> None:
    if len(digits) > _DIGITS_MAX:
        raise Malformed(f"A number is longer than {_DIGITS_MAX} digits.")


def _first(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(step) for step in problem["loc"])
    message = problem["msg"].removeprefix("Value error, ").rstrip(".")
    return f"{place}: {message}." if place else f"{message}."
