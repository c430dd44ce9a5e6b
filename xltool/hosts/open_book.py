"""The workbook that is open in the host, by what every engine of xlwings can do: its lists read, finished sheets put into it.

Engines differ. Excel on Windows has files, so a list is read from a copy of the workbook, with merged cells, units in number formats
and hidden rows. On the web there are only the values that came with the request. What is written is the same everywhere: sheets that
the templates made, carried over cell by cell. Every sheet that stands here by our hand is named `专项-…` and never read as a list.
"""
from __future__ import annotations

import datetime as dt
import hashlib
import re
import tempfile
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..intake.grid import Fault, Grid, Source
from ..rules import serial

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet
    from xlwings import Book, Sheet

OURS = "专项-"
_LONGEST_NAME, _LONGEST_TEXT = 31, 32000  # of a sheet, of a cell with room for the sign that makes it text
_ERRORS = frozenset(("#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!", "#SPILL!", "#CALC!", "#DATA!"))
_POINTS = 5.6  # of one sign: the remote engine measures columns in points, Excel on Windows in signs


def has_files(book: Book) -> bool:
    """Whether the book is open in a program on this computer; on the web nothing here is the user's."""
    return book.app.engine.name != "remote"


def folder(book: Book) -> Path | None:
    """The folder the book is saved in; None on the web, in a cloud, or before it is saved."""
    path = book.api.Path if has_files(book) else ""
    return Path(path) if path and Path(path).is_dir() else None


# --- reading ----------------------------------------------------------------------------------------------------------------

def list_source(book: Book) -> Source:
    """The book as if it were a file that was handed in, without our own sheets."""
    if has_files(book):
        from ..intake.opening import read_source
        with copy_of_list(book) as path:
            source = read_source(path)
            source.name = book.name
            source.grids = [grid for grid in source.grids if not is_ours(grid.name)]  # of an .xls they are still there
            return source
    grids = [Grid(sheet.name, sheet_rows(sheet)) for sheet in book.sheets if not is_ours(sheet.name)]
    seen = repr([(grid.name, grid.rows) for grid in grids]).encode()
    return Source(book.name, hashlib.sha256(seen).hexdigest(), "values", "xlwings", grids)


