"""The first sheet of a returned workbook, 退回问题: every fault with a link to its cell, and what the county should do."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..template.height import FitCell
from ..template.markup import DECLARATION, escape
from ..template.values import MAX_TEXT, text_element
from .book import Book
from .entries import Entry
from .notes import place_of
from .page import Cell
from .styles import RED, YELLOW, Styles
from .titles import add_title

TITLE = "退回问题"
HEADERS = ("序号", "工作表", "单元格", "内容", "问题", "怎么改")
GUIDANCE = "请逐条改正下列问题：有问题的单元格已涂红，批注写明怎么改（黄色的是提示，请核对）。改完后删除本表，再报送本文件。"
MAX_LINKS = 65_000  # of one sheet in Excel
_WIDTHS = (6, 16, 11, 30, 36, 36)
_POINTS_PER_CHARACTER = 5.25
_LINK, _INK = "FF0563C1", "FF9C0006"
_ROWS_AT_ONCE = 500


def add_listing(book: Book, styles: Styles, entries: Sequence[Entry], spots: Mapping[int, Cell], remarks: Sequence[str]) -> None:
    """Put the list before the other sheets; `spots` are the cells that entries (by number) link to."""
    title = book.free_title(TITLE)
    count = sum(not entry.hint for entry in entries)
    hints = len(entries) - count
    heading = f"{TITLE}　{book.file}　共{count}条" + (f"，提示{hints}条" if hints else "")
    listing = _Listing(book, styles, entries, spots)
    lead = [GUIDANCE, *remarks]
    first = len(lead) + 3  # of the entries, below the title, the lead and the heads of the columns
    add_title(book, title)
    book.add_first_sheet(title, listing.chunks(heading, lead, first), f"$1:${first - 1}" if len(lead) < 6 else f"${first - 1}:${first - 1}")


class _Listing:
    def __init__(self, book: Book, styles: Styles, entries: Sequence[Entry], spots: Mapping[int, Cell]) -> None:
        self._book, self._entries, self._spots = book, entries, spots
        self._title, self._lead = styles.plain(16, bold=True, framed=False), styles.plain(framed=False)
        self._remark, self._header = styles.plain(ink=_INK, framed=False), styles.header()
        self._text, self._number = styles.plain(), styles.plain(centred=True)
        self._links_to = [styles.plain(underlined=True, ink=_LINK, colour=colour, centred=True) for colour in (RED, YELLOW)]

    def chunks(self, heading: str, lead: Sequence[str], first: int) -> Iterator[bytes]:
        """The worksheet part, a few hundred rows at a time."""
        last = first + max(len(self._entries), 1) - 1
        yield (
            f'{DECLARATION}<worksheet xmlns="{self._book.main}" xmlns:r="{self._book.link_kinds}"><sheetPr><tabColor rgb="FFC00000"/>'
            f'<pageSetUpPr fitToPage="1"/></sheetPr><dimension ref="A1:F{last}"/><sheetViews><sheetView showGridLines="0" tabSelected="1" '
            f'workbookViewId="0"><pane ySplit="{first - 1}" topLeftCell="A{first}" activePane="bottomLeft" state="frozen"/>'
            f'<selection pane="bottomLeft" activeCell="A{first}" sqref="A{first}"/></sheetView></sheetViews>'
            f'<sheetFormatPr defaultRowHeight="15"/><cols>{self._columns()}</cols><sheetData>').encode()
        yield self._wide(1, heading, self._title, 16).encode()
        for number, text in enumerate(lead, 2):
            yield self._wide(number, text, self._remark if number > 2 else self._lead, 10).encode()
        heads = "".join(_cell(column, first - 1, self._header, text) for column, text in zip("ABCDEF", HEADERS))
        yield f'<row r="{first - 1}" ht="21" customHeight="1">{heads}</row>'.encode()
        for start in range(0, len(self._entries), _ROWS_AT_ONCE):
            several = self._entries[start:start + _ROWS_AT_ONCE]
            yield "".join(self._row(first + start + step, entry) for step, entry in enumerate(several)).encode()
        merges = "".join(f'<mergeCell ref="A{row}:F{row}"/>' for row in range(1, first - 1))
        yield f'</sheetData><mergeCells count="{first - 2}">{merges}</mergeCells>'.encode()
        yield from self._links(first)
        yield (
            '<printOptions horizontalCentered="1"/><pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/>'
            '<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>'
            '<headerFooter><oddFooter>&amp;C第 &amp;P 页　共 &amp;N 页</oddFooter></headerFooter></worksheet>').encode()

    @staticmethod
    def _columns() -> str:
        return "".join(f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(_WIDTHS, 1))

    @staticmethod
    def _wide(row: int, text: str, style: int, size: float) -> str:
        """A text over all columns; programs do not fit rows of merged cells."""
        height = FitCell(0, (sum(_WIDTHS) - 2) * _POINTS_PER_CHARACTER, size).needs(text) + 4
        return f'<row r="{row}" ht="{min(height, 400):g}" customHeight="1">{_cell("A", row, style, text)}</row>'

    def _row(self, row: int, entry: Entry) -> str:
        problem = entry.problem
        where, linked = problem.where, entry.number in self._spots
        sheet = (entry.tab.name if entry.tab else where.sheet) or "（整个文件）"
        hidden = entry.tab is not None and entry.tab.element.get("state") in ("hidden", "veryHidden")
        place = where.cell or ("（整张表）" if where.sheet else "")
        texts = (sheet + "（隐藏）" * hidden, place, problem.found or "（空）", "提示：" * entry.hint + problem.expected, problem.fix)
        styles = (self._text, self._links_to[entry.hint] if linked else self._number, self._text, self._text, self._text)
        cells = "".join(_cell(column, row, style, text) for column, style, text in zip("BCDEF", styles, texts))
        height = max(FitCell(0, (width - 1) * _POINTS_PER_CHARACTER, 10).needs(text) for width, text in zip(_WIDTHS[1:], texts)) + 4
        return (f'<row r="{row}" ht="{min(height, 400):g}" customHeight="1"><c r="A{row}" s="{self._number}"><v>{entry.number}</v></c>{cells}'
                "</row>")

    def _links(self, first: int) -> Iterator[bytes]:
        linked = [(first + step, entry) for step, entry in enumerate(self._entries) if entry.number in self._spots][:MAX_LINKS]
        if not linked:
            return
        yield b"<hyperlinks>"
        for row, entry in linked:
            place = place_of(self._spots[entry.number])
            quoted = entry.tab.name.replace("'", "''")
            location = escape(f"'{quoted}'!{place}")
            yield f'<hyperlink ref="C{row}" location="{location}" display="{escape(place)}"/>'.encode()
        yield b"</hyperlinks>"


def _cell(column: str, row: int, style: int, text: str) -> str:
    if not text:
        return f'<c r="{column}{row}" s="{style}"/>'
    text = text if len(text) < MAX_TEXT // 2 else text[:MAX_TEXT // 2 - 10] + "……"
    return f'<c r="{column}{row}" s="{style}" t="inlineStr"><is>{text_element(text)}</is></c>'
