"""One workbook marked: its faulty cells coloured, notes put on them, the list of all faults put first."""
from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from ...rules.problems import Problem
from ..template.markup import MarkupError
from ..template.reference import MAX_COLUMN, MAX_ROW, Area
from ..template.workbook import Tab
from .book import Book
from .boxes import NEAR, Blocks
from .entries import Entry, numbered
from .listing import MAX_LINKS, add_listing
from .notes import write_notes
from .page import Cell, Page, deselected
from .styles import RED, YELLOW, Styles

MAX_NOTES = 5_000  # on one sheet; programs get slow with more
MAX_AREA = 1_000  # cells of one range that are coloured
MAX_FILLED_ROWS = 50  # rows of one range of rows


def mark_book(book: Book, problems: Sequence[Problem], hints: Sequence[Problem], remarks: Sequence[str]) -> bytes:
    """The workbook with everything marked; raises ProblemsError where it cannot be kept whole."""
    try:
        return _mark(book, problems, hints, list(remarks))
    except (MarkupError, zlib.error, ValueError, KeyError, OverflowError) as error:
        book.refuse(f"里面的内容对不上（{error}）", "不是完整合法的 .xlsx 工作簿", "请用 Excel 或 WPS 另存一份")
        raise


def _mark(book: Book, problems: Sequence[Problem], hints: Sequence[Problem], remarks: list[str]) -> bytes:
    entries = numbered(book.tabs, problems, hints)
    styles = Styles(book)
    blocks = Blocks(part.unpack() for path, part in book.parts.items() if path.casefold().endswith(".vml"))
    spots: dict[int, Cell] = {}
    unnoted = 0
    by_sheet: dict[str, list[Entry]] = {}
    for entry in entries:
        by_sheet.setdefault(entry.tab.name if entry.tab else "", []).append(entry)
    for tab in book.tabs:
        found = by_sheet.get(tab.name, [])
        if any(entry.areas for entry in found):
            painter = _Painter(book, tab, styles)
            spots |= painter.mark([entry for entry in found if entry.areas], blocks)
            unnoted += painter.unnoted
        elif (data := deselected(book.parts[tab.path])) is not None:
            book.put(tab.path, data)
        if tab.kind == "worksheet":
            spots |= {entry.number: (1, 1) for entry in found if entry.number not in spots}
    if unnoted:
        remarks.append(f"问题太多，有 {unnoted} 个单元格只涂了色，没有写批注，以本表为准。")
    if len(spots) > MAX_LINKS:
        remarks.append(f"问题太多，{MAX_LINKS} 条以后没有链接。")
    if styles.full:
        remarks.append("原件的单元格格式太多，有的单元格没有涂色，以本表为准。")
    if book.drop_signatures():
        remarks.append("原件有电子签名。改动后签名失效，本副本已去掉签名；需要签名的，请改好后重新签。")
    if book.drop_sharing():
        remarks.append("原件是共享工作簿。本副本已取消共享，修订记录留在原件里。")
    add_listing(book, styles, entries, spots, remarks)
    styles.save()
    return book.bytes()


class _Painter:
    """Marks one worksheet."""

    def __init__(self, book: Book, tab: Tab, styles: Styles) -> None:
        self._book, self._tab, self._styles = book, tab, styles
        self._page = Page(book.parts[tab.path].unpack())
        self.unnoted = 0

    def mark(self, entries: Sequence[Entry], blocks: Blocks) -> dict[int, Cell]:
        """Colour and annotate; returns each entry's cell by its number."""
        page = self._page
        named = {entry.number: [cell for area in entry.areas for cell in _cells(area)] for entry in entries}
        anchors = page.anchors({cell for cells in named.values() for cell in cells})
        named = {number: list(dict.fromkeys(anchors.get(cell, cell) for cell in cells)) for number, cells in named.items()}
        whole = {entry.number: [row for area in entry.areas for row in _whole_rows(area)] for entry in entries}
        wanted = {row for cells in named.values() for row, _ in cells} | {row for rows in whole.values() for row in rows}
        noted_rows = islice(sorted(wanted), MAX_NOTES)
        page.rows.find(frozenset(wanted), frozenset(row + step for row in noted_rows for step in range(-1, NEAR)))
        for number, rows in whole.items():
            named[number] += [(row, column) for row in rows for column in page.rows.filled(row) or [1]]
        self._write(entries, named, blocks)
        return {entry.number: (named[entry.number] or [(entry.areas[0].top, entry.areas[0].left)])[0] for entry in entries}

    def _write(self, entries: Sequence[Entry], named: Mapping[int, list[Cell]], blocks: Blocks) -> None:
        colours: dict[Cell, str] = {}
        texts: dict[Cell, list[str]] = {}
        for entry in entries:
            cells = named[entry.number]
            for cell in cells:
                if not (entry.hint and cell in colours):
                    colours[cell] = YELLOW if entry.hint else RED
            if cells:
                texts.setdefault(cells[0], []).append(entry.note())
        marks: dict[int, list[int]] = {}
        for row, column in colours:
            marks.setdefault(row, []).append(column)
        page, path = self._page, self._tab.path
        page.deselect()
        if colours:
            page.cover(colours)
            notes = {cell: "\n\n".join(several) for cell, several in islice(texts.items(), MAX_NOTES)}
            self.unnoted = len(texts) - len(notes)
            write_notes(self._book, path, page, notes, blocks)
        self._book.put(path, page.chunks(marks, lambda row, column, style: self._styles.marked(style, colours[row, column])))


def _cells(area: Area) -> Iterable[Cell]:
    """The cells of an area that are marked one by one: none of whole rows and columns, the corner of a large range."""
    if area.right - area.left == MAX_COLUMN - 1 or area.bottom - area.top == MAX_ROW - 1:
        return []
    if (area.bottom - area.top + 1) * (area.right - area.left + 1) > MAX_AREA:
        return [(area.top, area.left)]
    return [(row, column) for row in range(area.top, area.bottom + 1) for column in range(area.left, area.right + 1)]


def _whole_rows(area: Area) -> range:
    """The rows of an area that is whole rows."""
    is_rows = area.right - area.left == MAX_COLUMN - 1 and area.bottom - area.top < MAX_ROW - 1
    return range(area.top, min(area.bottom, area.top + MAX_FILLED_ROWS - 1) + 1) if is_rows else range(0)
