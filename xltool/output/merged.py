"""The one list made of many submissions (汇总.xlsx): a sheet per programme, stamped so that it is read back exactly, and where each
value came from.

A row says its file, sheet and row; a value that was written otherwise than it stands here has a note with the text and its cell.
"""
from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from math import isfinite
from pathlib import Path

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from .. import __version__
from ..intake.headers import COLUMN, FACT, INDICATOR, Target
from ..intake.merging import Merged, Submission
from ..intake.opening import read_sources
from ..intake.opening.encryption import decrypt
from ..intake.opening.kinds import kind_of
from ..intake.projects import CATEGORY, Cell, Project
from ..intake.stamp import CHECK, Origin, column_code, fields_of, origin_code
from ..intake.values import shown
from ..rules import serial
from ..rules.model import Edition, Field, Programme
from ..rules.problems import Problem, ProblemsError, counted
from .checking import Checked, check_project
from .layout import DENSE_WIDTH, fit_row, heading_width, new_book, print_on_a4
from .returns import Returned, write_returns
from .returns import Submission as ToReturn
from .submission.book import sheet_names
from .submission.columns import InputColumn, input_columns
from .submission.looks import AMOUNT, VERDICTS
from .submission.sheet import column_width

HEADING_ROW, STAMP_ROW, FIRST_ROW = 0, 1, 2
ANSWER = (("结论", 9), ("补助上限\n（万元）", 11))
SOURCE = (("来源文件", 26), ("来源工作表", 18), ("来源位置", 10))
FROZEN = len(ANSWER) + 2  # project and unit, the first that are read back, stay in sight
FILES, PROBLEMS, SKIPPED, CELLS = "来源文件", "问题", "跳过的行", "逐格来源"
_PLACE = (("工作表", 16), ("位置", 10))
_COLUMNS = {
    FILES: (("文件", 40), ("格式", 10), ("读取方式", 12), ("有内容的行", 11), ("标题和表头", 11), ("项目", 7), ("跳过的行", 10), ("问题", 7),
            ("提示", 7), ("校验值（SHA-256）", 65)),
    PROBLEMS: (("文件", 30), *_PLACE, ("内容", 24), ("问题", 46), ("怎么改", 38), ("类别", 16)),
    SKIPPED: (("文件", 30), *_PLACE, ("内容", 70), ("原因", 40)),
    CELLS: (("汇总的工作表", 30), ("格", 8), ("字段", 26), ("原文", 30), ("文件", 30), *_PLACE),
}
_EXCEL_LONGEST = 32767


@dataclass(frozen=True)
class MergedReport:
    """Merged submissions with every project checked."""

    merged: Merged
    checked: Sequence[Checked]

    @property
    def problems(self) -> list[Problem]:
        """All problems and notes, file by file in the order of the files."""
        return [problem for _, found in self.by_file for problem in found]

    @property
    def by_file(self) -> list[tuple[Submission, list[Problem]]]:
        """Each submission with everything that is wrong in it, also what only the other files show."""
        found: dict[str, list[Problem]] = {each.name: list(each.listed.problems) for each in self.merged.submissions}
        for problem in (*(problem for item in self.checked for problem in item.problems), *self.merged.problems):
            found.setdefault(problem.where.file, []).append(problem)
        return [(each, list(dict.fromkeys(found[each.name]))) for each in self.merged.submissions]


def check_merged(merged: Merged, city: str = "") -> MergedReport:
    return MergedReport(merged, [check_project(project, city) for project in merged.projects])


def merged_lines(report: MergedReport) -> Iterator[str]:
    """What was merged, for the terminal."""
    merged = report.merged
    unread = [each.name for each in merged.submissions if not each.reader]
    yield (f"{merged.edition.id}版：{len(merged.submissions)} 个文件，读到 {len(merged.projects)} 个项目；跳过 {len(merged.skipped)} 行，"
           f"{counted(report.problems)}。")
    if unread:
        yield f"没有读出的文件：{'、'.join(unread)}"
    if empty := [each.name for each in merged.submissions if each.reader and not each.listed.projects]:
        yield f"没有读到项目的文件：{'、'.join(empty)}"


