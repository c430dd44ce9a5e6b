"""Sheets that are turned: labels stand in a column and the values beside them, as on a form for one enterprise.

A narrow list looks much the same. Expected headings decide where they are given; else labels must speak of different things, and
the values beside them must be of different kinds, as no column of a list is.
"""
from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import pairwise

from ..headers import heading
from .columns import sort_of, unit_in_heading, unit_word
from .cues import NOTE, bare
from .heading_rows import sounds
from .lines import Cells, Lines

_BRACKETS = re.compile("[(（].*[)）]|[:：]")
_CAPTION = re.compile("项目|名称|指标|指标名称|内容|事实|字段|事项|填报项目|信息项")
_VALUE_CAPTION = re.compile("数值|内容|值|数据|填报内容|填写内容|情况|填写|填报")
_UNIT_CAPTION = re.compile("(?:计量)?单位")
_LABEL_COLUMNS = 4
_LEAST = 3
_DEPTH = 80
_GLANCE = 12
_ONE_KIND = {"amount": "number", "share": "number"}


@dataclass(frozen=True, slots=True)
class Pairs:
    """Labels in a column by row, the columns with their values, and the units that stand in a column of their own."""

    left: int
    labels: dict[int, str]
    records: tuple[int, ...]
    units: dict[int, str] = field(default_factory=dict)
    captions: tuple[int, ...] = ()  # rows of captions over labels and values


def find_pairs(lines: Lines, known: frozenset[str] = frozenset()) -> list[Pairs]:
    """The label columns of a turned sheet; empty where headings stand in a row."""
    found = _Form(lines, known, lines.filled[:_DEPTH]).pairs()
    return _Form(lines, known, lines.filled).pairs(sure=True) if found and len(lines.filled) > _DEPTH else found


