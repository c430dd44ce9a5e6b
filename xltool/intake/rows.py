"""The rows of one programme in one table, read a column at a time: values by role, what could not be read, what nobody asked for,
every fault.
"""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ..rules.model import Programme
from ..rules.problems import Problem
from .grid import Look
from .headers import COLUMN, FACT, INDICATOR, Target
from .projects import NOTHING, PART, Cell, Cells, Column, Project, Records, located
from .values import read_column, shown

_BLANK_MARKS = frozenset(("-", "—", "/", "无"))


@dataclass(frozen=True, slots=True)
class Use:
    """What a column is for a programme: the values of its targets in `unit`, texts `kept` under these names, and the faults that each
    filled cell of it has.
    """

    index: int
    targets: tuple[Target, ...] = ()
    unit: str = ""
    kept: tuple[str, ...] = ()
    faults: tuple[Problem, ...] = ()


class Rows:
    """Records of a sheet that are projects of `programme`. `looks`: the places whose format adds something to their number."""

    def __init__(self, programme: Programme, records: Records, looks: Mapping[tuple[int, int], Look]) -> None:
        self.programme, self.records, self.looks = programme, records, looks
        self.known: dict[str, dict[str, Column]] = {COLUMN: {}, FACT: {}, INDICATOR: {}}
        self.others: dict[str, Column] = {}
        self.refused: dict[int, dict[str, Cell]] = defaultdict(dict)
        self.problems: dict[int, dict[Problem, None]] = defaultdict(dict)  # a cell that is list column and fact at once is faulty once

    def read(self, use: Use, raws: Sequence[object]) -> None:
        """Read a column."""
        if use.targets:
            looks = {position: look for position in range(len(raws)) if (look := self.looks.get(self.records.place(position, use.index)))} \
                if self.looks else {}
            for target in use.targets:
                self._take(target, use, raws, looks)
        if use.faults or use.kept:
            texts = [shown(raw) for raw in raws]
            for fault in use.faults:
                for position, text in enumerate(texts):
                    if text and text not in _BLANK_MARKS:
                        self.add(position, replace(fault, found=fault.found or text), use.index)
            for name in use.kept:
                self._put(self.others, name, use.index, [text or None for text in texts], raws)

    def _take(self, target: Target, use: Use, raws: Sequence[object], looks: Mapping[int, Look]) -> None:
        """The cells as values of a field; what is read by convention has a note."""
        field = target.field
        known = self.known[target.role]
        if (other := known.get(field.name)) is not None:
            raws = list(self._left(other, use, raws))
        values, telling = read_column(raws, field, use.unit, looks)
        for position, (_, note, problem, raw) in telling.items():
            if problem:
                self.refused[position][field.name] = Cell(field.name, shown(raw), raw, self.records.sheet, *self.records.place(position, use.index))
                self.add(position, problem, use.index)
            else:
                found = looks[position].text(raw) if position in looks else shown(raw)
                self.add(position, Problem("note.reading", found, f"“{field.name}”{note}", "请核对"), use.index)
        self._put(known, field.name, use.index, values, raws)

    def _left(self, other: Column, use: Use, raws: Sequence[object]) -> Iterator[object]:
        """The cells whose value another column did not give before."""
        for position, raw in enumerate(raws):
            if other.values[position] is not None and shown(raw):
                first = other.cell(position)
                self.add(position, Problem("value.conflict", shown(raw), f"“{other.name}”在{first.where.cell}已有“{shown(first.raw)}”，没有用这个",
                                           "请留一列"), use.index)
                raw = ""
            yield raw

    def _put(self, known: dict[str, Column], name: str, index: int, values: list, raws: Sequence[object]) -> None:
        column = known.get(name)
        if column is None:
            known[name] = Column(name, self.records, index, values, raws)
            return
        column.raws = list(column.raws)  # of a field with two roles both have the same
        for position, value in enumerate(values):
            if value is not None:
                column.values[position], column.raws[position], column.elsewhere[position] = value, raws[position], index

    def add(self, position: int, problem: Problem, index: int) -> None:
        """A problem of a record's cell."""
        self.report(position, problem.at(located(self.records.sheet, *self.records.place(position, index))))

    def report(self, position: int, problem: Problem) -> None:
        self.problems[position][problem] = None

    def require(self, name: str, index: int | None) -> None:
        """A list column must have a value, or one that could not be read; `index` is where it stands, if anywhere."""
        column = self.known[COLUMN].get(name)
        if column is not None and None not in column.values:
            return
        missing = Problem("cell.missing", "", f"缺“{name}”", "请补上")
        for position in range(len(self.records.numbers)):
            if (column is None or column.values[position] is None) and name not in self.refused.get(position, ()):
                if index is None:
                    self.report(position, missing.at(self.records.where(position)))
                else:
                    self.add(position, missing, index)

    def projects(self) -> list[Project]:
        """One project for each record."""
        self._check_parts()
        columns, facts, indicators = self.known.values()
        return [Project(self.programme, Cells(columns, position), Cells(facts, position), Cells(indicators, position) if indicators else NOTHING,
                        self.records.where(position), tuple(self.problems.get(position, ())), self.refused.get(position, NOTHING),
                        Cells(self.others, position) if self.others else NOTHING)
                for position in range(len(self.records.numbers))]

    def _check_parts(self) -> None:
        """名额分项 must be one of the programme's."""
        column = self.known[COLUMN].get(PART)
        parts = [row.part for row in self.programme.quota if row.part]
        for position, value in enumerate(column.values if column else ()):
            if value is not None and value not in parts:
                fix = "分项有：" + "、".join(parts) if parts else "请留空"
                self.report(position, Problem("cell.reference", str(value), f"{self.programme.id} 的名额没有这个分项", fix,
                                              column.cell(position).where))
