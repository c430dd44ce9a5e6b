"""OpenDocument spreadsheets (.ods, and .fods as one XML), read in one pass over the XML.

Repeated rows and cells are written once with a number; blank ones run to the end of the sheet in honest files, so a repetition
counts only up to the last value, and a value that is repeated without end is refused before it fills the memory.
"""
from __future__ import annotations

import datetime as dt
import math
import re

from ...grid import PER_CENT, Area, Fault, Grid, Look, Source
from ..refusal import Refusal, damaged, locked, over_limit
from .archive import Archive
from .cells import dense
from .formats import look, meaning, tells
from .markup import parse

_MAX_CELLS, _MAX_ROWS, _MAX_COLUMNS, _CUSTOM, _LONGEST = 5_000_000, 1048576, 16384, 999, 1000
_NUMBER_STYLES, _LITERALS = ("number-style", "currency-style"), ("text", "currency-symbol", "embedded-text")
_SPACES = re.compile(r"[ \t\r\n]+")
_DURATION = re.compile(r"(-?)P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?")


def read(data: bytes, source: Source, native: bool = True) -> None:
    """Read an OpenDocument spreadsheet."""
    styles = b""
    if data[:2] == b"PK":
        archive = Archive(data)
        if "content.xml" not in archive:
            raise Refusal(damaged("里面没有内容"))
        if "META-INF/manifest.xml" in archive and b"encryption-data" in archive.part("META-INF/manifest.xml"):
            problem = locked(tried=False)
            raise Refusal(type(problem)(problem.code, problem.found, problem.expected, "这种文件请用LibreOffice或WPS去掉密码，另存为.xlsx"))
        data = archive.part("content.xml")
        styles = archive.part("styles.xml") if b"data-style-name" in data and "styles.xml" in archive else b""
        for name in archive.torn:
            source.problems.append(damaged(f"部件“{name}”", expected="内容和校验和不符，传送或保存时损坏了"))
    reading = _Reading(source)
    if styles:
        parse(styles, source, reading.start_style, reading.end_style, reading.text)
    parse(data, source, reading.start, reading.end, reading.text)
    if reading.table is not None:
        reading.finish_table()
    if not source.grids:
        raise Refusal(source.problems[0] if source.problems else damaged("里面没有工作表"))
    source.reader = "xltool"


