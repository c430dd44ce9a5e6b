"""A value as text of a document: escaped, lines and tabs as Word writes them, nothing that is read as markup or as a field.

A newline becomes a line break (docxtpl starts no new paragraph either). Control characters, which XML cannot hold, are refused: they
come from damaged sources, and dropping them could join two numbers.
"""

import re

from jinja2.runtime import Undefined

from ..tags import SANDBOX
from ..values import Unfit
from ..wording import words

_SPECIAL = re.compile('[&<>"\x00-\x1f\ud800-\udfff\ufffe\uffff]')
_FORBIDDEN = re.compile("[\x00-\x08\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
_LINES = str.maketrans({mark: f'</w:t><w:{name}/><w:t xml:space="preserve">' for mark, name in (("\n", "br"), ("\t", "tab"))})
_COLOUR = re.compile(r"#?([0-9A-Fa-f]{6})")
MOST_COLUMNS = 63


def escaped(value) -> str:
    """A value as XML text; raises Unfit, and what jinja2 raises for a name that does not exist."""
    if value.__class__ is not str:
        if isinstance(value, Undefined):
            str(value)
        value = words(value)
    if not _SPECIAL.search(value):
        return value
    value = value.replace("\r\n", "\n").replace("\r", "\n").replace("\v", "\n")
    if found := _FORBIDDEN.search(value):
        raise Unfit(f"{value[:20]!r}", f"文字里有文档不能容纳的控制字符 U+{ord(found[0]):04X}")
    return value.translate(_MARKUP)


def in_a_run(value) -> str:
    """A value as the text of a run, which it leaves and enters again for a line break or a tab."""
    text = escaped(value)
    return text.translate(_LINES) if "\n" in text or "\t" in text else text


def columns(value) -> str:
    """How many columns a cell covers."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_COLUMNS:
        raise Unfit(str(value)[:40], f"单元格的列数应为 1 到 {MOST_COLUMNS} 的整数")
    return str(value)


def colour(value) -> str:
    """A cell's background; none where the value is empty."""
    if value is None or value == "":
        return "auto"
    if not (found := _COLOUR.fullmatch(str(value))):
        raise Unfit(str(value)[:40], "底色应为六位十六进制数，如 FFFF00")
    return found[1]


RUN, PLAIN, COLUMNS, COLOUR = "_in_a_run", "_escaped", "_columns", "_colour"
SANDBOX.filters.update({RUN: in_a_run, PLAIN: escaped, COLUMNS: columns, COLOUR: colour})
