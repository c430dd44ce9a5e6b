"""Many PDFs bound into one to print or send: bookmarks to find a project by, one page number after the other."""
from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

from pypdf import PageObject
from pypdf.constants import PageLabelStyle
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, StreamObject

from .document import Document, opened

_SIZE, _HEIGHT = 10.5, 14.0  # points: the letters and where they stand, below what the templates print, above what printers cannot reach
_DASH, _SPACE, _DIGIT = 1000, 250, 500  # widths in Times-Roman, in thousandths of the size
_FONT = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Times-Roman", "/Encoding": "/WinAnsiEncoding"}
_NAME = "/XltoolNumber"
_PAGE_FIELD = re.compile(rb'(?:instr="|<w:instrText[^>]*>)\s*PAGE\b')


@dataclass(frozen=True, slots=True)
class Part:
    """A PDF to bind: the title of its bookmark, and the group (a county) whose bookmark that stands under."""

    title: str
    pdf: bytes
    group: str = ""


def numbers_pages(document: bytes) -> bool:
    """Whether a .docx prints page numbers of its own."""
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        margins = (name for name in archive.namelist() if name.startswith(("word/header", "word/footer")))
        return any(_PAGE_FIELD.search(archive.read(name)) for name in margins)


def merge(parts: Iterable[Part], title: str, created: dt.datetime, numbered: bool = True) -> bytes:
    """The parts, at least one, as one PDF in order. `numbered`: “— 3 —” at the foot of each page, in a font every reader has.

    Neighbours of one group stand under one bookmark. Every page keeps its size and direction.
    """
    document = Document(title, created)
    font = document.writer._add_object(DictionaryObject({NameObject(key): NameObject(value) for key, value in _FONT.items()}))
    count = 0
    for group, members in groupby(parts, key=lambda part: part.group):
        above = None
        for part in members:
            pages = []
            for page in opened(part.pdf).pages:
                count += 1
                pages.append(document.add(page))
                if numbered:
                    _number(pages[-1], count, font, document.writer._add_object)
            if group and above is None:
                above = document.writer.add_outline_item(title=group, page_number=pages[0], is_open=False)
            document.writer.add_outline_item(title=part.title, page_number=pages[0], parent=above)
    document.writer.set_page_label(0, count - 1, style=PageLabelStyle.DECIMAL, start=1)
    document.writer.page_mode = "/UseOutlines"
    return document.bytes()


def _number(page: PageObject, number: int, font: IndirectObject, keep: Callable[[StreamObject], IndirectObject]) -> None:
    """Write the number at the middle of the foot; what the page's own contents have set does not reach it."""
    width = (2 * (_DASH + _SPACE) + _DIGIT * len(str(number))) * _SIZE / 1000
    left = (float(page.mediabox.left) + float(page.mediabox.right) - width) / 2
    text = f"Q q BT 0 g {_NAME} {_SIZE} Tf 1 0 0 1 {left:.2f} {float(page.mediabox.bottom) + _HEIGHT:.2f} Tm (\\227 {number} \\227) Tj ET Q"
    before, after = StreamObject(), StreamObject()
    before.set_data(b"q\n")
    after.set_data(text.encode("ascii"))
    own = page.raw_get("/Contents") if "/Contents" in page else ArrayObject()
    own = own.get_object() if isinstance(own.get_object(), ArrayObject) else [own]
    page[NameObject("/Contents")] = ArrayObject([keep(before), *own, keep(after)])
    fonts = page["/Resources"].setdefault(NameObject("/Font"), DictionaryObject())
    fonts[NameObject(_NAME)] = font
