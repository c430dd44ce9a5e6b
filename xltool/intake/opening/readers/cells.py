"""The cells of a worksheet's XML, one by one: slow, complete, and content with XML that is broken.

It keeps what a fast reader drops: errors, formulas without a value, digits beyond the fifteenth, two cells with one address.
"""
from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from functools import cache

from ....guideline.records import letters as column_letters
from ...grid import Fault, Look
from .formats import look, shown
from .package import Book, attributes, rich_text, text, unescape

_PREFIX = re.compile(rb"<(\w+:)?sheetData")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*?(?:/>|>([^<]*))")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b[^>]*?(?:/>|>([^<]*))")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.A)
_PLAIN = re.compile(rb"-?\d{1,15}(?:\.\d*)?")
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
_MAX_COLUMNS, _MAX_ROWS = 16384, 1048576
_DIGITS = 15  # a number has no more, an account or a code of that length is text
LOST, UNCALCULATED = Fault("#LOST!"), "="  # a text that the file refers to and does not have; a formula without a value


@cache
def column_index(letters: bytes) -> int:
    """The zero-based column of its letters."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + letter - 64
    return index - 1


@cache
def _tags(prefix: bytes) -> re.Pattern[bytes]:
    """Finds a row; a cell as almost everyone writes it; any other cell."""
    return re.compile(rb'<P(?:row\b([^>]*)>|c r="([A-Z]{1,3})([1-9]\d{0,6})"(?: s="(\d+)")?(?: t="(\w+)")?(?:/>|><v>([^<]*)</v></c>)'
                      rb"|c\b([^>]*?)(?:/>|>(.*?)</Pc>))".replace(b"P", prefix), re.S)


@dataclass(frozen=True, slots=True)
class CellProblem:
    """A cell that is not as Excel writes it."""

    cell: str
    found: str
    expected: str


@dataclass(slots=True)
class Scan:
    """The rows of a sheet from A1, what formats add to their numbers, and what is wrong."""

    rows: list[list[object]]
    looks: dict[tuple[int, int], Look]
    problems: list[CellProblem]


def scan(xml: bytes, book: Book) -> Scan:
    """Read the cells between <sheetData> and its end."""
    found: dict[int, dict[int, object]] = {}
    looks: dict[tuple[int, int], Look] = {}
    problems: list[CellProblem] = []
    styles, row, column = book.styles, -1, -1
    prefix = _PREFIX.match(xml)
    for match in _tags(prefix[1] or b"" if prefix else b"").finditer(xml):
        row_tag, letters, digits, style, kind, plain, cell_tag, content = match.groups()
        if row_tag is not None:
            number = attributes(row_tag).get("r", "")
            row, column = (int(number) - 1 if number.isdigit() else row + 1), -1
            continue
        if letters:
            own_row, column = int(digits) - 1, column_index(letters)
            meaning = styles[int(style)] if style and int(style) < len(styles) else styles[0] if styles else ""
            value = _usual(kind, plain, meaning, book)
        else:
            place, style, kind = _address(cell_tag)
            own_row, column = (int(place[2]) - 1, column_index(place[1].encode())) if place else (row, column + 1)
            meaning = styles[style] if style < len(styles) else ""
            value = _value(kind, content or b"", meaning, book)
        if not (0 <= own_row < _MAX_ROWS and 0 <= column < _MAX_COLUMNS):
            problems.append(CellProblem("", f"单元格{column_letters(column)}{own_row + 1}", "不在表格的范围里，没有读"))
            continue
        if value == "":
            continue
        name = f"{column_letters(column)}{own_row + 1}"
        if own_row != row:
            problems.append(CellProblem(name, f"写在第{row + 1}行里", "行号和单元格的位置不一致，请核对"))
        cells = found.setdefault(own_row, {})
        if column in cells:
            problems.append(CellProblem(name, f"{cells[column]}、{value}", "同一个单元格写了两次，不知道该用哪一个"))
            value = Fault(f"{cells[column]}／{value}")
        elif value is LOST:
            problems.append(CellProblem(name, text(plain or content)[:40], "文字不在文件里了"))
        elif type(value) is Fault and kind in (None, b"n", "n") and not value.startswith(UNCALCULATED):
            problems.append(CellProblem(name, value[:40], "这一格该是数，写的不是数，或者大得放不下"))
        elif meaning and (seen := look(value, meaning)):
            looks[own_row, column] = seen
        cells[column] = value
    return Scan(dense(found), looks, problems)


def dense(found: dict[int, dict[int, object]]) -> list[list[object]]:
    """Rows of cells as lists; rows without cells share an empty one."""
    blank: list[object] = []
    rows = [blank] * (max(found) + 1 if found else 0)
    for index, cells in found.items():
        row: list[object] = [""] * (max(cells) + 1)
        for column, value in cells.items():
            row[column] = value
        rows[index] = row
    return rows


def _address(tag: bytes) -> tuple[re.Match[str] | None, int, str]:
    """A cell's address, its style and its type."""
    found = attributes(tag)
    style = found.get("s", "")
    return _REFERENCE.fullmatch(found.get("r", "")), int(style) if style.isdigit() else 0, found.get("t", "n")


def _usual(kind: bytes | None, plain: bytes | None, meaning: str, book: Book) -> object:
    """What a cell with nothing but a value holds."""
    if plain is None:
        return ""
    if kind is None and _PLAIN.fullmatch(plain):
        return shown(float(plain), meaning, book.from_1904) if meaning else float(plain)
    if kind == b"s" and plain.isdigit() and int(plain) < len(book.strings):
        return book.strings[int(plain)]
    return _value(kind.decode() if kind else "n", b"<v>%s</v>" % plain, meaning, book)


def _value(kind: str, content: bytes, meaning: str, book: Book) -> object:
    """What a cell holds, "" where it is blank."""
    if kind == "inlineStr":
        return rich_text(content)
    match = _VALUE.search(content)
    raw = text(match[1]) if match and match[1] else ""
    formula = _FORMULA.search(content)
    if formula and ((not raw.strip() and kind != "str") or (raw.strip() == "0" and kind == "n" and book.recalculates)):
        return Fault(UNCALCULATED + text(formula[1] or b""))
    if kind == "s":
        index = int(raw) if raw.strip().isdigit() else -1
        return book.strings[index] if 0 <= index < len(book.strings) else LOST if raw else ""
    if kind == "str":
        return unescape(raw)
    raw = raw.strip()
    if not raw:
        return rich_text(content) if b"<is" in content else ""
    if kind == "e":
        return Fault(raw)
    if kind == "b":
        return raw in ("1", "true")
    if kind == "d":
        return _iso(raw)
    return _number(raw, meaning, book)


def _number(raw: str, meaning: str, book: Book) -> object:
    """A number as its format means it; text where a float would change its digits; a fault where it is none."""
    if not _NUMBER.fullmatch(raw):
        return Fault(raw)
    number = float(raw)
    if not math.isfinite(number):
        return Fault(raw)
    if len(raw.lstrip("+-")) > _DIGITS and raw.lstrip("+-").isdigit():
        return raw
    return shown(number, meaning, book.from_1904)


def _iso(raw: str) -> object:
    """A date as strict workbooks write it."""
    try:
        moment = dt.datetime.fromisoformat(raw)
    except ValueError:
        try:
            return dt.time.fromisoformat(raw)
        except ValueError:
            return Fault(raw)
    moment = moment.replace(tzinfo=None)
    return moment.date() if moment.time() == dt.time() else moment
