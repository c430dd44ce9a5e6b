"""A PDF put together from pages of others: each font and picture once, and nothing that tells when or where it was made but `created`."""
from __future__ import annotations

import datetime as dt
import hashlib
import io
import re

from pypdf import PageObject, PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

from .type1 import number_fonts

_NAME = re.compile(rb"/([^\s/()<>\[\]{}%]+)")


class Document:
    """A new PDF with a title (Chinese); `created` is the only moment it knows."""

    def __init__(self, title: str, created: dt.datetime) -> None:
        self.writer = PdfWriter()
        moment = _moment(created)
        makers = {"/Creator": "xltool", "/Producer": "LibreOffice, pypdf"}
        self.writer.add_metadata({"/Title": title, **makers, "/CreationDate": moment, "/ModDate": moment})
        root = self.writer.root_object
        root[NameObject("/Lang")] = TextStringObject("zh-CN")
        root[NameObject("/ViewerPreferences")] = DictionaryObject({NameObject("/DisplayDocTitle"): BooleanObject(True)})
        self._shared: dict[bytes, IndirectObject] = {}

    def add(self, page: PageObject) -> PageObject:
        """A page of another PDF put at the end, with what it shows and no more; the page as it is here."""
        page[NameObject("/Resources")] = self._resources(page)
        return self.writer.add_page(page)

    def bytes(self) -> bytes:
        """The whole file."""
        stream = io.BytesIO()
        self.writer.write(stream)
        return stream.getvalue()

    def _resources(self, page: PageObject) -> DictionaryObject:
        """The page's resources without what it does not use: LibreOffice lists those of all pages with every page."""
        given = DictionaryObject(page["/Resources"].get_object())
        pictures = _entries(given, "/XObject")
        contents = page.get_contents()
        drawn = b"" if contents is None else contents.get_data()
        used = {f"/{name.decode('latin-1')}" for name in _NAME.findall(drawn)}
        if any(_is_form(each) and "/Resources" not in each.get_object() for each in pictures.values()):
            used |= {*pictures, *_entries(given, "/Font")}  # such a drawing uses the page's
        for kind in ("/Font", "/XObject"):
            kept = {NameObject(name): self._once(each) for name, each in _entries(given, kind).items() if name in used}
            if kept:
                given[NameObject(kind)] = DictionaryObject(kept)
            else:
                given.pop(kind, None)
        return given

    def _once(self, found: PdfObject) -> PdfObject:
        """A font or picture, the same one for all pages that have an equal one; drawings stay as they are."""
        if not isinstance(found, IndirectObject) or _is_form(found):
            return found
        key = _digest(found)
        if key not in self._shared:
            self._shared[key] = found.clone(self.writer)
        return self._shared[key]


def opened(data: bytes) -> PdfReader:
    """A PDF of ours, to take pages from."""
    return PdfReader(io.BytesIO(data))


def printed(data: bytes) -> PdfReader:
    """A PDF as LibreOffice has made it, to take pages from."""
    reader = opened(data)
    number_fonts(reader)
    return reader


def _entries(resources: DictionaryObject, kind: str) -> dict[str, PdfObject]:
    held = resources.get(kind)
    held = held.get_object() if held is not None else DictionaryObject()
    return {name: held.raw_get(name) for name in held}


def _is_form(found: PdfObject) -> bool:
    return found.get_object().get("/Subtype") == "/Form"


def _digest(found: PdfObject) -> bytes:
    """What an object and everything it refers to hold; fonts and pictures refer to nothing above them."""
    value = found.get_object()
    if isinstance(value, DictionaryObject):
        parts = [part for name in sorted(value) for part in (name.encode(), _digest(value.raw_get(name)))]
        parts += [value._data] if isinstance(value, StreamObject) else []
    elif isinstance(value, ArrayObject):
        parts = [_digest(each) for each in value]
    else:
        parts = [repr(value).encode()]
    return hashlib.sha256(b"".join(b"%d:%b" % (len(part), part) for part in (type(value).__name__.encode(), *parts))).digest()


def _moment(created: dt.datetime) -> str:
    """A date as PDF writes it: D:20260301093000+08'00'."""
    zone = created.strftime("%z")
    return created.strftime("D:%Y%m%d%H%M%S") + (f"{zone[:3]}'{zone[3:5]}'" if zone else "")
