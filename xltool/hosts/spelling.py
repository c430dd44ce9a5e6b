"""How each host writes the seven functions in a file, and the calls of them in a formula.

A scanner of our own, because the formula has to stay as it is but for the names: openpyxl's tokenizer knows no OpenFormula, and the
templates' scanner looks for references. Texts, sheet names, structured references and other people's names are passed over.
"""
from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .definition import FUNCTIONS, NAMESPACE

# Excel gives custom functions of Office.js a prefix in the file, and their namespace an underscore; it shows XLTOOL.SUBSIDY.
_FORMS = {"libreoffice": NAMESPACE + ".{}", "excel": "{}", "officejs": f"_xldudf_{NAMESPACE}_{{}}"}
_OURS = {form.format(function.name).casefold(): function.name for form in _FORMS.values() for function in FUNCTIONS}
# A file of bytes that this does not find has no call.
MENTION = re.compile("|".join(function.name for function in FUNCTIONS).encode(), re.IGNORECASE)
_ADDIN = re.compile(r"xltool[^/\\]*\.xlam", re.IGNORECASE)

# Quotes and brackets that nobody closes run on to the end, and nothing is tried twice: time grows with the length of any text.
_QUOTED = "'(?:[^']|'')*+'"
# Before the name: a book or sheet; or what LibreOffice makes of an add-in's path and of a link's number when it saves as .xlsx.
_BOOK = rf"(?P<book>(?:{_QUOTED}|\[[^\[\]]*\][\w.]*|[^\W\d][\w.]*)!|{_QUOTED}(?<=\.xlam')[ ]|\#REF![ ])"
_TOKEN = rf'"(?:[^"]|"")*+"?|(?<![\w.\\?!]){_BOOK}?(?P<name>[^\W\d][\w.\\?]*+)(?=\()|{_QUOTED}?|{{}}|[\w.\\?]+'
_EXCEL = re.compile(_TOKEN.format(r"\[(?:'.|[^\[\]']|\[(?:'.|[^\[\]'])*+\]?)*+\]?"))  # 表1[[#This Row],[金额]]: ' escapes a sign
_OPEN = re.compile(_TOKEN.format(rf"\[(?:{_QUOTED}|[^\[\]'])*+\]?"))  # [$'一月'.A1]: ' quotes a name


@dataclass(frozen=True, slots=True)
class Call:
    """A function's name in a formula, with the book it is said to be in; `start` and `end` take in both."""

    start: int
    end: int
    function: str
    book: str
    is_bare: bool


def calls(formula: str, opendocument: bool) -> Iterator[Call]:
    """Where a formula calls something that is named as one of the seven, in any host's writing and any case.

    >>> [(call.function, call.book) for call in calls('IF(A1="WHY(",xltool.why(A1),[2]!SUBSIDY(A1))', opendocument=False)]
    [('WHY', ''), ('SUBSIDY', '[2]')]
    """
    grammar = _OPEN if opendocument and not formula.startswith("msoxl:") else _EXCEL
    for match in grammar.finditer(formula):
        name = (match["name"] or "").casefold()
        if function := _OURS.get(name):
            yield Call(match.start(), match.end(), function, (match["book"] or "").rstrip("! "), name == function.casefold())


def spelled(function: str, host: str) -> str:
    """The name as it stands in a file of the host."""
    return _FORMS[host].format(function)


def is_addin(path: str) -> bool:
    """Whether a path or file name is that of our Excel add-in."""
    return bool(_ADDIN.fullmatch(re.split(r"[/\\]", path.strip("'[]"))[-1]))
