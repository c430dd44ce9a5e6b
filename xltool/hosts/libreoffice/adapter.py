"""Cells as LibreOffice hands them over, answers as it shows them; runs inside LibreOffice, on the standard library alone.

In: numbers, dates and truth values are floats; a blank cell is "" inside a range, but 0.0 alone, and nothing tells that from a zero.
Out: rows of floats and texts; an error is a NaN that carries LibreOffice's number for it. Nothing is ever raised.
"""
from __future__ import annotations

import json
import os
import struct
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from time import monotonic

from ...rules.library import Library
from ...rules.model import Edition
from ..blocks import VALUE, Cell, Mark, Rows
from ..definition import FUNCTIONS, NAMESPACE
from ..functions import call
from ..guidelines import NAME, Guidelines

Answer = tuple[tuple[object, ...], ...]

_NAN = 0x7FF8000000000000
_CODES = {"#N/A": 32767, "#VALUE!": 519, "#REF!": 524, "#DIV/0!": 532, "#NAME?": 525, "#NUM!": 503, "#NULL!": 521}
_GRANTED = 0.2  # seconds
_VALUES = "values"  # the only parameter where a number alone makes sense, and so the only one where 0.0 cannot be a blank cell
_MOST = 4  # parameters
_BLANKS = {function.name: [*(parameter.name != _VALUES for parameter in function.parameters), *[True] * _MOST][:_MOST] for function in FUNCTIONS}


def error_number(mark: str) -> float:
    """The number that LibreOffice shows as an error; an error it does not know is #VALUE!."""
    return struct.unpack("<d", struct.pack("<Q", _NAN | _CODES.get(mark, _CODES["#VALUE!"])))[0]


_ERRORS = {Mark(text): error_number(text) for text in _CODES}


class Functions:
    """The functions over the editions in a folder (`editions.json` lists them, newest first)."""

    def __init__(self, folder: str) -> None:
        self.guidelines = Guidelines(_bundled(Path(folder)), _load)
        self._named = None, "", 0.0  # what which document named, and until when that is taken for granted

    def named(self, document: object) -> str:
        """The guideline workbook that a document names. Asked for again after a fifth of a second: asking costs more than most answers."""
        if document is None:
            return ""
        now = monotonic()
        if now > self._named[2] or document != self._named[0]:  # each call brings another object; equal ones are one document
            self._named = document, guideline_of(document), now + _GRANTED
        return self._named[1]

    def answer(self, name: str, args: Sequence[object], document: object) -> Answer:
        """The rows that LibreOffice shows for a call from a document."""
        try:
            known = [None if blank and raw == 0.0 else raw for blank, raw in zip(_blanks(name, args), args)]
            return shown(call(self.guidelines, name, known, self.named(document)))
        except Exception as error:  # a fault of the program; any exception would leave the user with a bare error number
            return shown([[f"程序出错，请把这句话和公式发给维护人：{type(error).__name__}: {error}" if name == "WHY" else VALUE]])


def _blanks(name: str, args: Sequence[object]) -> list[bool]:
    """Which arguments of a call are blank where they are 0.0; those of WHY are the ones of the function that it is about."""
    about = args[3] if name == "WHY" and len(args) == _MOST else None
    asked = about.strip().upper().removeprefix(f"{NAMESPACE}.") if isinstance(about, str) else name
    return _BLANKS.get(asked) or _BLANKS[name]


def shown(rows: Rows) -> Answer:
    """Rows as LibreOffice takes them."""
    return tuple([tuple(map(_shown, row)) for row in rows])


def _shown(value: Cell) -> object:
    if type(value) is float or type(value) is str:
        return value
    if isinstance(value, Mark):
        return _ERRORS.get(value) or error_number(value)
    return "" if value is None else float(value)


def _bundled(folder: Path) -> Library:
    from ...rules.data import edition_of

    def data(name: str) -> object:
        with open(folder / f"{name}.json", encoding="utf-8") as file:
            return json.load(file)

    return Library(data("editions"), cache(lambda name: edition_of(data(name))))


def _load(path: Path) -> Edition:
    """A guideline workbook; what reads it is imported only where one is named."""
    from ...guideline.read import load
    from .workbook import grids
    return load(path, grids)


def guideline_of(document: object) -> str:
    """The path in the defined name XLTOOL_GUIDELINE (its text, or that of the cell it refers to), "" where there is none.

    A path that begins with no folder is one beside the document.
    """
    names = document.getPropertyValue("NamedRanges")
    if not names.hasByName(NAME):
        return ""
    name = names.getByName(NAME)
    cells = name.getReferredCells()
    path = (cells.getCellByPosition(0, 0).getString() if cells is not None else name.getContent().lstrip("=").strip('"')).strip()
    return _beside(document.getURL(), path) if path else ""


def _beside(url: str, path: str) -> str:
    import uno
    return os.path.join(os.path.dirname(uno.fileUrlToSystemPath(url)), path) if url.startswith("file:") else path
