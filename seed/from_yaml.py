"""Plain data of YAML → the data classes that were written; any other shape is a ValueError."""

import types
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints


def from_data(shape: Any, data: Any) -> Any:
    """An object of a data class; fields with a default may be missing, unknown ones may not."""
    if not isinstance(data, dict):
        raise ValueError(f"{data!r:.60} in place of {shape.__name__}")  # noqa: TRY004
    hints = _hints(shape)
    if unknown := set(data) - set(hints):
        raise ValueError(f"{shape.__name__} with {min(map(str, unknown))}")
    for each in fields(shape):
        required = each.default is MISSING and each.default_factory is MISSING
        if required and each.name not in data:
            raise ValueError(f"{shape.__name__} without {each.name}")
    return shape(**{name: _value(hints[name], value) for name, value in data.items()})


@cache
def _hints(shape: Any) -> dict[str, Any]:
    return get_type_hints(shape)


def _value(hint: Any, value: Any) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        (hint,) = (one for one in arguments if one is not type(None))
        return _value(hint, value)
    if origin in (list, tuple):
        if not isinstance(value, list):
            raise ValueError(f"{value!r:.60} in place of a list")
        return origin(_value(arguments[0], one) for one in value)
    if is_dataclass(hint):
        return from_data(hint, value)
    if hint is Decimal and type(value) in (int, float):
        return Decimal(str(value))
    if isinstance(hint, type) and issubclass(hint, str) and type(value) is str:
        return hint(value)
    if type(value) is not hint or hint not in (str, int, bool, date):
        raise ValueError(f"{value!r:.60} in place of {hint.__name__}")
    return value