class _Form:
    """A sheet that may be turned."""

    def __init__(self, lines: Lines, known: frozenset[str], rows: list[int]) -> None:
        self.lines, self.known, self.rows = lines, known, rows

    def pairs(self, sure: bool = False) -> list[Pairs]:
        glance = [self.lines.cells(row) for row in self.rows[:_GLANCE]]
        expected = bool(self.known) and self.knows_labels(glance)
        sure = sure or expected
        if not sure and (len(self.rows) < _LEAST or sum(map(len, glance)) > 5 * len(glance)):
            return []  # a form is narrow
        self.cells: dict[int, Cells] = {row: self.lines.cells(row) for row in self.rows}
        self.captions = tuple(row for row in self.rows if self.is_caption(self.cells[row]))
        self.units = self.take_units()
        if not sure and any(self.is_heading_row(row) for row in self.rows if row not in self.captions):
            return []
        several = sum(len(cells) > 2 and not self.takes_turns(cells) for cells in self.cells.values()) > 0.3 * len(self.rows)
        first = min((column for cells in self.cells.values() for column, value in cells if isinstance(value, str)), default=0)
        found: list[Pairs] = []
        taken: set[int] = set()
        for column in range(_LABEL_COLUMNS):
            labels = {} if column in taken else self.labels(column, expected)
            if not labels:
                continue
            records = self.records(column, labels, several)
            labels = {row: text for row, text in labels.items() if not records or column + self.lines.merges.span(row, column) <= records[0]}
            if not sure and not found and (column > first or not self.fits(labels, records, several)):
                return []
            taken.update(records)
            found.append(Pairs(column, self.with_values(column, labels, records), records, self.units, self.captions))
        return found

    def knows_labels(self, glance: list[Cells]) -> bool:
        """Whether a column knows more of the expected headings than any row."""
        columns: dict[int, int] = {}
        for cells in glance:
            for column, value in cells[:_LABEL_COLUMNS]:
                if column < _LABEL_COLUMNS and isinstance(value, str) and heading(value).key in self.known:
                    columns[column] = columns.get(column, 0) + 1
        most = max(columns.values(), default=0)
        return most > 1 and most > max(sum(isinstance(value, str) and heading(value).key in self.known for _, value in cells) for cells in glance)

    def is_caption(self, cells: Cells) -> bool:
        """Whether a row says what the columns of a form are: 项目 数值 单位."""
        texts = [bare(value) for _, value in cells if isinstance(value, str)]
        return len(texts) == len(cells) > 1 and bool(_CAPTION.fullmatch(texts[0])) and any(
            _VALUE_CAPTION.fullmatch(text) for text in texts[1:]) and len(cells) < 5

    def take_units(self) -> dict[int, str]:
        """The units in a column that holds nothing else, by row; that column is then out of sight."""
        columns: dict[int, dict[int, str]] = {}
        for row, cells in self.cells.items():
            for column, value in cells[1:]:
                columns.setdefault(column, {})[row] = bare(value) if isinstance(value, str) else ""
        for column, texts in columns.items():
            own = {row: text for row, text in texts.items() if row not in self.captions}
            titled = any(_UNIT_CAPTION.fullmatch(texts[row]) for row in self.captions if row in texts)
            if own and all(map(unit_word, own.values())) and (titled or len(own) > 1):
                for row in texts:
                    self.cells[row] = [cell for cell in self.cells[row] if cell[0] != column]
                return own
        return {}

    def labels(self, column: int, expected: bool) -> dict[int, str]:
        """The labels of a column by row, where most of its texts are labels."""
        texts = {row: value for row, cells in self.cells.items() if row not in self.captions for each, value in cells
                 if each == column and isinstance(value, str)}
        found = {row: text for row, text in texts.items() if self.is_label(text)}
        if expected:
            return found if sum(heading(text).key in self.known for text in found.values()) > 1 else {}
        return found if len(found) >= max(2, 0.6 * len(texts)) and _differ(found.values()) else {}

    def records(self, column: int, labels: dict[int, str], several: bool) -> tuple[int, ...]:
        """The columns with the values: all to the right, or the next where labels and values take turns."""
        beside = [[each for each, _ in self.cells[row] if each > column] for row in labels]
        return tuple(sorted({each for columns in beside for each in (columns if several else columns[:1])}))

    def with_values(self, column: int, labels: dict[int, str], records: tuple[int, ...]) -> dict[int, str]:
        """The labels, and the other texts of their column with a value beside them."""
        found = dict(labels)
        for row, cells in self.cells.items():
            line = dict(cells)
            if row not in self.captions and isinstance(line.get(column), str) and any(record in line for record in records) \
                    and not NOTE.match(bare(line[column])):
                found.setdefault(row, line[column])
        return dict(sorted(found.items()))

    def fits(self, labels: dict[int, str], records: tuple[int, ...], several: bool) -> bool:
        """Whether nothing speaks for a list: there are labels enough, and values of several kinds; a blank form has none."""
        below = list(labels)[1:]
        values = {row: [value for column, value in self.cells[row] if column in records] for row in labels}
        alike = sum(len({sort_of(value) for value in line}) < 2 for line in values.values())
        return len(labels) >= _LEAST and (not several or alike >= 0.7 * len(values)) and all(
            _is_mixed([value for row in below for column, value in self.cells[row] if column == record]) for record in records)

    def is_label(self, text: str) -> bool:
        plain = bare(text)
        if not plain or len(plain) > 40 or NOTE.match(plain) or re.search("[:：].", plain):
            return False
        return plain[-1] in ":：" or sounds(text, self.known) == "head" or bool(unit_in_heading(text))

    def is_heading_row(self, row: int) -> bool:
        """Whether a row has three headings and more, without values between."""
        cells = self.cells[row]
        if len(cells) < 3 or not all(isinstance(value, str) and self.is_label(value) for _, value in cells):
            return False
        return any(column + self.lines.merges.span(row, column) == following for (column, _), (following, _) in pairwise(cells))

    def takes_turns(self, cells: Cells) -> bool:
        """Whether labels and values take turns in a row."""
        labels = [isinstance(value, str) and self.is_label(value) for _, value in cells]
        return sum(labels) > 1 and labels[0] and len(cells) <= 2 * sum(labels)


def _differ(texts: Collection[str]) -> bool:
    """Whether labels speak of different things, as names of projects or counties do not."""
    return len({bare(_BRACKETS.sub("", text))[-2:] for text in texts}) >= 0.6 * len(texts)


def _is_mixed(values: list[object]) -> bool:
    return not values or len({_ONE_KIND.get(sort := sort_of(value), sort) for value in values}) > 1
