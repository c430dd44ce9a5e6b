"""One thing that differs between two editions, and how two lists are laid side by side.

Only how a comparison is shown depends on what `align` finds alike; no verdict and no amount does.
"""
from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ..rules.arithmetic import money
from ..rules.formula import number_text
from ..rules.serial import to_date

Thing = TypeVar("Thing")

ADDED, DROPPED, REWORDED = "新增", "取消", "改写"


@dataclass(frozen=True, slots=True)
class Change:
    """A difference: what kind, of what, the old and the new text (empty: not there), where each stands, and by how much."""

    kind: str
    what: str
    old: str
    new: str
    delta: str = ""
    old_cite: str = ""
    new_cite: str = ""

    def cited(self, old: str, new: str) -> Change:
        """The same change with its two citations, where it has texts to cite."""
        return replace(self, old_cite=old if self.old else "", new_cite=new if self.new else "")


def gap(old: float, new: float, unit: str = "", words: str = "低高") -> str:
    """How far a number has moved: 低2000万元, 高10个百分点 (`unit` %), 多5个 with `words` 少多."""
    word, size = words[new > old], money(abs(new - old))
    return f"{word}{number_text(money(size * 100))}个百分点" if unit == "%" else f"{word}{number_text(size)}{unit}"


def days_apart(old: float, new: float) -> str:
    """How far a day (Excel serial) has moved: in years where it is the same day of the year, else in days."""
    before, after = to_date(old), to_date(new)
    word = "晚" if new > old else "早"
    if (before.month, before.day) == (after.month, after.day):
        return f"{word}{abs(after.year - before.year)}年"
    return f"{word}{round(abs(new - old))}天"


def figures(text: str) -> list[str]:
    """The numbers of a text; its words are our own and may differ between editions that say the same."""
    return re.findall(r"\d+(?:\.\d+)?%?", text)


def align(old: Sequence[Thing], new: Sequence[Thing], likeness: Callable[[Thing, Thing], float]) -> list[tuple[Thing | None, Thing | None]]:
    """The two lists side by side, the pairs most alike taken first; what is like nothing (likeness 0) stands alone.

    In the order of the new list, then what is left of the old one. The same pairs come out with the lists exchanged.
    """
    scored = [(-score, i + j, i, j) for i, before in enumerate(old) for j, after in enumerate(new) if (score := likeness(before, after)) > 0]
    mates: dict[int, int] = {}
    taken: set[int] = set()
    for *_, i, j in sorted(scored):
        if i not in taken and j not in mates:
            mates[j] = i
            taken.add(i)
    return [*((old[mates[j]] if j in mates else None, after) for j, after in enumerate(new)),
            *((before, None) for i, before in enumerate(old) if i not in taken)]
