"""A filled submission workbook read into projects, by its stamp: exactly what was typed, each value with its cell.

A sheet made from an older state of the guideline, or from another edition, is migrated: a column goes to the field of the same role,
name and unit. What no longer exists, is measured otherwise or was not asked for yet is reported; a sheet whose programme has no
single successor, or whose stamp is newer than this program, is refused and every row of it listed as skipped.
"""
from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import islice

from ..guideline.bundle import edition as bundled_edition
from ..guideline.bundle import edition_ids
from ..guideline.lineage import lineage
from ..guideline.records import letters
from ..rules.model import Edition, Field, Programme
from ..rules.problems import Problem, Where
from .grid import PER_CENT, Grid, Source
from .headers import COLUMN, FACT, Heading, Target, heading
from .projects import RETURNED, TITLE, UNIT_NAME, Project, ProjectList, Records, Skipped
from .rows import Rows, Use
from .stamp import LAYOUT, Meaning, StampedSheet, fields_of, read_stamp
from .values import shown

_TOTAL = re.compile(r".{0,8}(?:合计|小计|总计|累计)(?:[:：(（].*)?")


def read_filled(source: Source, edition: Edition, needed: tuple[str, ...] = (TITLE, UNIT_NAME)) -> ProjectList:
    """The projects of a filled submission workbook; a row without a `needed` column is a problem.

    Every filled row of every sheet is a project or is skipped with its reason. The problems of `source` itself are not repeated.
    """
    found = ProjectList(sha256=source.sha256)
    stamp = read_stamp(source.grids)
    if stamp is None:
        found.problems.append(Problem("sheet.empty", source.name, "不是填报模板：没有模板的标记", "请用 xltool template make 生成的工作簿填报",
                                      Where(source.name)))
        return found
    stamped = {id(sheet.grid): sheet for sheet in stamp.sheets}
    for grid in source.grids:
        if sheet := stamped.get(id(grid)):
            found.framing += sum(map(_filled, grid.rows[:sheet.first] if sheet.origin.programme else grid.rows))
            if sheet.origin.programme:
                _SheetReader(source.name, sheet, edition, needed, found).read()
        elif rows := [row for row, cells in enumerate(grid.rows) if _filled(cells)]:
            if not grid.name.startswith(RETURNED):
                found.problems.append(Problem("sheet.empty", grid.name, "不是模板里的工作表，没有读", "请把项目填到模板的工作表里",
                                              Where(source.name, grid.name)))
            found.skipped += _skipped(source.name, grid, rows, "不是模板里的工作表")
    return found


def _filled(cells: list[object]) -> bool:
    return any(map(shown, cells))


def _skipped(file: str, grid: Grid, rows: list[int], reason: str, formulas: Collection[int] = ()) -> Iterator[Skipped]:
    for row in rows:
        texts = [shown(raw) for index, raw in enumerate(grid.rows[row]) if index not in formulas]
        yield Skipped(Where(file, grid.name, f"第{row + 1}行"), " ".join(filter(None, texts))[:80], reason)


