"""The signatures of the functions in LibreOffice's binary type format (unoidl), which its SDK would otherwise have to write.

Calc finds a function by its interface: without this file every cell shows Err:504. The layout is that of unoidl-write: little
endian, a string at its second use is the offset of its first with the highest bit set, a map is sorted by name.
"""
from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

ANY, ROWS, DOCUMENT = "any", "[][]any", "com.sun.star.beans.XPropertySet"
_BASE = "com.sun.star.uno.XInterface"
_MODULE, _INTERFACE, _IN = b"\0", b"\5", b"\0"
_SEEN = 0x80000000


@dataclass(frozen=True, slots=True)
class Method:
    """A method that gives rows of cells: its name, and the type of each parameter by name."""

    name: str
    parameters: Sequence[tuple[str, str]]


def library(module: str, interface: str, methods: Sequence[Method]) -> bytes:
    """The type library of one interface in one module."""
    writer = _Writer()
    place = writer.interface(methods)
    place = writer.entries([(interface, place)], _MODULE)
    root = writer.entries([(module, place)])
    return writer.finished(root)


class _Writer:
    def __init__(self) -> None:
        self.data = bytearray(b"UNOIDL\xff\0" + bytes(8))
        self.seen: dict[str, int] = {}

    def number(self, value: int) -> None:
        self.data += struct.pack("<I", value)

    def text(self, text: str) -> None:
        if text in self.seen:
            return self.number(self.seen[text] | _SEEN)
        self.seen[text] = len(self.data)
        self.number(len(text))
        self.data += text.encode("ascii")

    def interface(self, methods: Iterable[Method]) -> int:
        """Where the interface stands: one base, no optional ones, no attributes, methods that raise nothing."""
        place = len(self.data)
        self.data += _INTERFACE
        self.number(1)
        self.text(_BASE)
        methods = list(methods)
        for count in (0, 0, len(methods)):
            self.number(count)
        for method in methods:
            self.text(method.name)
            self.text(ROWS)
            self.number(len(method.parameters))
            for name, kind in method.parameters:
                self.data += _IN
                self.text(name)
                self.text(kind)
            self.number(0)
        return place

    def entries(self, places: Sequence[tuple[str, int]], head: bytes = b"") -> int:
        """Where a map of names stands, as a module where it has a head."""
        names = []
        for name, place in sorted(places):
            names.append((len(self.data), place))
            self.data += name.encode("ascii") + b"\0"
        start = len(self.data)
        self.data += head
        if head:
            self.number(len(names))
        for pair in names:
            self.data += struct.pack("<II", *pair)
        return start

    def finished(self, root: int) -> bytes:
        self.data[8:16] = struct.pack("<II", root, 1)
        return bytes(self.data)
