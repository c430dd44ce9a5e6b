"""The check report (核查报告): every project, every rule with its status, every problem, quotas, skipped rows, the run itself.

Laid out after the conformance reports of regulated data: what was run, on what, with which versions, and each rule's status
including those no project came under.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from ..intake.projects import Project, Skipped
from ..rules.assess import ELIGIBLE, INELIGIBLE, NOT_APPLICABLE, OPEN, Outcome
from ..rules.model import Edition
from ..rules.problems import Problem
from ..rules.quota import places_left
from .checking import Checked


@dataclass(frozen=True)
class Report:
    """All a check report shows. `run` holds the run's details as label and value."""

    edition: Edition
    checked: Sequence[Checked]
    problems: Sequence[Problem]
    skipped: Sequence[Skipped]
    run: Sequence[tuple[str, str]] = ()

    @property
    def problem_count(self) -> int:
        return len(self.problems) + sum(len(item.problems) for item in self.checked)


_STATUS_COLOURS = {ELIGIBLE: ("#E6F4EA", "#137333"), INELIGIBLE: ("#FCE8E6", "#B3261E"), OPEN: ("#FEF7E0", "#8A5A00")}
_FACE = "微软雅黑"
_NO_FORM = "本版指南没有给这个项目印发绩效表"


class _Book:
    """The workbook with its formats; each sheet is a table with a heading row, a filter and a frozen head."""

    def __init__(self, path: Path) -> None:
        self.book = xlsxwriter.Workbook(str(path), {
            "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "default_date_format": "yyyy-mm-dd"})
        base = {"font_name": _FACE, "font_size": 10, "valign": "top"}
        self.title = self.book.add_format({**base, "font_size": 16, "bold": True, "font_color": "#1F4E79", "valign": "vcenter"})
        self.subtitle = self.book.add_format({**base, "font_size": 11, "bold": True, "font_color": "#1F4E79"})
        self.plain = self.book.add_format(base)
        self.head = self.book.add_format({**base, "bold": True, "font_color": "#FFFFFF", "bg_color": "#1F4E79", "text_wrap": True,
                                          "valign": "vcenter", "align": "center", "border": 1, "border_color": "#B7C4D3"})
        cell = {**base, "text_wrap": True, "border": 1, "border_color": "#D5DCE4"}
        self.text = self.book.add_format(cell)
        self.money = self.book.add_format({**cell, "num_format": "#,##0.00####"})
        self.status = {name: self.book.add_format({**cell, "bg_color": back, "font_color": front, "bold": True, "align": "center"})
                       for name, (back, front) in _STATUS_COLOURS.items()}

    def sheet(self, name: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[object]], freeze: int = 0) -> Worksheet:
        """A table sheet: columns as heading and width, rows of text, numbers or None."""
        sheet = self.book.add_worksheet(name)
        self.setup(sheet, name, wide=sum(width for _, width in columns) > 200)
        for index, (heading, width) in enumerate(columns):
            sheet.set_column(index, index, width)
            sheet.write_string(0, index, heading, self.head)
        sheet.set_row(0, 24)
        last = self.rows(sheet, 1, rows)
        sheet.freeze_panes(1, freeze)
        sheet.autofilter(0, 0, max(1, last - 1), len(columns) - 1)
        sheet.repeat_rows(0)
        return sheet

    def rows(self, sheet: Worksheet, top: int, rows: Iterable[Sequence[object]]) -> int:
        for row in rows:
            for index, value in enumerate(row):
                self.write(sheet, top, index, value)
            top += 1
        return top

    def write(self, sheet: Worksheet, row: int, column: int, value: object) -> None:
        if value is None or value == "":
            sheet.write_blank(row, column, None, self.text)
        elif isinstance(value, (int, float)):
            sheet.write_number(row, column, value, self.text if isinstance(value, int) else self.money)
        else:
            sheet.write_string(row, column, value[:32767], self.format_of(value))

    def format_of(self, value: str) -> Format:
        return self.status.get(value, self.text)

    @staticmethod
    def setup(sheet: Worksheet, footer: str, wide: bool = False) -> None:
        sheet.set_landscape()
        sheet.set_paper(8 if wide else 9)  # A3 or A4
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(0.4, 0.4, 0.5, 0.7)
        sheet.set_footer(f"&C{footer} 第&P页 共&N页")


def write_report(report: Report, path: Path) -> None:
    """Write the check report workbook."""
    book = _Book(path)
    _overview(book, report)
    _projects(book, report)
    book.sheet("逐条核对", (("单位名称", 26), ("申报项目名称", 30), ("项目编号", 13), ("条件号", 8), ("性质", 6), ("条件", 30), ("结论", 9),
                         ("事实", 40), ("差距", 44), ("出处", 20), ("规则单元格", 20), ("数据单元格", 24)), _outcomes(report), 2)
    book.sheet("问题", (("单位名称", 26), ("申报项目名称", 30), ("文件", 24), ("工作表", 14), ("单元格", 9), ("内容", 24), ("问题", 46),
                      ("怎么改", 40), ("类别", 16)), _problems(report))
    book.sheet("名额", (("项目编号", 14), ("名称", 40), ("分项", 28), ("不超过", 9), ("不少于", 9), ("申报数", 9), ("其中不符合", 11),
                      ("占用", 9), ("剩余", 9), ("提示", 40), ("出处", 22)), _quotas(report))
    book.sheet("跳过的行", (("文件", 24), ("工作表", 16), ("行", 10), ("内容", 70), ("原因", 46)),
               ((row.where.file, row.where.sheet, row.where.cell, row.text, row.reason) for row in report.skipped))
    book.sheet("规则状态", (("项目编号", 14), ("项目", 36), ("条件号", 8), ("性质", 6), ("条件", 34), ("公式", 46), ("核对", 7), ("符合", 7),
                         ("不符合", 8), ("待核实", 8), ("不适用", 8), ("出处", 22), ("规则单元格", 20)), _rules(report))
    book.sheet("运行信息", (("项目", 20), ("内容", 100)), report.run)
    book.book.close()


def _overview(book: _Book, report: Report) -> None:
    sheet = book.book.add_worksheet("概览")
    book.setup(sheet, "概览")
    for index, width in enumerate((34, 10, 10, 10, 10, 18, 18, 18)):
        sheet.set_column(index, index, width)
    sheet.set_row(0, 30)
    sheet.write_string(0, 0, f"核查报告　{report.edition.title}", book.title)
    counts = Counter(item.answer.verdict for item in report.checked)
    lines = [
        f"共 {len(report.checked)} 个项目：符合 {counts[ELIGIBLE]}，不符合 {counts[INELIGIBLE]}，待核实 {counts[OPEN]}；"
        f"问题 {report.problem_count} 个；跳过 {len(report.skipped)} 行。",
        "先看“问题”表改数据，再看“项目结论”里的不符合和待核实，最后看“名额”。金额单位：万元。",
    ]
    for row, line in enumerate(lines, 1):
        sheet.write_string(row, 0, line, book.subtitle if row == 1 else book.plain)
    top = 4
    headings = ("方向", "项目数", ELIGIBLE, INELIGIBLE, OPEN, "申请补助资金", "补助上限合计", "可补助合计")
    for index, heading in enumerate(headings):
        sheet.write_string(top, index, heading, book.head)
    rows = [_direction_row(direction, report) for direction in dict.fromkeys(item.answer.programme.direction for item in report.checked)]
    total = ["合计", *(sum(row[index] for row in rows) for index in range(1, 8))]
    book.rows(sheet, top + 1, [*rows, total])


def _direction_row(direction: str, report: Report) -> list[object]:
    items = [item for item in report.checked if item.answer.programme.direction == direction]
    counts = Counter(item.answer.verdict for item in items)
    return [direction, len(items), counts[ELIGIBLE], counts[INELIGIBLE], counts[OPEN],
            _sum(item.project.column("项目申请补助资金") for item in items), _sum(item.answer.ceiling for item in items),
            _sum(item.answer.subsidy for item in items)]


def _sum(values: Iterable[object]) -> float:
    return float(round(sum(value for value in values if isinstance(value, float)), 6))


def _projects(book: _Book, report: Report) -> None:
    columns = (("序号", 6), ("县（市、区）", 12), ("单位名称", 28), ("申报项目名称", 34), ("项目编号", 13), ("项目类别", 30), ("结论", 9),
               ("申请补助资金", 13), ("补助上限", 13), ("可补助", 13), ("首付", 12), ("超过上限", 12), ("未满足条件", 12), ("缺的事实", 30),
               ("说明", 60), ("绩效表", 34), ("来源", 26))
    book.sheet("项目结论", columns, (_project_row(number, item) for number, item in enumerate(report.checked, 1)), 4)


def _project_row(number: int, item: Checked) -> tuple[object, ...]:
    project, answer = item.project, item.answer
    requested = project.column("项目申请补助资金")
    over = requested - answer.ceiling if isinstance(requested, float) and answer.ceiling is not None else None
    return (number, project.column("县（市、区）"), project.unit_name, project.title, answer.programme.id, answer.programme.title,
            answer.verdict, requested, answer.ceiling, answer.subsidy, answer.first_payment,
            round(over, 6) if over and over > 0 else None, "、".join(answer.failed), "、".join(answer.missing),
            "\n".join(answer.reasons), item.form or _NO_FORM, str(project.where))


def _outcomes(report: Report) -> Iterable[tuple[object, ...]]:
    for item in report.checked:
        for outcome in item.answer.outcomes:
            condition = outcome.condition
            yield (item.project.unit_name, item.project.title, item.answer.programme.id, condition.number,
                   "必须" if condition.hard else "提示", condition.text, outcome.status, outcome.facts, _gap(outcome), condition.cite,
                   f"{condition.where.sheet}!{condition.where.cell}", _sources(item.project, condition.rule.names))


def _gap(outcome: Outcome) -> str:
    return "缺：" + "、".join(outcome.missing) if outcome.missing else outcome.shortfall


def _sources(project: Project, names: Iterable[str]) -> str:
    """The list's cells a rule looked at."""
    cells = [project.facts[name].where.cell for name in names if name in project.facts]
    return f"{project.where.sheet}!{'、'.join(cells)}" if cells else ""


def _problems(report: Report) -> Iterable[tuple[object, ...]]:
    for problem in report.problems:
        yield ("", "", *_problem_cells(problem))
    for item in report.checked:
        for problem in item.problems:
            yield (item.project.unit_name, item.project.title, *_problem_cells(problem))


def _problem_cells(problem: Problem) -> tuple[str, ...]:
    where = problem.where
    return where.file, where.sheet, where.cell, problem.found, problem.expected, problem.fix, problem.code


def _quotas(report: Report) -> Iterable[tuple[object, ...]]:
    """Quota used and left, for the programmes and groups the list has projects of."""
    for programme in report.edition.programmes.values():
        ids = programme.members or (programme.id,)
        items = [item for item in report.checked if item.answer.programme.id in ids]
        if not items or not programme.quota:
            continue
        taking = [item for item in items if item.answer.verdict != INELIGIBLE]
        parts = {row.part for row in programme.quota if row.part}
        members = {row.member: row.part for row in programme.quota if row.member}

        def part_of(item: Checked, parts: set[str] = parts, members: dict[str, str] = members) -> str:
            part = members.get(item.answer.programme.id) or str(item.project.column("名额分项") or "")
            return part if part in parts else ""
        left = places_left(programme, [(part_of(item), 1) for item in taking])
        rows = programme.quota if any(not row.part for row in programme.quota) else (None, *programme.quota)
        for row in rows:
            part = row.part if row else ""
            inside = [item for item in items if not part or part_of(item) == part]
            used = left.used_parts[part] if part else left.used
            rest = left.parts[part] if part else left.total
            maximum = row.maximum if row else None
            hint = ""
            if maximum is not None and used > maximum:
                hint = f"超过{used - maximum}个"
            elif row and row.minimum is not None and used < row.minimum:
                hint = f"还差{row.minimum - used}个才到下限"
            yield (programme.id, programme.title, part, maximum, row.minimum if row else None, len(inside),
                   len(inside) - sum(item in taking for item in inside), used, rest, hint, row.cite if row else programme.cite)


def _rules(report: Report) -> Iterable[tuple[object, ...]]:
    """Every rule of the edition with how often it came out how, those nobody came under included."""
    counts: dict[tuple[str, str], Counter] = {}
    for item in report.checked:
        for outcome in item.answer.outcomes:
            counts.setdefault((item.answer.programme.id, outcome.condition.number), Counter())[outcome.status] += 1
    for programme in report.edition.programmes.values():
        for condition in programme.conditions:
            found = counts.get((programme.id, condition.number), Counter())
            formula = condition.formula.text + (f"（适用：{condition.when.text}）" if condition.when else "")
            yield (programme.id, programme.title, condition.number, "必须" if condition.hard else "提示", condition.text, formula,
                   found.total(), found[ELIGIBLE], found[INELIGIBLE], found[OPEN], found[NOT_APPLICABLE], condition.cite,
                   f"{condition.where.sheet}!{condition.where.cell}")
