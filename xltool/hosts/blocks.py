"""What a spreadsheet hands to a function, as rows, and how two ranges go together. Nothing here knows a programme."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

Cell = object  # float, str, bool, None where blank, a Mark where the cell shows an error; from Excel also a date
Rows = Sequence[Sequence[Cell]]


class Mark(str):
    """An error that each host shows as its own; its text is Excel's, `why` says what is wrong and how to put it right."""

    __slots__ = ("why",)

    def __new__(cls, text: str, why: str = "") -> Mark:
        mark = super().__new__(cls, text)
        mark.why = why
        return mark


NA, VALUE = Mark("#N/A"), Mark("#VALUE!")  # a missing fact, misuse: the only errors the functions give
_ERRORS = frozenset(("#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!", "#SPILL!", "#CALC!"))


class Misuse(ValueError):
    """Arguments that make no sense together; the text says how to put them right."""


def misuse(why: str) -> Mark:
    """What a cell shows where its arguments make no sense."""
    return Mark(VALUE, why)


def rows_of(argument: object) -> Rows:
    """An argument as rows: a single cell is one row of one cell, a flat sequence is a row. Raises Misuse."""
    if not isinstance(argument, (list, tuple)):
        return [[argument]]
    if argument and not isinstance(argument[0], (list, tuple)):
        return [argument]
    if not argument or not argument[0] or len(set(map(len, argument))) > 1:
        raise Misuse("区域是空的，或各行不一样长；请重新选择区域")
    return argument


def cell(raw: object) -> Cell:
    """A cell's content: whole numbers as floats, an empty text as blank, error texts and what is no number at all as marks."""
    if raw is None:
        return raw
    if type(raw) is float:
        return raw if raw - raw == 0.0 else Mark("#NUM!")
    if isinstance(raw, str):
        return Mark(raw) if raw in _ERRORS else raw or None
    if isinstance(raw, (int, Decimal)) and not isinstance(raw, bool):
        return float(raw) if abs(raw) < 1e300 else Mark("#NUM!")
    return raw


def is_blank(argument: object) -> bool:
    """Whether an argument was left out, or is one empty cell."""
    return argument is None or argument == "" or argument in ([[None]], [[""]], ((None,),), (("",),))


def flat(rows: Rows) -> list[Cell]:
    """The cells, row by row."""
    return [each for row in rows for each in row]


def laid_out(cells: Sequence[Cell], wide: int) -> Rows:
    """Cells row by row as rows again."""
    return [[each] for each in cells] if wide == 1 else [list(cells[at:at + wide]) for at in range(0, len(cells), wide)]


def pairs(left: Rows, right: Rows, names: tuple[str, str]) -> tuple[list[Cell], list[Cell], int]:
    """Two ranges cell by cell, and how wide the answer is; as in Excel's own arithmetic, a single cell, row or column is repeated
    along the other. Raises Misuse, by the two ranges' names, where they do not fit.
    """
    if len(left) == len(right) and len(left[0]) == len(right[0]):
        return flat(left), flat(right), len(left[0])
    high, wide = max(len(left), len(right)), max(len(left[0]), len(right[0]))
    for rows in (left, right):
        if len(rows) not in (1, high) or len(rows[0]) not in (1, wide):
            shapes = "，".join(f"{name} {len(own)} 行 {len(own[0])} 列" for name, own in zip(names, (left, right)))
            raise Misuse(f"{shapes}，对不上：其中一个只写一格，或两个一样多")
    return _repeated(left, high, wide), _repeated(right, high, wide), wide


def _repeated(rows: Rows, high: int, wide: int) -> list[Cell]:
    cells = [each for row in rows for each in row * wide] if len(rows[0]) < wide else flat(rows)
    return cells * high if len(rows) < high else cells


@dataclass(frozen=True, slots=True)
class Projects:
    """Projects by the labels of their facts: `columns` are the cells of each label, project by project; `wide`: projects in a row of the sheet."""

    labels: tuple[str, ...]
    columns: Sequence[Sequence[Cell]]
    count: int
    wide: int


def projects(values: Rows, labels: Rows) -> Projects:
    """Labels in a row over rows of projects, or in a column beside columns of projects. Raises Misuse where they fit neither way."""
    if len(labels) == 1 and len(labels[0]) == len(values[0]):
        names, columns, count, wide = labels[0], list(zip(*values)), len(values), 1
    elif len(labels[0]) == 1 and len(labels) == len(values):
        names, columns, count = [row[0] for row in labels], values, len(values[0])
        wide = count
    else:
        raise Misuse(f"标签 {len(labels)} 行 {len(labels[0])} 列，值 {len(values)} 行 {len(values[0])} 列，对不上："
                     "标签要在值上面一行（一样宽），或左边一列（一样高）")
    return Projects(tuple([name if isinstance(name, str) else "" for name in names]), columns, count, wide)


def blanks(columns: Sequence[Sequence[Cell]]) -> Iterator[bool]:
    """Project by project, whether nothing is written at all."""
    return (all(each is None or each == "" for each in own) for own in zip(*columns))
