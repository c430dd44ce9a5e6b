"""A list of projects read from any file: its tables found, its headings matched, each row a project or skipped with its reason.

A row's programme stands in its category column, else in the group row above it, in a title or in the sheet's name. Nothing is dropped
in silence: a row is a project or it is skipped with a reason; a cell is read, or it is a problem that names it.
"""
from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import zip_longest
from operator import itemgetter
from pathlib import Path

from ..guideline.records import letters
from ..rules.model import Edition, Programme
from ..rules.problems import Problem, ProblemsError, Where
from .filled import read_filled
from .grid import Grid, Source
from .headers import Find, Heading, Vocabulary, heading
from .opening import read_source
from .projects import CATEGORY, RETURNED, TITLE, UNIT_NAME, Project, ProjectList, Records, Skipped, located
from .rows import Rows, Use
from .stamp import read_stamp
from .tables import Table, tables_of
from .tables.sums import check_total, find_sums
from .values import shown

_REASONS = {
    "title": "标题行", "header": "重复的表头", "instruction": "填表说明", "number": "列号行", "group": "分组行", "subtotal": "小计行",
    "total": "合计行", "note": "备注行", "signature": "签章行", "stub": "只有序号或名称的空行", "stray": "表外的内容",
}
_ASIDE = frozenset(("instruction", "note", "signature", "stray"))  # rows of a form that say nothing of its record
_NUMBERING = re.compile(r"^(?:[一二三四五六七八九十]+[、.．]|[(（][一二三四五六七八九十\d]+[)）]|\d+[、.．])\s*")
_ENDING = re.compile(r"(?:申报|推荐|入库)?(?:项目)?(?:汇总|情况|明细|推荐|申报)?(?:表|清单|名单)$|[(（]?共?\d+[个项]?[)）]?$")
_NUMBERS, _REMARK = frozenset(("序号", "编号", "no", "no.", "#")), "备注"  # every list has them, nobody asks for them


def read_projects(path: Path, edition: Edition, needed: tuple[str, ...] = (TITLE, UNIT_NAME), find: Find | None = None,
                  password: str | None = None) -> ProjectList:
    """The projects of a list; a row without a `needed` column is a problem. `find` says what a category stands for.

    Raises ProblemsError when the file cannot be read at all.
    """
    source = read_source(path, password)
    if not source.grids:
        raise ProblemsError(source.problems)
    return list_of(source, Vocabulary(edition, find), needed)


def list_of(source: Source, vocabulary: Vocabulary, needed: tuple[str, ...] = (TITLE, UNIT_NAME)) -> ProjectList:
    """The projects of a file that has been read: by its stamp where it has one, else by its tables."""
    if read_stamp(source.grids):
        found = read_filled(source, vocabulary.edition, needed)
    else:
        found = ProjectList(sha256=source.sha256)
        tables = [(grid, table) for grid, own in zip(source.grids, tables_of(source, vocabulary.all_keys)) for table in own]
        # Examples and old copies are left aside, unless there is nothing else.
        asides = [RETURNED if grid.name.startswith(RETURNED) else table.aside for grid, table in tables]
        nothing_else = all(asides)
        for (grid, table), aside in zip(tables, asides):
            skip = "" if nothing_else and aside != RETURNED else aside
            _List(source.name, grid, table, vocabulary, needed, found).read(skip)
    found.problems[:0] = source.problems
    if not found.projects and all(problem.is_note for problem in found.problems):
        reasons = Counter(row.reason for row in found.skipped).most_common(1)
        why = reasons[0][0] if reasons else "表头下面没有内容" if found.framing else "没有内容"
        fix = f"表头里要有“{CATEGORY}”和“{TITLE}”，下面一行一个项目" if needed else "表头或左边一列要有事实的名称，见 xltool show 项目编号"
        found.problems.append(Problem("sheet.empty", source.name, f"没有读到{'项目' if needed else '企业'}：{why}", fix, Where(source.name)))
    return found


