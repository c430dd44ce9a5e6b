"""Row heights for `{% fit %}` cells: as many lines as the text takes in its column, or in its merged columns.

A program that opens a workbook does not fit rows with merged cells or with a height of their own, so a long text would be
cut off in print. Widths are estimated: a Chinese character is as wide as its font size, another one about half.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from math import ceil

from .sheet import Cell, Sheet

_POINTS_PER_CHARACTER = 5.25  # a column's width counts digits of the 11 pt default font
_PADDING = 6.0  # left and right of a text
_SPACE = 4.0  # above and below a text
_LINE = 1.45  # of the font size; what Noto takes, Song takes less
_NARROW = 0.55
_NARROW_SIGNS = re.compile("[\0-\u1fff]+")  # quotes, dots and boxes are as wide as characters
_DEFAULT_WIDTH, _DEFAULT_HEIGHT, _LARGEST = 8.43, 15.0, 409.0
DEFAULT_SIZE = 11.0
_KEPT = 5_000  # texts whose lines are remembered


@dataclass(frozen=True, slots=True)
class FitCell:
    """A cell whose text its row must hold: which value of its block, its width and font size in points."""

    slot: int
    width: float
    size: float
    signs: int = field(init=False)  # how many wide ones stand on a line; a character stands on one line or the next
    line: float = field(init=False)  # what a line adds to the height
    least: float = field(init=False)  # the height of one line alone

    def __post_init__(self) -> None:
        object.__setattr__(self, "signs", int(self.width // self.size))
        object.__setattr__(self, "line", self.size * _LINE)
        object.__setattr__(self, "least", self.line + _SPACE)

    def needs(self, value) -> float:
        """The height in points that the value takes."""
        return _lines(value, self.signs) * self.line + _SPACE if isinstance(value, str) else 0.0


@lru_cache(_KEPT)
def _lines(text: str, signs: int) -> int:
    """How many lines of so many wide characters a text takes; in a table texts come again and again."""
    return sum([1 if len(line) <= signs else ceil(_length(line) / signs) for line in text.split("\n")])


def _length(line: str) -> float:
    """How many wide characters are as long as the line."""
    narrow = len(line) - len(_NARROW_SIGNS.sub("", line))
    return len(line) - narrow + narrow * _NARROW


@dataclass(frozen=True, slots=True)
class FitRow:
    """A row that grows: the template's height is the least."""

    least: float
    cells: tuple[FitCell, ...]

    def height(self, values) -> str:
        """The row's height for a block's values (slot → value)."""
        needed = self.least
        for cell in self.cells:
            value = values[cell.slot]
            if not isinstance(value, str):
                continue
            signs = cell.signs
            if len(value) <= signs and "\n" not in value:
                needs = cell.least
            elif (1 + len(value) // signs + value.count("\n")) * cell.line + _SPACE <= needed:
                continue  # even if all characters were wide
            else:
                needs = cell.needs(value)
            if needs > needed:
                needed = needs
        return f"{min(needed, _LARGEST):g}"


class Measure:
    """Widths of columns, heights of rows and sizes of fonts in one sheet."""

    def __init__(self, sheet: Sheet, font_sizes: tuple[float, ...]):
        self.font_sizes = font_sizes
        self.widths: list[tuple[int, int, float]] = []
        self.default_width, self.default_height = _DEFAULT_WIDTH, _DEFAULT_HEIGHT
        for element in sheet.before:
            if element.name == "sheetFormatPr":
                self.default_width = float(element.get("defaultColWidth") or _DEFAULT_WIDTH)
                self.default_height = float(element.get("defaultRowHeight") or _DEFAULT_HEIGHT)
            elif element.name == "cols":
                self.widths = [(int(column.get("min")), int(column.get("max")), float(column.get("width") or _DEFAULT_WIDTH))
                               for column in element.elements()]

    def cell(self, slot: int, cell: Cell, left: int, right: int) -> FitCell:
        """A fit cell that covers these columns."""
        characters = sum(self._width(column) for column in range(left, right + 1))
        style = int(cell.element.get("s") or 0)
        size = self.font_sizes[style] if style < len(self.font_sizes) else DEFAULT_SIZE
        return FitCell(slot, max(characters * _POINTS_PER_CHARACTER - _PADDING, size), size)

    def _width(self, column: int) -> float:
        return next((width for first, last, width in self.widths if first <= column <= last), self.default_width)
