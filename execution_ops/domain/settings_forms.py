"""The scanner's settings as people type and read them: units in words, and each problem told at its field.

The fields, their ranges and what they are for come from the model; only labels and units are said here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from annotated_types import Ge, Le, MaxLen
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from execution_ops.domain.errors import InvalidInput
from execution_ops.domain.scanner_settings import GIB, MIB, SettingsValues
from execution_ops.domain.times import iso

TYPED_MAX = 1_000
_BYTE_UNITS = {"": GIB, "gib": GIB, "mib": MIB, "kib": 1024, "tib": 1024 * GIB, "bytes": 1, "byte": 1, "b": 1}
_AMOUNT = re.compile(r"(\d{1,17}(?:\.\d{1,20})?)\s*([a-zA-Z]*)")
_WHOLE = re.compile(r"\d{1,15}")
_ON, _OFF = "on", "off"

SECTIONS = {
    "determinism": "Determinism",
    "limits": "Scan limits",
    "timeouts": "Timeouts",
    "cache": "Cache",
    "staleness": "Staleness",
    "bench": "Benchmark budget",
}
_LABELS = {
    "determinism.fixed_instant": ("Fixed instant", "UTC"),
    "determinism.seed": ("Seed", ""),
    "determinism.concurrency_limit": ("Concurrency limit", "threads"),
    "determinism.feed_snapshot_id": ("Feed snapshot", ""),
    "determinism.policy_snapshot_id": ("Policy snapshot", ""),
    "limits.files_max": ("Files of an unpacked source", "files"),
    "limits.unpacked_max": ("Size of an unpacked source", "GiB"),
    "timeouts.inspect_s": ("Inspection", "seconds"),
    "timeouts.catalog_s": ("One analyzer", "seconds"),
    "timeouts.report_s": ("Merge, comparison, export", "seconds"),
    "cache.enabled": ("Use the cache", ""),
    "cache.ttl_days": ("Lifetime of an entry", "days"),
    "cache.max_bytes": ("Size of the cache", "GiB"),
    "staleness.amber_h": ("Amber after", "hours"),
    "staleness.red_h": ("Red after", "hours"),
    "bench.max_ms": ("Longest iteration", "milliseconds"),
    "bench.worse_percent": ("Worse than the stored one by", "percent"),
}
# What the model says in bytes, in the words of a form that takes other units.
_HELP = {
    "limits.unpacked_max": "How large a source may be once it is unpacked.",
    "cache.max_bytes": "All entries together; the oldest go first.",
}


class FormField(NamedTuple):
    """One field of the form. `name` is `section.field`; `kind` says how it is typed: whole, bytes, instant, text or
    flag; `low` and `high` are its bounds in the unit of the model, for texts the number of characters."""

    name: str
    section: str
    label: str
    unit: str
    help: str
    kind: str
    low: Any
    high: Any

    @property
    def range(self) -> str:
        """What it takes, in words."""
        if self.kind == "flag":
            return f"{_ON.capitalize()} or {_OFF}."
        if self.kind == "text":
            return f"At most {self.high:,} characters on one line."
        low, high = said(self, self.low), said(self, self.high)
        unit = f" {self.unit}" if self.kind == "whole" and self.unit else ""
        return f"Between {_plain(low)} and {_plain(high)}{unit}."


@lru_cache(maxsize=1)
def form_fields() -> tuple[FormField, ...]:
    """The fields of the form, section by section, in the model's order."""
    return tuple(_fields())


@lru_cache(maxsize=1)
def fields_by_name() -> dict[str, FormField]:
    """The same, by name."""
    return {field.name: field for field in form_fields()}


def form_texts(values: SettingsValues) -> dict[str, str]:
    """The values as the form shows them."""
    return {field.name: _typed(field, value_of(values, field.name)) for field in form_fields()}


def value_of(values: SettingsValues, name: str) -> Any:
    """One value, by `section.field`."""
    section, _, field = name.partition(".")
    return getattr(getattr(values, section), field)


def read_form(texts: Mapping[str, str]) -> tuple[SettingsValues | None, dict[str, str]]:
    """The values that the texts describe, or None and what is wrong, in words, by field."""
    problems: dict[str, str] = {}
    read: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    for field in form_fields():
        try:
            value = _checked(field, _read(field, texts.get(field.name, "")[: TYPED_MAX + 1]))
            read[field.section][field.name.partition(".")[2]] = value
        except InvalidInput as error:
            problems[field.name] = error.message
    if problems:
        return None, problems
    try:
        return SettingsValues.model_validate(read), {}
    except ValidationError as error:
        return None, problems_of(error)


def problems_of(error: ValidationError) -> dict[str, str]:
    """What a model refuses, in the form's words, by field; what belongs to no field is under its place."""
    found: dict[str, str] = {}
    for problem in error.errors(include_input=False, include_url=False):
        place = ".".join(str(part) for part in problem["loc"])
        # A rule about a whole section names its field by the type of the error.
        name = place if place in fields_by_name() else f"{place}.{problem['type']}"
        field = fields_by_name().get(name)
        if field is None:
            found[place] = f"{problem['msg']}."
        else:
            found[name] = field.range if name == place else problem["msg"]
    return found


