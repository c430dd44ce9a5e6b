"""Filling submission workbooks in tests, as a clerk does: values into the cells that the stamp names."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl

from xltool.intake.opening import read_source
from xltool.intake.stamp import StampedSheet, read_stamp

Row = Mapping[tuple[str, str], object]  # typed values by role and name


def stamped(path: Path) -> dict[str, StampedSheet]:
    """The sheets for projects, by programme."""
    return {sheet.origin.programme: sheet for sheet in read_stamp(read_source(path).grids).sheets if sheet.origin.programme}


def places(sheet: StampedSheet) -> dict[tuple[str, str], int]:
    """The zero-based column of each thing a sheet asks for."""
    return {(each.role, each.name): index for index, meanings in sheet.columns.items() for each in meanings}


def fill(path: Path, filled: Mapping[str, Sequence[Row]]) -> None:
    """Type rows into the sheets of some programmes and save."""
    book = openpyxl.load_workbook(path, rich_text=True)
    for programme, sheet in stamped(path).items():
        at = places(sheet)
        for number, row in enumerate(filled.get(programme, ())):
            for target, value in row.items():
                cell = book[sheet.grid.name].cell(sheet.first + number + 1, at[target] + 1)
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"  # a text that starts with = stays a text
    book.save(path)
