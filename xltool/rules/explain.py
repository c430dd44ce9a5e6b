"""Why a rule is met, broken or undecided, in words a clerk can act on.

`reasons` walks the rule the way the evaluator does and stops at the parts that decide: the comparison with the numbers put in and
the shortfall (差 200 万元, 晚 31 天), the yes/no that should be the other, the facts that are missing.
"""
from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from . import serial
from .arithmetic import money
from .check import DATE, NUMBER, Type, infer
from .evaluate import Evaluator, Facts, Value, compile_scalar
from .formula import (
    COMPARISONS,
    MIRROR,
    OPPOSITE,
    Array,
    Binary,
    Bool,
    Call,
    Name,
    Node,
    Text,
    Unary,
    canonical,
    names,
    number_text,
)
from .model import Field

_SIGNS = {"=": "应为", "<>": "不应为", "<": "应小于", "<=": "应不大于", ">": "应大于", ">=": "应不小于"}
_DATE_SIGNS = {"=": "应为", "<>": "不应为", "<": "应早于", "<=": "应不晚于", ">": "应晚于", ">=": "应不早于"}

_KEPT = 10_000
_COMPILED: dict[int, tuple[Node, Evaluator]] = {}  # by identity: the nodes are kept, so no other one has theirs


class Explainer:
    """Explains formulas over the fields of one programme for one project's facts."""

    def __init__(self, fields: Mapping[str, Field], facts: Facts) -> None:
        self.fields = fields
        self.facts = facts

    @cached_property
    def types(self) -> Mapping[str, Type]:
        return {name: field.type for name, field in self.fields.items()}

    def value(self, node: Node) -> Value:
        known = _COMPILED.get(id(node))
        if known is None:
            if len(_COMPILED) >= _KEPT:
                _COMPILED.clear()
            known = _COMPILED[id(node)] = node, compile_scalar(node)
        return known[1](self.facts)

    def missing(self, node: Node) -> dict[str, None]:
        """The missing facts that leave a formula undecided, in order; none when it has a value."""
        found: dict[str, None] = {}
        if isinstance(node, Name):
            if self.facts.get(node.name) is None:
                found[node.name] = None
        elif self.value(node) is None:
            for part in self.open_parts(node):
                found.update(self.missing(part))
        return found

    def open_parts(self, node: Node) -> list[Node]:
        """The parts whose missing facts matter: only the branch an IF takes, or its test while that is open."""
        if isinstance(node, Call) and node.function in ("IF", "IFS"):
            args = list(node.args)
            while len(args) >= 2:
                test = self.value(args[0])
                if test is None:
                    return args[:1]
                if test:
                    return args[1:2]
                args = args[2:]
            return args
        if isinstance(node, Call):
            return list(node.args)
        if isinstance(node, Binary):
            return [node.left] if isinstance(node.right, Array) else [node.left, node.right]
        return [node.operand] if isinstance(node, Unary) else []

    # --- why not ------------------------------------------------------------------------------------------------------

    def reasons(self, node: Node, want: bool = True) -> list[str]:
        """Why a condition does not have the wanted truth value; empty when it has it. Missing facts are said elsewhere."""
        value = self.value(node) if not _stands_in_call(node) else self.member(node)
        if value is None or value is want:
            return []
        if isinstance(node, Name):
            return [f"“{node.name}”为{_yes(value)}，应为{_yes(want)}"]
        if isinstance(node, Binary) and node.op in COMPARISONS:
            return [self.comparison(node, node.op if want else OPPOSITE[node.op])]
        if isinstance(node, Call):
            return self.call_reasons(node, want)
        return [f"{canonical(node)} 为{_yes(value)}，应为{_yes(want)}"]

    def call_reasons(self, node: Call, want: bool) -> list[str]:
        if node.function == "NOT":
            return self.reasons(node.args[0], not want)
        if node.function in ("AND", "OR"):
            each = [reason for arg in node.args for reason in self.reasons(arg, want)]
            if (node.function == "AND") is want or len(each) < 2:
                return each
            return ["以下至少满足一项：" + "；或".join(each)]
        if node.function in ("IF", "IFS"):
            parts = self.open_parts(node)
            if node.function == "IF" and all(isinstance(part, Bool) for part in parts):  # IF(test,rule,FALSE): the test fails
                return self.reasons(node.args[0], not self.value(node.args[0]))
            return [reason for part in parts for reason in self.reasons(part, want)]
        return [f"{canonical(node)} 应为{_yes(want)}"]

    def member(self, node: Binary) -> Value:
        function = "OR" if node.op == "=" else "AND"
        return self.value(Call(function, (node,)))

    # --- numbers put in -----------------------------------------------------------------------------------------------

    def comparison(self, node: Binary, op: str) -> str:
        """A broken comparison: what is, what should be, by how much it falls short."""
        if isinstance(node.right, Array):
            items = "、".join(str(item.value if isinstance(item, Text) else number_text(item.value)) for item in node.right.items)
            return f"{self.shown(node.left)}，{'应为' if op == '=' else '不应为'}{items}" + "之一"
        if names(node.right) and not names(node.left):  # 1000<=x reads as x>=1000
            return self.comparison(Binary(MIRROR[node.op], node.right, node.left), MIRROR[op])
        left, right = self.value(node.left), self.value(node.right)
        kind, _ = infer(node.left, self.types)
        is_date = bool(kind) and kind.kind == DATE
        unit = self.unit(node)
        text = f"{self.shown(node.left)}，{(_DATE_SIGNS if is_date else _SIGNS)[op]}{self.limit(node.right, right, is_date, unit)}"
        if isinstance(left, float) and isinstance(right, float) and op not in ("<>",):
            text += self.shortfall(left, right, op, is_date, unit)
        return text

    def shortfall(self, left: float, right: float, op: str, is_date: bool, unit: str) -> str:
        if is_date:
            days = round(abs(left - right)) + (op in ("<", ">"))
            return f"，{'早' if left < right or op == '>' else '晚'}{days}天"
        gap = money(abs(left - right))
        if gap == 0 or op == "=":
            return ""
        if unit == "%":
            return f"，{'差' if left < right else '超'}{number_text(money(gap * 100))}个百分点"
        return f"，{'差' if left < right else '超'}{number_text(gap)}{unit}"

    def unit(self, node: Binary) -> str:
        """The unit both sides of a comparison have."""
        for side in (node.left, node.right):
            kind, _ = infer(side, self.types)
            if kind and kind.kind == NUMBER and kind.unit is not None:
                return kind.unit or "%"
        return ""

    def limit(self, node: Node, value: Value, is_date: bool, unit: str) -> str:
        text = format_value(value, is_date, unit)
        return text if not names(node) else f"{canonical(node)}（{text}）"

    def shown(self, node: Node) -> str:
        """A part with its value: “项目总投入”4800万元."""
        kind, _ = infer(node, self.types)
        unit = (kind.unit or "%") if kind and kind.kind == NUMBER and kind.unit is not None else ""
        text = format_value(self.value(node), bool(kind) and kind.kind == DATE, unit)
        return f"“{node.name}”{text}" if isinstance(node, Name) else f"{canonical(node)}={text}"

    def facts_shown(self, names: tuple[str, ...]) -> str:
        """The facts of a rule with their values: 项目总投入=4800万元；已开工=是."""
        return "；".join(f"{name}={self.fact(name)}" for name in names if name in self.fields)

    def fact(self, name: str) -> str:
        field = self.fields[name]
        unit = "%" if field.kind == "比例" else field.unit_text
        return format_value(self.facts.get(name), field.kind == "日期", unit)

    def put_in(self, node: Node) -> str:
        """A formula with the numbers put in: MIN(1500*10%,200)."""
        if isinstance(node, Name):
            field = self.fields.get(node.name)
            is_date = bool(field) and field.kind == "日期"
            value = self.facts.get(node.name)
            return format_value(value, is_date, "") if value is not None else "缺"
        if isinstance(node, Binary) and not isinstance(node.right, Array):
            return f"{self._operand(node.left)}{node.op}{self._operand(node.right)}"
        if isinstance(node, Unary):
            inner = self._operand(node.operand)
            return f"-{inner}" if node.op == "-" else f"{inner}%"
        if isinstance(node, Call):
            return f"{node.function}({','.join(map(self.put_in, node.args))})"
        return canonical(node)

    def _operand(self, node: Node) -> str:
        text = self.put_in(node)
        return f"({text})" if isinstance(node, Binary) else text


def format_value(value: Value, is_date: bool = False, unit: str = "") -> str:
    """A value as people read it: a date in ISO form, a share in per cent, a number with its unit."""
    if value is None:
        return "缺"
    if isinstance(value, bool):
        return _yes(value)
    if isinstance(value, str):
        return value
    if is_date:
        return serial.to_date(value).isoformat()
    if unit == "%":
        return number_text(float(f"{value * 100:.12g}")) + "%"
    return number_text(value) + unit


def _yes(value: Value) -> str:
    return "是" if value else "否"


def _stands_in_call(node: Node) -> bool:
    return isinstance(node, Binary) and isinstance(node.right, Array)
