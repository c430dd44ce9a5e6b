"""One project's cells gathered while they are read: values by role, what could not be read, what nobody asked for, every fault."""
from __future__ import annotations

from dataclasses import replace

from ..rules.model import Field, Programme
from ..rules.problems import Problem, Where
from .headers import COLUMN, FACT, INDICATOR
from .projects import PART, Cell, Project, located
from .values import read_cell, shown

Place = tuple[int, int]  # row and column, zero-based


class Row:
    """The cells of one project of a sheet."""

    def __init__(self, sheet: Where) -> None:
        self.sheet = sheet
        self.gathered: dict[str, dict[str, Cell]] = {COLUMN: {}, FACT: {}, INDICATOR: {}}
        self.refused: dict[str, Cell] = {}
        self.others: dict[str, Cell] = {}
        self.problems: dict[Problem, None] = {}  # a cell that is list column and fact at once is faulty once

    def take(self, role: str, field: Field, raw: object, place: Place, unit: str, percent: bool) -> None:
        """A filled cell as the value of a field, or a problem; what is read by convention has a note."""
        known = self.gathered[role]
        if other := known.get(field.name):
            self.report("value.conflict", raw, f"“{field.name}”在{other.where.cell}已有“{shown(other.raw)}”，没有用这个", "请留一列", place)
            return
        value, note, problem, _ = read_cell(raw, field, unit, percent)
        if problem:
            self.refused[field.name] = Cell(field.name, shown(raw), raw, self.sheet, *place)
            self.add(problem, place)
        elif value is not None:
            known[field.name] = Cell(field.name, value, raw, self.sheet, *place)
            if note:
                self.report("note.reading", raw, f"“{field.name}”{note}", "请核对", place)

    def keep(self, name: str, raw: object, place: Place) -> None:
        """What no field takes."""
        self.others[name] = Cell(name, shown(raw), raw, self.sheet, *place)

    def report(self, code: str, found: object, expected: str, fix: str, place: Place) -> None:
        self.add(Problem(code, shown(found), expected, fix), place)

    def add(self, problem: Problem, place: Place) -> None:
        self.problems[replace(problem, where=located(self.sheet, *place))] = None

    def lacks(self, name: str) -> bool:
        """Whether a list column has neither a value nor one that could not be read."""
        return name not in self.gathered[COLUMN] and name not in self.refused

    def project(self, programme: Programme, where: Where) -> Project:
        self._check_part(programme)
        return Project(programme, self.gathered[COLUMN], self.gathered[FACT], self.gathered[INDICATOR], where, tuple(self.problems),
                       self.refused, self.others)

    def _check_part(self, programme: Programme) -> None:
        """名额分项 must be one of the programme's."""
        if cell := self.gathered[COLUMN].get(PART):
            parts = [row.part for row in programme.quota if row.part]
            if cell.value not in parts:
                fix = "分项有：" + "、".join(parts) if parts else "请留空"
                self.problems[Problem("cell.reference", str(cell.value), f"{programme.id} 的名额没有这个分项", fix, cell.where)] = None
