"""Lists that stand beside each other: one row of the sheet holds a record of each, which have nothing to do with each other.

Headings that come again are not enough, since one record may name two enterprises, or a year's months twice. There must be a blank
column between, a number column of its own, captions of different years, batches or places, or a total of its own.
"""
from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from .cues import PLACE_HEADING, bare, total_of
from .heading_rows import Header
from .lines import Lines

_NAMES = re.compile("名称|姓名|^项目$|^企业$|^单位$|指标|品名")
_NUMBERS = re.compile("序号|编号|^№$|^号$")
_PERIOD = re.compile(r"\d{4}|\d+月|季度|上半年|下半年|第.+[批期次]|[省市县区]$|^[一二三四五六七八九十]+、")
_LEAST, _MOST = 2, 40  # columns of a list; lists beside each other
_SAMPLE = 40


def lists_of(lines: Lines, header: Header, rows: Sequence[int]) -> tuple[tuple[int, ...], list[range]]:
    """The columns that all lists of a table share, and the columns of each list; a single range for nearly every sheet."""
    columns = list(header.paths)
    leaves = {column: bare(header.leaf(column)) for column in columns}
    places: dict[tuple[str, str | None], list[int]] = {}  # by a heading and the one right of it
    for column in columns:
        places.setdefault((leaves[column], leaves.get(column + 1)), []).append(column)
    for first in columns:
        if not (_NAMES.search(leaves[first]) or _NUMBERS.search(leaves[first])) or PLACE_HEADING.fullmatch(leaves[first]):
            continue
        starts = places[leaves[first], leaves.get(first + 1)]
        if not 1 < len(starts) <= _MOST or first + 1 not in leaves or any(right - left < _LEAST for left, right in itertools.pairwise(starts)):
            continue
        shared = tuple(column for column in columns if column < first)
        if not any(_NAMES.search(leaves[column]) and not PLACE_HEADING.search(leaves[column]) for column in shared) \
                and _independent(lines, header, leaves, rows, starts, shared):
            return shared, [range(left, right) for left, right in zip(starts, [*starts[1:], columns[-1] + 1])]
        return (), [range(columns[0], columns[-1] + 1)]
    return (), [range(columns[0], columns[-1] + 1)]


def _independent(lines: Lines, header: Header, leaves: dict[int, str], rows: Sequence[int], starts: list[int], shared: tuple[int, ...]) -> bool:
    """Whether something says that the lists have nothing to do with each other."""
    captions = [header.paths[start][0] if len(header.paths[start]) > 1 else "" for start in starts]
    if all(captions) and len(set(captions)) == len(captions) and all(_PERIOD.search(caption) for caption in captions):
        return True
    if _NUMBERS.search(leaves[starts[0]]) and not any(captions):
        return True
    if all(start - 1 not in leaves for start in starts[1:]) and not any(captions):
        return True
    widths = {right - left for left, right in itertools.pairwise(starts)}
    if not any(captions) and not shared and len(widths) == 1 and all(
            leaves.get(start + step) in (leaves[starts[0] + step], None) for start in starts for step in range(min(widths))):
        return True
    labels = [dict(lines.cells(row)).get(start) for row in rows[:_SAMPLE] for start in starts[1:]]
    return any(isinstance(label, str) and len(label) < 20 and total_of(label) for label in labels)


def bands_of(lines: Lines, header: Header, rows: Sequence[int]) -> list[range]:
    """The columns of tables apart: blank columns between them, and what stands right of those begins with names of its own."""
    columns = list(header.paths)
    bands, begin = [], columns[0]
    filled = {column for row in rows[:_SAMPLE] for column, _ in lines.cells(row)} if columns[-1] - columns[0] >= len(columns) else frozenset()
    for left, right in itertools.pairwise(columns):
        if right > left + 1 and _own_names(header, right) and filled.isdisjoint(range(left + 1, right)):
            bands.append(range(begin, left + 1))
            begin = right
    return [*bands, range(begin, columns[-1] + 1)] if len(bands) < _MOST else [range(columns[0], columns[-1] + 1)]


def _own_names(header: Header, column: int) -> bool:
    leaf = bare(header.leaf(column))
    return column + 1 in header.paths and bool(_NAMES.search(leaf) or _NUMBERS.search(leaf) or PLACE_HEADING.search(leaf))
