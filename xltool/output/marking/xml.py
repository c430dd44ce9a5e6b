"""XML parts of any writer brought into the one shape that is edited as text: UTF-8, no comments, no CDATA, no DTD."""
from __future__ import annotations

import codecs
import re
from xml.parsers import expat

from ..template.markup import DECLARATION, Element, MarkupError, broken, parse

_DECLARED = re.compile(rb"\s*<\?xml\b[^>]*?\?>")
_ENCODING = re.compile(rb"""encoding\s*=\s*["']([\w.-]+)["']""")
_ASIDE = re.compile(rb"<!--.*?-->|<!\[CDATA\[(.*?)\]\]>|<\?.*?\?>", re.DOTALL)
_WIDE = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
_BLOCK = 2**20


def plain_xml(data: bytes) -> bytes:
    """The document as UTF-8 without anything aside; raises MarkupError if it is not well formed or has a DTD."""
    _check(data)
    utf8 = _as_utf8(data)
    declared = _DECLARED.match(utf8)
    start = declared.end() if declared else 0
    has_asides = utf8.find(b"<!", start) >= 0 or utf8.find(b"<?", start) >= 0
    if utf8 is data and not has_asides:
        return data
    body = utf8[start:]
    return DECLARATION.encode() + (_ASIDE.sub(lambda aside: _escaped(aside[1] or b""), body) if has_asides else body)


def _escaped(text: bytes) -> bytes:
    return text.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def _check(data: bytes) -> None:
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise MarkupError("不能有 DTD")

    parser.StartDoctypeDeclHandler = refuse
    try:
        for start in range(0, len(data), _BLOCK):
            parser.Parse(data[start:start + _BLOCK], False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise broken(error) from None


def _as_utf8(data: bytes) -> bytes:
    if data.startswith(codecs.BOM_UTF8):
        return data[len(codecs.BOM_UTF8):]
    wide = _WIDE.get(data[:2])
    declared = _DECLARED.match(data)
    named = _ENCODING.search(declared[0]) if declared else None
    encoding = wide or (named[1].decode("ascii") if named else "utf-8")
    if encoding.lower() in ("utf-8", "utf8", "us-ascii"):
        return data
    try:
        return data.decode(encoding).encode()
    except (LookupError, UnicodeError):
        raise MarkupError(f"encoding {encoding}") from None


def fragment(text: str) -> Element:
    """A piece of XML, written as text, as an element."""
    return parse(text.encode())


def prefix_of(element: Element) -> str:
    """The prefix of an element with its colon, empty for none."""
    return element.tag[:-len(element.name)]


def insert_after(root: Element, element: Element, earlier: frozenset[str]) -> None:
    """Put a child behind the last of those that the schema wants before it."""
    places = [number for number, child in enumerate(root.children) if isinstance(child, Element) and child.name in earlier]
    root.children.insert(places[-1] + 1 if places else 0, element)