@contextmanager
def copy_of_list(book: Book) -> Iterator[Path]:
    """A copy of the book as it is now, saved or not, under its own name and without our own sheets; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="xltool-") as place:
        path = Path(place) / (book.name if Path(book.name).suffix else f"{book.name}.xlsx")
        book.api.SaveCopyAs(str(path))
        path.write_bytes(without_our_sheets(path.read_bytes()))
        yield path


def without_our_sheets(workbook: bytes) -> bytes:
    """A zipped workbook that does not list our sheets; what is no such workbook (.xls) is left as it is."""
    if not zipfile.is_zipfile(BytesIO(workbook)):
        return workbook
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(workbook)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename == "xl/workbook.xml":
                data = re.sub(rf'<sheet [^>]*?name="{OURS}[^>]*?/>'.encode(), b"", data)
            new.writestr(info, data)
    return made.getvalue()


def is_ours(name: str) -> bool:
    return name.startswith(OURS)


def sheet_rows(sheet: Sheet) -> list[list[object]]:
    """The cells of a sheet from A1 on, as a reader of files gives them."""
    last = sheet.used_range.last_cell
    values = sheet.range((1, 1), (last.row, last.column)).options(ndim=2, err_to_str=True).value
    return [[_cell(value) for value in row] for row in values]


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, str):
        return Fault(value) if value in _ERRORS else value
    return float(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else value


def labelled(book: Book, title: str) -> dict[str, str]:
    """What stands beside the labels of one of our sheets, as text; empty without the sheet."""
    if OURS + title not in [sheet.name for sheet in book.sheets]:
        return {}
    rows = sheet_rows(book.sheets[OURS + title])
    return {str(row[0]).strip(): _text(row[1]) for row in rows if len(row) > 1}


def selected_text(book: Book) -> str:
    """What stands in the selected cell, empty where a picture is selected or the cell is blank."""
    chosen = book.selection
    try:
        return _text(_cell(chosen[0, 0].value)) if chosen is not None else ""
    except TypeError:  # the remote engine's range without an address: a picture is selected
        return ""


def _text(value: object) -> str:
    return str(int(value) if isinstance(value, float) and value.is_integer() else value).strip()


# --- writing ----------------------------------------------------------------------------------------------------------------

def fresh_sheet(book: Book, title: str, taken: Collection[str] = ()) -> Sheet:
    """An empty sheet of ours with this title, last in the book; one of an earlier run is emptied and stays where it is."""
    plain = OURS + re.sub(r"[\[\]:*?/\\]", "_", title)
    name, number = plain[:_LONGEST_NAME], 1
    while name in taken:
        number += 1
        name = f"{plain[:_LONGEST_NAME - 3]}-{number}"
    if name in [sheet.name for sheet in book.sheets]:
        book.sheets[name].clear()
        return book.sheets[name]
    return book.sheets.add(name, after=book.sheets[len(book.sheets) - 1])


def lay(book: Book, title: str, rows: Sequence[Sequence[object]], widths: Sequence[float], bold: Iterable[int] = (1,)) -> Sheet:
    """A sheet of ours with these rows of texts and numbers; `widths` in signs, `bold` counts rows from 1."""
    sheet = fresh_sheet(book, title)
    height, width = len(rows), max(map(len, rows))
    area = sheet.range((1, 1), (height, width))
    area.value = [[as_typed(value) for value in (*row, *[None] * (width - len(row)))] for row in rows]
    area.wrap_text = True
    for number in bold:
        sheet.range((number, 1), (number, width)).font.bold = True
    _widen(sheet, dict(enumerate(widths, 1)), has_files(book))
    return sheet


def as_typed(value: object) -> object:
    """A value so that the host keeps it as it is: text behind an apostrophe, a date as its serial.

    Without that a host reads 001 as 1, 2025.10 as a number, and =1+1 from a county's list as a formula.
    """
    if isinstance(value, str):
        return f"'{value[:_LONGEST_TEXT]}" if value else None
    if isinstance(value, dt.datetime):
        return serial.from_date(value.date()) + (value - dt.datetime.combine(value.date(), dt.time())) / dt.timedelta(1)
    return serial.from_date(value) if isinstance(value, dt.date) else value


def put_workbook(book: Book, workbook: bytes, only: Collection[str] = (), rename: Mapping[str, str] | None = None) -> list[str]:
    """The sheets of a finished workbook put into the open one; returns their names there. `only` these, all when empty."""
    from openpyxl import load_workbook
    names: list[str] = []
    for made in load_workbook(BytesIO(workbook)).worksheets:
        if not only or made.title in only:
            sheet = fresh_sheet(book, (rename or {}).get(made.title, made.title), names)
            _put(sheet, made, has_files(book))
            names.append(sheet.name)
    return names


def _put(sheet: Sheet, made: Worksheet, desktop: bool) -> None:
    """Values, formulas, number formats, looks, merged cells, widths, heights and hidden rows of a sheet."""
    height, width = made.max_row, made.max_column
    cells = [list(row) for row in made.iter_rows(1, height, 1, width)]
    _dress(sheet, cells)
    sheet.range((1, 1), (height, width)).value = [
        [cell.value if cell.data_type == "f" else as_typed(cell.value) for cell in row] for row in cells]
    for merged in made.merged_cells.ranges:
        sheet.range((merged.min_row, merged.min_col), (merged.max_row, merged.max_col)).merge()
    _widen(sheet, {column: made.column_dimensions[letter].width for letter, column in _lettered(made, width)}, desktop)
    heights = [(made.row_dimensions[row].height, bool(made.row_dimensions[row].hidden)) for row in range(1, height + 1)]
    for first, last, (points, hidden) in _runs(heights):
        rows = sheet.range((first, 1), (last, 1))
        if points:
            rows.row_height = points
        if hidden:
            rows.rows.hidden = True


def _dress(sheet: Sheet, cells: Sequence[Sequence[Cell]]) -> None:
    """Looks, each over areas as large as can be: a host answers every area with a message of its own."""
    for look_of, apply in _LOOKS:
        columns = [list(_runs([look_of(row[index]) for row in cells])) for index in range(len(cells[0]))]
        for first, last, runs in _runs(columns):
            for top, bottom, look in runs:
                if look:
                    apply(sheet.range((top, first), (bottom, last)), look)


def _fill(area: Any, colour: str) -> None:
    area.color = f"#{colour}"
    area.font.color = "#FFFFFF" if sum(bytes.fromhex(colour)) < 300 else "#000000"


_LOOKS: tuple[tuple[Callable[[Cell], Any], Callable[[Any, Any], None]], ...] = (
    (lambda cell: cell.number_format if cell.number_format != "General" else "", lambda area, look: setattr(area, "number_format", look)),
    (lambda cell: bool(cell.font.bold), lambda area, look: setattr(area.font, "bold", True)),
    (lambda cell: str(cell.fill.fgColor.rgb)[-6:] if cell.fill.fill_type == "solid" and cell.fill.fgColor.type == "rgb" else "", _fill),
    (lambda cell: bool(cell.alignment.wrap_text), lambda area, look: setattr(area, "wrap_text", True)),
    (lambda cell: cell.alignment.horizontal if cell.alignment.horizontal in ("left", "center", "right") else "",
     lambda area, look: setattr(area, "horizontal_alignment", look)),
    (lambda cell: bool(cell.border.bottom and cell.border.bottom.style), lambda area, look: setattr(area.borders, "line_style", "continuous")),
)


def _runs(items: Sequence[Any]) -> Iterator[tuple[int, int, Any]]:
    """Equal neighbours: the first and last number, counted from 1, and what they are."""
    number = 1
    for item, group in groupby(items):
        length = len(list(group))
        yield number, number + length - 1, item
        number += length


def _lettered(made: Worksheet, width: int) -> Iterator[tuple[str, int]]:
    """The columns that have a width of their own; openpyxl keeps one entry for a run of them."""
    for letter, dimension in list(made.column_dimensions.items()):
        for column in range(dimension.min or 1, min(dimension.max or 1, width) + 1):
            yield letter, column


def _widen(sheet: Sheet, widths: Mapping[int, float], desktop: bool) -> None:
    for column, width in widths.items():
        if width:
            sheet.range((1, column)).column_width = round(width if desktop else width * _POINTS, 1)