def merged_workbook(report: MergedReport, every_cell: bool = False) -> bytes:
    """The list as a workbook that `batch` and `merge` read back exactly. `every_cell` adds a sheet with the source of each value."""
    merged, data = report.merged, BytesIO()
    book = new_book(data, f"{merged.edition.title} 汇总")
    origin = Origin(merged.edition.id, merged.edition.sha256, __version__)
    looks = _Looks(book)
    programmes = {item.project.programme.id: item.project.programme for item in report.checked}
    names = sheet_names(list(programmes.values()))
    trail: list[tuple[object, ...]] = []
    for name, programme in programmes.items():
        items = [item for item in report.checked if item.project.programme.id == name]
        sheet = _ProgrammeSheet(book.add_worksheet(names[name]), looks, merged.edition, programme, items)
        sheet.write(Origin(origin.edition, origin.guideline, origin.version, name))
        trail += [(names[name], *row) for row in sheet.trail]
    _table(book, looks, origin, FILES, _files(report))
    _table(book, looks, origin, PROBLEMS,
           ((problem.where.file, problem.where.sheet, problem.where.cell, problem.found, problem.expected, problem.fix, problem.code)
            for problem in report.problems))
    _table(book, looks, origin, SKIPPED,
           ((row.where.file, row.where.sheet, row.where.cell, row.text, row.reason) for row in merged.skipped))
    if every_cell:
        _table(book, looks, origin, CELLS, trail)
    book.close()
    return data.getvalue()


def _files(report: MergedReport) -> Iterator[tuple[object, ...]]:
    for each, problems in report.by_file:
        notes = sum(problem.is_note for problem in problems)
        listed = each.listed
        counts = (listed.framing, len(listed.projects), len(listed.skipped))
        yield each.name, each.kind, each.reader or "没有读出", sum(counts), *counts, len(problems) - notes, notes, listed.sha256


def keep_originals(out: Path, sources: Iterable[Path]) -> None:
    """Raise ProblemsError where the list would be written over a submission: a file among the sources that is no list of ours."""
    if out.is_file() and any(out.resolve().is_relative_to(source.resolve()) for source in sources) and not _is_ours(out):
        raise ProblemsError([Problem("file.kind", str(out), "这是报送件，不能把汇总写在上面", "请把汇总写成别的文件")])


def _is_ours(path: Path) -> bool:
    """Whether a merged list stands there, as an earlier run has written it."""
    from python_calamine import CalamineError, load_workbook
    try:
        return {FILES, PROBLEMS, SKIPPED} <= set(load_workbook(path).sheet_names)
    except CalamineError:
        return False


def returned(report: MergedReport, folder: Path, password: str | None = None) -> list[Returned]:
    """A marked copy of each submission with problems, written into a folder."""
    return write_returns(folder, [_submission(each, problems, password) for each, problems in report.by_file if problems])


def _submission(each: Submission, problems: Sequence[Problem], password: str | None) -> ToReturn:
    """The submission as `write_returns` takes it; its problems name its file as it is called there."""
    data: Path | bytes = each.path
    if each.reader and kind_of(each.path.read_bytes(), each.name).id == "encrypted":
        data = decrypt(each.path.read_bytes(), password)
    # Without a package that can be marked, a copy of the values that were read is.
    grids = () if each.kind == "xlsx" or not each.reader else next(read_sources([each.path], password, jobs=1)).grids
    faults, notes = ([problem for problem in problems if problem.is_note is note] for note in (False, True))
    return ToReturn(data, faults, notes, each.name, grids, decrypted=data is not each.path)


