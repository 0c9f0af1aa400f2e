"""Examples for the contract: instances of the models themselves, with values that tell one story.

A field gets the value that this table has for its name (of one model: `Model.field`), else one that its type allows.
The instance is made by the model, so no example can break the model's own rules.
"""

from __future__ import annotations

import types
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from execution_ops.api.example_values import LATER, LEFT_OUT, NAMED, VALUES

_DEEP = 8


def example_of(annotation: Any) -> Any:
    """An instance of that type as JSON has it."""
    adapter: TypeAdapter[Any] = TypeAdapter(annotation)
    made = adapter.validate_python(_value(annotation, "", "", 0))
    return adapter.dump_python(made, mode="json", exclude_unset=_is_request(annotation))


def _is_request(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel) and _forbids(annotation)


def _forbids(model: type[BaseModel]) -> bool:
    return model.model_config.get("extra") == "forbid"


def _model(model: type[BaseModel], deep: int) -> Any:
    given = {}
    for name, field in model.model_fields.items():
        if f"{model.__name__}.{name}" in LEFT_OUT:
            continue
        given[field.alias or name] = _field(model.__name__, name, field, deep)
    return model.model_validate(given)


def _field(model: str, name: str, field: FieldInfo, deep: int) -> Any:
    exact = f"{model}.{name}"
    if exact in VALUES:
        return VALUES[exact]
    annotation: Any = field.annotation
    kind: Any = Annotated[annotation, field]
    if name in VALUES and _fits(kind, VALUES[name]):
        return VALUES[name]
    default = field.get_default(call_default_factory=True)
    if deep >= _DEEP and default is not PydanticUndefined:
        return default
    made = _value(field.annotation, model, name, deep + 1)
    return made if default is PydanticUndefined or _fits(kind, made) else default


def _fits(kind: Any, value: Any) -> bool:
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return False
    return True


def _value(annotation: Any, model: str, name: str, deep: int) -> Any:
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _value(parts[0], model, name, deep)
    if origin in (Union, types.UnionType):
        # The time of an end that has not come yet and the like: something is more telling than nothing.
        return _value(next(part for part in parts if part is not type(None)), model, name, deep)
    if origin is Literal:
        return parts[0]
    if origin in (tuple, list, frozenset, set, Sequence):
        return _several(origin, parts, model, name, deep)
    if origin is dict:
        return {_value(parts[0], model, f"{name}:key", deep): _value(parts[1], model, f"{name}:value", deep)}
    return _single(annotation, model, name, deep)


def _several(origin: Any, parts: tuple[Any, ...], model: str, name: str, deep: int) -> Any:
    if origin is tuple and len(parts) > 1 and parts[1] is not Ellipsis:
        return tuple(_value(part, model, f"{name}:{i}", deep) for i, part in enumerate(parts))
    return [] if deep >= _DEEP else [_value(parts[0], model, f"{name}:one", deep)]


def _single(kind: Any, model: str, name: str, deep: int) -> Any:
    for known in (f"{model}.{name}", name):
        if known in VALUES and _fits(kind, VALUES[known]):
            return VALUES[known]
    if not isinstance(kind, type):
        return {}
    if issubclass(kind, BaseModel):
        return _model(kind, deep)
    if issubclass(kind, Enum):
        return NAMED.get(kind.__name__, next(iter(kind)))
    if issubclass(kind, tuple):
        hints = get_type_hints(kind)
        return kind(*(_value(hints[part], kind.__name__, part, deep) for part in hints))
    for plain, value in (
        (bool, True),
        (int, 3),
        (float, 12.5),
        (datetime, LATER),
        (str, name.replace("_", " ") or "text"),
    ):
        if issubclass(kind, plain):
            return value
    return {}
