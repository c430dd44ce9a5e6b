"""Which pages of a printed workbook belong to which sheet: LibreOffice puts a bookmark of the sheet's name on its first page.

Pages are told apart by these bookmarks alone, and only when all of them agree with the workbook.
"""
from __future__ import annotations

import io
import re
import zipfile

from pypdf import PdfReader
from python_calamine import CalamineWorkbook

_MARGINS = re.compile(rb"<(?:\w+:)?headerFooter\b.*?</(?:\w+:)?headerFooter>", re.DOTALL)
_COUNTS = re.compile(rb"&amp;[PNFZ]", re.IGNORECASE)  # page, pages, file, folder; a sign & that is printed is written twice


def pages_of_sheets(pdf: PdfReader, workbook: bytes) -> dict[str, range] | None:
    """The pages of each sheet that was printed; None where bookmarks and workbook do not agree."""
    marks = [item for item in pdf.outline if not isinstance(item, list)]
    titles, starts = [str(item.title) for item in marks], [pdf.get_destination_page_number(item) for item in marks]
    sheets = iter(CalamineWorkbook.from_filelike(io.BytesIO(workbook)).sheet_names)
    in_order = all(title in sheets for title in titles)  # each is looked for behind the one before
    if len(marks) != len(pdf.outline) or not in_order or starts[:1] != [0]:
        return None
    ends = [*starts[1:], len(pdf.pages)]
    if any(end <= start for start, end in zip(starts, ends)):
        return None
    return {title: range(start, end) for title, start, end in zip(titles, starts, ends)}


def tells_place(workbook: bytes) -> bool:
    """Whether a header or footer prints a page number, the number of pages or the file's name: what depends on what is printed with it."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        parts = (archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml"))
        return any(_COUNTS.search(found.replace(b"&amp;&amp;", b"")) for part in parts for found in _MARGINS.findall(part))
