"""The cell references inside a formula: found without a full parser, moved when rows move.

Strings, quoted sheet names, structured references (`表1[[#This Row],[金额]]`), function names (`LOG10(`), defined names
and references into other workbooks are left alone.
"""

import re
from dataclasses import dataclass, replace

MAX_ROW = 1_048_576
MAX_COLUMN = 16_384

# A function that takes many values: `SUM(F5)` over a repeated row means all its copies.
_AGGREGATES = frozenset(
    ("SUM", "SUBTOTAL", "AVERAGE", "COUNT", "COUNTA", "COUNTBLANK", "MAX", "MIN", "PRODUCT", "SUMSQ", "STDEV", "MEDIAN")
)

_TOKEN = re.compile(
    r"""
    (?P<string>"(?:[^"]|"")*")
  | (?P<sheet>'(?:[^']|'')*'! | (?:\[\d+\])?[^\W\d][\w.]*(?::[^\W\d][\w.]*)?!)
  | (?P<bracket>\[)
  | (?P<error>\#[A-Z/0]+[!?]?)
  | (?P<area>(?<![\w.$\\?])(?:
        (?P<c1>\$?[A-Za-z]{1,3})(?P<a1>\$?)(?P<r1>\d{1,7})(?::(?P<c2>\$?[A-Za-z]{1,3})(?P<a2>\$?)(?P<r2>\d{1,7}))?
      | (?P<a3>\$?)(?P<r3>\d{1,7}):(?P<a4>\$?)(?P<r4>\d{1,7})
    )(?![\w.(\[!\\?]|\s+\())
  | (?P<columns>(?<![\w.$\\?])\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}(?![\w.(\[!\\?$]))
  | (?P<word>[^\W\d][\w.\\?]*|\d[\w.]*)
  | (?P<open>\() | (?P<close>\)) | (?P<comma>,)
    """,
    re.VERBOSE,
)
_KINDS = ("string", "sheet", "bracket", "error", "area", "columns", "word", "open", "close", "comma")


def column_number(letters: str) -> int:
    """A -> 1, Z -> 26, AA -> 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """1 -> A, 27 -> AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass(frozen=True, slots=True)
class Area:
    """A block of cells, inclusive."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def parse(cls, text: str) -> "Area":
        """`A1:B2`, `A1`, `3:5` or `B:C`; raises ValueError for anything else."""
        first, _, second = text.replace("$", "").partition(":")
        match = _CORNER.fullmatch(first), _CORNER.fullmatch(second or first)
        if not all(match):
            raise ValueError(f"not a range: {text}")
        (c1, r1), (c2, r2) = (m.groups() for m in match)
        left, right = (column_number(c1), column_number(c2)) if c1 and c2 else (1, MAX_COLUMN)
        top, bottom = (int(r1), int(r2)) if r1 and r2 else (1, MAX_ROW)
        return cls(min(top, bottom), min(left, right), max(top, bottom), max(left, right))

    def text(self) -> str:
        if self.top == 1 and self.bottom == MAX_ROW:
            return f"{column_letters(self.left)}:{column_letters(self.right)}"
        start = f"{column_letters(self.left)}{self.top}"
        return start if self.top == self.bottom and self.left == self.right else f"{start}:{self.corner()}"

    def corner(self) -> str:
        return f"{column_letters(self.right)}{self.bottom}"

    def rows(self, top: int, bottom: int) -> "Area":
        return replace(self, top=top, bottom=bottom)


_CORNER = re.compile(r"([A-Za-z]{1,3})?([1-9]\d{0,6})?")


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference that holds row numbers: `prefix` is the written sheet (`'表 1'!` or empty), `sheet` its name.

    `first` and `last` are (column with its $, $ or "", row); a single cell has no `last`, whole rows have no column.
    `grows` marks a single cell that stands for all copies of its row; `listed` an argument of a function that takes
    many ranges, so that copies with other rows in between can be named one by one.
    """

    prefix: str
    sheet: str
    first: tuple[str, str, int]
    last: tuple[str, str, int] | None
    grows: bool = False
    listed: bool = False

    @property
    def rows(self) -> tuple[int, int]:
        """The rows covered, top first."""
        bottom = self.last[2] if self.last else self.first[2]
        return min(self.first[2], bottom), max(self.first[2], bottom)

    @property
    def columns(self) -> tuple[int, int]:
        """The columns covered."""
        if not self.first[0]:
            return 1, MAX_COLUMN
        left = column_number(self.first[0].lstrip("$"))
        right = column_number(self.last[0].lstrip("$")) if self.last else left
        return min(left, right), max(left, right)

    @property
    def fixed(self) -> tuple[bool, bool]:
        """Whether the top and the bottom row carry a $."""
        if not self.last:
            return bool(self.first[1]), bool(self.first[1])
        ends = (self.first, self.last) if self.first[2] <= self.last[2] else (self.last, self.first)
        return bool(ends[0][1]), bool(ends[1][1])

    def at(self, top: int, bottom: int, prefix: str | None = None) -> str:
        """The reference with other rows, in the same writing."""
        prefix = self.prefix if prefix is None else prefix
        column, dollar, _ = self.first
        if self.last is None and not (self.grows and bottom > top):
            return f"{prefix}{column}{dollar}{top}"
        column2, dollar2, _ = self.last or self.first
        return f"{prefix}{column}{dollar}{top}:{column2}{dollar2}{bottom}"


