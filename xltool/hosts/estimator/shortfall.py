"""What a broken condition lacks, as a native formula and as the text that formula shows: “项目总投入”差200万元；

A condition is taken apart into the comparisons and yes/no facts that can break it. Each part is itself a pair of rules (is it at
fault, by how much), so the workbook's formula and the text written beside it come from the same two formulas.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...rules.arithmetic import money
from ...rules.check import DATE, NUMBER, infer
from ...rules.evaluate import Facts, compile_scalar
from ...rules.explain import format_value
from ...rules.formula import (
    COMPARISONS,
    MIRROR,
    OPPOSITE,
    Array,
    Binary,
    Bool,
    Call,
    Name,
    Node,
    Number,
    canonical,
    names,
    number_text,
)
from ...rules.model import Condition, Field
from ...rules.native import native

_DIRECTIONS = {">=": "差", ">": "差", "<=": "超", "<": "超"}
_DAYS = {">=": "早", ">": "早", "<=": "晚", "<": "晚"}
_LONGEST = 120  # characters of a formula shown within a text; a text inside a formula may have 255


@dataclass(frozen=True)
class Gap:
    """One thing that can be wrong: `broken` is TRUE when it is, `size` its extent; the words stand around the number."""

    broken: Node
    before: str
    size: Node | None = None
    after: str = "；"
    bare: str = ""  # said instead of all where the size is nothing: 应大于0个

    def native(self, references: Mapping[str, str]) -> str:
        """The text as an Excel formula, empty while nothing is wrong."""
        words = quoted(self.before + ("" if self.size else self.after))
        if self.size is not None:
            # "0.######" leaves its point behind a whole number
            number = f'TEXT(ROUND({native(self.size, references)},6),"0.######")&{quoted(self.after)}'
            words += f'&SUBSTITUTE({number},{quoted("." + self.after)},{quoted(self.after)})'
            if self.bare:
                words = f"IF(ROUND({native(self.size, references)},6)=0,{quoted(self.bare)},{words})"
        return f'IF(IFERROR({native(self.broken, references)},FALSE()),{words},"")'

    def text(self, facts: Facts) -> str:
        """What that formula shows for these facts."""
        if compile_scalar(self.broken)(facts) is not True:
            return ""
        size = compile_scalar(self.size)(facts) if self.size is not None else None
        if self.bare and isinstance(size, float) and money(size) == 0:
            return self.bare
        return self.before + (number_text(money(size)) if isinstance(size, float) else "") + self.after

    @property
    def longest(self) -> str:
        """About as much as it may say."""
        return self.before + ("99999.99" if self.size else "") + self.after


def quoted(text: str) -> str:
    """A text as an Excel formula has it."""
    return '"' + text.replace('"', '""') + '"'


def gaps(condition: Condition, fields: Mapping[str, Field]) -> list[Gap]:
    """What can be wrong with a condition."""
    return _Apart(fields).gaps(condition.formula.node, True, (), "")


class _Apart:
    """Walks a condition as the engine's explanation does."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self.types = {name: field.type for name, field in fields.items()}

    def gaps(self, node: Node, want: bool, under: tuple[Node, ...], choice: str) -> list[Gap]:
        """`under`: tests that must hold for the node to matter. `choice` starts the words where another part would do as well."""
        if isinstance(node, Bool):
            return []
        if isinstance(node, Name):
            return [Gap(_broken(node, want, under), f"{choice}“{node.name}”应为{'是' if want else '否'}")]
        if isinstance(node, Binary) and node.op in COMPARISONS:
            return [self.comparison(node, want, under, choice)]
        if isinstance(node, Call) and node.function == "NOT":
            return self.gaps(node.args[0], not want, under, choice)
        if isinstance(node, Call) and node.function in ("AND", "OR"):
            any_will_do = (node.function == "OR") is want and len(node.args) > 1
            return [gap for arg in node.args for gap in self.gaps(arg, want, under, "或" if any_will_do else choice)]
        if isinstance(node, Call) and node.function == "IF" and not all(isinstance(arg, Bool) for arg in node.args[1:]):
            return self.branches(node, want, under, choice)
        return [Gap(_broken(node, want, under), f"{choice}{_short(node)}应为{'是' if want else '否'}")]

    def branches(self, node: Call, want: bool, under: tuple[Node, ...], choice: str) -> list[Gap]:
        test, *outcomes = node.args
        tests = (test, Call("NOT", (test,)))
        found = []
        for guard, outcome, other in zip(tests, outcomes, reversed(tests)):
            if isinstance(outcome, Bool):  # IF(test,rule,FALSE): the test itself may be what fails
                found += self.gaps(other, True, (guard, *under), choice) if outcome.value is not want else []
            else:
                found += self.gaps(outcome, want, (guard, *under), choice)
        return found

    def comparison(self, node: Binary, want: bool, under: tuple[Node, ...], choice: str) -> Gap:
        broken = _broken(node, want, under)
        op, left, right = node.op if want else OPPOSITE[node.op], node.left, node.right
        if names(right) and not names(left):  # 1000<=x reads as x>=1000
            op, left, right = MIRROR[op], right, left
        kind, _ = infer(left, self.types)
        is_date = bool(kind) and kind.kind == DATE
        unit = next((each.unit or "%" for each in (kind, infer(right, self.types)[0] if not isinstance(right, Array) else None)
                     if each and each.kind == NUMBER and each.unit is not None), "")
        subject = f"{choice}“{left.name}”" if isinstance(left, Name) else f"{choice}{_short(left)}"
        if op in ("=", "<>") or isinstance(right, Array):
            return Gap(broken, f"{subject}{'应为' if op == '=' else '不应为'}{_limit(right, is_date, unit)}")
        bare = ""
        if op in ("<", ">") and not names(right):
            limit = _limit(right, is_date, unit)
            subject += f"应{'早' if is_date and op == '<' else '晚' if is_date else '小' if op == '<' else '大'}于{limit}"
            subject, bare = f"{subject}，", f"{subject}；"
        size: Node = Call("ABS", (Binary("-", left, right),))
        if is_date:
            size = Binary("+", size, Number(1.0)) if op in ("<", ">") else size
            return Gap(broken, subject + _DAYS[op], size, "天；")
        if unit == "%":
            return Gap(broken, subject + _DIRECTIONS[op], Binary("*", Call("ROUND", (size, Number(6.0))), Number(100.0)), "个百分点；", bare)
        return Gap(broken, subject + _DIRECTIONS[op], size, f"{unit}；", bare)


def _broken(node: Node, want: bool, under: tuple[Node, ...]) -> Node:
    if isinstance(node, Binary) and isinstance(node.right, Array):
        node = Call("OR" if node.op == "=" else "AND", (node,))
    fault = Call("NOT", (node,)) if want else node
    return Call("AND", (*under, fault)) if under else fault


def _limit(node: Node, is_date: bool, unit: str) -> str:
    if isinstance(node, Array):
        return "、".join(str(getattr(item, "value", item)) if not isinstance(item, Number) else number_text(item.value)
                        for item in node.items) + "之一"
    if names(node):
        return _short(node)
    return format_value(compile_scalar(node)({}), is_date, unit)


def _short(node: Node) -> str:
    text = canonical(node)
    return text if len(text) <= _LONGEST else text[:_LONGEST - 1] + "…"
