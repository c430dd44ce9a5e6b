"""The rows of a sheet, or of some of its columns, as the table finder looks at them.

A million blank rows cost a count each and nothing else; the cells of a row are listed only where somebody asks for them.
"""
from __future__ import annotations

import re
from bisect import bisect_right, insort
from collections.abc import Iterable
from copy import copy
from operator import attrgetter

from ...rules.formula import number_text
from ..grid import Area, Grid

Cells = list[tuple[int, object]]  # the filled cells of a row, each with its column

_TOP, _LEFT = attrgetter("top"), attrgetter("left")
_WIDEST = 60  # a tall area says nothing beyond that many columns
_GAP = re.compile("(?<![!-~]) | (?![!-~])")


def squeeze(text: str) -> str:
    """The text in one line; a space is kept only between Latin letters and digits."""
    words = text.split()
    return _GAP.sub("", " ".join(words)) if len(words) > 1 else "".join(words)


def text_of(value: object) -> str:
    """A cell as a heading says it: 2019.0 is 2019."""
    if isinstance(value, str):
        return squeeze(value)
    return number_text(value) if isinstance(value, float) and value - value == 0 else str(value)


class Merges:
    """The merged areas of a sheet, found by a cell they cover."""

    def __init__(self, areas: Iterable[Area], rows: int) -> None:
        self._begin: dict[tuple[int, int], Area] = {}  # by first cell
        self._across: dict[int, list[Area]] = {}  # by top row: merged over several columns, from the left
        self._tall: dict[int, list[Area]] = {}  # by column: merged over several rows, from the top
        for area in areas:
            if area.bottom >= rows > area.top:
                area = Area(area.top, area.left, rows - 1, area.right)
            self._begin[area.top, area.left] = area
            if area.right > area.left:
                insort(self._across.setdefault(area.top, []), area, key=_LEFT)
            if area.bottom > area.top:
                for column in range(area.left, min(area.right, area.left + _WIDEST) + 1):
                    insort(self._tall.setdefault(column, []), area, key=_TOP)

    def span(self, row: int, column: int) -> int:
        """Over how many columns a cell is merged."""
        area = self._begin.get((row, column))
        return area.right - area.left + 1 if area else 1

    def height(self, row: int, column: int) -> int:
        """Over how many rows a cell is merged."""
        area = self._begin.get((row, column))
        return area.bottom - area.top + 1 if area else 1

    def over(self, row: int, column: int) -> Area | None:
        """The merged area a cell lies in."""
        tall = self._tall.get(column, ())
        place = bisect_right(tall, row, key=_TOP) - 1
        if place >= 0 and row <= tall[place].bottom:
            return tall[place]
        across = self._across.get(row, ())
        place = bisect_right(across, column, key=_LEFT) - 1
        return across[place] if place >= 0 and column <= across[place].right else None

    def tied(self, row: int, columns: Iterable[int]) -> bool:
        """Whether a merged area in one of the columns joins a row to the next."""
        return any((area := self.over(row, column)) is not None and area.bottom > row for column in columns)


class Lines:
    """Rows of a sheet; a part of it shows some of the columns only."""

    def __init__(self, grid: Grid) -> None:
        self.grid, self.rows = grid, grid.rows
        self.merges = Merges(grid.merges, len(grid.rows))
        self.columns: tuple[int, ...] | None = None  # all
        self.first = 0  # the row with which what is looked at begins
        self._cells: dict[int, Cells] = {}
        self.counts = [len(line) - line.count("") if line else 0 for line in self.rows]
        self.filled = [row for row, count in enumerate(self.counts) if count > 2 or (count and self.cells(row))]

    def only(self, columns: Iterable[int], rows: Iterable[int], first: int) -> Lines:
        """Some of the filled rows from the first on, in some of the columns."""
        part = copy(self)
        part.columns, part.first, part._cells = tuple(sorted(columns)), first, {}
        part.filled = [row for row in rows if part.cells(row)]
        return part

    def cells(self, row: int) -> Cells:
        """The filled cells of a row; a cell of spaces is not filled."""
        found = self._cells.get(row)
        if found is None:
            line = self.rows[row]
            cells = enumerate(line) if self.columns is None else [(column, line[column]) for column in self.columns if column < len(line)]
            found = self._cells[row] = [
                (column, value) for column, value in cells
                if (value and not value.isspace() if value.__class__ is str else value is not None)]
        return found

    def count(self, row: int) -> int:
        """About how many cells of a row are filled."""
        return self.counts[row] if self.columns is None else len(self.cells(row))

    def values(self, column: int, rows: Iterable[int]) -> list[object]:
        """What a column holds in some rows, also where it is blank."""
        return [line[column] if column < len(line := self.rows[row]) else "" for row in rows]
