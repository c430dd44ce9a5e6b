"""The skeleton of a zipped workbook: its sheets, shared texts and formats, found in XML that need not be sound.

Read by patterns instead of a parser: a damaged file gives what it has, and no entity is ever resolved.
"""
from __future__ import annotations

import html
import posixpath
import re
from dataclasses import dataclass
from functools import cached_property

from ..refusal import Refusal, unsafe
from .archive import Archive
from .formats import meaning

_ATTRIBUTE = re.compile(rb"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s([^>]*)>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s([^>]*)>")
_ITEM = re.compile(rb"<(?:\w+:)?si\b[^>]*?(?:/>|>(.*?)</(?:\w+:)?si>)", re.S)
_PHONETIC = re.compile(rb"<(?:\w+:)?rPh\b.*?</(?:\w+:)?rPh>", re.S)
_TEXT = re.compile(rb"<(?:\w+:)?t(?:\s[^>]*)?>([^<]*)")
_NUMBER_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\s([^>]*)>")
_CELL_FORMATS = re.compile(rb"<(?:\w+:)?cellXfs\b(.*?)</(?:\w+:)?cellXfs>", re.S)
_FORMAT = re.compile(rb"<(?:\w+:)?xf\b([^>]*)>")
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([\w-]+)""")


def attributes(tag: bytes) -> dict[str, str]:
    """The attributes of a tag by local name, `r:id` as `:id`."""
    found = {}
    for name, double, single in _ATTRIBUTE.findall(tag):
        key = name.decode("latin-1")
        found[":id" if key.endswith(":id") else key] = text(double or single)
    return found


def text(raw: bytes) -> str:
    """The characters of XML text."""
    plain = raw.decode("utf-8", "replace")
    return html.unescape(plain) if "&" in plain else plain


def unescape(plain: str) -> str:
    """Excel's own escapes: _x000D_ is a carriage return."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), plain) if "_x" in plain else plain


def rich_text(xml: bytes) -> str:
    """The text of a cell or a shared item: all its runs, without the phonetic guide."""
    if b"rPh" in xml:
        xml = _PHONETIC.sub(b"", xml)
    return unescape("".join(map(text, _TEXT.findall(xml))))


def utf8(xml: bytes) -> bytes:
    """XML in UTF-8, whatever it was written in."""
    if xml.startswith(b"\xef\xbb\xbf"):
        return xml[3:]
    encoding = None
    if xml[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    elif b"\x00" in xml[:4]:
        encoding = "utf-16-be" if xml[:1] == b"\x00" else "utf-16-le"
    elif (found := _ENCODING.match(xml[:200])) and found[1].lower() not in (b"utf-8", b"utf8", b"us-ascii"):
        encoding = found[1].decode("ascii")
    if encoding is None:
        return xml
    try:
        return re.sub(rb"^<\?xml[^>]*\?>", b"", xml.decode(encoding, "replace").encode())
    except LookupError:
        return xml


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet and the part that holds it."""

    name: str
    part: str
    visible: bool


class Book:
    """A workbook's skeleton. `faults` gather what is broken in it, as (found, expected)."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.faults: list[tuple[str, str]] = []
        self._part = self._find("", "/officedocument") or "xl/workbook.xml"
        self._xml = self._read(self._part)
        self._relations = self.related(self._part)
        pr = re.search(rb"<(?:\w+:)?workbookPr\b([^>]*)>", self._xml)
        calculation = re.search(rb"<(?:\w+:)?calcPr\b([^>]*)>", self._xml)
        self.from_1904 = bool(pr) and attributes(pr[1]).get("date1904") in ("1", "true")
        self.recalculates = bool(calculation) and attributes(calculation[1]).get("fullCalcOnLoad") in ("1", "true")
        self.sheets = self._sheets()

    def _read(self, part: str) -> bytes:
        """A part's XML, empty where there is none."""
        if part not in self._archive:
            return b""
        xml = utf8(self._archive.part(part))
        if b"<!DOCTYPE" in xml[:4000]:
            raise Refusal(unsafe("文件里定义了实体（DOCTYPE）"))
        return xml

    def related(self, part: str) -> dict[str, tuple[str, str]]:
        """What a part is related to: (type, part) by id."""
        folder, _, base = part.rpartition("/")
        found = {}
        for tag in map(attributes, _RELATION.findall(self._read(posixpath.join(folder, "_rels", f"{base}.rels")))):
            target = tag.get("Target", "").replace("\\", "/")
            found[tag.get("Id", "")] = (tag.get("Type", "").lower(), posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/"))
        return found

    def _find(self, part: str, kind: str) -> str | None:
        relations = self.related(part) if part == "" else self._relations
        return next((target for type_, target in relations.values() if type_.endswith(kind)), None)

    def _sheets(self) -> list[Sheet]:
        sheets = []
        for tag in map(attributes, _SHEET.findall(self._xml)):
            kind, part = self._relations.get(tag.get(":id", ""), ("", ""))
            if not tag.get(":id") or (kind and not kind.endswith(("/worksheet", "/xlmacrosheet", "/xlintlmacrosheet"))):
                continue  # a chart, a dialogue or a Visual Basic module: no cells
            sheets.append(Sheet(unescape(tag.get("name", "")), part, tag.get("state", "visible") == "visible"))
        if not self._xml or any(sheet.part not in self._archive for sheet in sheets):
            return self._guessed(sheets)
        return sheets

    def _guessed(self, sheets: list[Sheet]) -> list[Sheet]:
        """The sheets of a workbook that does not say where they are: the parts that look like sheets, in order."""
        parts = sorted((part for part in self._archive if re.fullmatch(r"(?:xl/)?worksheets/[^/]+\.xml", part)),
                       key=lambda part: (len(part), part))
        if len(parts) < len(sheets) or not parts:
            return sheets
        self.faults.append(("工作表的目录", "坏了，按文件里的顺序读出，表名可能对不上"))
        names = sheets if len(sheets) == len(parts) else [Sheet(f"Sheet{number}", "", True) for number in range(1, len(parts) + 1)]
        return [Sheet(sheet.name, part, sheet.visible) for sheet, part in zip(names, parts)]

    def verify(self) -> None:
        """Read what sheets refer to, so that the archive notices where it is torn: calamine does not look at checksums."""
        self.strings_xml, self.styles  # noqa: B018

    @cached_property
    def strings_xml(self) -> bytes:
        """The part with the shared texts."""
        return self._read(self._find(self._part, "/sharedstrings") or "xl/sharedStrings.xml")

    @cached_property
    def strings(self) -> list[str]:
        """The shared texts."""
        return [rich_text(item) for item in _ITEM.findall(self.strings_xml)]

    @cached_property
    def styles(self) -> list[str]:
        """What each cell format means (see `formats`)."""
        xml = self._read(self._find(self._part, "/styles") or "xl/styles.xml")
        codes = {}
        for tag in map(attributes, _NUMBER_FORMAT.findall(xml)):
            if tag.get("numFmtId", "").isdigit():
                codes[int(tag["numFmtId"])] = tag.get("formatCode", "")
        formats = _CELL_FORMATS.search(xml)
        numbers = [attributes(tag).get("numFmtId", "0") for tag in _FORMAT.findall(formats[1])] if formats else []
        return [meaning(int(number), codes) if number.isdigit() else "" for number in numbers]
