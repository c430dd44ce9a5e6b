"""The numbers, days and choices in which two formulas of one shape differ.

A fact may have another name in the other edition, as long as its type is the same and neither name is known on the other side:
where both editions know both facts, one in the place of the other is more than a change of numbers.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..rules.evaluate import compile_scalar
from ..rules.explain import Explainer, format_value
from ..rules.formula import (
    COMPARISONS,
    MIRROR,
    Array,
    Binary,
    Call,
    Name,
    Node,
    Number,
    Text,
    Unary,
    canonical,
    children,
    names,
)
from ..rules.model import Field, Formula
from .change import Change, days_apart, gap

THRESHOLD, SHARE, DAY, CHOICE = "门槛", "比例", "日期", "选项"
_SIGNS = {"=": "＝", "<>": "≠", "<": "＜", "<=": "≤", ">": "＞", ">=": "≥"}


def literal_changes(old: Formula, new: Formula, old_fields: Mapping[str, Field], new_fields: Mapping[str, Field],
                    unit: str = "") -> list[Change] | None:
    """Each literal that differs, None where the formulas differ in more; `unit` is that of the formula's own value."""
    comparison = _Comparison(old_fields, new_fields)
    return comparison.found() if comparison.same(old.node, new.node, "", unit) else None


class _Comparison:
    """Two trees walked side by side; `label` says what a literal stands for, in the new edition's names."""

    def __init__(self, old_fields: Mapping[str, Field], new_fields: Mapping[str, Field]) -> None:
        self.old, self.new = Explainer(old_fields, {}), Explainer(new_fields, {})
        self.names: dict[str, str] = {}
        self.changes: list[Change] = []

    def found(self) -> list[Change]:
        """The changes; where a fact has another name now, its old name is added."""
        renamed = [(old, new) for old, new in self.names.items() if old != new]
        return [replace(change, what=change.what + "".join(f"（旧版“{old}”）" for old, new in renamed if new in change.what))
                for change in self.changes]

    def same(self, old: Node, new: Node, label: str, unit: str) -> bool:
        kind = _literal(old)
        if kind or _literal(new):
            return kind == _literal(new) and self.literal(kind, old, new, label, unit)
        if isinstance(old, Name) and isinstance(new, Name):
            return self.name(old.name, new.name)
        if type(old) is not type(new) or _head(old) != _head(new) or len(children(old)) != len(children(new)):
            return False
        parts = zip(children(old), children(new), self.places(new, label, unit))
        return all(self.same(before, after, *place) for before, after, place in parts)

    def name(self, old: str, new: str) -> bool:
        """Whether one fact can stand for the other, here and wherever else it occurs."""
        before, after = self.old.types.get(old), self.new.types.get(new)
        if old != new and (not before or not after or (before.kind, before.unit) != (after.kind, after.unit)
                           or old in self.new.types or new in self.old.types):
            return False
        return self.names.setdefault(old, new) == new and list(self.names.values()).count(new) == 1

    def places(self, node: Node, label: str, unit: str) -> list[tuple[str, str]]:
        """What the literals in each part of a node stand for, and their unit."""
        if isinstance(node, Binary) and node.op in COMPARISONS:
            unit = self.new.unit(node)
            return [(label + canonical(node.right) + _SIGNS[MIRROR[node.op]], unit), (label + canonical(node.left) + _SIGNS[node.op], unit)]
        if isinstance(node, Binary) and node.op in "*/":
            sign = {"*": "×", "/": "÷"}[node.op]
            return [(label if names(part) else label + canonical(other) + sign, unit)
                    for part, other in ((node.left, node.right), (node.right, node.left))]
        if isinstance(node, Call) and node.function == "EDATE":
            return [(label, unit), (f"{label}{canonical(node.args[0])}之后", "个月")]
        if isinstance(node, Call) and node.function == "IF":
            test = canonical(node.args[0])
            return [(label, ""), (f"{label}（{test}）", unit), (f"{label}（其他）", unit)][:len(node.args)]
        return [(label, unit)] * len(children(node))

    def literal(self, kind: str, old: Node, new: Node, label: str, unit: str) -> bool:
        if old == new or canonical(old) == canonical(new):
            return True
        if kind == CHOICE:
            self.choices(old, new, label)
            return True
        before, after = compile_scalar(old)({}), compile_scalar(new)({})
        if not isinstance(before, float) or not isinstance(after, float):
            return before == after
        if before != after:
            if kind == DAY:
                texts, delta = [format_value(value, True) for value in (before, after)], days_apart(before, after)
            else:
                unit = "%" if any(isinstance(node, Unary) and node.op == "%" for node in (old, new)) else unit
                texts, delta = [format_value(value, False, unit) for value in (before, after)], gap(before, after, unit)
            self.changes.append(Change(SHARE if unit == "%" else kind, label, *texts, delta))
        return True

    def choices(self, old: Node, new: Node, label: str) -> None:
        before, after = _items(old), _items(new)
        moved = (("多", [item for item in after if item not in before]), ("少", [item for item in before if item not in after]))
        delta = "，".join(word + "、".join(items) for word, items in moved if items)
        if delta:
            self.changes.append(Change(CHOICE, label, "、".join(before), "、".join(after), delta if isinstance(new, Array) else ""))


def _literal(node: Node) -> str:
    """The kind of a part that no fact enters: a number, a day, a choice; empty for anything else."""
    if isinstance(node, (Text, Array)):
        return CHOICE
    if isinstance(node, (Number, Unary)) and not names(node):
        return THRESHOLD
    return DAY if isinstance(node, Call) and node.function == "DATE" and not names(node) else ""


def _head(node: Node) -> object:
    """A node without its parts: operator, function, truth value."""
    return getattr(node, "op", "") or getattr(node, "function", "") or getattr(node, "value", "")


def _items(node: Node) -> list[str]:
    items = node.items if isinstance(node, Array) else (node,)
    return [item.value if isinstance(item, Text) else canonical(item) for item in items]
