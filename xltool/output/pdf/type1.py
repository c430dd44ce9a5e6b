"""The number a Type 1 font goes by, made from the font itself: LibreOffice counts through a run, so that a file printed second would differ.

Printers that keep fonts by this number could also take two files' fonts for one. Adobe Type 1 Font Format, 2.4 (UniqueID) and 7 (encryption).
"""
from __future__ import annotations

import hashlib
import re

from pypdf import PdfReader
from pypdf.generic import StreamObject

_ID = re.compile(rb"/UniqueID (\d{7}) def")
_OPEN, _COUNT = 4_000_000, 1_000_000  # the numbers that nobody registers
_KEY, _TIMES, _PLUS = 55665, 52845, 22719


def number_fonts(pdf: PdfReader) -> None:
    """Give every Type 1 font of a PDF, in place, the number that follows from what it holds."""
    done = set()
    for page in pdf.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            file = font.get_object().get("/FontDescriptor", {}).get("/FontFile")
            if file is not None and id(file) not in done:
                done.add(id(file))
                _number(file.get_object())


def _number(file: StreamObject) -> None:
    data, ends = file.get_data(), file["/Length1"]
    clear, secret, rest = data[:ends], data[ends:ends + file["/Length2"]], data[ends + file["/Length2"]:]
    found = _ID.search(clear)
    if found:
        plain, own = _decrypted(secret), found[0]
        digest = hashlib.sha256(clear.replace(own, b"") + plain.replace(own, b"")).digest()
        new = b"/UniqueID %d def" % (_OPEN + int.from_bytes(digest[:8]) % _COUNT)
        file.set_data(clear.replace(own, new) + _encrypted(plain.replace(own, new)) + rest)


def _decrypted(secret: bytes) -> bytes:
    key, plain = _KEY, bytearray()
    for code in secret:
        plain.append(code ^ key >> 8)
        key = (code + key) * _TIMES + _PLUS & 0xFFFF
    return bytes(plain)


def _encrypted(plain: bytes) -> bytes:
    key, secret = _KEY, bytearray()
    for each in plain:
        code = each ^ key >> 8
        secret.append(code)
        key = (code + key) * _TIMES + _PLUS & 0xFFFF
    return bytes(secret)
