"""Web pages with tables, which many systems call .xls: the whole page becomes one sheet, as Excel shows it."""
from __future__ import annotations

import email
import email.policy
import re
from html.parser import HTMLParser

from ...grid import Area, Grid, Source
from ..encoding import decode
from ..refusal import Refusal, damaged, not_a_table, over_limit
from .cells import dense

_MAX_CELLS, _MAX_SPAN = 2_000_000, 16384
_BLOCKS = {"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "caption", "center", "title"}
_SILENT = {"script", "style", "title", "xml", "head"}
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_SHEET_NAME = re.compile(r"<x:Name>([^<]+)</x:Name>")
_SPACES = re.compile(r"[ \t\r\n\f]+")
_FRAMES = re.compile(r"<frameset|<x:WorksheetSource", re.I)


def read(data: bytes, source: Source, native: bool = True) -> None:
    """Read a web page."""
    text = decode(data, declared=True)
    if text is None:
        raise Refusal(damaged("看不出是什么编码"))
    source.grids.append(_grid(text, source, _SHEET_NAME.search(text)))
    if not source.grids[0].rows or not source.grids[0].rows[-1]:
        frames = "只有框架，表格在别的文件里" if _FRAMES.search(text) else "里面没有表格"
        raise Refusal(not_a_table(f"网页（{frames}）", "请用Excel打开原来的网页，另存为.xlsx"))
    source.reader = "xltool"


def read_archive(data: bytes, source: Source, native: bool = True) -> None:
    """Read a web page with its sheets in one MIME file."""
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            body = part.get_payload(decode=True) or b""
            text = decode(body, declared=True)
            if text and not _FRAMES.search(text) and "<t" in text.lower():
                grid = _grid(text, source, _SHEET_NAME.search(text))
                if grid.rows:
                    grid.name = f"Sheet{len(source.grids) + 1}"
                    source.grids.append(grid)
    if not source.grids:
        raise Refusal(not_a_table("网页（里面没有表格）", "请用Excel打开，另存为.xlsx"))
    source.reader = "xltool"


def _grid(text: str, source: Source, name: re.Match[str] | None) -> Grid:
    page = _Page()
    page.feed(text)
    page.close()
    page.finish()
    title = name[1].strip() if name else source.name.rpartition(".")[0] or source.name
    return Grid(title, dense(page.cells), tuple(page.merges), frozenset(page.hidden_rows))


class _Page(HTMLParser):
    """The cells of a page; tables below one another, texts between them in rows of their own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.cells: dict[int, dict[int, object]] = {}
        self.merges: list[Area] = []
        self.hidden_rows: set[int] = set()
        self._taken: set[tuple[int, int]] = set()  # cells that a span from above or the left covers
        self._total = 0
        self._row, self._column, self._bottom = -1, 0, -1
        self._tables, self._silent = 0, 0
        self._cell: dict[str, str | None] | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "table":
            if self._cell is None:
                self._loose()
                self._row = max(self._row, self._bottom)
            self._tables += 1
        elif self._tables > 1:  # a table inside a cell is part of its text
            if tag in ("tr", "td", "th"):
                self._text += "\n" if tag == "tr" else " "
        elif tag == "tr":
            self._end_cell()
            self._row, self._column = self._row + 1, 0
            if "display:none" in (dict(attrs).get("style") or "").replace(" ", ""):
                self.hidden_rows.add(self._row)
        elif tag in ("td", "th"):
            self._end_cell()
            self._row = max(self._row, 0)
            self._cell, self._text = dict(attrs), ""
        elif tag == "br":
            self._text += "\n"
        elif tag in _BLOCKS:
            self._block()

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(self._silent - 1, 0)
        elif tag == "table" and self._tables:
            self._tables -= 1
            if not self._tables:
                self._end_cell()
                self._row = max(self._row, self._bottom)
        elif self._tables > 1:
            return
        elif tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag in _BLOCKS:
            self._block()

    def handle_data(self, data: str) -> None:
        if not self._silent and (self._cell is not None or not self._tables):
            self._text += _SPACES.sub(" ", data)

    def finish(self) -> None:
        self._end_cell()
        self._loose()

    def _block(self) -> None:
        """A paragraph begins or ends: a new line in a cell, a row outside of tables."""
        if self._cell is None:
            self._loose()
        elif self._text.strip():
            self._text += "\n"

    def _loose(self) -> None:
        text = _clean(self._text)
        if text and not self._tables:
            self._row += 1
            self.cells[self._row] = {0: text}
            self._bottom = max(self._bottom, self._row)
        self._text = ""

    def _end_cell(self) -> None:
        cell, self._cell = self._cell, None
        if cell is None:
            return
        while (self._row, self._column) in self._taken:
            self._column += 1
        down, across = _span(cell.get("rowspan")), _span(cell.get("colspan"))
        self._total += down * across
        if self._total > _MAX_CELLS:
            raise Refusal(over_limit("跨行跨列的单元格太多", f"最多 {_MAX_CELLS // 10000} 万个单元格"))
        value = _value(cell, _clean(self._text))
        if value != "":
            self.cells.setdefault(self._row, {})[self._column] = value
        if down > 1 or across > 1:
            self.merges.append(Area(self._row, self._column, self._row + down - 1, self._column + across - 1))
            self._taken.update((row, column) for row in range(self._row, self._row + down)
                               for column in range(self._column, self._column + across))
        self._bottom = max(self._bottom, self._row)
        self._column += across
        self._text = ""


def _clean(text: str) -> str:
    return "\n".join(line.strip(" ") for line in text.split("\n")).strip(" \n")


def _span(written: str | None) -> int:
    digits = (written or "").strip()
    return max(min(int(digits), _MAX_SPAN), 1) if digits.isascii() and digits.isdigit() and len(digits) < 9 else 1


def _value(cell: dict[str, str | None], text: str) -> object:
    """The cell's text; the number behind it where Excel wrote the page and says so."""
    if "x:num" in cell:
        written = cell["x:num"] or text
        if _NUMBER.fullmatch(written):
            return float(written)
    return text
