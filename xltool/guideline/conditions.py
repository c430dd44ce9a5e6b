"""The conditions of two programmes side by side: which is which, and what became of each.

A fact of another name is the same fact where the guideline workbooks give the two a heading in common (a name or an alias).
"""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping

from rapidfuzz import fuzz

from ..rules.facts import choice_key
from ..rules.formula import MIRROR, Array, Binary, Name, Node, canonical, children, names
from ..rules.model import Condition, Field, Programme
from .change import ADDED, DROPPED, REWORDED, Change, align, figures
from .literals import literal_changes

Aligned = tuple[Condition | None, Condition | None]
Renamed = Mapping[str, str]  # facts of the new programme by what they are called in the old one

_ALIKE = 0.55  # of wordings or fact names, where nothing better holds two conditions together


def align_conditions(old: Programme, new: Programme) -> list[Aligned]:
    """Each condition with its counterpart: the same formula first, then the same facts, the same shape, the same words."""
    renamed = _renamed(old, new)
    return align(old.conditions, new.conditions, lambda before, after: _likeness(before, after, renamed))


def condition_changes(aligned: list[Aligned], old: Programme, new: Programme) -> list[Change]:
    """What became of the conditions; one whose formula is the same is no change, however it is numbered or worded."""
    changes: list[Change] = []
    renamed = _renamed(old, new)
    for before, after in aligned:
        if before is None or after is None:
            kind = ADDED if before is None else DROPPED
            change = Change(f"条件{kind}", _kind(before or after), _text(before), _text(after))
            changes.append(change.cited(before.cite if before else "", after.cite if after else ""))
        else:
            found = []
            if not _is_same(before, after, renamed):
                found = literal_changes(before.rule, after.rule, old.fields, new.fields) or [
                    Change(f"条件{REWORDED}", "", _text(before), _text(after))]
            if before.hard != after.hard:
                found.append(Change("条件性质", after.text, _kind(before), _kind(after)))
            changes += [change.cited(before.cite, after.cite) for change in found]
    return changes


def _text(condition: Condition | None) -> str:
    return f"{condition.number} {condition.text}" if condition else ""


def _kind(condition: Condition) -> str:
    return "必须" if condition.hard else "提示"


def _is_same(old: Condition, new: Condition, renamed: Renamed) -> bool:
    """Whether two conditions ask for the same, judged by their formulas.

    A formula of the same facts under other names leaves a doubt: then the texts must name the same figures, or be the same.
    """
    if old.rule.text == new.rule.text:
        return True
    if _rule(old, {}) == _rule(new, renamed):
        return figures(old.text) == figures(new.text)
    return old.text == new.text and _literals(old) == _literals(new)


# --- which is which ---------------------------------------------------------------------------------------------------


def _likeness(old: Condition, new: Condition, renamed: Renamed) -> float:
    if old.rule.text == new.rule.text:
        return 10.0
    words = _words_alike(old.text, new.text)
    if _rule(old, {}) == _rule(new, renamed):
        return 8.0 + words
    if _opposite(old.formula.node, new.formula.node):
        return 0.0
    shape = _shape(old) == _shape(new)
    if set(old.rule.names) == {renamed.get(name, name) for name in new.rule.names}:
        return (6.0 if shape else 4.0) + words
    if shape:
        words = max(words, _words_alike("".join(old.rule.names), "".join(new.rule.names)))
    return words + (2.0 if shape else 0.0) if words >= _ALIKE else 0.0


def _words_alike(old: str, new: str) -> float:
    """How alike two wordings are, 0 to 1, whatever their numbers."""
    return fuzz.ratio(re.sub(r"\d+", "", old), re.sub(r"\d+", "", new)) / 100


def _opposite(old: Node, new: Node) -> bool:
    """A lower and an upper bound (不早于, 不晚于) are never the same condition, however alike they sound."""
    if not (isinstance(old, Binary) and isinstance(new, Binary) and old.op in MIRROR and new.op in MIRROR):
        return False
    return {old.op[0], new.op[0]} == {"<", ">"} and "<>" not in (old.op, new.op)


def _renamed(old: Programme, new: Programme) -> Renamed:
    """Facts with a heading in common, where it is clear which is which."""
    pairs = [(before.name, after.name) for before in old.fields.values() for after in new.fields.values()
             if before.name not in new.fields and after.name not in old.fields
             and (before.kind, before.unit) == (after.kind, after.unit) and _headings(before) & _headings(after)]
    often = Counter(name for pair in pairs for name in pair)
    return {after: before for before, after in pairs if often[before] == often[after] == 1}


def _headings(field: Field) -> set[str]:
    return {choice_key(name) for name in (field.name, *field.aliases)}


# --- formulas without what does not matter ----------------------------------------------------------------------------


def _rule(condition: Condition, renamed: Renamed) -> str:
    return _outline(condition.rule.node, lambda name: renamed.get(name, name), _literal)


def _shape(condition: Condition) -> str:
    return _outline(condition.rule.node, lambda name: "fact", lambda node: "literal")


def _literals(condition: Condition) -> Counter[str]:
    found: Counter[str] = Counter()
    _outline(condition.rule.node, lambda name: "", lambda node: found.update([_literal(node)]) or "")
    return found


def _literal(node: Node) -> str:
    """A part without facts; choices in any order are the same."""
    return "、".join(sorted(map(canonical, node.items))) if isinstance(node, Array) else canonical(node)


def _outline(node: Node, fact: Callable[[str], str], literal: Callable[[Node], str]) -> str:
    """A formula with its facts and literals written otherwise."""
    if not names(node):
        return literal(node)
    if isinstance(node, Name):
        return fact(node.name)
    return f"{getattr(node, 'op', '') or getattr(node, 'function', '')}({','.join(_outline(part, fact, literal) for part in children(node))})"
