"""The rows of a worksheet as text: looked through once, changed only where a cell is marked.

A list of 100,000 rows would be slow and large as a tree. Row and cell numbers may be left out, as the format allows; rows out of
order or written twice are kept as they are.
"""
from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from ..template.reference import MAX_ROW, column_letters, column_number

ATTRIBUTES = rb"""((?:\s[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*)?/?)>"""
_NUMBER = re.compile(rb"""\sr\s*=\s*["']\s*(\d{1,7})""")
_PLACE = re.compile(rb"""\sr\s*=\s*["']\s*([A-Za-z]{1,3})(\d*)""")
_STYLE = re.compile(rb"""\ss\s*=\s*(?:"\s*(\d{0,9})[^"]*"|'\s*(\d{0,9})[^']*')""")
_OWN_STYLE = re.compile(rb"""\scustomFormat\s*=\s*["'](?:1|true)["']""")
_SPANS = re.compile(rb"""\sspans\s*=\s*(?:"[^"]*"|'[^']*')""")
_HEIGHT = re.compile(rb"""\sht\s*=\s*["']\s*([\d.]+)""")
_HIDDEN = re.compile(rb"""\shidden\s*=\s*["'](?:1|true)["']""")

Restyle = Callable[[int, int, int], int]  # row, column, style now → style of the marked cell
ColumnStyle = Callable[[int], int]
Cell = tuple[int, int, int, bytes]  # start, end of the start tag, column, attributes


@dataclass(slots=True)
class Row:
    """One `<row>` of the text: where it starts, where its start tag and where its cells end (the same if it holds none)."""

    number: int
    start: int
    opened: int
    attributes: bytes
    end: int


@dataclass(slots=True)
class Rows:
    """The text of the rows, and those of them that are wanted; `heights` are the points of rows near a mark, 0 if hidden."""

    text: bytes
    prefix: bytes
    wanted: dict[int, list[Row]] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)
    _numbers: array = field(default_factory=lambda: array("q"))  # of rows higher than all before them
    _starts: array = field(default_factory=lambda: array("q"))

    def find(self, wanted: frozenset[int], measured: frozenset[int]) -> None:
        """Look through all rows for the wanted ones, and for the heights of others."""
        tag = re.compile(b"<" + self.prefix + b"row" + ATTRIBUTES)
        close = b"</" + self.prefix + b"row"
        number = highest = 0
        for match in tag.finditer(self.text):
            attributes = match[1]
            said = _NUMBER.search(attributes)
            number = int(said[1]) if said else number + 1
            if number > MAX_ROW:
                raise ValueError(f"行号不对：{number}")
            if number > highest:
                highest = number
                self._numbers.append(number)
                self._starts.append(match.start())
            if number in wanted:
                end = match.end() if attributes.endswith(b"/") else self.text.index(close, match.end())
                self.wanted.setdefault(number, []).append(Row(number, match.start(), match.end(), attributes, end))
            if number in measured:
                self._measure(number, attributes)

    def _measure(self, number: int, attributes: bytes) -> None:
        if _HIDDEN.search(attributes):
            self.heights[number] = 0.0
        elif height := _HEIGHT.search(attributes):
            self.heights[number] = float(height[1])

    def filled(self, number: int) -> list[int]:
        """The columns of a wanted row whose cells hold something."""
        content = re.compile(rb"<" + self.prefix + rb"(?:v|f|is)[\s>/]")
        columns = []
        for row in self.wanted.get(number, ()):
            cells = list(self._cells(row))
            ends = [start for start, _, _, _ in cells[1:]] + [row.end]
            columns += [column for (_, opened, column, _), end in zip(cells, ends) if content.search(self.text, opened, end)]
        return sorted(set(columns))

    def _cells(self, row: Row) -> Iterator[Cell]:
        column, number = 0, b"%d" % row.number
        for match in re.compile(b"<" + self.prefix + b"c" + ATTRIBUTES).finditer(self.text, row.opened, row.end):
            if place := _PLACE.search(match[1]):
                letters, said = place.groups()
                if said != number:
                    raise ValueError(f"单元格地址不对：{(letters + said).decode()} 写在第{row.number}行")
                column = _column(letters)
            else:
                column += 1
            yield match.start(), match.end(), column, match[1]

    def marked(self, marks: Mapping[int, Iterable[int]], restyle: Restyle, column_style: ColumnStyle) -> Iterator[bytes]:
        """The text with these cells (row → columns) given other styles; cells and rows that are not there are added."""
        edits = []
        for number, columns in sorted(marks.items()):
            there = self.wanted.get(number)
            if there is None:
                edits.append(self._new_row(number, columns, restyle, column_style))
                continue
            cells = [list(self._cells(row)) for row in there]
            missing = set(columns).difference(column for own in cells for _, _, column, _ in own)
            for row, own in zip(there, cells):
                edits.append(self._edit(row, own, set(columns), missing, restyle, column_style))
                missing = set()
        done, text = 0, memoryview(self.text)
        for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
            yield text[done:start]
            yield new
            done = end
        yield text[done:]

    def _new_cell(self, row: int, column: int, style: int) -> bytes:
        return b'<%bc r="%b%d" s="%d"/>' % (self.prefix, column_letters(column).encode(), row, style)

    def _new_row(self, number: int, columns: Iterable[int], restyle: Restyle, column_style: ColumnStyle) -> tuple[int, int, bytes]:
        cells = b"".join(self._new_cell(number, c, restyle(number, c, column_style(c))) for c in sorted(columns))
        behind = bisect_right(self._numbers, number)
        place = self._starts[behind] if behind < len(self._starts) else len(self.text)
        return place, place, b'<%brow r="%d">%b</%brow>' % (self.prefix, number, cells, self.prefix)

    def _edit(self, row: Row, cells: list[Cell], columns: set[int], missing: set[int], restyle: Restyle,
              column_style: ColumnStyle) -> tuple[int, int, bytes]:
        pieces, done = [], row.opened
        waiting = sorted(missing)
        own = _style(row.attributes) if _OWN_STYLE.search(row.attributes) else None

        def add(column: int) -> None:
            style = column_style(column) if own is None else own
            pieces.append(self._new_cell(row.number, column, restyle(row.number, column, style)))

        for start, opened, column, attributes in cells:
            while waiting and waiting[0] < column:
                pieces.append(self.text[done:start])
                done = start
                add(waiting.pop(0))
            if column in columns:
                style = restyle(row.number, column, _style(attributes))
                rest = _STYLE.sub(b"", attributes)
                closing = b"/>" if rest.endswith(b"/") else b">"
                pieces += (self.text[done:start], b'<%bc%b s="%d"%b' % (self.prefix, rest.removesuffix(b"/").rstrip(), style, closing))
                done = opened
        pieces.append(self.text[done:row.end])
        for column in waiting:
            add(column)
        start_tag, tail, end = self.text[row.start:row.opened], b"", row.end
        if missing:
            attributes = _SPANS.sub(b"", row.attributes)
            if attributes.endswith(b"/"):
                tail = b"</%brow>" % self.prefix
            start_tag = b"<%brow%b>" % (self.prefix, attributes.removesuffix(b"/"))
        return row.start, end, b"".join((start_tag, *pieces, tail))


@cache
def _column(letters: bytes) -> int:
    return column_number(letters.decode())


def _style(attributes: bytes) -> int:
    """The format a cell or row names, the first one if it names none."""
    said = _STYLE.search(attributes)
    return int(said[1] or said[2] or 0) if said else 0
