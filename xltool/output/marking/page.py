"""One worksheet split around its rows: the little before and after them as a tree, the rows as text."""
from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping

from ..template.markup import DECLARATION, Element, MarkupError, escape, parse
from ..template.package import Part
from ..template.reference import Area, column_letters
from .rows import ATTRIBUTES, Restyle, Rows
from .xml import insert_after, plain_xml, prefix_of

Cell = tuple[int, int]  # row, column

_DATA = re.compile(rb"<((?:[\w.-]+:)?)sheetData" + ATTRIBUTES)
# What the schema wants before the link to the notes' boxes.
_BEFORE_BOXES = frozenset((
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection", "protectedRanges",
    "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells", "phoneticPr", "conditionalFormatting",
    "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks",
    "customProperties", "cellWatches", "ignoredErrors", "smartTags", "drawing"))
_CHOSEN = re.compile(rb"""\stabSelected\s*=\s*["'](?:1|true)["']""")
_HEAD = 2**16  # the views stand in the first bytes of a part
_WIDTH, _HEIGHT = 9.14, 15.0  # of a column in characters and a row in points, where a sheet does not say
_PIXELS_PER_CHARACTER, _PIXELS_PER_POINT = 7, 4 / 3


class Page:
    """A worksheet part open to change; raises MarkupError for one that cannot be split."""

    def __init__(self, data: bytes) -> None:
        data = plain_xml(data)
        opening = _DATA.search(data)
        if opening is None:
            raise MarkupError("no sheetData")
        prefix = opening[1]
        if opening[2].endswith(b"/"):
            start = end = rest = opening.end()
        else:
            start, end = opening.end(), data.rindex(b"</" + prefix + b"sheetData")
            rest = data.index(b">", end) + 1
        self.root = parse(b"".join((data[:opening.start()], b"<", prefix, b"sheetData/>", data[rest:])))
        self.prefix = prefix_of(self.root)
        self.data = self.root.child("sheetData")
        if self.data is None or self.prefix.encode() != prefix:
            raise MarkupError("sheetData is not where it belongs")
        self.rows = Rows(data[start:end], prefix)
        self._columns = self._read_columns()
        self._format = self.root.child("sheetFormatPr")

    # What the frame says

    def _read_columns(self) -> list[tuple[int, int, Element]]:
        holder = self.root.child("cols")
        return [(int(c.get("min")), int(c.get("max")), c) for c in holder.elements()] if holder is not None else []

    def _column(self, number: int) -> Element | None:
        return next((column for first, last, column in self._columns if first <= number <= last), None)

    def column_style(self, number: int) -> int:
        """The style of cells that are not there."""
        column = self._column(number)
        return int(column.get("style") or 0) if column is not None else 0

    def width(self, number: int) -> float:
        """A column's width in pixels."""
        column = self._column(number)
        if column is not None and column.get("hidden") in ("1", "true"):
            return 0.0
        stated = column.get("width") if column is not None else ""
        usual = self._format.get("defaultColWidth") if self._format is not None else ""
        return float(stated or usual or _WIDTH) * _PIXELS_PER_CHARACTER

    def height(self, number: int) -> float:
        """A row's height in pixels."""
        usual = self._format.get("defaultRowHeight") if self._format is not None else ""
        return self.rows.heights.get(number, float(usual or _HEIGHT)) * _PIXELS_PER_POINT

    def anchors(self, cells: Iterable[Cell]) -> dict[Cell, Cell]:
        """Those of the cells that lie in merged ones, with the cell that shows."""
        by_row: dict[int, list[int]] = {}
        for row, column in cells:
            by_row.setdefault(row, []).append(column)
        holder, found = self.root.child("mergeCells"), {}
        for element in holder.elements() if holder is not None else ():
            try:
                area = Area.parse(element.get("ref"))
            except ValueError:  # a reader drops it too
                continue
            inside = range(area.top, area.bottom + 1)
            for row in inside if len(inside) < len(by_row) else [row for row in by_row if row in inside]:
                for column in by_row.get(row, ()):
                    if area.left <= column <= area.right:
                        found[row, column] = area.top, area.left
        return found

    # Changes

    def link_boxes(self, rid: str, kinds: str) -> None:
        """Point the sheet at the boxes of its notes."""
        old = self.root.child("legacyDrawing")
        if old is not None:
            self.root.children.remove(old)
        element = Element(self.prefix + "legacyDrawing", {"xmlns:r": kinds, "r:id": rid})
        insert_after(self.root, element, _BEFORE_BOXES)

    @property
    def boxes_id(self) -> str:
        """The id of the link to the boxes, empty if there is none."""
        element = self.root.child("legacyDrawing")
        return next((v for k, v in element.attributes.items() if k.endswith(":id")), "") if element is not None else ""

    def deselect(self) -> None:
        """Make this not the chosen sheet: two chosen sheets would be edited together."""
        for view in self.root.every("sheetView"):
            view.attributes.pop("tabSelected", None)

    def cover(self, cells: Iterable[Cell]) -> None:
        """Widen the stated extent of the sheet to hold these cells."""
        element = self.root.child("dimension")
        rows, columns = zip(*cells)
        if element is not None and element.get("ref"):
            area = Area.parse(element.get("ref"))
            wider = Area(min(area.top, *rows), min(area.left, *columns), max(area.bottom, *rows), max(area.right, *columns))
            element.attributes["ref"] = f"{column_letters(wider.left)}{wider.top}:{wider.corner()}"

    def chunks(self, marks: Mapping[int, Iterable[int]], restyle: Restyle) -> Iterator[bytes]:
        """The whole part with these cells marked (row → columns)."""
        around = "".join(escape(child) if isinstance(child, str) else child.xml() if child is not self.data else "\0"
                         for child in self.root.children)
        before, _, after = around.partition("\0")
        yield f"{DECLARATION}{self.root.start()}>{before}<{self.prefix}sheetData>".encode()
        yield from self.rows.marked(marks, restyle, self.column_style)
        yield f"</{self.prefix}sheetData>{after}</{self.root.tag}>".encode()


def deselected(part: Part) -> bytes | None:
    """A sheet that stays as it is but for being the chosen one, None if it is not."""
    stored = part.method == zipfile.ZIP_STORED
    head = part.packed[:_HEAD] if stored else zlib.decompressobj(-15).decompress(part.packed, _HEAD)
    if b"tabSelected" not in head.replace(b"\0", b""):  # UTF-16 has a zero in every letter
        return None
    data = plain_xml(part.unpack())
    rows = _DATA.search(data)
    end = rows.start() if rows else len(data)
    without, count = _CHOSEN.subn(b"", data[:end])
    return without + data[end:] if count else None
