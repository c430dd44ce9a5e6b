"""An edition as plain data and back, for hosts that cannot read a workbook: what JSON can hold, without defaults, places and cases."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Union, get_args, get_origin, get_type_hints

from .model import Edition, Formula
from .problems import Where

Data = object  # dict, list, str, float, int, bool, None


def edition_data(edition: Edition) -> Data:
    """The edition as data."""
    return {name: value for name, value in _data(edition).items() if name != "cases"}


def edition_of(data: Data) -> Edition:
    """The edition that data hold."""
    return _value(Edition, data)


def _data(value: object) -> Data:
    if isinstance(value, Formula):
        return value.text
    if is_dataclass(value):
        return {each.name: _data(own) for each in fields(value)
                if not isinstance(own := getattr(value, each.name), Where) and own != _default(each)}
    if isinstance(value, Mapping):
        return {name: _data(own) for name, own in value.items()}
    return list(map(_data, value)) if isinstance(value, tuple) else value


def _default(field) -> object:
    return field.default if field.default is not MISSING else field.default_factory() if field.default_factory is not MISSING else MISSING


@cache
def _hints(kind: type) -> dict[str, object]:
    return get_type_hints(kind)


def _value(hint: object, data: Data) -> object:
    """What data of a type hint stand for."""
    if data is None:
        return None
    if hint is Formula:
        return Formula.parse(data)
    if is_dataclass(hint):
        hints = _hints(hint)
        return hint(**{name: _value(hints[name], own) for name, own in data.items()})
    origin, inner = get_origin(hint), get_args(hint)
    if origin is tuple:
        return tuple(_value(inner[0], own) for own in data)
    if origin is not None and isinstance(data, dict):
        return {name: _value(inner[1], own) for name, own in data.items()}
    return next((_value(each, data) for each in inner if each is Formula or is_dataclass(each)), data) if _is_union(hint) else data


def _is_union(hint: object) -> bool:
    return get_origin(hint) is Union or type(hint).__name__ == "UnionType"