def sheet_prefix(sheet: str) -> str:
    """A sheet name as it stands before a reference, always quoted."""
    return "'" + sheet.replace("'", "''") + "'!"


class Columns(str):
    """A whole-column reference (`B:C`): no row in it, so only copying a formula sideways changes it."""

    __slots__ = ()


def scan(formula: str) -> tuple[str | Reference, ...]:
    """A formula as literal pieces and references, in order; their texts joined are the formula."""
    pieces: list[str | Reference] = []
    calls: list[str] = []
    done = end = 0
    kind = text = ""
    opened = False  # whether the sheet name just read stands first in its argument
    while match := _TOKEN.search(formula, end):
        previous, said, gap = kind, text, formula[end : match.start()].strip()
        kind = next(name for name in _KINDS if match[name] is not None)
        text, start, end = match[0], match.start(), match.end()
        prefix = said if previous == "sheet" and not gap else ""
        if kind == "bracket":
            end = _closing(formula, start)
        elif kind == "open":
            calls.append(said.upper() if previous == "word" and not gap else "")
        elif kind == "close" and calls:
            calls.pop()
        elif kind == "area" and not (formula[start - 1 : start] == "!" and not prefix):
            alone = (previous in ("open", "comma") and not gap) or bool(prefix and opened)
            grows = alone and bool(calls) and calls[-1] in _AGGREGATES and formula[end : end + 1] in ("", ")", ",")
            if reference := _reference(match, prefix, grows, grows):
                pieces += (formula[done : start - len(prefix)], reference)
                done = end
        elif kind == "columns":
            pieces += (formula[done:start], Columns(text))
            done = end
        opened = kind == "sheet" and previous in ("open", "comma") and not gap
    pieces.append(formula[done:])
    return tuple(piece for piece in pieces if piece != "")


def _closing(formula: str, start: int) -> int:
    depth, position = 0, start
    while position < len(formula):
        mark = formula[position]
        if mark == "'":
            position += 1  # in a structured reference ' escapes the next character
        elif mark == "[":
            depth += 1
        elif mark == "]":
            depth -= 1
            if not depth:
                return position + 1
        position += 1
    return position


def _reference(match: re.Match, prefix: str, grows: bool, listed: bool) -> Reference | None:
    if match["r3"]:
        first, last = ("", match["a3"], int(match["r3"])), ("", match["a4"], int(match["r4"]))
    else:
        first = (match["c1"].upper(), match["a1"], int(match["r1"]))
        last = (match["c2"].upper(), match["a2"], int(match["r2"])) if match["r2"] else None
    for column, _, row in (first, last or first):
        if not 1 <= row <= MAX_ROW or (column and column_number(column.lstrip("$")) > MAX_COLUMN):
            return None
    sheet = prefix[:-1]
    if sheet.startswith("'"):
        sheet = sheet[1:-1].replace("''", "'")
    if "[" in sheet:
        return None
    return Reference(prefix, sheet, first, last, grows, listed)


def shift(formula: str, rows: int, columns: int) -> str:
    """The formula as if copied so many rows down and columns right (relative parts only), for shared formulas."""
    return "".join(_shifted(piece, rows, columns) for piece in scan(formula))


def _shifted(piece: str | Reference, rows: int, columns: int) -> str:
    def across(column):
        if not column or column.startswith("$"):
            return column
        return column_letters((column_number(column) + columns - 1) % MAX_COLUMN + 1)

    def moved(end):
        column, dollar, row = end
        return across(column), dollar, row if dollar else (row + rows - 1) % MAX_ROW + 1

    if isinstance(piece, Columns):
        return ":".join(across(column) for column in piece.split(":"))
    if isinstance(piece, str):
        return piece
    first = moved(piece.first)
    last = moved(piece.last) if piece.last else None
    return replace(piece, first=first, last=last).at(first[2], last[2] if last else first[2])
