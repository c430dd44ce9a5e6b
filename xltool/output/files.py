"""Files on disk: names made from what people wrote, and writing that leaves a whole file or none.

A name is safe on every system, readable, bounded in length and unique within a run.
"""
from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f\xad<>:"/\\|?*\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
_IN_LINKS = str.maketrans("#%[]", "＃％［］")  # a link to a file cannot have them, or Excel not open it
MAX_BYTES = 180  # leaves room for a suffix within the 255 bytes of common file systems


def safe_name(text: str, fallback: str = "未命名") -> str:
    """The text as one path component: no separators, no control signs, no leading dot, bounded in length.

    >>> safe_name("../苏B<1>公司. ")
    '苏B_1_公司'
    """
    name = _UNSAFE.sub("_", text).translate(_IN_LINKS).strip(" ._-")
    while len(name.encode()) > MAX_BYTES:
        name = name[:-1].rstrip(" .")
    return f"_{name}" if _RESERVED.match(name) else name or fallback


class Names:
    """Hands out each name once: a second one gets a number behind it. Case does not make names different."""

    def __init__(self) -> None:
        self.taken: set[str] = set()

    def unique(self, name: str) -> str:
        candidate, number = name, 1
        while candidate.casefold() in self.taken:
            number += 1
            candidate = f"{name}-{number}"
        self.taken.add(candidate.casefold())
        return candidate


def write_whole(path: Path, *pieces: bytes) -> None:
    """Write a file so that it appears whole or not at all; an older one stays until then. An OSError names the file."""
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=".xltool-", dir=path.parent)
        with open(handle, "wb") as file:
            file.writelines(pieces)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
