"""Totals without a word: rows that name nothing and whose numbers are the sums of the rows above or below them.

Sums are differences of running sums, so that a thousand such rows cost no more than one.
"""
from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from .cues import GROUP, bare
from .heading_rows import Header, is_value
from .lines import Lines

_SAMPLE = 30
_TOLERANCE = 0.0051
_NUMERALS = frozenset("一二三四五六七八九十（(")


def find_totals(lines: Lines, header: Header, roles: dict[int, str], columns: Sequence[int]) -> None:
    """Set the role of records that are sums to subtotal or total, and of a total that is only a part's to subtotal."""
    order = [row for row, role in roles.items() if role in ("data", "subtotal", "total", "group")]
    records = [row for row in order if roles[row] == "data"]
    name = _name_column(lines, header, records, columns)
    names = [] if name is None else lines.values(name, records)
    # A record without a name may be a sum, and so may one that heads a group: 一、…
    doubtful = [row for row, text in zip(records, names) if (text == "" and lines.merges.over(row, name) is None)
                or (text.__class__ is str and text[:1] in _NUMERALS and GROUP.match(bare(text)))]
    totals = [row for row in order if roles[row] == "total"]
    if doubtful or len(order) > len(records) + 1:
        doubtful += [row for row in totals if records and records[0] < row]
    if not doubtful:
        return
    for row in totals:  # between records, a total is of those above it
        if records and records[0] < row < records[-1]:
            roles[row] = "subtotal"
    numbers = _number_columns(lines, records, columns, frozenset(doubtful))
    if not numbers:
        return
    sums = _Sums(lines, order, numbers, set(records) - set(doubtful))
    blocks = sums.blocks({row for row in order if roles[row] != "data"} | set(doubtful))
    found = {row: role for row in doubtful if (role := sums.role(row, blocks[row], roles[row]))}
    roles.update(found)


def _name_column(lines: Lines, header: Header, records: list[int], columns: Sequence[int]) -> int | None:
    """The column that says what a record is: words in nearly every row, by its heading or by how much they differ."""
    best, most = None, (False, 0.0)
    sample = records[:_SAMPLE]
    for column in columns if sample else ():
        leaf = header.leaf(column)
        named = "名" in leaf or "项目" in leaf or ("单位" in leaf and len(leaf) > 2)
        if (named, 1.0) <= most:
            continue
        words = [value for value in lines.values(column, sample) if value.__class__ is str and value and not is_value(value)]
        if 2 * len(words) >= len(sample) and (weight := (named, len(set(words)) / len(words))) > most:
            best, most = column, weight
    return best


def _number_columns(lines: Lines, records: list[int], columns: Sequence[int], without: frozenset[int]) -> list[int]:
    sample = [row for row in records if row not in without][:_SAMPLE]
    found = []
    for column in columns:
        cells = [value for value in lines.values(column, sample) if value != ""]
        counts = cells == [float(each + 1) for each in range(len(cells))]  # only numbers the records
        if cells and not counts and sum(value.__class__ is float for value in cells) >= 0.6 * len(cells):
            found.append(column)
    return found


class _Sums:
    """Running sums of the number columns over the records that are no sums themselves."""

    def __init__(self, lines: Lines, order: list[int], columns: list[int], records: set[int]) -> None:
        self.lines, self.order, self.columns = lines, order, columns
        self.place = {row: index for index, row in enumerate(order)}
        self.counts = [0, *accumulate(row in records for row in order)]
        self.running = {column: [0.0, *accumulate(self._number(row, column) if row in records else 0.0 for row in order)] for column in columns}

    def _number(self, row: int, column: int) -> float:
        line = self.lines.rows[row]
        value = line[column] if column < len(line) else ""
        return value if value.__class__ is float and value - value == 0 else 0.0

    def blocks(self, bounds: set[int]) -> dict[int, list[tuple[int, int]]]:
        """For each bound: the records straight above it, straight below it, all above, all."""
        places = [index for index, row in enumerate(self.order) if row in bounds]
        found = {}
        for before, place, after in zip([-1, *places], places, [*places[1:], len(self.order)]):
            found[self.order[place]] = [(before + 1, place), (place + 1, after), (0, place), (place + 1, len(self.order)), (0, len(self.order))]
        return found

    def role(self, row: int, blocks: list[tuple[int, int]], role: str) -> str:
        """total where the row sums all records, subtotal where it sums some of them; empty where it sums nothing."""
        whole = self.counts[-1]
        counts = {block: self.counts[block[1]] - self.counts[block[0]] for block in blocks}
        fitting = [count for block, count in counts.items() if count and self._fits(row, block, count)]
        if not fitting:
            return ""
        if role == "total":
            return "total" if whole in fitting else "subtotal"
        return "total" if max(fitting) == whole else "subtotal"

    def _fits(self, row: int, block: tuple[int, int], count: int) -> bool:
        filled = [(column, number) for column in self.columns if (number := self._number(row, column))]
        equal = [column for column, number in filled if abs(self.running[column][block[1]] - self.running[column][block[0]] - number)
                 <= max(_TOLERANCE, 1e-9 * abs(number))]
        if count == 1:
            return len(equal) > 2 and len(equal) == len(filled)
        return len(equal) >= max(2, 0.6 * len(filled)) or (len(equal) == 1 == len(self.columns))
