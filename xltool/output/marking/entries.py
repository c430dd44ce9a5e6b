"""Problems as entries of one list, in the order of the workbook, each with its number and the cells it names.

A place is a cell (`F7`), several (`F7、G7`), a range, a row (`第7行`), a column (`F列`), a sheet or the whole file. A place that the
workbook does not have is listed without a link.
"""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from ...rules.problems import Problem
from ..template.reference import MAX_COLUMN, MAX_ROW, Area
from ..template.workbook import Tab

_BETWEEN = re.compile(r"[、，,；;\s]+")
_ROWS = re.compile(r"第?(\d{1,7})(?:[-—~～至到](\d{1,7}))?行")
_COLUMN = re.compile(r"第?([A-Z]{1,3})列")


@dataclass(frozen=True, slots=True)
class Entry:
    """A problem, or a hint, as the list numbers it; `tab` and `areas` say where, if the workbook has that place."""

    number: int
    problem: Problem
    hint: bool
    tab: Tab | None
    areas: tuple[Area, ...]

    def note(self) -> str:
        """What a note on the cell says."""
        problem = self.problem
        lines = [f"第{self.number}条{'（提示）' if self.hint else ''}", f"内容：{problem.found or '（空）'}", f"问题：{problem.expected}"]
        return "\n".join([*lines, f"怎么改：{problem.fix}"] if problem.fix else lines)


def numbered(tabs: Sequence[Tab], problems: Sequence[Problem], hints: Sequence[Problem]) -> list[Entry]:
    """All problems and hints: those of the file first, then sheet by sheet, top to bottom."""
    exact = {tab.name: number for number, tab in enumerate(tabs)}
    alike = {_plain(tab.name): number for number, tab in enumerate(tabs)}
    placed = []
    for hint, found in ((False, problems), (True, hints)):
        for problem in found:
            sheet = problem.where.sheet
            number = exact.get(sheet, alike.get(_plain(sheet), -1)) if sheet else -1
            areas = areas_of(problem.where.cell) if number >= 0 and tabs[number].kind == "worksheet" else ()
            corner = (areas[0].top, areas[0].left) if areas else (0, 0)
            placed.append((number, corner, hint, problem, areas))
    placed.sort(key=lambda item: item[:3])
    return [Entry(count, problem, hint, tabs[number] if number >= 0 else None, areas)
            for count, (number, _, hint, problem, areas) in enumerate(placed, 1)]


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()


def areas_of(cell: str) -> tuple[Area, ...]:
    """The areas a place names; none if any word of it names no cells."""
    text = unicodedata.normalize("NFKC", cell).upper().replace("$", "")
    areas = []
    for word in filter(None, _BETWEEN.split(text)):
        if rows := _ROWS.fullmatch(word):
            word = f"{rows[1]}:{rows[2] or rows[1]}"
        elif column := _COLUMN.fullmatch(word):
            word = f"{column[1]}:{column[1]}"
        try:
            area = Area.parse(word)
        except ValueError:
            return ()
        if area.bottom > MAX_ROW or area.right > MAX_COLUMN:
            return ()
        areas.append(area)
    return tuple(areas)
