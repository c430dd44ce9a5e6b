"""What a spreadsheet hands to a function, as rows; and the projects that labels beside or above the values make of them."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Cell = object  # float, str, bool, None where blank, a Mark where the cell shows an error
Rows = list[list[Cell]]


class Mark(str):
    """An error that each host shows as its own; its text is Excel's."""

    __slots__ = ()


NA, VALUE = Mark("#N/A"), Mark("#VALUE!")
_ERRORS = frozenset(("#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!", "#SPILL!", "#CALC!"))


class Misuse(ValueError):
    """Arguments that make no sense together; the text says how to put them right."""


def rows_of(argument: object) -> Rows:
    """An argument as rows: a single cell is one row of one cell, a flat sequence is a row."""
    if not isinstance(argument, (list, tuple)):
        return [[cell(argument)]]
    if argument and not isinstance(argument[0], (list, tuple)):
        argument = [argument]
    rows = [list(map(cell, row)) for row in argument]
    if not rows or not rows[0] or any(len(row) != len(rows[0]) for row in rows):
        raise Misuse("区域是空的，或各行不一样长")
    return rows


def cell(raw: object) -> Cell:
    """A cell's content: whole numbers as floats, an empty text as blank, error texts as marks."""
    if raw is None or type(raw) is float:
        return raw
    if isinstance(raw, str):
        return Mark(raw) if raw in _ERRORS else raw or None
    return float(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw


def is_blank(argument: object) -> bool:
    """Whether an optional argument was left out, or is an empty cell."""
    return argument is None or argument == "" or argument in ([[None]], [[""]], ((None,),), (("",),))


@dataclass(frozen=True, slots=True)
class Projects:
    """Projects as columns: the cells of each label, project by project; `across`: the projects stand beside each other."""

    labels: list[str]
    columns: Sequence[Sequence[Cell]]
    count: int
    across: bool

    def shape(self, answers: Sequence[Cell]) -> Rows:
        """One answer for each project, in the direction the projects run."""
        return [list(answers)] if self.across else [[answer] for answer in answers]


def projects(values: Rows, fields: Rows) -> Projects:
    """Labels in a row over rows of projects, or in a column beside columns of projects. Raises Misuse where they fit neither way."""
    high, wide = len(fields), len(fields[0])
    if high == 1 and wide == len(values[0]) and (wide > 1 or len(values) >= 1):
        labels, columns, count, across = fields[0], list(zip(*values)), len(values), False
    elif wide == 1 and high == len(values):
        labels, columns, count, across = [row[0] for row in fields], values, len(values[0]), True
    else:
        raise Misuse(f"标签 {high} 行 {wide} 列，值 {len(values)} 行 {len(values[0])} 列，对不上：标签要在值上面一行（一样宽），或左边一列（一样高）")
    return Projects([label if isinstance(label, str) else "" for label in labels], columns, count, across)
