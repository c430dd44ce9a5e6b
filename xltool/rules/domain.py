"""Which projects a condition leaves: the search for branches nobody can take and conditions nobody can meet.

A `Box` holds, for each fact, the values still possible: an interval of numbers or dates, or a set of texts or truth values.
`narrow` cuts a box by a condition taken as TRUE (or FALSE). It is exact for comparisons of one fact with a constant and never
cuts too much elsewhere, so whatever it calls impossible is impossible.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from .check import BOOL, DATE, NUMBER, TEXT, Type
from .evaluate import compile_scalar
from .formula import COMPARISONS, MIRROR, OPPOSITE, Array, Binary, Call, Name, Node, canonical, children, names
from .problems import Problem

_INF = float("inf")


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers between two ends; an open end is not part of it."""

    low: float = -_INF
    high: float = _INF
    low_open: bool = False
    high_open: bool = False

    def cut(self, op: str, value: float) -> Range | None:
        if op == "=":
            return (self.cut(">=", value) or Range(1, 0)).cut("<=", value)
        if op == "<>":  # a hole matters only where nothing else is left
            return None if self.low == self.high == value else self
        new = self
        if op in (">", ">="):
            open_end = op == ">"
            if value > self.low or (value == self.low and open_end):
                new = replace(self, low=value, low_open=open_end)
        else:
            open_end = op == "<"
            if value < self.high or (value == self.high and open_end):
                new = replace(self, high=value, high_open=open_end)
        empty = new.low > new.high or (new.low == new.high and (new.low_open or new.high_open))
        return None if empty else new


Box = dict[str, Range | frozenset]


def start(types: Mapping[str, Type]) -> Box:
    """The box of all projects: any number not below zero, any date, any of the choices."""
    box: Box = {}
    for name, found in types.items():
        if found.kind == BOOL:
            box[name] = frozenset((True, False))
        elif found.kind == TEXT and found.choices:
            box[name] = frozenset(found.choices)
        elif found.kind == NUMBER:
            box[name] = Range(low=0.0 if found.unit else -_INF)  # a share may be negative: a growth rate
        elif found.kind == DATE:
            box[name] = Range()
    return box


def narrow(box: Box, node: Node, truth: bool) -> Box | None:
    """The part of a box where a condition has a truth value, None where nothing is left."""
    if not names(node):
        value = compile_scalar(node)({})
        return box if value is truth or value is None else None
    if isinstance(node, Name):
        return _cut_set(box, node.name, frozenset((truth,)))
    if isinstance(node, Binary) and node.op in COMPARISONS:
        return _compare(box, node, truth)
    if not isinstance(node, Call):
        return box
    if node.function == "NOT":
        return narrow(box, node.args[0], not truth)
    if node.function in ("AND", "OR"):
        return _all(box, node.args, truth) if (node.function == "AND") is truth else _any(box, node.args, truth)
    if node.function == "IF" and len(node.args) == 3:
        test, yes, no = node.args
        return _either([_all(box, (test,), True), _all(box, (test,), False)], (yes, no), box, truth)
    return box


def _all(box: Box | None, parts: tuple[Node, ...], truth: bool) -> Box | None:
    for part in parts:
        if box is not None:
            box = narrow(box, part, truth)
    return box


def _any(box: Box, parts: tuple[Node, ...], truth: bool) -> Box | None:
    left = [part for part in (narrow(box, part, truth) for part in parts) if part is not None]
    return left[0] if len(left) == 1 else _union(left) if left else None


def _either(boxes: list[Box | None], branches: tuple[Node, ...], whole: Box, truth: bool) -> Box | None:
    left = [narrow(part, branch, truth) for part, branch in zip(boxes, branches) if part is not None]
    left = [part for part in left if part is not None]
    return left[0] if len(left) == 1 else _union(left) if left else None


