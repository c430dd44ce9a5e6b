"""A formula for one project, in plain Python.

A tree is compiled once into nested functions that take the project's facts (a mapping; a missing fact is absent or None) and
return float (numbers and dates), bool, str, or None for #N/A. #N/A spreads as in Excel, except that AND and OR follow Kleene and
IF looks only at the branch it takes. What Excel answers with another error (division by zero, a date out of range) is #N/A too.
"""
from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import reduce

from . import serial
from .arithmetic import NEAR, difference, floor, round_half_away
from .formula import Array, Binary, Bool, Call, Name, Node, Number, Text, Unary, names, number_text

Value = float | bool | str | None
Facts = Mapping[str, Value]
Evaluator = Callable[[Facts], Value]


def compile_scalar(node: Node) -> Evaluator:
    """The function that computes a (checked) formula from a project's facts."""
    if isinstance(node, (Number, Text, Bool)):
        value = node.value
        return lambda facts: value
    if isinstance(node, Name):
        name = node.name
        return lambda facts: facts.get(name)
    if isinstance(node, Unary):
        operand = compile_scalar(node.operand)
        return _strict(lambda x: x / 100.0 if node.op == "%" else -x, operand)
    if isinstance(node, Binary):
        return _binary(node)
    if isinstance(node, Call):
        if node.function in _SPECIAL:
            return _SPECIAL[node.function](node.args)
        plain = _strict(_PLAIN[node.function], *map(compile_scalar, node.args))
        if names(node):
            return plain
        value = plain({})  # DATE(2025,1,1) is always the same
        return lambda facts: value
    raise TypeError(f"an array stands alone: {node}")  # refused by the check before


def _strict(function: Callable[..., Value], *operands: Evaluator) -> Evaluator:
    """A function that is #N/A as soon as one operand is."""
    if len(operands) == 1:
        only = operands[0]

        def one(facts: Facts) -> Value:
            value = only(facts)
            return None if value is None else function(value)
        return one

    if len(operands) == 2:
        left, right = operands

        def two(facts: Facts) -> Value:
            a, b = left(facts), right(facts)
            return None if a is None or b is None else function(a, b)
        return two

    def many(facts: Facts) -> Value:
        values = [operand(facts) for operand in operands]
        return None if None in values else function(*values)
    return many


def _binary(node: Binary) -> Evaluator:
    if isinstance(node.right, Array):
        return _membership(node)
    return _strict(_OPERATORS[node.op], compile_scalar(node.left), compile_scalar(node.right))


def _membership(node: Binary) -> Evaluator:
    """x={"a","b"} as OR sees it: is x one of them; with <> as AND sees it: is x none of them."""
    items = tuple(item.value for item in node.right.items)
    inside = node.op == "="
    return _strict(lambda x: any(_equal(x, item) for item in items) == inside, compile_scalar(node.left))


def as_text(value: Value) -> str:
    """A value as `&` writes it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return number_text(value) if isinstance(value, float) else str(value)


def _equal(a: Value, b: Value) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= abs(b) * NEAR
    return a == b


def _finite(value: float) -> Value:
    """A number, #N/A where Excel overflows."""
    return value if value - value == 0.0 else None


def _divide(a: float, b: float) -> Value:
    return _finite(a / b) if b else None


def _power(a: float, b: float) -> Value:
    try:
        result = a**b
    except (OverflowError, ZeroDivisionError):
        return None
    return result if isinstance(result, float) and abs(result) != float("inf") and (a or b) else None


_OPERATORS: dict[str, Callable[..., Value]] = {
    "+": lambda a, b: _finite(difference(a, -b)), "-": lambda a, b: _finite(difference(a, b)),
    "*": lambda a, b: _finite(a * b), "/": _divide, "^": _power,
    "&": lambda a, b: as_text(a) + as_text(b),
    "=": _equal, "<>": lambda a, b: not _equal(a, b),
    ">=": lambda a, b: a >= b - abs(b) * NEAR, ">": lambda a, b: a > b + abs(b) * NEAR,
    "<=": lambda a, b: a <= b + abs(b) * NEAR, "<": lambda a, b: a < b - abs(b) * NEAR,
}


def _on_date(function: Callable[..., Value]) -> Callable[..., Value]:
    return lambda number, *rest: function(number, *rest) if serial.valid(number) else None


_PLAIN: dict[str, Callable[..., Value]] = {
    "MIN": lambda *v: min(v), "MAX": lambda *v: max(v), "SUM": lambda *v: _finite(reduce(operator.add, v)),
    "NOT": operator.not_, "ABS": abs, "INT": floor,
    "ROUND": lambda x, digits: round_half_away(x, int(digits)),
    "DATE": serial.excel_date, "EDATE": _on_date(serial.edate),
    "YEAR": _on_date(lambda x: float(serial.to_date(x).year)), "MONTH": _on_date(lambda x: float(serial.to_date(x).month)),
    "DATEDIF": _on_date(lambda a, b, unit: serial.datedif(a, b, unit) if serial.valid(b) else None),
}


def _settle(args: tuple[Node, ...], decisive: bool) -> Evaluator:
    """AND (decided by a FALSE) and OR (decided by a TRUE), Kleene."""
    operands = [compile_scalar(arg) for arg in args]

    def settle(facts: Facts) -> Value:
        unknown = False
        for operand in operands:
            value = operand(facts)
            if value is None:
                unknown = True
            elif value is decisive:
                return decisive
        return None if unknown else not decisive
    return settle


def _choose(pairs: list[tuple[Evaluator, Evaluator]], otherwise: Evaluator) -> Evaluator:
    """IF and IFS: the first branch whose test is TRUE; a test that is #N/A makes the whole #N/A."""
    def choose(facts: Facts) -> Value:
        for test, branch in pairs:
            value = test(facts)
            if value is None:
                return None
            if value:
                return branch(facts)
        return otherwise(facts)
    return choose


def _if(args: tuple[Node, ...]) -> Evaluator:
    test, branch, *rest = map(compile_scalar, args)
    return _choose([(test, branch)], rest[0] if rest else lambda facts: False)


def _ifs(args: tuple[Node, ...]) -> Evaluator:
    parts = list(map(compile_scalar, args))
    return _choose(list(zip(parts[::2], parts[1::2])), lambda facts: None)


def _ifna(args: tuple[Node, ...]) -> Evaluator:
    value, instead = map(compile_scalar, args)

    def ifna(facts: Facts) -> Value:
        found = value(facts)
        return instead(facts) if found is None else found
    return ifna


_SPECIAL: dict[str, Callable[[tuple[Node, ...]], Evaluator]] = {
    "AND": lambda args: _settle(args, False), "OR": lambda args: _settle(args, True),
    "IF": _if, "IFS": _ifs, "IFNA": _ifna,
}
