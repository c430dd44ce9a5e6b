"""What a workbook of ours is on paper: columns as wide in every program, sheets on A4 across at a size that can be read."""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from io import BytesIO
from math import ceil

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from .. import __version__
from .template.height import FitCell

PAGE_WIDTH = 180  # characters on an A4 page across, at a size that reads well
DENSE_WIDTH = 220  # at the smallest that can be read, for lists to look something up in
# The default font is the unit of column widths. Calibri is missing on many office computers here, and what stands in for it is
# wider; Arial or its equal Liberation Sans is everywhere, in the printed forms too.
_DEFAULT = {"font_name": "Arial", "font_size": 10, "font_scheme": False}
_POINTS_PER_CHARACTER, _SIZE, _LEAST, _TALLEST = 5.25, 10.0, 19, 400
_PLAIN = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def new_book(data: BytesIO, title: str, created: dt.datetime | None = None) -> Workbook:
    """A workbook that writes every text as it is; created now unless told."""
    book = Workbook(data, {**_PLAIN, "default_format_properties": _DEFAULT})
    book.set_properties({"title": title, "author": "xltool", "comments": f"xltool {__version__}", "created": created})
    return book


def print_on_a4(sheet: Worksheet, widths: Sequence[float], repeated: int = 0, page: float = PAGE_WIDTH) -> None:
    """As many pages side by side, of `page` characters, as columns of these widths need; the `repeated` first ones stand on each."""
    first = sum(widths[:repeated])
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.55)
    sheet.set_footer("&C&9&A　第&P页 共&N页")
    sheet.fit_to_pages(max(1, ceil((sum(widths) - first) / (page - first))), 0)
    sheet.print_across()
    if repeated:
        sheet.repeat_columns(0, repeated - 1)


def fit_row(sheet: Worksheet, row: int, texts: Iterable[tuple[str, float]]) -> None:
    """Make a row as high as its wrapped texts need in columns of these widths; not every program does so on opening."""
    needed = max((FitCell(0, max(width - 1, 2) * _POINTS_PER_CHARACTER, _SIZE).needs(text) for text, width in texts), default=_LEAST)
    sheet.set_row(row, min(max(needed, _LEAST), _TALLEST))


def heading_width(text: str) -> float:
    """Wide enough for a heading in three lines."""
    return 2 * len(text) / 3 + 2