class _Looks:
    """The formats of the workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        face = {"font_name": "微软雅黑", "font_size": 10, "valign": "top", "border": 1, "border_color": "#D5DCE4"}
        self.heading = book.add_format({**face, "bold": True, "font_color": "#FFFFFF", "bg_color": "#1F4E79", "align": "center",
                                        "valign": "vcenter", "text_wrap": True})
        self.source = book.add_format({**face, "font_color": "#6B7785", "text_wrap": True})
        self.verdicts = {text: book.add_format({**face, "font_color": colour, "bold": True, "align": "center"})
                         for text, colour in VERDICTS.items()}
        self.centred = book.add_format({**face, "align": "center"})
        self.text = book.add_format({**face, "text_wrap": True, "num_format": "@"})
        self.refused = book.add_format({**face, "text_wrap": True, "num_format": "@", "bg_color": "#FCE8E6"})
        formats = {"日期": "yyyy-mm-dd", "比例": "0.00##%", "金额": AMOUNT, "盈亏": AMOUNT, "数量": "General"}
        self.kinds: dict[str, Format] = {kind: book.add_format({**face, "num_format": style}) for kind, style in formats.items()}


class _ProgrammeSheet:
    """The projects of one programme."""

    def __init__(self, sheet: Worksheet, looks: _Looks, edition: Edition, programme: Programme, items: Sequence[Checked]) -> None:
        self.sheet, self.looks, self.programme, self.items = sheet, looks, programme, items
        self.columns = [*input_columns(edition, programme)]
        self.columns += self.unasked(fields_of(edition, programme))
        self.others = list(dict.fromkeys(name for item in items for name in item.project.others))
        self.trail: list[tuple[object, ...]] = []
        self.widths: list[float] = []
        self.texts: list[tuple[str, float]] = []  # of one row, with the widths of their columns

    def unasked(self, fields: Mapping[tuple[str, str], Field]) -> Iterator[InputColumn]:
        """Columns the template of this programme does not ask for and some list has all the same."""
        asked = {(target.role, target.field.name) for column in self.columns for target in column.targets}
        stated = {(role, name): None for item in self.items for role, cells in _roles(item.project).items() for name in cells
                  if name != CATEGORY}
        for role, name in stated:
            if (role, name) not in asked and (role, name) in fields:
                yield InputColumn((Target(role, fields[role, name]),), fields[role, name], role)

    def write(self, origin: Origin) -> None:
        sheet, looks = self.sheet, self.looks
        headings = [*ANSWER, *(_heading(column) for column in self.columns),
                    *((f"{name}\n（未识别）", max(16, min(heading_width(name), 36))) for name in self.others), *SOURCE]
        self.widths = [width for _, width in headings]
        codes = [origin_code(origin), *[CHECK] * (len(ANSWER) - 1), *(column_code(column.targets) for column in self.columns),
                 *[CHECK] * (len(self.others) + len(SOURCE))]
        for index, ((text, _), code) in enumerate(zip(headings, codes)):
            sheet.write_string(HEADING_ROW, index, text, looks.heading)
            sheet.write_string(STAMP_ROW, index, code)
        sheet.set_row(HEADING_ROW, 60)
        sheet.autofilter(HEADING_ROW, 0, STAMP_ROW + len(self.items), len(headings) - 1)
        _arrange(sheet, self.widths, FROZEN)
        for row, item in enumerate(self.items, FIRST_ROW):
            self.row(row, item)

    def row(self, row: int, item: Checked) -> None:
        project, looks = item.project, self.looks
        self.texts.clear()
        verdict = item.answer.verdict
        self.sheet.write_string(row, 0, verdict, looks.verdicts.get(verdict, looks.centred))
        if item.answer.ceiling is not None:
            self.sheet.write_number(row, 1, item.answer.ceiling, looks.kinds["金额"])
        else:
            self.sheet.write_blank(row, 1, None, looks.text)
        for index, column in enumerate(self.columns, len(ANSWER)):
            self.cell(row, index, column, project)
        first = len(ANSWER) + len(self.columns)
        for index, name in enumerate(self.others, first):
            if cell := project.others.get(name):
                self.text(row, index, cell.value, looks.text)
                self.follow(row, index, cell)
            else:
                self.sheet.write_blank(row, index, None, looks.text)
        for index, text in enumerate((project.where.file, project.where.sheet, project.where.cell), first + len(self.others)):
            self.text(row, index, text, looks.source)
        fit_row(self.sheet, row, self.texts)

    def text(self, row: int, index: int, value: object, look: Format) -> None:
        text = str(value)[:_EXCEL_LONGEST]
        self.sheet.write_string(row, index, text, look)
        self.texts.append((text, self.widths[index]))

    def cell(self, row: int, index: int, column: InputColumn, project: Project) -> None:
        roles = _roles(project)
        found = next((cell for target in column.targets if (cell := roles[target.role].get(target.field.name))), None)
        if found is None:
            if refused := project.refused.get(column.name):
                self.refused(row, index, refused)
                self.follow(row, index, refused)
            else:
                self.sheet.write_blank(row, index, None, self.looks.text)
            return
        kind, value = column.field.kind, found.value
        if isinstance(value, bool):
            self.text(row, index, "是" if value else "否", self.looks.centred)
        elif isinstance(value, float) and kind == "日期":
            self.sheet.write_datetime(row, index, dt.datetime.combine(serial.to_date(value), dt.time()), self.looks.kinds[kind])
        elif isinstance(value, float):
            self.sheet.write_number(row, index, value, self.looks.kinds.get(kind, self.looks.text))
        else:
            self.text(row, index, value, self.looks.text)
        if _rewritten(found, kind):
            self.sheet.write_comment(row, index, f"原文：{shown(found.raw)}\n{found.where}", {"x_scale": 2})
        self.follow(row, index, found)

    def refused(self, row: int, index: int, cell: Cell) -> None:
        """What could not be read stands as it was, so that it is refused again."""
        if isinstance(cell.raw, float) and isfinite(cell.raw):
            self.sheet.write_number(row, index, cell.raw, self.looks.refused)
        else:
            self.text(row, index, cell.value, self.looks.refused)

    def follow(self, row: int, index: int, cell: Cell) -> None:
        self.trail.append((xl_rowcol_to_cell(row, index), cell.name, shown(cell.raw), cell.where.file, cell.where.sheet, cell.where.cell))


def _heading(column: InputColumn) -> tuple[str, float]:
    """What a column is called, and how wide it is."""
    return column.name + (f"\n（{column.unit}）" if column.unit else ""), column_width(column)


def _arrange(sheet: Worksheet, widths: Sequence[float], frozen: int = 0) -> None:
    """Widths, what stays in sight, and the way it prints."""
    for index, width in enumerate(widths):
        sheet.set_column(index, index, width)
    sheet.set_row(STAMP_ROW, None, None, {"hidden": True})
    sheet.freeze_panes(FIRST_ROW, frozen)
    sheet.repeat_rows(HEADING_ROW)
    print_on_a4(sheet, widths, frozen, DENSE_WIDTH)


def _roles(project: Project) -> dict[str, Mapping[str, Cell]]:
    return {COLUMN: project.columns, FACT: project.facts, INDICATOR: project.indicators}


def _rewritten(cell: Cell, kind: str) -> bool:
    """Whether the value does not stand in the submission as it stands here: another unit, a month, a text for a number."""
    if isinstance(cell.raw, dt.date):
        return False
    if isinstance(cell.value, (bool, str)):
        return isinstance(cell.value, str) and shown(cell.raw) != cell.value
    return cell.raw != cell.value


def _table(book: Workbook, looks: _Looks, origin: Origin, name: str, rows: Iterable[Sequence[object]]) -> None:
    """A sheet beside the projects; its stamp says that no project stands there."""
    columns = _COLUMNS[name]
    sheet = book.add_worksheet(name)
    for index, (text, _) in enumerate(columns):
        sheet.write_string(HEADING_ROW, index, text, looks.heading)
    sheet.write_string(STAMP_ROW, 0, origin_code(origin))
    sheet.set_row(HEADING_ROW, 30)
    _arrange(sheet, [width for _, width in columns])
    row = FIRST_ROW
    for row, cells in enumerate(rows, FIRST_ROW):
        for index, value in enumerate(cells):
            if isinstance(value, (int, float)):
                sheet.write_number(row, index, value, looks.text)
            else:
                sheet.write_string(row, index, str(value)[:_EXCEL_LONGEST], looks.text)
        fit_row(sheet, row, ((str(value), width) for value, (_, width) in zip(cells, columns)))
    sheet.autofilter(HEADING_ROW, 0, row, len(columns) - 1)