class _List:
    """One table of a file."""

    def __init__(self, file: str, grid: Grid, table: Table, vocabulary: Vocabulary, needed: tuple[str, ...], found: ProjectList) -> None:
        self.grid, self.table, self.vocabulary, self.needed, self.found = grid, table, vocabulary, needed, found
        self.at, self.rows, self.turned = Where(file, grid.name), grid.rows, table.turned
        self.chosen: dict[str, tuple[Programme, list[int]]] = {}  # the records of each programme
        self.kept: dict[int, str] = {}  # columns that nobody reads, with the names their texts are kept under
        self.category = ""  # of the group row above
        # What list columns must add up to is known (`consistency`); of others only the headings tell.
        self.sums = [each for each in find_sums(table.columns)
                     if not all(self.is_list_column(column.index) for column in (each.whole, *each.parts))]

    # --- places ---------------------------------------------------------------------------------------------------------

    def cell(self, record: int, index: int) -> object:
        row, column = self.table.place(record, index) if self.turned else (record, index)
        cells = self.rows[row] if row < len(self.rows) else ()
        value = cells[column] if column < len(cells) else ""
        return self.merged.get((row, column), "") if value == "" and self.merged else value

    @cached_property
    def merged(self) -> Mapping[tuple[int, int], object]:
        """A text merged over several rows stands in each of them; a number does not, or sums would count it twice."""
        found = {}
        for area in self.grid.merges:
            value = self.grid.rows[area.top][area.left] if area.top < len(self.grid.rows) and area.left < len(self.grid.rows[area.top]) else ""
            if isinstance(value, str) and value:
                found.update({(row, area.left): value for row in range(area.top + 1, min(area.bottom + 1, len(self.grid.rows)))})
        return found

    def where(self, record: int, index: int | None = None) -> Where:
        if index is None:
            return replace(self.at, cell=self.table.record_name(record))
        return located(self.at, *self.table.place(record, index))

    def column_name(self, index: int) -> str:
        """Which column it is, for people; of a turned table the cell of its label."""
        return self.heading_cell(index).cell if self.turned else f"{letters(index)}列"

    def is_list_column(self, index: int) -> bool:
        return index in self.headings and self.headings[index].key in self.vocabulary.columns

    # --- the table ------------------------------------------------------------------------------------------------------

    def read(self, skip: str) -> None:
        if self.turned:  # a record counts as one of the rows its values stand in
            aside = [row for row in self.filled_rows if self.table.roles[row] in _ASIDE]
            self.found.framing += len(self.filled_rows) - len(aside) - len(self.records)
            self.found.skipped += [Skipped(replace(self.at, cell=f"第{row + 1}行"), " ".join(self.row_texts(row))[:80],
                                           _REASONS[self.table.roles[row]]) for row in aside]
        known = [column for column in self.headings if self.headings[column].key in self.vocabulary.all_keys]
        if skip or (len(known) < 2 and self.by_column.get(CATEGORY) is None):
            self.skip_all(f"{skip}，没有读" if skip else "表头里没有认识的列，没有读" if self.headings else "这张表没有表头，没有读")
            return
        self.headings = self.known_headings()
        self.report_units()
        for record in self.records:
            self.record(record)
        self.read_projects()
        self.check_totals()
        for row, column in self.table.strays:
            self.report(self.grid.rows[row][column], "这一格在表外，没有读", "请移到表里，或删去", located(self.at, row, column))

    @cached_property
    def filled_rows(self) -> list[int]:
        return [row for row, role in self.table.roles.items() if role != "blank"]

    @property
    def records(self) -> Sequence[int]:
        """The rows that hold anything; of a turned table its records."""
        return self.table.numbers if self.turned else self.filled_rows

    @cached_property
    def headings(self) -> dict[int, Heading]:
        return {column.index: self.heading(column.path, column.unit) for column in self.table.columns if column.path}

    def heading(self, path: Sequence[str], unit: str) -> Heading:
        """The heading of a column: its lowest level, or more of its levels where only those are known, or without the year at stake."""
        texts = [path[-1], *("".join(path[start:]) for start in range(len(path) - 1)), *path[-2::-1]]
        ways = [heading(text) for text in (*texts, *map(self.vocabulary.without_year, texts))]
        best = next((way for way in ways if way.key in self.vocabulary.all_keys), ways[0])
        return Heading(" / ".join(path), best.key, unit or best.unit)

    @cached_property
    def by_column(self) -> Mapping[str, int]:
        """Where the list columns stand."""
        return {self.vocabulary.columns[head.key].field.name: index for index, head in reversed(self.headings.items())
                if head.key in self.vocabulary.columns}

    def known_headings(self) -> dict[int, Heading]:
        """The headings that are read; the texts of other columns are kept, and it is said why they are no more than that."""
        read: dict[str, int] = {}
        for column in self.table.columns:
            index, head = column.index, self.headings.get(column.index)
            where = self.heading_cell(index)
            if head is None:
                self.kept[index] = f"{letters(index)}列"
                self.report("", "这一列没有表头，没有读", "请补上表头，或删去这一列", where)
            elif head.key in self.vocabulary.all_keys and head.key not in read:
                read[head.key] = index
            elif head.key in read:
                self.kept[index] = f"{head.text}（{self.column_name(index)}）"
                self.report(head.text, f"和{self.column_name(read[head.key])}同名，这一列没有读", "请删去一列或改名", where)
            elif head.key not in _NUMBERS:
                self.kept[index] = head.text if head.text not in self.kept.values() else f"{head.text}（{letters(index)}列）"
                if near := self.vocabulary.nearest(head.key):
                    self.report(head.text, "不认识的列，没有读", f"是不是“{'”“'.join(near)}”？", where)
                elif head.key != _REMARK:
                    self.note("note.column", head.text, "不认识的列，没有用，原文留着", "要用的列，表头请照填报模板写", where)
        return {index: self.headings[index] for index in read.values()}

    def report_units(self) -> None:
        """Say that numbers are taken as 万元 where neither heading nor sheet says what they are in."""
        def bare(index: int, head: Heading) -> bool:
            return head.key in self.vocabulary.money and not self.unit(head) and any(
                isinstance(self.cell(record, index), float) for record in self.records)
        columns = [index for index, head in self.headings.items() if bare(index, head)]
        if columns:
            names = "、".join(self.headings[index].text for index in columns)
            self.note("note.unit", names, "没有写单位，按万元读", "请核对；表头里请写明单位，如（万元）", self.heading_cell(columns[0]))

    def unit(self, head: Heading) -> str:
        """The unit that a heading states, of money else the sheet's."""
        return head.unit or (self.table.unit if head.key in self.vocabulary.money else "")

    def heading_cell(self, index: int) -> Where:
        return located(self.at, *self.table.label(index))

    def report(self, found: object, expected: str, fix: str, where: Where) -> None:
        self.note("sheet.column", found, expected, fix, where)

    def note(self, code: str, found: object, expected: str, fix: str, where: Where) -> None:
        self.found.problems.append(Problem(code, shown(found), expected, fix, where))

    # --- rows -----------------------------------------------------------------------------------------------------------

    def record(self, record: int) -> None:
        """A row that names a programme is a project, whatever else it looks like; another one is skipped with its reason."""
        role = "data" if self.turned else self.table.roles[record]
        if role in ("title", "header") and record <= max(self.table.header_rows, default=-1):
            self.found.framing += 1
            return
        index = self.by_column.get(CATEGORY)
        category = shown(self.cell(record, index)) if index is not None else ""
        programmes = self.vocabulary.programmes(category)
        if role == "group" and not programmes:
            self.category = next(filter(None, map(self.named, self.texts(record))), "")
        if not category and role == "data":
            programmes = self.vocabulary.programmes(self.category or self.titled)
        if programmes:
            for programme in programmes:
                self.chosen.setdefault(programme.id, (programme, []))[1].append(record)
        elif role == "data":
            self.no_programme(record, category, index)
        else:
            self.skip(record, _REASONS[role])

    def texts(self, record: int) -> list[str]:
        """What stands in a record, as people see it."""
        if self.turned:
            return [text for index in self.headings if (text := shown(self.cell(record, index)))]
        return self.row_texts(record)

    def row_texts(self, row: int) -> list[str]:
        cells = self.grid.rows[row]
        return [text for raw in (cells if self.turned else cells[self.table.left:self.table.right + 1]) if (text := shown(raw))]

    def named(self, text: str) -> str:
        """The text, or what is left of it without numbering and 汇总表, where it names a programme."""
        plain = _NUMBERING.sub("", text)
        return next((way for way in (text, plain, _ENDING.sub("", plain)) if self.vocabulary.programmes(way)), "")

    @cached_property
    def titled(self) -> str:
        """The programme a title or the sheet's name names."""
        titles = [text for row, role in self.table.roles.items() if role == "title" for text in self.row_texts(row)]
        return next(filter(None, map(self.named, (self.grid.name, *titles))), "")

    def skip(self, record: int, reason: str) -> None:
        outside = () if self.turned else self.grid.rows[record]
        if texts := self.texts(record) or [text for raw in outside if (text := shown(raw))]:
            self.found.skipped.append(Skipped(self.where(record), " ".join(texts)[:80], reason))
        else:
            self.found.framing += 1

    def skip_all(self, reason: str) -> None:
        for record in self.records:
            self.skip(record, reason)

    # --- projects -------------------------------------------------------------------------------------------------------

    def read_projects(self) -> None:
        """The projects, in the order of their records."""
        found = [each for programme, numbers in self.chosen.values() for each in zip(numbers, self.projects(programme, numbers))]
        self.found.projects += [project for _, project in sorted(found, key=itemgetter(0))]

    def projects(self, programme: Programme, numbers: list[int]) -> list[Project]:
        rows = Rows(programme, Records(self.at, numbers, self.table if self.turned else None), self.grid.looks)
        columns = self.columns(numbers)
        for use in self.uses(programme):
            rows.read(use, columns[use.index])
        for name in self.needed:
            rows.require(name, self.by_column.get(name))
        for position, number in enumerate(numbers):
            for fault in self.sum_faults(number) if self.sums else ():
                rows.report(position, fault)
            hidden = not self.grid.hidden_columns.isdisjoint(self.table.records[number]) if self.turned else number in self.grid.hidden_rows
            if hidden or not self.grid.visible:
                rows.report(position, Problem("note.hidden", "", "在隐藏的行、列或工作表里，照样读了", "请核对要不要", self.where(number)))
        return rows.projects()

    def columns(self, numbers: list[int]) -> Sequence[Sequence[object]]:
        """What stands under each heading, record by record."""
        width = max((*self.headings, *self.kept)) + 1
        if self.turned or self.merged:
            return [[self.cell(number, index) for number in numbers] for index in range(width)]
        found = list(zip_longest(*map(self.rows.__getitem__, numbers), fillvalue=""))
        return found + [("",) * len(numbers)] * (width - len(found))

    def uses(self, programme: Programme) -> Iterator[Use]:
        """What the columns are for a programme."""
        targets = self.vocabulary.targets(programme)
        for index, head in self.headings.items():
            own = targets.get(head.key, ())
            names = list(dict.fromkeys(target.field.name for target in own))
            if len(names) > 1:
                fault = Problem("sheet.column", head.text, f"分不清是“{'”“'.join(names)}”中的哪一个", "请把列名改成其中之一")
                yield Use(index, faults=(fault,))
            elif own:
                yield Use(index, own, self.unit(head))
            else:
                fault = Problem("cell.unused", "", f"“{head.text}”不是 {programme.id} 的事实或指标，没有用", "请核对列和项目类别")
                yield Use(index, kept=(head.text,), faults=(fault,))
        for index, name in self.kept.items():
            yield Use(index, kept=(name,))

    def sum_faults(self, record: int) -> Iterator[Problem]:
        """Columns whose parts do not fit their whole."""
        for each in self.sums:
            values = {column.index: raw for column in (each.whole, *each.parts)
                      if isinstance(raw := self.cell(record, column.index), float)}
            if fault := each.fault(values):
                yield fault.at(self.where(record, each.whole.index))

    def check_totals(self) -> None:
        """合计 cells that are not the sum of their rows; a column with a text among its numbers has no sum to compare."""
        totals = [row for row, role in self.table.roles.items() if role == "total"]
        for column in self.table.columns if len(totals) == 1 and not self.turned else ():
            stated = self.cell(totals[0], column.index)
            values = [value for row in self.table.data_rows if (value := self.cell(row, column.index)) != ""]
            numbers = isinstance(stated, float) and all(isinstance(value, float) for value in values)
            if column.kind in ("money", "number") and numbers and (fault := check_total(stated, values, column.header)):
                self.found.problems.append(fault.at(self.where(totals[0], column.index)))

    def no_programme(self, record: int, category: str, index: int | None) -> None:
        """The row cannot be assigned to a programme: report it and list it as skipped."""
        edition = self.vocabulary.edition
        where = self.where(record, index)
        if not category:
            problem = Problem("cell.missing", "", f"缺“{CATEGORY}”，这一行没有读", "请填项目编号或文件里的全称", where)
        elif programme := edition.find(category):
            problem = Problem("value.unknown", category, "是一组项目，分不清是哪一个", "请填其中之一：" + "、".join(programme.members), where)
        else:
            near = self.vocabulary.near(category)
            problem = Problem("value.unknown", category, f"{edition.id}版没有这个项目", f"最接近的：{near}" if near else "请核对名称", where)
        self.found.problems.append(problem)
        self.skip(record, f"{problem.expected}（{category}）" if category else "没有申报项目类别")
