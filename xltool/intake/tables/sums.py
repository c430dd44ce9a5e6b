"""Columns that are parts of another column, by their headings, and rows in which the parts do not fit the whole.

其中 says "of which": such columns must not exceed the column before them. A column 合计 or 小计 beside others under one caption
must be their sum. Nothing else is taken for a sum.
"""
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...rules.formula import number_text
from ...rules.problems import Problem
from .table import Column

_OF_WHICH = re.compile(r"[(（]?其\s*中")
_TOTAL = re.compile(r"\s*(?:合\s*计|小\s*计|总\s*计|总额|总数|合计数)\s*(?:[(（].*[)）])?\s*")
_AMOUNTS = frozenset(("money", "number"))
_ROUNDED = 0.01  # every part may have been rounded


@dataclass(frozen=True, slots=True)
class Sum:
    """A whole and its parts; `exact`: they make up the whole, else they are some of it."""

    whole: Column
    parts: tuple[Column, ...]
    exact: bool

    def fault(self, values: Mapping[int, float | None]) -> Problem | None:
        """What is wrong in a row of numbers by column index, all in the unit of the headings."""
        whole, parts = values.get(self.whole.index), [values.get(part.index) for part in self.parts]
        known = [value for value in parts if value is not None]
        if whole is None or not known:
            return None
        over = sum(known) - whole
        if over > _slack(known) or (self.exact and len(known) == len(parts) and -over > _slack(known)):
            names = "、".join(f"“{part.path[-1]}”" for part in self.parts)
            return _differs(f"{self.whole.header}", whole, f"{names}合起来", sum(known))
        return None


def find_sums(columns: Sequence[Column]) -> list[Sum]:
    """The sums among a table's columns, of one kind and unit each."""
    return [*_of_which(columns), *_totals(columns)]


def check_total(stated: float, values: Iterable[float], what: str) -> Problem | None:
    """The problem of a 合计 cell that is not the sum of the rows it stands for."""
    values = list(values)
    total = sum(values)
    return _differs(what, stated, f"{len(values)}行合起来", total) if values and abs(stated - total) > _slack(values) else None


def _of_which(columns: Sequence[Column]) -> Iterator[Sum]:
    whole: Column | None = None
    parts: list[Column] = []
    for column in columns:
        if any(_OF_WHICH.match(text) for text in column.path):
            if whole is not None and _alike(whole, column):
                parts.append(column)
            continue
        if whole is not None and parts:
            yield Sum(whole, tuple(parts), False)
        whole, parts = column, []
    if whole is not None and parts:
        yield Sum(whole, tuple(parts), False)


def _totals(columns: Sequence[Column]) -> Iterator[Sum]:
    for whole in columns:
        if len(whole.path) > 1 and _TOTAL.fullmatch(whole.path[-1]):
            parts = tuple(column for column in columns if column is not whole and column.path[:-1] == whole.path[:-1] and _alike(whole, column)
                          and not _OF_WHICH.match(column.path[-1]))
            if len(parts) > 1:
                yield Sum(whole, parts, True)


def _alike(whole: Column, part: Column) -> bool:
    return whole.kind in _AMOUNTS and (part.kind, part.unit) == (whole.kind, whole.unit)


def _slack(values: Sequence[float]) -> float:
    return _ROUNDED * len(values) + 2.0**-40 * sum(map(abs, values))


def _differs(what: str, stated: float, whose: str, total: float) -> Problem:
    stated_text, total_text, difference = (number_text(round(number, 6)) for number in (stated, total, total - stated))
    return Problem("value.conflict", stated_text, f"“{what}”是{stated_text}，{whose}是{total_text}，相差{difference}", "请核对各项和合计")
