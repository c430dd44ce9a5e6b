"""What a list of projects gives: projects with typed values that know their cells, skipped rows, and every fault."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ..guideline.records import letters
from ..rules.evaluate import Value
from ..rules.model import Programme
from ..rules.problems import Problem, Where

CATEGORY, TITLE, UNIT_NAME, PART = "申报项目类别", "申报项目名称", "单位名称", "名额分项"


class Cell(NamedTuple):
    """A value of a project, what was typed, and where: a cell of a sheet, or (`row` below zero) just `sheet`.

    A tuple, with its address made when somebody asks, since a province has millions of cells.
    """

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
    return Where(sheet.file, sheet.sheet, f"{letters(column)}{row + 1}")


@dataclass(frozen=True)
class Project:
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
    refused: Mapping[str, Cell] = field(default_factory=dict)
    others: Mapping[str, Cell] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Value]:
        """The facts as the engine takes them."""
        return {name: cell.value for name, cell in self.facts.items()}

    def column(self, name: str) -> Value:
        """A list column's value, None when empty."""
        cell = self.columns.get(name)
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