class _SheetReader:
    """Reads the rows of one stamped sheet."""

    def __init__(self, file: str, sheet: StampedSheet, edition: Edition, needed: tuple[str, ...], found: ProjectList) -> None:
        self.file, self.sheet, self.edition, self.needed, self.found = file, sheet, edition, needed, found
        self.grid = sheet.grid

    def where(self, row: int, column: int | None = None) -> Where:
        return Where(self.file, self.grid.name, f"{letters(column)}{row + 1}" if column is not None else f"第{row + 1}行")

    @property
    def data_rows(self) -> list[int]:
        """The rows in which something stands outside the columns of formulas."""
        return [row for row, cells in enumerate(self.grid.rows)
                if row >= self.sheet.first and any(shown(raw) for index, raw in enumerate(cells) if index not in self.sheet.formulas)]

    def skip(self, rows: list[int], reason: str) -> None:
        self.found.skipped += _skipped(self.file, self.grid, rows, reason, self.sheet.formulas)

    def read(self) -> None:
        rows = self.data_rows
        programme, problem = self.programme()
        if problem and (rows or programme is None):
            self.found.problems.append(problem)
        if programme is None:
            self.skip(rows, problem.expected)
        elif rows:
            self.report_new(programme)
            self.report_headings()
            self.report_foreign(rows)
            self.found.projects += self.projects(rows, programme)

    # --- migration ----------------------------------------------------------------------------------------------------

    def programme(self) -> tuple[Programme | None, Problem | None]:
        """The programme of the sheet in this edition, and what is wrong or worth knowing about it."""
        origin = self.sheet.origin
        where = Where(self.file, self.grid.name)
        if origin.layout > LAYOUT:
            return None, Problem("sheet.column", f"模板格式{origin.layout}", f"这张表由更新的 xltool {origin.version} 生成，没有读",
                                 "请更新 xltool", where)
        if origin.edition == self.edition.id:
            programme = self.edition.programmes.get(origin.programme)
            return programme, None if programme else Problem(
                "cell.reference", origin.programme, "指南里没有这个项目了，没有读", "请用新的模板填报", where)
        heirs = self.successors()
        if len(heirs) == 1:
            return heirs[0], Problem("cell.reference", origin.programme, f"这是{origin.edition}版的模板，已对应到{heirs[0].id} {heirs[0].title}",
                                     "请核对；最好改用新版的模板", where)
        hint = "它分成了：" + "、".join(f"{heir.id} {heir.title}" for heir in heirs) if heirs else "这一版没有延续它的项目"
        return None, Problem("cell.reference", origin.programme, f"这是{origin.edition}版的模板，不能按{self.edition.id}版读",
                             f"{hint}；请用新版的模板填报", where)

    def successors(self) -> list[Programme]:
        origin = self.sheet.origin
        if origin.edition not in edition_ids():
            return []
        heirs = lineage(bundled_edition(origin.edition), self.edition).successors.get(origin.programme, ())
        return [heir for heir in heirs if not heir.members]

    def use(self, index: int, meanings: tuple[Meaning, ...], fields: Mapping[tuple[str, str], Field], programme: Programme) -> Use:
        """What a stamped column fills in this edition, and why it no longer fills the rest."""
        targets: list[Target] = []
        gone: dict[str, Problem] = {}
        for old in meanings:
            field = fields.get((old.role, old.name))
            if field is None:
                gone[old.name] = Problem("cell.unused", "", f"{programme.id} 没有“{old.name}”了，没有用", "请核对指南")
            elif _measure(old.role, field) != old.measure:
                now = field.unit or field.kind
                gone[old.name] = Problem("cell.unused", "", f"“{old.name}”原来填{old.unit or old.kind}，现在是{now}，没有用",
                                         "请用新的模板重填")
            else:
                targets.append(Target(old.role, field))
        return Use(index, tuple(targets), "", tuple(gone), tuple(gone.values()))

    def report_new(self, programme: Programme) -> None:
        """The facts the sheet did not ask for."""
        asked = {each.name for meanings in self.sheet.columns.values() for each in meanings if each.role == FACT}
        if new := [name for name in programme.fields if name not in asked]:
            self.found.problems.append(Problem("cell.missing", "", f"这张表没有这些列：{'、'.join(new)}", "请用新的模板补填",
                                               Where(self.file, self.grid.name)))

    def report_headings(self) -> None:
        """Headings that no longer say what the stamp says: whoever filled the column went by what they saw."""
        above = [row for row in range(self.sheet.first) if row != self.sheet.row]
        for index, meanings in self.sheet.columns.items():
            said = [(row, text) for row in above if index < len(self.grid.rows[row]) and (text := shown(self.grid.rows[row][index]))]
            if said and not any(_means(heading(said[-1][1]), each) for each in meanings):
                row, text = said[-1]
                unit = f"（{meanings[0].unit}）" if meanings[0].unit else ""
                self.found.problems.append(Problem("sheet.column", text, f"模板的这一列填“{meanings[0].name}{unit}”，表头改过了，仍按模板读",
                                                   "请把表头改回，并核对这一列", self.where(row, index)))

    def report_foreign(self, rows: list[int]) -> None:
        """Columns that stand in no stamp: something was added to the sheet."""
        known = self.sheet.columns.keys() | self.sheet.formulas
        first: dict[int, int] = {}
        for row in rows:
            for index, raw in enumerate(self.grid.rows[row]):
                if index not in known and shown(raw):
                    first.setdefault(index, row)
        for index, row in sorted(first.items()):
            self.found.problems.append(Problem("note.column", shown(self.grid.rows[row][index]),
                                               f"这一列（{self.title(index)}）不是模板里的，原文留着", "是模板里有的内容，请填到模板的列里",
                                               self.where(row, index)))

    # --- rows ---------------------------------------------------------------------------------------------------------

    def projects(self, rows: list[int], programme: Programme) -> list[Project]:
        """The projects of the rows that hold one; the others are skipped."""
        fields = fields_of(self.edition, programme)
        uses = {index: self.use(index, meanings, fields, programme) for index, meanings in self.sheet.columns.items()}
        numbers = [row for row in rows if self.is_project(row)]
        cells = self.grid.rows
        shares = [use.index for use in uses.values() if any(target.field.kind == "比例" for target in use.targets)]
        # Of a file whose formats nobody knows, the template's own hold.
        looks = self.grid.looks or {(row, index): PER_CENT for row in numbers for index in shares}
        reading = Rows(programme, Records(Where(self.file, self.grid.name), numbers), looks)
        width = max((len(cells[row]) for row in numbers), default=0)
        for index in range(width):
            if index not in self.sheet.formulas:
                reading.read(uses.get(index) or Use(index, kept=(self.title(index),)),
                             [cells[row][index] if index < len(cells[row]) else "" for row in numbers])
        places = {each.name: index for index, meanings in self.sheet.columns.items() for each in meanings if each.role == COLUMN}
        for name in self.needed:
            reading.require(name, places.get(name))
        return reading.projects()

    def is_project(self, row: int) -> bool:
        filled = {index: text for index, raw in enumerate(self.grid.rows[row]) if index not in self.sheet.formulas and (text := shown(raw))}
        if filled.keys().isdisjoint(self.sheet.columns):
            self.skip([row], "模板的列里没有填")
        elif any(_TOTAL.fullmatch(re.sub(r"\s", "", text)) for text in islice(filled.values(), 2)):
            self.skip([row], "合计行")
        else:
            return True
        return False

    def title(self, index: int) -> str:
        """What stands above the data in a column of one's own, else its letters; the row just above them may be the hidden stamp."""
        above = (shown(row[index]) for row in reversed(self.grid.rows[:self.sheet.first]) if index < len(row))
        return next(filter(None, above), f"{letters(index)}列")


def _means(head: Heading, meaning: Meaning) -> bool:
    """Whether a heading says what a stamp says."""
    unit = meaning.unit or ("%" if meaning.kind == "比例" else "")
    own = heading(f"{meaning.name}（{unit}）" if unit else meaning.name)
    return (head.key, head.unit) == (own.key, own.unit)


def _measure(role: str, field: Field) -> tuple[str, str]:
    return Meaning(role, field.kind, field.unit, field.name).measure
