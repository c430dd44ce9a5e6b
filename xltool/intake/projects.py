"""A project list read into projects: one per row, with typed values, the cell each came from, and every fault.

Nothing is dropped in silence: a row is a project, or it is skipped with a reason; a cell is read, or it is a problem that names it.
"""
from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..guideline.cells import FAULTS, Hidden, hidden_cells
from ..guideline.records import Reader, letters
from ..rules.evaluate import Value
from ..rules.facts import read_value
from ..rules.formula import number_text
from ..rules.model import Edition, Field, Programme
from ..rules.problems import Problem, Where
from .headers import COLUMN, FACT, INDICATOR, Find, Heading, Target, Vocabulary, heading

CATEGORY, TITLE, UNIT_NAME, PART = "申报项目类别", "申报项目名称", "单位名称", "名额分项"
_HEADER_DEPTH = 20  # a heading row stands among the first rows
_TOTAL = re.compile(r".{0,8}(?:合计|小计|总计|累计)(?:[:：(（].*)?")
_NOTES = ("注", "填表", "备注", "说明", "制表", "审核", "单位负责人", "联系")


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of a project, what was typed, and where."""

    name: str
    value: Value
    raw: object
    where: Where


@dataclass(frozen=True)
class Project:
    """One row of a list. `columns`, `facts` and `indicators` hold typed values; a value that could not be read is absent."""

    programme: Programme
    columns: Mapping[str, Cell]
    facts: Mapping[str, Cell]
    indicators: Mapping[str, Cell]
    where: Where
    problems: tuple[Problem, ...] = ()
    unread: frozenset[str] = frozenset()  # what was filled in but could not be read

    @property
    def values(self) -> dict[str, Value]:
        """The facts as the engine takes them."""
        return {name: cell.value for name, cell in self.facts.items()}

    def column(self, name: str) -> Value:
        """A list column's value, None when empty."""
        cell = self.columns.get(name)
        return cell.value if cell else None

    @property
    def title(self) -> str:
        return str(self.column(TITLE) or "")

    @property
    def unit_name(self) -> str:
        return str(self.column(UNIT_NAME) or "")


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that is no project, and why; empty rows are not listed."""

    where: Where
    text: str
    reason: str


@dataclass
class ProjectList:
    """What one file gave: projects, skipped rows, and problems that belong to no project."""

    projects: list[Project] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    sha256: str = ""


def read_projects(path: Path, edition: Edition, needed: tuple[str, ...] = (TITLE, UNIT_NAME), find: Find | None = None) -> ProjectList:
    """The projects of a list workbook (every sheet with a heading row); a row without a `needed` column is a problem.

    `find` says which programmes of the edition a category stands for, where that is not simply its id or title; the row is then
    read once for each. Raises ProblemsError when the file cannot be read at all.
    """
    found = read_sheets(path, edition, Sheet, needed, find)
    if not found.projects and not found.problems:
        file = Path(path).name
        found.problems.append(Problem("sheet.empty", file, "没有找到项目", f"表头里要有“{CATEGORY}”和“{TITLE}”", Where(file)))
    return found


def read_sheets(path: Path, edition: Edition, kind: type[Sheet], needed: tuple[str, ...], find: Find | None = None) -> ProjectList:
    """Every sheet of a workbook read as a kind of sheet."""
    reader = Reader.open(Path(path))
    found = ProjectList(sha256=reader.sha256, problems=reader.problems)
    vocabulary = Vocabulary(edition, find)
    _restore_hidden(reader)
    for sheet, grid in reader.grids.items():
        kind(reader, sheet, grid, vocabulary, found, needed).read()
    return found


def _restore_hidden(reader: Reader) -> None:
    """Put back what the reader of values left empty: error cells as their text, names merged over several rows in every row."""
    try:
        hidden = list(hidden_cells(reader.data))
    except FAULTS:  # not an xlsx: calamine has read it all the same
        return
    for cell in hidden:
        grid = reader.grids.get(cell.sheet, [])
        if cell.kind == "error":
            row, column = _place(cell.cell)
            if row < len(grid) and column < len(grid[row]):
                grid[row][column] = cell.text
        elif cell.kind == "merge":
            _fill_down(grid, cell)


def _fill_down(grid: list[list[object]], merge: Hidden) -> None:
    """A text merged over the rows of one column stands in each of them; a number does not, or sums would count it twice."""
    (top, left), (bottom, right) = (_place(corner) for corner in (merge.cell.split(":") * 2)[:2])
    if left == right and bottom < len(grid) and left < len(grid[top]) and isinstance(grid[top][left], str):
        for row in range(top + 1, bottom + 1):
            grid[row][left] = grid[row][left] or grid[top][left]


def _place(address: str) -> tuple[int, int]:
    """Zero-based row and column of an A1 address."""
    match = re.fullmatch(r"([A-Z]+)(\d+)", address)
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


class Sheet:
    """A sheet with a heading row above one project per row."""

    def __init__(self, reader: Reader, sheet: str, grid: list[list[object]], vocabulary: Vocabulary, found: ProjectList,
                 needed: tuple[str, ...]) -> None:
        self.reader, self.sheet, self.grid, self.vocabulary, self.found = reader, sheet, grid, vocabulary, found
        self.needed = needed

    def where(self, row: int, column: int | None = None) -> Where:
        return Where(self.reader.file, self.sheet, f"{letters(column)}{row + 1}" if column is not None else f"第{row + 1}行")

    def read(self) -> None:
        top = self.header_row()
        if top is None:
            for row, cells in enumerate(self.grid):
                self.skip(row, cells, "这张表没有表头，没有读")
            return
        headings = {index: heading(_text(raw)) for index, raw in enumerate(self.grid[top]) if _text(raw)}
        for index, above in enumerate(self.grid[top - 1] if top else ()):  # 序号 of a two-level heading stands above
            if index not in headings and _text(above) and heading(_text(above)).key in self.vocabulary.all_keys:
                headings[index] = heading(_text(above))
        headings = self.distinct(top, headings)
        by_column = {self.vocabulary.columns[head.key].field.name: index for index, head in reversed(headings.items())
                     if head.key in self.vocabulary.columns}
        for row in range(top + 1, len(self.grid)):
            self.row(row, self.grid[row], headings, by_column, top)

    def row(self, row: int, cells: list[object], headings: Mapping[int, Heading], by_column: Mapping[str, int], top: int) -> None:
        """A row that names a programme is a project, whatever else it says; another one is skipped with its reason."""
        index = by_column.get(CATEGORY)
        category = _text(cells[index]) if index is not None and index < len(cells) else ""
        if programmes := self.vocabulary.programmes(category):
            for programme in programmes:
                self.project(row, cells, headings, by_column, programme)
        elif reason := self.not_a_project(cells, top):
            self.skip(row, cells, reason)
        elif any(_text(raw) for raw in cells):
            self.no_programme(row, cells, category, index)

    def header_row(self) -> int | None:
        """The row with most known headings, if it names category or title."""
        best, most = None, 1
        for row, cells in enumerate(self.grid[:_HEADER_DEPTH]):
            known = [heading(_text(raw)).key for raw in cells if isinstance(raw, str) and _text(raw)]
            names = {self.vocabulary.columns[key].field.name for key in known if key in self.vocabulary.columns}
            count = sum(key in self.vocabulary.all_keys for key in known)
            if count > most and self.is_heading(names):
                best, most = row, count
        return best

    def is_heading(self, names: Collection[str]) -> bool:
        """Whether a row with these list columns can be the heading row."""
        return not {CATEGORY, TITLE, UNIT_NAME}.isdisjoint(names)

    def distinct(self, top: int, headings: Mapping[int, Heading]) -> dict[int, Heading]:
        """The headings that are read: repeated and unknown ones are reported."""
        seen: dict[str, int] = {}
        for index, head in headings.items():
            if head.key in seen:
                self.report(top, index, head, f"和{letters(seen[head.key])}列同名，这一列没有读", "请删去一列或改名")
            elif head.key not in self.vocabulary.all_keys and head.key not in ("序号", "备注"):
                near = _nearest(head.key, self.vocabulary.all_keys)
                self.report(top, index, head, "不认识的列，没有读", f"是不是“{near}”？" if near else "列名见 xltool show 项目编号")
            seen.setdefault(head.key, index)
        return {index: headings[index] for index in seen.values()}

    def report(self, row: int, column: int, head: Heading, expected: str, fix: str) -> None:
        self.found.problems.append(Problem("sheet.column", head.text, expected, fix, self.where(row, column)))

    def not_a_project(self, cells: list[object], top: int) -> str:
        filled = [_text(raw) for raw in cells if _text(raw)]
        if not filled:
            return ""
        if any(_TOTAL.fullmatch(re.sub(r"\s", "", text)) for text in filled[:2]):
            return "合计行"
        if "盖章" in "".join(filled) or "签字" in "".join(filled):
            return "签章行"
        if len(filled) == 1 and (filled[0].startswith(_NOTES) or len(filled[0]) > 30):
            return "备注行"
        known = sum(heading(text).key in self.vocabulary.all_keys for text in filled)
        above = {_text(raw) for raw in self.grid[top - 1]} if top else set()
        return "重复的表头" if known >= max(2, len(filled) * 0.6) or above.issuperset(filled) else ""

    def skip(self, row: int, cells: list[object], reason: str) -> None:
        text = " ".join(_text(raw) for raw in cells if _text(raw))
        if text:
            self.found.skipped.append(Skipped(self.where(row), text[:80], reason))

    def project(self, row: int, cells: list[object], headings: Mapping[int, Heading], by_column: Mapping[str, int],
                programme: Programme) -> None:
        reading = _Row(programme, self.vocabulary)
        for index, head in headings.items():
            raw = cells[index] if index < len(cells) else ""
            if _text(raw):
                reading.read(raw, head, self.where(row, index))
        for name in self.needed:
            if name not in reading.gathered[COLUMN]:
                reading.report("cell.missing", "", f"缺“{name}”", "请补上", self.where(row, by_column.get(name)))
        self.found.projects.append(reading.project(self.where(row)))

    def no_programme(self, row: int, cells: list[object], category: str, index: int | None) -> None:
        """The row cannot be assigned to a programme: report it and list it as skipped."""
        edition = self.vocabulary.edition
        where = self.where(row, index)
        if not category:
            problem = Problem("cell.missing", "", f"缺“{CATEGORY}”，这一行没有读", "请填项目编号或文件里的全称", where)
        elif programme := edition.find(category):
            problem = Problem("value.unknown", category, "是一组项目，分不清是哪一个", "请填其中之一：" + "、".join(programme.members), where)
        else:
            near = self.vocabulary.near(category)
            problem = Problem("value.unknown", category, f"{edition.id}版没有这个项目", f"最接近的：{near}" if near else "请核对名称", where)
        self.found.problems.append(problem)
        self.skip(row, cells, f"{problem.expected}（{category}）" if category else "没有申报项目类别")


class _Row:
    """The cells of one project, read one by one."""

    def __init__(self, programme: Programme, vocabulary: Vocabulary) -> None:
        self.programme, self.vocabulary = programme, vocabulary
        self.targets = vocabulary.targets(programme)
        self.gathered: dict[str, dict[str, Cell]] = {COLUMN: {}, FACT: {}, INDICATOR: {}}
        self.unread: set[str] = set()
        self.problems: dict[Problem, None] = {}  # a cell that is fact and indicator at once is faulty once

    def report(self, code: str, found: str, expected: str, fix: str, where: Where) -> None:
        self.problems[Problem(code, found, expected, fix, where)] = None

    def project(self, where: Where) -> Project:
        self.check_part()
        return Project(self.programme, self.gathered[COLUMN], self.gathered[FACT], self.gathered[INDICATOR], where, tuple(self.problems),
                       frozenset(self.unread))

    def check_part(self) -> None:
        """名额分项 must be one of the programme's."""
        cell = self.gathered[COLUMN].get(PART)
        parts = [row.part for row in self.programme.quota if row.part]
        if cell and cell.value not in parts:
            self.report("cell.reference", str(cell.value), f"{self.programme.id} 的名额没有这个分项",
                        "分项有：" + "、".join(parts) if parts else "请留空", cell.where)

    def read(self, raw: object, head: Heading, where: Where) -> None:
        """A filled cell under a heading: its value for everything the heading stands for, or a problem."""
        targets = self.targets.get(head.key, ())
        names = list(dict.fromkeys(target.field.name for target in targets))
        if not targets and head.key in self.vocabulary.all_keys and not _blank_mark(raw):
            self.report("cell.unused", _text(raw), f"“{head.text}”不是 {self.programme.id} 的事实或指标，没有用", "请核对列和项目类别", where)
        elif len(names) > 1:
            self.report("sheet.column", head.text, f"分不清是“{'”“'.join(names)}”中的哪一个", "请把列名改成其中之一", where)
        else:
            for target in targets:
                self.take(raw, head, target, where)

    def take(self, raw: object, head: Heading, target: Target, where: Where) -> None:
        field, known = target.field, self.gathered[target.role]
        if other := known.get(field.name):
            self.report("value.conflict", _text(raw), f"“{field.name}”在{other.where.cell}已有“{other.raw}”，没有用这个", "请留一列", where)
            return
        if field.kind == "比例" and head.unit == "%" and isinstance(raw, float) and 0 < abs(raw) <= 1:
            self.report("value.range", _text(raw), f"“{field.name}”的单位是%，这个数按{raw:.2%}读", "请核对是否少乘了100", where)
        value, problem = read_value(_in_unit(raw, head.unit, field), field)
        if problem:
            self.unread.add(field.name)
            self.report(problem.code, _text(raw), problem.expected, problem.fix, where)
        elif value is not None:
            known[field.name] = Cell(field.name, value, raw, where)


def _in_unit(raw: object, unit: str, target: Field) -> object:
    """A bare number under a heading with a unit carries that unit."""
    if not unit or unit == target.unit or unit == "小数":
        return raw
    if isinstance(raw, (int, float)) and not isinstance(raw, bool):
        if target.kind == "比例" and unit == "%" and isinstance(raw, float) and abs(raw) <= 1:
            return raw  # a cell formatted as per cent holds the fraction already
        return number_text(float(raw)) + unit
    return raw + unit if isinstance(raw, str) and raw.strip()[-1:].isdigit() else raw


def _text(raw: object) -> str:
    if raw is None or isinstance(raw, bool):
        return "" if raw is None else "TRUE" if raw else "FALSE"
    if isinstance(raw, float):
        return number_text(raw) if math.isfinite(raw) else str(raw)
    if isinstance(raw, dt.datetime) and raw.time() == dt.time():
        return raw.date().isoformat()
    return str(raw).strip()


def _blank_mark(raw: object) -> bool:
    return _text(raw) in ("", "-", "—", "/", "无")


def _nearest(key: str, known: frozenset[str]) -> str:
    from rapidfuzz import process
    found = process.extractOne(key, known, score_cutoff=75)
    return found[0] if found else ""
