"""Excel's one-file XML of 2003 (SpreadsheetML), which web systems like to write and to call .xls."""
from __future__ import annotations

import datetime as dt
import math

from ...grid import Area, Fault, Grid, Look, Source
from ..refusal import Refusal, damaged, over_limit
from .cells import dense
from .formats import DURATION, PERCENT, look, meaning
from .markup import parse

_MAX_ROWS, _MAX_COLUMNS, _CUSTOM = 1048576, 16384, 999
_NAMED = {"percent": PERCENT}
_FIRST_DAY = dt.datetime(1899, 12, 31)


def read(data: bytes, source: Source, native: bool = True) -> None:
    """Read an XML spreadsheet."""
    reading = _Reading(source)
    parse(data, source, reading.start, reading.end, reading.text)
    if reading.found is not None:
        reading.finish_sheet()
    if not source.grids:
        raise Refusal(source.problems[0] if source.problems else damaged("里面没有工作表"))
    source.reader = "xltool"


class _Reading:
    """The state between two tags."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.found: dict[int, dict[int, object]] | None = None
        self.meanings: dict[str, str] = {}
        self.style, self.name, self.data, self.in_note = "", "", None, False

    def start(self, tag: str, given: dict[str, str]) -> None:
        if tag == "Style":
            self.style = given.get("ID", "")
        elif tag == "NumberFormat":
            code = given.get("Format", "")
            self.meanings[self.style] = _NAMED.get(code.lower(), meaning(_CUSTOM, {_CUSTOM: code}))
        elif tag == "Worksheet":
            self.found, self.name, self.row, self.next_column = {}, given.get("Name", ""), -1, 0
            self.merges: list[Area] = []
            self.looks: dict[tuple[int, int], Look] = {}
            self.hidden_rows: set[int] = set()
            self.hidden_columns: set[int] = set()
            self.visible = True
        elif self.found is None:
            return
        elif tag == "Column":
            first = _number(given, "Index", self.next_column + 1) - 1
            self.next_column = first + 1 + _number(given, "Span", 0)
            if given.get("Hidden") == "1":
                self.hidden_columns.update(range(first, min(self.next_column, _MAX_COLUMNS)))
        elif tag == "Row":
            first = _number(given, "Index", self.row + 2) - 1
            self.row, self.span, self.column = first, _number(given, "Span", 0), -1
            if given.get("Hidden") == "1":
                self.hidden_rows.update(range(first, min(first + self.span + 1, _MAX_ROWS)))
        elif tag == "Cell":
            self.column = _number(given, "Index", self.column + 2) - 1
            self.cell, self.kind, self.data, self.has_data = given, "", None, False
            if self.row >= _MAX_ROWS or self.column >= _MAX_COLUMNS:
                raise Refusal(over_limit(f"第{self.row + 1}行第{self.column + 1}列", "超出了表格的范围"))
        elif tag == "Comment":
            self.in_note = True
        elif tag == "Data" and not self.in_note:
            self.kind, self.data, self.has_data = given.get("Type", "String"), "", True

    def text(self, text: str) -> None:
        if self.data is not None and not self.in_note:
            self.data += text

    def end(self, tag: str) -> None:
        if self.found is None:
            return
        if tag == "Visible":
            pass
        elif tag == "Comment":
            self.in_note = False
        elif tag == "Cell":
            self.finish_cell()
        elif tag == "Row":
            self.row += self.span
        elif tag == "Worksheet":
            self.finish_sheet()

    def finish_cell(self) -> None:
        across, down = _number(self.cell, "MergeAcross", 0), _number(self.cell, "MergeDown", 0)
        if across or down:
            self.merges.append(Area(self.row, self.column, self.row + down, self.column + across))
        as_ = self.meanings.get(self.cell.get("StyleID", ""), "")
        value = _value(self.kind, self.data or "", as_)
        if value == "" and "Formula" in self.cell and self.kind != "String":
            value = Fault(self.cell["Formula"])
        if value != "":
            self.found.setdefault(self.row, {})[self.column] = value
            if as_ and (seen := look(value, as_)):
                self.looks[self.row, self.column] = seen
        self.column += across
        self.data = None

    def finish_sheet(self) -> None:
        rows = dense(self.found)
        hidden = frozenset(row for row in self.hidden_rows if row < len(rows))
        self.source.grids.append(Grid(self.name, rows, tuple(self.merges), hidden, frozenset(self.hidden_columns), self.looks, self.visible))
        self.found = None


def _number(given: dict[str, str], name: str, otherwise: int) -> int:
    digits = given.get(name, "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 9 else otherwise


def _value(kind: str, data: str, as_: str) -> object:
    """What a cell holds."""
    if kind == "Error":
        return Fault(data)
    if kind == "Boolean":
        return data.strip() == "1"
    if kind == "Number":
        try:
            number = float(data)
        except ValueError:
            return Fault(data)
        return number if math.isfinite(number) else Fault(data)
    if kind == "DateTime":
        try:
            moment = dt.datetime.fromisoformat(data.strip()[:23])
        except ValueError:
            return Fault(data)
        if as_ == DURATION:
            return moment - _FIRST_DAY
        return moment.time() if moment.date() == _FIRST_DAY.date() else moment.date() if moment.time() == dt.time() else moment
    return data