def _union(boxes: list[Box]) -> Box:
    """The smallest box around several."""
    out: Box = {}
    for name, first in boxes[0].items():
        parts = [box[name] for box in boxes]
        if isinstance(first, frozenset):
            out[name] = frozenset().union(*parts)
        else:
            low = min(parts, key=lambda part: (part.low, part.low_open))
            high = max(parts, key=lambda part: (part.high, not part.high_open))
            out[name] = Range(low.low, high.high, low.low_open, high.high_open)
    return out


def _cut_set(box: Box, name: str, keep: frozenset) -> Box | None:
    if not isinstance(box.get(name), frozenset):
        return box
    left = box[name] & keep
    return {**box, name: left} if left else None


def _compare(box: Box, node: Binary, truth: bool) -> Box | None:
    op = node.op if truth else OPPOSITE[node.op]
    if isinstance(node.right, Array):  # x={…} within OR, x<>{…} within AND
        items = frozenset(item.value for item in node.right.items)
        current = box.get(node.left.name) if isinstance(node.left, Name) else None
        if not isinstance(current, frozenset):
            return box
        return _cut_set(box, node.left.name, items if op == "=" else current - items)
    for side, other, sign in ((node.left, node.right, op), (node.right, node.left, MIRROR[op])):
        if isinstance(side, Name) and not names(other):
            value = compile_scalar(other)({})
            current = box.get(side.name)
            if isinstance(current, frozenset):
                return _cut_set(box, side.name, frozenset((value,)) if sign == "=" else current - {value})
            if isinstance(current, Range) and isinstance(value, float):
                left = current.cut(sign, value)
                return {**box, side.name: left} if left else None
    return box


def dead_branches(node: Node, box: Box) -> Iterator[Problem]:
    """A problem for each branch or alternative inside a formula that no project of the box can take."""
    if isinstance(node, Call) and node.function in ("IF", "IFS"):
        yield from _dead_choices(node, box)
        return
    if isinstance(node, Call) and node.function in ("AND", "OR"):
        for arg in node.args:
            if narrow(box, arg, True) is None:
                yield Problem("rule.unreachable", canonical(arg), "永远不会成立", "请检查数字和比较方向")
    for child in children(node):
        yield from dead_branches(child, box)


def _dead_choices(node: Call, box: Box) -> Iterator[Problem]:
    if node.function == "IF":
        tests, branches = node.args[:1], node.args[1:]
    else:
        tests, branches = node.args[::2], node.args[1::2]
    rest: Box | None = box
    count = 0
    for test, branch in zip(tests, branches):
        count += 1
        yield from dead_branches(test, rest)
        taken = narrow(rest, test, True)
        if taken is None:
            yield Problem("rule.unreachable", canonical(branch), f"这个分支永远走不到（{canonical(test)} 不会成立）", "请检查分支的顺序和数字")
        else:
            yield from dead_branches(branch, taken)
        rest = narrow(rest, test, False)
        if rest is None:
            break
    for branch in branches[count:]:
        if rest is None:
            yield Problem("rule.unreachable", canonical(branch), f"这个分支永远走不到（{canonical(test)} 总是成立）", "请检查分支的顺序和数字")
        else:
            yield from dead_branches(branch, rest)


def constant(node: Node, box: Box) -> Problem | None:
    """A problem when every project, or no project, meets a condition."""
    if narrow(box, node, True) is None:
        return Problem("rule.constant", canonical(node), "没有项目能满足", "请检查数字、选项和比较方向")
    if narrow(box, node, False) is None:
        return Problem("rule.constant", canonical(node), "所有项目都满足，不起作用", "请检查数字、选项和比较方向，或删去这一条")
    return None


def contradiction(conditions: list[tuple[str, Node]], box: Box) -> tuple[str, str] | None:
    """The labels of the first two (or a later and all earlier) conditions that no project can meet together."""
    rest: Box | None = box
    for index, (label, node) in enumerate(conditions):
        cut = narrow(rest, node, True)
        if cut is None:
            for earlier, other in conditions[:index]:
                alone = narrow(box, other, True)
                if alone is not None and narrow(alone, node, True) is None:
                    return earlier, label
            return "、".join(label for label, _ in conditions[:index]), label
        rest = cut
    return None
