"""A guideline workbook written from rows, laid out for people: widths, filters, drop-downs, help on every header.

The layout comes from `sheets`; a workbook a clerk has edited can be written again with its rows unchanged.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from .records import Reader
from .sheets import SHEETS, Column

Row = Mapping[str, object]

_HEADER = PatternFill("solid", fgColor="1F4E79")
_BAND = PatternFill("solid", fgColor="EAF1F8")
_LINE = Border(bottom=Side("thin", color="D0D7DE"))
_MONO = Font(name="Consolas", size=10)
_FACE = "Microsoft YaHei"
_SPARE_ROWS = 500  # drop-downs reach this far below the last row


def write(sheets: Mapping[str, Iterable[Row]], target: Path | BinaryIO) -> None:
    """Write rows (sheet → mappings of column title to text or number) as a guideline workbook."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    for name, columns in SHEETS.items():
        _sheet(workbook.create_sheet(name), columns, list(sheets.get(name, ())))
    workbook.save(target)


def rows(path: Path) -> dict[str, list[dict[str, object]]]:
    """The rows of a guideline workbook as `write` takes them."""
    reader = Reader.open(Path(path))
    return {name: [{title: _plain(record.cells[index]) for title, (index, _) in record.columns.items() if index < len(record.cells)}
                   for record in reader.records(name)] for name in SHEETS}


def _plain(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _sheet(sheet: Worksheet, columns: tuple[Column, ...], rows: list[Row]) -> None:
    sheet.append([column.title for column in columns])
    for index, column in enumerate(columns, 1):
        cell = sheet.cell(1, index)
        cell.font = Font(name=_FACE, bold=True, color="FFFFFF")
        cell.fill = _HEADER
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        help_text = column.note + ("（必填）" if column.required else "")
        if help_text:
            cell.comment = Comment(help_text, "xltool", height=80, width=220)
        sheet.column_dimensions[get_column_letter(index)].width = column.width
        if column.kind == "date":  # a month typed here must not become the first of the month
            sheet.column_dimensions[get_column_letter(index)].number_format = "@"
    group, banded = None, False
    for number, row in enumerate(rows, 2):
        key = row.get(columns[0].title)
        if key != group:
            group, banded = key, not banded
        lines = 1
        for index, column in enumerate(columns, 1):
            value = row.get(column.title)
            cell = sheet.cell(number, index)
            if value not in (None, ""):
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"  # a text that starts with = stays a text
                    lines = max(lines, _lines(value, column.width))
            cell.font = _MONO if column.kind == "formula" else Font(name=_FACE, size=10)
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            cell.border = _LINE
            if column.kind == "date":
                cell.number_format = "@"
            if banded:
                cell.fill = _BAND
        sheet.row_dimensions[number].height = min(409, 15.5 * lines + 3)
    sheet.row_dimensions[1].height = 24
    sheet.freeze_panes = "C2" if len(columns) > 4 else "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{max(2, len(rows) + 1)}"
    _drop_downs(sheet, columns, len(rows) + 1 + _SPARE_ROWS)
    _print_setup(sheet)


def _lines(text: str, width: int) -> int:
    """How many lines a text takes in a column; a Chinese character is as wide as two others."""
    return sum(max(1, -(-sum(2 if ord(sign) > 0x2E7F else 1 for sign in line) // max(1, width - 1))) for line in text.split("\n"))


def _drop_downs(sheet: Worksheet, columns: tuple[Column, ...], last: int) -> None:
    for index, column in enumerate(columns, 1):
        if column.choices:
            rule = DataValidation("list", formula1='"' + ",".join(column.choices) + '"', allow_blank=not column.required)
            rule.error, rule.errorTitle, rule.showErrorMessage = "请从下拉选项中选择", column.title, True
            letter = get_column_letter(index)
            rule.add(f"{letter}2:{letter}{last}")
            sheet.add_data_validation(rule)


def _print_setup(sheet: Worksheet) -> None:
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    sheet.oddFooter.center.text = "&A 第&P页 共&N页"
