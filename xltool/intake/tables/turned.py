"""Sheets that are turned: labels stand beside their values, as on a form for one enterprise, in one or several pairs a row.

A narrow list looks much the same. Expected headings decide where they are given; else labels must speak of different things, and
the values beside them must be of different kinds, as no column of a list is.
"""
from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice, pairwise, takewhile

from ..headers import heading
from .columns import sort_of, unit_in_heading, unit_word
from .cues import GROUP, HEADING, INSTRUCTION, NOTE, PLACE, SIGNATURE, bare, begins, says
from .heading_rows import sounds
from .lines import Cells, Lines, squeeze
from .roles import roles_above, roles_below

_BRACKETS = re.compile("[(（].*[)）]|[:：]")
_CAPTION = re.compile("项目|名称|指标|指标名称|内容|事实|字段|事项|填报项目|信息项")
_VALUE_CAPTION = re.compile("数值|内容|值|数据|填报内容|填写内容|情况|填写|填报")
_UNIT_CAPTION = re.compile("(?:计量)?单位")
_LABEL = re.compile("代表人?$|人$|邮编|传真|网址|资本|学历|学位|性别|民族|籍贯|职工|员工|简介|概述|概况|优势|[摘概]要")  # labels of forms only
_TITLED = re.compile("(?:情况|信息|概况|资料|[书表])$")
_SIGNED = re.compile("^(?:填[表报写]|制表|编制|审[核定批]|复核|经办|日期|时间|(?:联系)?电话|单位负责人)|盖章|签字|签章|签名|公章")
_BETWEEN = re.compile("[至到~～—-]+")
_STATED = re.compile("[:：].")  # says something itself
_WIDEST = 12  # columns among which labels are looked for
_FIRST = 4  # of these columns one holds labels
_LEAST = 3
_DEPTH = 80
_GLANCE = 12
_ONE_KIND = {"amount": "number", "share": "number"}


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and the columns of its row with the values beside it, one for each record. `path`: the caption beside it, the label."""

    row: int
    column: int
    path: tuple[str, ...]
    values: tuple[int, ...]
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """The labels of a turned table, the roles of the other rows, the filled cells that belong to no label, lists within the form."""

    pairs: list[Pair]
    roles: dict[int, str] = field(default_factory=dict)
    strays: tuple[tuple[int, int], ...] = ()
    lists: tuple[list[int], ...] = ()

    @property
    def records(self) -> tuple[tuple[int, ...], ...]:
        """The columns with the values of each record."""
        return tuple(tuple(sorted(set(columns))) for columns in zip(*(pair.values for pair in self.pairs)))


def find_forms(lines: Lines, known: frozenset[str] = frozenset()) -> list[Form]:
    """The form on a turned sheet, or those beside each other; empty where headings stand in a row."""
    found = _Sheet(lines, known, lines.filled[:_DEPTH]).forms()
    return _Sheet(lines, known, lines.filled).forms(sure=True) if found and len(lines.filled) > _DEPTH else found


class _Sheet:
    """A sheet that may be turned."""

    def __init__(self, lines: Lines, known: frozenset[str], rows: list[int]) -> None:
        self.lines, self.known, self.rows, self.merges = lines, known, rows, lines.merges

    def forms(self, sure: bool = False) -> list[Form]:
        glance = [self.lines.cells(row) for row in self.rows[:_GLANCE]]
        expected = bool(self.known) and self.knows_labels(glance)
        sure = sure or expected
        if not sure and (len(self.rows) < _LEAST or not self.may_be_form(glance)):
            return []
        self.cells: dict[int, Cells] = {row: self.lines.cells(row) for row in self.rows}
        self.captions = tuple(row for row in self.rows if self.is_caption(self.cells[row]))
        self.units = self.take_units()
        self.sections = self.take_sections()
        columns = self.label_columns(expected)
        several = len(columns) == 1 and self.has_several()
        self.lists = () if several else self.take_lists()
        if not columns:
            return []
        apart = self.apart(columns)
        pairs = list(self.beside(columns[0], expected) if several else self.walk(columns))
        pairs = self.without_titles(pairs)
        if not (sure or self.fits([pair for pair in pairs if pair.column == columns[0]] if apart else pairs, columns[0], several)):
            return []
        pairs = self.without_signatures(pairs)
        if not pairs:
            return []
        rows = {pair.row for pair in pairs}
        strays = self.strays(pairs, rows)
        bounds = [0, *(columns[1:] if apart else ()), 1 << 20]
        parts = [[pair for pair in pairs if left <= pair.column < right] for left, right in pairwise(bounds)]
        roles = self.roles(rows)
        first, *others = [_filled(part, self.cells) for part in parts if part]
        titles = {row: role for row, role in roles.items() if role in ("title", "header")}  # what else stands there is the first one's
        return [Form(first, roles, strays, self.lists), *(Form(part, titles) for part in others)]

    # ---- a glance ------------------------------------------------------------------------------------------------------

    def may_be_form(self, glance: list[Cells]) -> bool:
        """Whether most rows are short and begin with a label, or with a caption over labels."""
        rows = [cells for cells in glance if len(cells) > 1] or glance
        return sum(map(len, glance)) <= 8 * len(glance) and 2 * sum(any(map(self.is_label, (value for _, value in cells[:2])))
                                                                   for cells in rows) >= len(rows)

    def knows_labels(self, glance: list[Cells]) -> bool:
        """Whether a column knows more of the expected headings than any row."""
        columns: dict[int, int] = {}
        for cells in glance:
            for column, value in cells[:_FIRST]:
                if column < _FIRST and isinstance(value, str) and heading(value).key in self.known:
                    columns[column] = columns.get(column, 0) + 1
        most = max(columns.values(), default=0)
        return most > 1 and most > max(sum(isinstance(value, str) and heading(value).key in self.known for _, value in cells) for cells in glance)

    # ---- what stands around labels and values --------------------------------------------------------------------------

    def is_caption(self, cells: Cells) -> bool:
        """Whether a row says what the columns of a form are: 项目 数值 单位."""
        texts = [bare(value) for _, value in cells if isinstance(value, str)]
        return len(texts) == len(cells) > 1 and bool(_CAPTION.fullmatch(texts[0])) and any(
            _VALUE_CAPTION.fullmatch(text) for text in texts[1:]) and len(cells) < 5

    def take_units(self) -> dict[tuple[int, int], str]:
        """The units in columns that hold nothing else, by row and the column they follow; those columns are then out of sight."""
        columns: dict[int, dict[int, str]] = {}
        for row, cells in self.cells.items():
            for column, value in cells[1:]:
                columns.setdefault(column, {})[row] = bare(value) if isinstance(value, str) else ""
        found: dict[tuple[int, int], str] = {}
        for column, texts in columns.items():
            own = {row: text for row, text in texts.items() if row not in self.captions}
            titled = any(_UNIT_CAPTION.fullmatch(texts[row]) for row in self.captions if row in texts)
            if own and all(map(unit_word, own.values())) and (titled or len(own) > 1):
                for row, text in texts.items():
                    before = [each for each, _ in self.cells[row] if each < column]
                    if row in own and before:
                        found[row, before[-1]] = text
                    self.cells[row] = [cell for cell in self.cells[row] if cell[0] != column]
        return found

    def take_lists(self) -> tuple[list[int], ...]:
        """Rows of lists within the form, each with its headings: where labels should be, the rows below them have values."""
        found: list[list[int]] = []
        filled = [row for row in self.rows if row not in self.captions]
        place = 0
        while place < len(filled):
            below = list(takewhile(partial(self.is_record, {column for column, _ in self.cells[filled[place]]}), islice(filled, place + 1, None)))
            if place and below and self.is_heading_row(filled[place]):
                caption = filled[place - 1:place] if len(self.cells[filled[place - 1]]) == 1 else []
                found.append([*caption, filled[place], *below])
                place += len(below)
            place += 1
        for rows in found:
            for row in rows:
                del self.cells[row]
        return tuple(found)

    def is_record(self, columns: Collection[int], row: int) -> bool:
        """Whether a row below headings is a record: a value stands where a pair would have its label."""
        cells = self.cells[row]
        return len(cells) > 1 and all(column in columns for column, _ in cells) and any(
            not self.is_label(value) for column, value in cells[::2]) and not (self.is_label(cells[0][1]) and len(cells) < 3)

    def take_sections(self) -> dict[tuple[int, int], str]:
        """The captions left of labels, by the row and column of the label; they are then out of sight."""
        found: dict[tuple[int, int], str] = {}
        rows = list(self.cells)
        for place, row in enumerate(rows):
            cells = self.cells[row]
            for (column, value), (beside, label) in pairwise(cells):
                height = self.merges.height(row, column)
                if not (isinstance(value, str) and self.is_label(label) and column + self.merges.span(row, column) == beside):
                    continue
                if height > 1 and self.merges.height(row, beside) == 1:
                    reach = range(row, row + height)
                elif column == cells[0][0] and (below := list(takewhile(partial(self.begins_at, beside), islice(rows, place + 1, None)))):
                    reach = range(row, below[-1] + 1)
                else:
                    continue
                found.update({(each, beside): squeeze(value) for each in reach})
                self.cells[row] = [cell for cell in self.cells[row] if cell[0] != column]
        return found

    def begins_at(self, column: int, row: int) -> bool:
        """Whether a row begins with a label in a column."""
        cells = self.cells[row]
        return len(cells) > 1 and cells[0][0] == column and self.is_label(cells[0][1])

    # ---- labels and values ---------------------------------------------------------------------------------------------

    def pair_rows(self) -> Iterator[tuple[int, Cells]]:
        return ((row, cells) for row, cells in self.cells.items() if row not in self.captions)

    def label_columns(self, expected: bool) -> list[int]:
        """The columns most of whose cells are labels; beside a column of labels stand values, whatever they sound like."""
        columns: dict[int, list[object]] = {}
        for row, cells in self.pair_rows():
            if len(cells) > 1 or (cells and self.merges.span(row, cells[0][0]) == 1):
                for column, value in cells:
                    if not isinstance(value, str) or _may_be_label(value):
                        columns.setdefault(column, []).append(value)
        found: list[int] = []
        for column in sorted(columns):
            values = columns[column]
            labels = [value for value in values if self.is_label(value)]
            if column > _WIDEST or (found and self.holds_values(found[-1], column)):
                continue
            know = expected and sum(heading(label).key in self.known for label in labels) > 1
            if know or (len(labels) >= max(2, 0.6 * sum(isinstance(value, str) for value in values)) and 2 * len(labels) > len(values)
                        and _differ(labels)):
                found.append(column)
        return found

    def holds_values(self, left: int, column: int) -> bool:
        """Whether a column holds what stands straight beside the labels of another one."""
        beside = [row for row, cells in self.pair_rows() if left in (line := dict(cells)) and column in line
                  and left + self.merges.span(row, left) == column]
        return 2 * len(beside) > sum(any(each == column for each, _ in cells) for _, cells in self.pair_rows())

    def apart(self, columns: list[int]) -> bool:
        """Whether columns of labels say the same: forms beside each other."""
        keys = [{heading(value).key for _, cells in self.pair_rows() for each, value in cells if each == column and isinstance(value, str)}
                for column in columns]
        return any(2 * len(left & right) > min(len(left), len(right)) for left, right in pairwise(keys))

    def has_several(self) -> bool:
        """Whether the columns beside the labels are a record each."""
        rows = [cells for _, cells in self.pair_rows()]
        more = [cells for cells in rows if len(cells) > 2]
        return len(more) > 0.3 * len(rows) and 2 * sum(map(self.takes_turns, more)) <= len(more)

    def beside(self, left: int, expected: bool) -> Iterator[Pair]:
        """The labels of one column, with a record in every column beside it."""
        found = {row: label for row, cells in self.pair_rows() for column, label in cells[:1] if column == left and isinstance(label, str)
                 and _may_be_label(label) and (len(cells) > 1 or (self.is_label(label) and self.merges.span(row, left) == 1))}
        records = tuple(sorted({column for row in found for column, _ in self.cells[row][1:]}))
        for row, label in found.items():
            unit = next((text for (each, _), text in self.units.items() if each == row), "")
            section = self.sections.get((row, left))
            yield Pair(row, left, (section, squeeze(label)) if section else (squeeze(label),), records, unit)

    def walk(self, columns: list[int]) -> Iterator[Pair]:
        """The labels of every row, each with the value that follows it."""
        for row, cells in self.pair_rows():
            place, above, is_over = 0, "", False
            while place < len(cells):
                column, label = cells[place]
                place += 1
                if not isinstance(label, str) or not (is_over or self.is_label(label) or (column in columns and _may_be_label(label))):
                    continue
                above = self.sections.get((row, column), above)
                rest = cells[place:]
                end = column + self.merges.span(row, column)
                if not rest and (place == 1 and (self.is_wide(row, column, columns) or not self.is_label(label))):
                    continue  # a lone text over the form
                if not is_over and self.is_over(rest) and rest[0][0] == end:
                    above, is_over = squeeze(label), True
                    continue
                value = end
                if rest and (rest[0][0] == end or not self.starts_pair(rest, columns)):
                    value = rest[0][0]
                    place += 1
                path = (above, squeeze(label)) if above else (squeeze(label),)
                unit = self.units.get((row, value), "")
                if not unit and place < len(cells) and isinstance(cells[place][1], str) and (unit := unit_word(bare(cells[place][1]))):
                    place += 1
                yield Pair(row, column, path, (value,), unit)

    def is_wide(self, row: int, column: int, columns: list[int]) -> bool:
        """Whether a lone cell is merged over labels and values alike."""
        end = column + self.merges.span(row, column)
        return end > column + 1 and any(end > value for each, cells in self.pair_rows() if len(cells) > 1 and cells[0][0] == column
                                        for value, _ in cells[1:2])

    def is_over(self, rest: Cells) -> bool:
        """Whether a label is a caption over the pairs that follow it: 联系人 姓名 … 电话 …"""
        texts = [value for _, value in rest[::2]]
        return len(rest) > 1 and len(rest) % 2 == 0 and all(self.is_label(value) or sounds(value) == "year" for value in texts) and not any(
            self.is_label(value) or (isinstance(value, str) and unit_word(bare(value))) for _, value in rest[1::2]) and (
            len(rest) > 3 or len(bare(str(texts[0]))) < 9)

    def starts_pair(self, rest: Cells, columns: list[int]) -> bool:
        """Whether a cell apart from a label is the next label rather than its value."""
        column, value = rest[0]
        return column in columns or (self.is_label(value) and len(rest) > 1)

    def is_label(self, value: object) -> bool:
        if not isinstance(value, str):
            return False
        plain = bare(value)
        if not plain or len(plain) > 40 or not _may_be_label(value):
            return False
        if self.known and heading(value).key in self.known:
            return True
        if PLACE.fullmatch(plain) and not HEADING.fullmatch(plain) and not re.match("所[在属]|设区|县市", plain):
            return False  # 盐城市
        return plain[-1] in ":：" or sounds(value) == "head" or bool(unit_in_heading(value) or _LABEL.search(plain))

    def is_heading_row(self, row: int) -> bool:
        """Whether a row has three headings and more, without values between."""
        cells = self.cells[row]
        if len(cells) < 3 or not all(self.is_label(value) for _, value in cells):
            return False
        return any(column + self.merges.span(row, column) == following for (column, _), (following, _) in pairwise(cells))

    def takes_turns(self, cells: Cells) -> bool:
        """Whether labels and values take turns in a row."""
        labels = [self.is_label(value) for _, value in cells]
        return labels[0] and (self.is_over(cells[1:]) or (sum(labels) > 1 and not labels[1] and len(cells) <= 2 * sum(labels)))

    # ---- is it one? ----------------------------------------------------------------------------------------------------

    def fits(self, pairs: list[Pair], left: int, several: bool) -> bool:
        """Whether nothing speaks for a list: there are labels enough, and values of several kinds; a blank form has none."""
        labels = [pair.path[-1] for pair in pairs]
        rows = {pair.row for pair in pairs}
        others = [cells for row, cells in self.cells.items() if row not in rows and row not in self.captions]
        first = min((cells[0][0] for cells in self.cells.values() if len(cells) > 1), default=0)
        if len(pairs) < _LEAST or left > first or len(rows) < 2 or any(len(cells) > _LEAST for cells in others) \
                or max(map(len, self.cells.values())) > _WIDEST:
            return False
        values = {pair: [value for column, value in self.cells[pair.row] if column in pair.values] for pair in pairs}
        headings = [row for row in sorted(rows) if self.is_heading_row(row)]
        if several or len(pairs) == len(rows):
            below = [dict(self.cells[pair.row]) for pair in pairs[1:]]
            alike = sum(len({sort_of(value) for value in line}) < 2 for line in values.values())
            places = {column for pair in pairs for column in pair.values}
            return headings[:1] != [min(rows)] and len(headings) <= 0.2 * len(rows) and (not several or alike >= 0.7 * len(values)) and all(
                _is_mixed([line[column] for line in below if column in line]) for column in places)
        held = [value for line in values.values() for value in line]
        crowded = len({row for row, _ in self.strays(pairs, rows)})
        return len(pairs) > _LEAST and len(headings) <= 0.4 * len(rows) and crowded <= 0.3 * len(rows) and _differ(labels) \
            and _is_mixed(held) and 2 * sum(map(self.is_label, held)) <= len(held)

    def without_signatures(self, pairs: list[Pair]) -> list[Pair]:
        """The labels without the last rows where somebody signs."""
        found = list(pairs)
        while found:
            row = found[-1].row
            texts = [bare(pair.path[-1]) for pair in found if pair.row == row]
            if not _SIGNED.search(texts[0]) or not all(_SIGNED.search(text) or SIGNATURE.search(text) for text in texts) or any(
                    heading(text).key in self.known for text in texts):
                return found
            found = [pair for pair in found if pair.row != row]
        return found

    def without_titles(self, pairs: list[Pair]) -> list[Pair]:
        """The labels without lone texts that name the form or a part of it: nothing can stand beside them."""
        valued = [pair.row for pair in pairs if any(column in pair.values for column, _ in self.cells[pair.row])]
        top = min(valued, default=-1)
        return [pair for pair in pairs if len(self.cells[pair.row]) > 1 or pair.row in valued or heading(pair.path[-1]).key in self.known
                or not (pair.row < top or GROUP.match(bare(pair.path[-1])) or _TITLED.search(bare(pair.path[-1])))]

    # ---- what is left --------------------------------------------------------------------------------------------------

    def roles(self, labelled: Collection[int]) -> dict[int, str]:
        """The roles of the rows without labels."""
        inner = {row for rows in self.lists for row in rows}
        others = [row for row in self.rows if row not in labelled and row not in inner and row not in self.captions]
        first, last = min(labelled), max(labelled)
        found = {**roles_above(self.lines, [row for row in others if row < first]), **roles_below(self.lines, [row for row in others if row > last])}
        for row in others:
            if first < row < last:
                cells = self.lines.cells(row)
                text = cells[0][1] if len(cells) == 1 else None
                found[row] = "stray" if not isinstance(text, str) else "note" if NOTE.match(bare(text)) else \
                    "instruction" if begins(INSTRUCTION, text) or (len(text) > 60 and says(INSTRUCTION, text)) else "group"
        found.update(dict.fromkeys(self.captions, "header"))
        return found

    def strays(self, pairs: list[Pair], labelled: Collection[int]) -> tuple[tuple[int, int], ...]:
        """The filled cells of the form's rows that are neither label nor value, unit or caption."""
        held = {(pair.row, column) for pair in pairs for column in (pair.column, *pair.values)}
        units = {(pair.row, pair.unit) for pair in pairs}
        over = {(pair.row, pair.path[0]) for pair in pairs}
        return tuple((row, column) for row in sorted(labelled) for column, value in self.cells[row] if (row, column) not in held
                     and not (isinstance(value, str) and ((row, bare(value)) in units or (row, squeeze(value)) in over)))


def _filled(pairs: list[Pair], cells: dict[int, Cells]) -> list[Pair]:
    """The pairs; without records where nothing is filled in."""
    if any(column in pair.values for pair in pairs for column, _ in cells[pair.row]):
        return pairs
    return [Pair(pair.row, pair.column, pair.path, (), pair.unit) for pair in pairs]


def _may_be_label(text: str) -> bool:
    """Whether a text is no note, says nothing itself and stands for nothing between values (至)."""
    plain = bare(text)
    return plain == "备注" or not (NOTE.match(plain) or _STATED.search(plain) or _BETWEEN.fullmatch(plain))


def _differ(texts: Iterable[str]) -> bool:
    """Whether labels speak of different things, as names of projects or counties do not."""
    ends = [bare(_BRACKETS.sub("", text))[-2:] for text in texts]
    return len(set(ends)) >= 0.6 * len(ends)


def _is_mixed(values: list[object]) -> bool:
    return not values or len({_ONE_KIND.get(sort := sort_of(value), sort) for value in values}) > 1
