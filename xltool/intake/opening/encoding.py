"""Which characters the bytes of a text file mean: Chinese text comes as UTF-8, GB18030 or UTF-16, with or without a mark."""
from __future__ import annotations

import codecs
import re

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w-]{3,20})""", re.I)


def decode(data: bytes, partial: bool = False, declared: bool = False) -> str | None:
    """The text, or None where the bytes are none. `partial`: the end may cut a character; `declared`: believe a charset= in it."""
    names = _candidates(data)
    if declared and (found := _DECLARED.search(data[:2000])) and not data.startswith(tuple(mark for mark, _ in _MARKS)):
        names.insert(0, _known(found[1].decode("ascii")))
    for name in names:
        try:
            text = codecs.getincrementaldecoder(name)().decode(data, final=not partial)
        except (UnicodeError, LookupError):
            continue
        if not _NOT_TEXT.search(text):
            return text.removeprefix("\ufeff")
    return None


def _known(name: str) -> str:
    """Pages that say gb2312 mean the whole of its successor, as browsers know."""
    return "gb18030" if name.lower() in ("gb2312", "gbk", "x-gbk", "gb_2312-80", "cp936") else name


def _candidates(data: bytes) -> list[str]:
    for mark, name in _MARKS:
        if data.startswith(mark):
            return [name]
    sample = data[:4000]
    if len(sample) >= 4 and b"\x00" in sample:
        even, odd = sample[::2].count(0), sample[1::2].count(0)
        return ["utf-16-le" if odd > even else "utf-16-be"]
    return ["utf-8", "gb18030"]