def is_about_several(error: ValidationError) -> bool:
    """Whether each value alone is fine, and they do not go together."""
    # A rule about a whole section has the section for its place, and its field for its type.
    return all(".".join([*map(str, problem["loc"]), problem["type"]]) in fields_by_name() for problem in error.errors())


def unnamed(values: SettingsValues) -> list[str]:
    """The fields that were left out of what the values were read from: a whole version names them all."""
    return [
        field.name
        for field in form_fields()
        if field.section not in values.model_fields_set
        or field.name.partition(".")[2] not in getattr(values, field.section).model_fields_set
    ]


def in_words(field: FormField, value: Any) -> str:
    """A value with its unit."""
    if field.kind == "text":
        return value or "none"
    text = said(field, value)
    return f"{text} {field.unit}" if field.kind == "whole" and field.unit else text


def said(field: FormField, value: Any) -> str:
    """A value for people, without the unit of its field."""
    match field.kind:
        case "flag":
            return _ON if value else _OFF
        case "bytes":
            return _bytes_words(value)
        case "instant":
            return iso(value)
        case "whole":
            return str(value) if field.name == "determinism.seed" else f"{value:,}"
    return str(value)


def _fields() -> Iterator[FormField]:
    for section, part in SettingsValues.model_fields.items():
        model = part.annotation
        assert isinstance(model, type)
        assert issubclass(model, BaseModel)
        for name, info in model.model_fields.items():
            full = f"{section}.{name}"
            label, unit = _LABELS[full]
            low, high = _bounds(info)
            told = _HELP.get(full, info.description or "")
            yield FormField(full, section, label, unit, told, _kind(info, unit), low, high)


def _kind(info: FieldInfo, unit: str) -> str:
    if info.annotation is bool:
        return "flag"
    if info.annotation is str:
        return "text"
    if info.annotation is int:
        return "bytes" if unit == "GiB" else "whole"
    return "instant"


def _bounds(info: FieldInfo) -> tuple[Any, Any]:
    low: Any = None
    high: Any = None
    for rule in info.metadata:
        if isinstance(rule, Ge):
            low = rule.ge
        elif isinstance(rule, Le):
            high = rule.le
        elif isinstance(rule, MaxLen):
            low, high = 0, rule.max_length
    return low, high


def _read(field: FormField, text: str) -> Any:
    plain = text.strip()
    match field.kind:
        case "flag":
            if plain not in {_ON, _OFF}:
                raise InvalidInput(field.range)
            return plain == _ON
        case "bytes":
            return _read_bytes(field, plain)
        case "instant":
            return _read_instant(field, plain)
        case "whole":
            digits = plain.replace(",", "")
            if not digits.isascii() or not _WHOLE.fullmatch(digits):
                raise InvalidInput(f"A whole number. {field.range}")
            return int(digits)
    return plain


def _checked(field: FormField, value: Any) -> Any:
    """The value, if the model takes it; its own rules are the only ones."""
    try:
        return _adapter(field.name).validate_python(value)
    except ValidationError:
        raise InvalidInput(field.range) from None


@lru_cache(maxsize=64)
def _adapter(name: str) -> TypeAdapter[Any]:
    section, _, field = name.partition(".")
    model = SettingsValues.model_fields[section].annotation
    assert isinstance(model, type)
    assert issubclass(model, BaseModel)
    info = model.model_fields[field]
    adapter: TypeAdapter[Any] = TypeAdapter(info.rebuild_annotation())
    return adapter


def _read_bytes(field: FormField, text: str) -> int:
    found = _AMOUNT.fullmatch(text.replace(",", ""))
    factor = _BYTE_UNITS.get(found[2].lower()) if found else None
    if found is None or factor is None:
        raise InvalidInput(f"A number of GiB, or one with its unit, like 512 MiB. {field.range}")
    return round(float(found[1]) * factor)


def _read_instant(field: FormField, text: str) -> datetime:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"A time like 2024-01-01T00:00:00Z. {field.range}") from None
    aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value
    try:
        # Stored instants are whole milliseconds.
        return aware.astimezone(UTC).replace(microsecond=aware.microsecond // 1000 * 1000)
    except OverflowError:
        raise InvalidInput(field.range) from None


def _typed(field: FormField, value: Any) -> str:
    if field.kind == "bytes":
        words = _bytes_words(value)
        return words.removesuffix(" GiB")
    if field.kind == "instant":
        return iso(value)
    if field.kind == "flag":
        return _ON if value else _OFF
    return str(value)


def _bytes_words(count: int) -> str:
    """A number of bytes, exactly, in the largest unit that says it in few digits."""
    for unit, size in (("GiB", GIB), ("MiB", MIB), ("KiB", 1024)):
        text = f"{count / size:.3f}".rstrip("0").rstrip(".")
        if count >= size / 10 and round(float(text) * size) == count:
            return f"{float(text):,.3f}".rstrip("0").rstrip(".") + f" {unit}"
    return f"{count:,} bytes"


def _plain(text: str) -> str:
    """An instant without the time of day that nobody asked for."""
    return text.removesuffix("T00:00:00.000Z")