class _Reading:
    """The state between two tags."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.table: dict[int, dict[int, object]] | None = None
        self.hidden_styles: set[str] = set()
        self.style = self.format = ""
        self.codes: dict[str, str] = {}  # of number formats, as Excel would write them
        self.formats: dict[str, str] = {}  # number format by cell style
        self.literal: str | None = None
        self.name, self.visible, self.total, self.depth = "", True, 0, 0
        self.in_cell, self.skip = False, 0

    def start(self, tag: str, found: dict[str, str]) -> None:
        if tag == "table":
            self.depth += 1
            if self.depth == 1:
                self.start_table(found)
        elif self.table is None:
            self.start_style(tag, found)
        elif self.depth != 1:
            return
        elif self.in_cell:
            self.start_in_cell(tag, found)
        elif tag == "table-column":
            count = _count(found, "number-columns-repeated", _MAX_COLUMNS)
            if found.get("visibility") in ("collapse", "filter"):
                self.hidden_columns.update(range(self.column_count, min(self.column_count + count, _MAX_COLUMNS)))
            if (style := found.get("default-cell-style-name", "")) in self.meanings:
                self.column_styles.update(dict.fromkeys(range(self.column_count, min(self.column_count + count, _MAX_COLUMNS)), style))
            self.column_count += count
        elif tag == "table-row":
            self.repeat = _count(found, "number-rows-repeated", _MAX_ROWS)
            self.row_style = found.get("default-cell-style-name", "")
            self.row_hidden = found.get("visibility") in ("collapse", "filter")
            self.cells: dict[int, object] = {}
            self.row_looks: dict[int, Look] = {}
            self.column = 0
        elif tag in ("table-cell", "covered-table-cell"):
            self.in_cell, self.cell = True, found
            self.paragraphs: list[str] = []

    def start_table(self, found: dict[str, str]) -> None:
        self.table, self.name = {}, found.get("name", "")
        self.visible = found.get("style-name", "") not in self.hidden_styles and found.get("display") != "false"
        self.row, self.column_count = 0, 0
        meanings = {style: meaning(_CUSTOM, {_CUSTOM: self.codes[name]}) for style, name in self.formats.items() if name in self.codes}
        self.meanings = {style: as_ for style, as_ in meanings.items() if tells(as_)}
        self.column_styles: dict[int, str] = {}
        self.merges: list[Area] = []
        self.looks: dict[tuple[int, int], Look] = {}
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()

    def start_style(self, tag: str, found: dict[str, str]) -> None:
        if tag == "style":
            self.style = found.get("name", "")
            self.formats[self.style] = found.get("data-style-name", "")
        elif tag == "table-properties" and found.get("display") == "false":
            self.hidden_styles.add(self.style)
        elif tag in _NUMBER_STYLES:
            self.format = found.get("name", "")
            self.codes[self.format] = ""
        elif not self.format:
            return
        elif tag == "number":
            self.codes[self.format] += "0" + "," * ((len(found.get("display-factor", "1")) - 1) // 3)
        elif tag in _LITERALS:
            self.literal, self.behind = "", _count(found, "position", 20) if tag == "embedded-text" else 0
        elif tag == "map":
            condition, other = found.get("condition", "").removeprefix("value()"), self.codes.get(found.get("apply-style-name", ""), "")
            self.codes[self.format] = f"[{condition}]{other};{self.codes[self.format]}"[:_LONGEST]

    def end_style(self, tag: str) -> None:
        if tag in _NUMBER_STYLES:
            self.format = ""
        elif tag in _LITERALS and self.literal is not None:
            code, literal = self.codes[self.format], '"' + self.literal.replace('"', "") + '"'
            if self.behind:  # among the digits, so far from their end
                code, zero, divisor = code.rpartition("0")
                literal = f"{zero}{literal}{'0' * self.behind}{divisor}"
            self.codes[self.format], self.literal = code + literal, None

    def start_in_cell(self, tag: str, found: dict[str, str]) -> None:
        if tag in ("annotation", "ruby-text"):  # a note is not the cell's text
            self.skip += 1
        elif self.skip:
            return
        elif tag in ("p", "h"):
            self.paragraphs.append("")
        elif self.paragraphs and tag in ("s", "tab", "line-break"):
            self.paragraphs[-1] += {"s": "\x1d" * _count(found, "c", 1000), "tab": "\x1e", "line-break": "\x1f"}[tag]

    def text(self, text: str) -> None:
        if self.literal is not None:
            self.literal += text
        elif self.in_cell and not self.skip and self.paragraphs:
            self.paragraphs[-1] += text

    def end(self, tag: str) -> None:
        if tag == "table":
            self.depth -= 1
            if self.depth == 0 and self.table is not None:
                self.finish_table()
        elif self.table is None:
            self.end_style(tag)
        elif self.depth != 1:
            return
        elif tag in ("annotation", "ruby-text") and self.skip:
            self.skip -= 1
        elif tag in ("table-cell", "covered-table-cell") and self.in_cell:
            self.finish_cell()
        elif tag == "table-row":
            self.finish_row()

    def finish_cell(self) -> None:
        self.in_cell = False
        count = _count(self.cell, "number-columns-repeated", _MAX_COLUMNS)
        value = _value(self.cell, "\n".join(map(_spaced, self.paragraphs)))
        if value != "":
            for column in range(self.column, min(self.column + count, _MAX_COLUMNS)):
                self.cells[column] = value
                if self.cell.get("value-type") == "percentage":
                    self.row_looks[column] = PER_CENT
                elif self.meanings and (seen := self.look(value, column)):
                    self.row_looks[column] = seen
        wide, high = _count(self.cell, "number-columns-spanned", _MAX_COLUMNS), _count(self.cell, "number-rows-spanned", _MAX_ROWS)
        if wide > 1 or high > 1:
            self.merges.append(Area(self.row, self.column, self.row + high - 1, self.column + wide - 1))
        self.column += count

    def look(self, value: object, column: int) -> Look | None:
        style = self.cell.get("style-name") or self.row_style or self.column_styles.get(column, "")
        return look(value, self.meanings.get(style, ""))

    def finish_row(self) -> None:
        last = min(self.row + self.repeat, _MAX_ROWS)
        if self.cells:
            self.total += len(self.cells) * (last - self.row)
            if self.total > _MAX_CELLS:
                raise Refusal(over_limit(f"“{self.name}”里有值重复了上百万次", f"最多 {_MAX_CELLS // 10000} 万个单元格"))
            for row in range(self.row, last):
                self.table[row] = self.cells
                self.looks.update(((row, column), seen) for column, seen in self.row_looks.items())
        if self.row_hidden and self.repeat < _MAX_ROWS // 2:
            self.hidden_rows.update(range(self.row, last))
        self.row = last

    def finish_table(self) -> None:
        rows = dense(self.table)
        hidden = frozenset(row for row in self.hidden_rows if row < len(rows))
        self.source.grids.append(Grid(self.name, rows, tuple(self.merges), hidden, frozenset(self.hidden_columns), self.looks, self.visible))
        self.table = None


def _spaced(paragraph: str) -> str:
    """A paragraph's text: white space in the XML is one blank and none at the ends, wanted white space has tags of its own."""
    return _SPACES.sub(" ", paragraph).strip(" ").translate({0x1d: " ", 0x1e: "\t", 0x1f: "\n"})


def _count(found: dict[str, str], name: str, most: int) -> int:
    digits = found.get(name, "1")
    return min(int(digits), most) if digits.isascii() and digits.isdigit() and len(digits) < 9 else most if digits.isdigit() else 1


def _value(cell: dict[str, str], text: str) -> object:
    """What a cell holds; its text where it is no number, date or truth value."""
    kind = cell.get("value-type", "")
    formula = cell.get("formula", "")
    if (text.startswith("#") and (formula or "error" in (kind, cell.get("type", "")))) or text.startswith("Err:"):
        return Fault(text)
    try:
        if kind in ("float", "percentage", "currency"):
            number = float(cell["value"])
            return number if math.isfinite(number) else Fault(cell["value"])
        if kind == "date":
            moment = dt.datetime.fromisoformat(cell["date-value"][:26])
            return moment.date() if moment.time() == dt.time() else moment.replace(tzinfo=None)
        if kind == "time":
            return _time(cell["time-value"])
        if kind == "boolean":
            return cell["boolean-value"] == "true"
    except (KeyError, ValueError, OverflowError):
        return Fault(text or cell.get("value", "") or cell.get("date-value", "") or cell.get("time-value", ""))
    if formula and not kind and not text:
        return Fault("=" + formula.partition("=")[2])
    return cell.get("string-value", "") or text


def _time(written: str) -> dt.time | dt.timedelta:
    match = _DURATION.fullmatch(written)
    if not match:
        raise ValueError(written)
    sign, *numbers = match.groups("0")
    days, hours, minutes, seconds = (float(number or 0) for number in numbers)
    length = dt.timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -length if sign == "-" else (dt.datetime.min + length).time() if length < dt.timedelta(1) else length
