"""Text tables: comma, tab or semicolon between the values, in any usual encoding and with any line ends. Every cell stays text."""
from __future__ import annotations

import csv
import io
import re
from collections import Counter

from ...grid import Grid, Source
from ..encoding import decode
from ..refusal import SEND_AGAIN, Refusal, damaged

_DELIMITERS = "\t,;|，"
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_AS_TEXT = re.compile(r'="((?:[^"]|"")*)"')  # ="00123" is how programs keep Excel from making a number of it
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n?", re.I)
_SAMPLE = 100_000
_LONGEST = 1 << 20


def read(data: bytes, source: Source, native: bool = True) -> None:
    """Read a text table."""
    text = decode(data)
    if text is None:
        raise Refusal(damaged("看不出是什么编码", expected="文字不完整或已损坏", fix=f"请用UTF-8或GB18030（ANSI）编码保存，{SEND_AGAIN}"))
    delimiter = ""
    if line := _SEPARATOR_LINE.match(text):
        delimiter, text = line[1], text[line.end():]
    rows, torn = _rows(text, delimiter or separator(text))
    if torn:
        source.problems.append(damaged("引号不成对", expected="按没有引号的读出，请核对"))
    source.grids.append(Grid(source.name.rpartition(".")[0] or source.name, rows))
    source.reader = "csv"


def separator(text: str) -> str:
    """The sign between the values: the one that most lines have in equal number."""
    lines = [line for line in _QUOTED.sub("", text[:_SAMPLE]).splitlines() if line.strip()]

    def agreement(sign: str) -> int:
        counts = Counter(count for line in lines if (count := line.count(sign)))
        return max(counts.values(), default=0)
    return max(_DELIMITERS, key=agreement)


def _rows(text: str, delimiter: str) -> tuple[list[list[object]], bool]:
    """The rows, and whether the quotes in it do not pair."""
    limit = csv.field_size_limit(_LONGEST)
    try:
        try:
            rows, torn = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)), False
        except csv.Error:
            rows, torn = [line.split(delimiter) for line in text.splitlines()], True
    finally:
        csv.field_size_limit(limit)
    return [_trimmed(row) for row in rows], torn


def _trimmed(row: list[str]) -> list[object]:
    """The row without the blanks at its end, ="…" unwrapped."""
    while row and row[-1] == "":
        row.pop()
    return [_AS_TEXT.sub(lambda match: match[1].replace('""', '"'), cell) if cell.startswith('="') else cell for cell in row]
