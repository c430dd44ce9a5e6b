"""The stamp of a submission workbook: what each of its sheets and columns is, so that reading a filled one guesses nothing.

A sheet carries its own stamp in one hidden row above its headings: column A says what the sheet was made from, each further cell
what its column holds. So the stamp stays true when a sheet is renamed or copied into another workbook, when columns are moved or
deleted, and when the sheet is saved as xls, ods or csv.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..rules.model import Edition, Field, Programme
from .grid import Grid
from .headers import COLUMN, FACT, INDICATOR, Target, indicator_field

MARK = "xltool填报模板"
LAYOUT = 1  # the stamp's own format
CHECK = "自动核对"  # the code of a column that formulas fill
_SEARCHED_ROWS = 20


@dataclass(frozen=True, slots=True)
class Origin:
    """What a sheet was made from. `guideline` is the SHA-256 of the guideline workbook; no `programme`: a sheet without projects.

    The first row of data stands `below` the stamp by so many rows.
    """

    edition: str
    guideline: str
    version: str
    programme: str = ""
    below: int = 1
    layout: int = LAYOUT


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing a column holds: a list column, a fact or an indicator, with the kind and unit it had when the sheet was made."""

    role: str
    kind: str
    unit: str
    name: str

    @property
    def measure(self) -> tuple[str, str]:
        """What a number in the column counts: a value may move between fields of the same measure."""
        return "金额" if self.kind == "盈亏" else self.kind, self.unit


@dataclass(frozen=True, slots=True)
class StampedSheet:
    """A stamped sheet. The stamp stands in `row`, `first` is the first row of data, `columns` are those to fill, all zero-based;
    `formulas` are those not to.
    """

    grid: Grid
    origin: Origin
    row: int
    first: int
    columns: Mapping[int, tuple[Meaning, ...]]
    formulas: frozenset[int]


@dataclass(frozen=True, slots=True)
class Stamp:
    """The stamped sheets of a workbook, in order. They may come from several templates."""

    sheets: tuple[StampedSheet, ...]


def meaning(target: Target) -> Meaning:
    """What the stamp says of a target."""
    return Meaning(target.role, target.field.kind, target.field.unit, target.field.name)


def fields_of(edition: Edition, programme: Programme) -> dict[tuple[str, str], Field]:
    """Every field a sheet of the programme can hold, by role and name."""
    form = edition.forms.get(programme.form)
    indicators = [indicator_field(row) for row in form.indicators if not row.is_open] if form else []
    sources = ((COLUMN, edition.columns.values()), (FACT, programme.fields.values()), (INDICATOR, indicators))
    return {(role, field.name): field for role, fields in sources for field in fields}


# --- writing ----------------------------------------------------------------------------------------------------------

def origin_code(origin: Origin) -> str:
    """The stamp of a sheet as the text of its cell in column A."""
    return (f"{MARK};layout={origin.layout};edition={origin.edition};guideline={origin.guideline};xltool={origin.version};"
            f"below={origin.below};programme={origin.programme}")


def column_code(targets: Iterable[Target]) -> str:
    """The stamp of a column as the text of its cell, one line for each thing it holds."""
    return "\n".join(f"{each.role}|{each.kind}|{each.unit}|{each.name}" for each in map(meaning, targets))


# --- reading ----------------------------------------------------------------------------------------------------------

def read_stamp(grids: Sequence[Grid]) -> Stamp | None:
    """The stamp of a workbook, None when no sheet has one."""
    sheets = tuple(sheet for grid in grids if (sheet := _stamped(grid)))
    return Stamp(sheets) if sheets else None


def _stamped(grid: Grid) -> StampedSheet | None:
    for row, cells in enumerate(grid.rows[:_SEARCHED_ROWS]):
        texts = {index: cell for index, cell in enumerate(cells) if isinstance(cell, str)}
        for text in texts.values():
            if text.startswith(f"{MARK};") and (origin := _origin(text)):
                columns = {index: found for index, code in texts.items() if (found := tuple(_meanings(code)))}
                formulas = frozenset(index for index, code in texts.items() if code in (CHECK, text))
                return StampedSheet(grid, origin, row, row + origin.below, columns, formulas)
    return None


def _origin(text: str) -> Origin | None:
    said = dict(part.partition("=")[::2] for part in text.split(";")[1:])
    below, layout = said.get("below", ""), said.get("layout", "")
    if not (below.isdecimal() and layout.isdecimal()):
        return None
    return Origin(said.get("edition", ""), said.get("guideline", ""), said.get("xltool", ""), said.get("programme", ""), int(below), int(layout))


def _meanings(code: str) -> Iterator[Meaning]:
    for line in code.splitlines():
        parts = line.split("|", 3)
        if len(parts) == 4 and parts[0] in (COLUMN, FACT, INDICATOR):
            yield Meaning(*parts)
