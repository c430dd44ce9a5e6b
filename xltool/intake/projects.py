"""What a list of projects gives: projects with typed values that know their cells, skipped rows, and every fault."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from ..guideline.records import letters
from ..rules.evaluate import Value
from ..rules.model import Programme
from ..rules.problems import Problem, Where
from .tables import Table

CATEGORY, TITLE, UNIT_NAME, PART = "申报项目类别", "申报项目名称", "单位名称", "名额分项"
RETURNED = "退回问题"  # the sheet of faults on a submission that was sent back once


class Cell(NamedTuple):
    """A value of a project, what was typed, and where: a cell of a sheet, or (`row` below zero) just `sheet`."""

    name: str
    value: Value
    raw: object
    sheet: Where
    row: int = -1
    column: int = -1

    @property
    def where(self) -> Where:
        return self.sheet if self.row < 0 else located(self.sheet, self.row, self.column)


def located(sheet: Where, row: int, column: int) -> Where:
    """A cell of a sheet, by its zero-based row and column."""
    return Where(sheet.file, sheet.sheet, _address(row, column))


def _address(row: int, column: int) -> str:
    return f"{letters(column)}{row + 1}"


@dataclass(slots=True)
class Records:
    """Where some rows of a sheet stand; a turned table knows where its records do."""

    sheet: Where
    numbers: Sequence[int]
    turned: Table | None = None

    def place(self, position: int, index: int) -> tuple[int, int]:
        record = self.numbers[position]
        return self.turned.place(record, index) if self.turned else (record, index)

    def where(self, position: int) -> Where:
        record = self.numbers[position]
        return Where(self.sheet.file, self.sheet.sheet, self.turned.record_name(record) if self.turned else f"第{record + 1}行")


@dataclass(slots=True)
class Column:
    """The values of one name for all records, None where there is none, and what was typed. `elsewhere` has the column's index where
    another one gave the value.
    """

    name: str
    records: Records
    index: int
    values: list[Value]
    raws: list[object]
    elsewhere: dict[int, int] = field(default_factory=dict)

    def place(self, position: int) -> tuple[int, int]:
        return self.records.place(position, self.elsewhere.get(position, self.index))

    def cell(self, position: int) -> Cell:
        return Cell(self.name, self.values[position], self.raws[position], self.records.sheet, *self.place(position))


class Cells(Mapping[str, Cell]):
    """The cells of one record by name, made when somebody asks: a province has millions."""

    __slots__ = ("_columns", "_position")

    def __init__(self, columns: Mapping[str, Column], position: int) -> None:
        self._columns, self._position = columns, position

    def __getitem__(self, name: str) -> Cell:
        if name not in self:
            raise KeyError(name)
        return self._columns[name].cell(self._position)

    def __contains__(self, name: object) -> bool:
        column = self._columns.get(name)
        return column is not None and column.values[self._position] is not None

    def get(self, name: str, default: Cell | None = None) -> Cell | None:
        return self._columns[name].cell(self._position) if name in self else default

    def value(self, name: str) -> Value:
        """A value without its cell, None where there is none."""
        column = self._columns.get(name)
        return None if column is None else column.values[self._position]

    def addresses(self, names: Iterable[str]) -> list[str]:
        """Where the values of these names stand within the sheet, without their cells."""
        position = self._position
        return [_address(*self._columns[name].place(position)) for name in names if name in self]

    def values_alone(self) -> dict[str, Value]:
        """All values by name, without their cells."""
        position = self._position
        return {name: value for name, column in self._columns.items() if (value := column.values[position]) is not None}

    def __iter__(self) -> Iterator[str]:
        return (name for name, column in self._columns.items() if column.values[self._position] is not None)

    def __len__(self) -> int:
        return sum(column.values[self._position] is not None for column in self._columns.values())


NOTHING: Mapping[str, Cell] = MappingProxyType({})


def values_of(cells: Mapping[str, Cell]) -> dict[str, Value]:
    """All values by name, without their cells."""
    return cells.values_alone() if isinstance(cells, Cells) else {name: cell.value for name, cell in cells.items()}


def addresses_of(cells: Mapping[str, Cell], names: Iterable[str]) -> list[str]:
    """Where the values of these names stand within their sheet; names without a value are left out."""
    return cells.addresses(names) if isinstance(cells, Cells) else [cells[name].where.cell for name in names if name in cells]


class Project(NamedTuple):
    """One row of a list. `columns`, `facts` and `indicators` hold typed values, each with what was typed and its cell.

    `refused` holds what could not be read, by field, and `others` what stands in columns nobody knows, by heading; their value is
    the text.
    """

    programme: Programme
    columns: Mapping[str, Cell]
    facts: Mapping[str, Cell]
    indicators: Mapping[str, Cell]
    where: Where
    problems: tuple[Problem, ...] = ()
    refused: Mapping[str, Cell] = NOTHING
    others: Mapping[str, Cell] = NOTHING

    @property
    def values(self) -> dict[str, Value]:
        """The facts as the engine takes them."""
        return values_of(self.facts)

    def column(self, name: str) -> Value:
        """A list column's value, None when empty."""
        columns = self.columns
        if isinstance(columns, Cells):
            return columns.value(name)
        cell = columns.get(name)
        return cell.value if cell else None

    @property
    def title(self) -> str:
        return str(self.column(TITLE) or "")

    @property
    def unit_name(self) -> str:
        return str(self.column(UNIT_NAME) or "")


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that is no project, and why; empty rows are not listed."""

    where: Where
    text: str
    reason: str


@dataclass
class ProjectList:
    """What one file gave: projects, skipped rows, and problems that belong to no project.

    `framing` counts the rows of titles and headings; with the projects and the skipped rows they are all rows that hold anything.
    """

    projects: list[Project] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    framing: int = 0
    sha256: str = ""
