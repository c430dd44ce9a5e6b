"""Performance forms (绩效目标申报表): what one project's form shows, row by row, for the one template of them all."""
from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import cache

from ...intake.projects import Cell, Project, values_of
from ...rules import serial
from ...rules.evaluate import Value, as_text
from ...rules.formula import number_text
from ...rules.model import Form, Indicator
from ...rules.problems import Problem

_PARTNERS = {"项目推荐单位": "项目承担单位", "项目开始时间": "项目结束时间"}  # header cells that share a row
_SOURCES = {"项目名称": "申报项目名称", "项目承担单位": "单位名称", "项目推荐单位": "项目推荐单位", "项目开始时间": "项目开始时间",
            "项目结束时间": "项目结束时间", "总体目标": "总体目标", "年度目标": "年度目标"}
_BLANK = re.compile(r"\{(.+?)\}")


class PrintedForm:
    """A form ready to be filled in for many projects: what they share is made once, and not to be changed."""

    def __init__(self, form: Form) -> None:
        self.form = form
        second = form.value_columns[1] if len(form.value_columns) > 1 else None
        self._common = {"second": None, "two": second is not None, "section": form.common_section}
        self._heading = {**self._common, "level1": "一级指标", "level2": "二级指标", "label": "三级指标", "group": None,
                         "value": form.value_columns[0], "second": second}
        self._empty = [(row, self._row(row, None, False)) for row in form.indicators]
        self._header = list(_header_labels(form))
        self._notes = [{"text": note} for note in form.notes]
        self._fixed = {"number": _number(form), "title": form.title, "year_line": form.year_line, "custom_section": form.custom_section}

    def context(self, project: Project) -> dict[str, object]:
        """The data of one form: number, title, header rows, indicator rows, custom rows and notes, as the template loops over them."""
        values = values_of(project.indicators)
        filled = {row.group for row in self.form.indicators if row.name in values}
        rows = [self._row(row, values.get(row.name), row.group in filled) if row.name in values or row.group in filled else empty
                for row, empty in self._empty]
        header = [{**labels, "value": header_value(first, self.form, project), "value2": header_value(second, self.form, project) if second else None}
                  for first, second, labels in self._header]
        return {**self._fixed, "header": header, "indicators": [self._heading, *rows], "custom": _custom_rows(self.form, project),
                "notes": self._notes}

    def _row(self, row: Indicator, value: Value, group_filled: bool) -> dict[str, object]:
        # A group of one row may stand in one cell with it: 废旧动力电池再生利用项目，填写年处置废旧电池量（吨）.
        group = None if row.label.startswith(row.group) else _ticked(row.group, group_filled)
        return {**self._common, "level1": row.level1, "level2": row.level2, "label": _ticked(row.printed, value is not None),
                "value": indicator_value(row, value), "group": group}


def _ticked(text: str, chosen: bool) -> str:
    """A printed text with its box ticked if it was chosen."""
    return text.replace("□", "☑") if chosen else text


def _header_labels(form: Form) -> Iterator[tuple[str, str, dict[str, object]]]:
    """The labels of each header row, of one wide cell or of a pair, and what the template sees of them."""
    labels = list(form.header)
    while labels:
        label = labels.pop(0)
        second = labels.pop(0) if labels and _PARTNERS.get(_plain(label)) == labels[0] else ""
        yield label, second, {"wide": not second, "goal": label.endswith("目标"), "label": re.sub(r"(?=[(（])", "\n", label), "label2": second}


def header_value(label: str, form: Form, project: Project) -> object:
    """What stands beside a header label: the form's preset, else the project's value, with the form's note below it.

    A preset may leave blanks for list columns: 线下诊断企业（家）：{目标线下诊断企业数}.
    """
    if label in form.presets:
        return _BLANK.sub(lambda blank: _blank(blank[1], project), form.presets[label])
    name = _source(label)
    value = project.column(name)
    if value is not None and name.endswith("时间"):
        value = chinese_date(value)
    note = form.header_notes.get(label)
    return f"{value}\n{note}" if note and value else note or value


def _blank(name: str, project: Project) -> str:
    """A list column put into a preset; a line to write on when it is empty."""
    value = project.column(name)
    return as_text(value) if value is not None else "＿＿＿＿"


@cache
def _plain(label: str) -> str:
    """A header label without its remark: 项目推荐单位(如有)."""
    return re.sub(r"[(（].*", "", label)


@cache
def _source(label: str) -> str:
    """The list column behind a header label."""
    return _SOURCES.get(_plain(label), label)


def chinese_date(value: Value) -> str:
    """A date serial as 2025年1月1日."""
    day: dt.date = serial.to_date(value)
    return f"{day.year}年{day.month}月{day.day}日"


def indicator_value(indicator: Indicator, value: Value) -> object:
    """The target of an indicator: the project's value, put into the printed preset (不少于X个) where there is one."""
    if value is None:
        return indicator.preset or None
    value = value * 100 if indicator.unit == "%" and isinstance(value, float) else value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        value = float(f"{value:.12g}")
        if "X" in indicator.preset:
            return re.sub("X+", number_text(value), indicator.preset)
    return value


def _custom_rows(form: Form, project: Project) -> list[dict[str, object]]:
    """The 个性指标 rows: what the project wrote, line by line, and the form's blank rows."""
    written = str(project.column("个性指标") or "").splitlines()
    texts = [line.strip() for line in written if line.strip()]
    texts += [form.custom_preset] * (max(form.custom_rows, 1) - len(texts))
    pairs = [re.split("[：:=]", text, maxsplit=1) for text in texts]
    return [{"section": form.custom_section, "text": pair[0] or None, "value": pair[1].strip() if len(pair) > 1 else None} for pair in pairs]


def form_problems(form: Form, project: Project) -> list[Problem]:
    """What the form still lacks (header cells, core and other indicators) and what its own rules say against its values."""
    return [*_empty_cells(form, project), *_broken_rules(form, project)]


def _empty_cells(form: Form, project: Project) -> list[Problem]:
    columns = {label: _source(label) for label in form.header if label not in form.presets and "如有" not in label}
    columns |= {name: name for preset in form.presets.values() for name in _BLANK.findall(preset)}
    header = [label for label, name in columns.items() if name not in project.columns and name not in project.refused]
    filled = set(project.indicators)
    started = {row.group for row in form.indicators if row.name in filled}
    empty = [row for row in form.indicators if row.name not in filled and row.name not in project.refused
             and not row.is_open and (not row.group or (row.group in started and not form.group_minimum))]
    core = [row.name for row in empty if row.core]
    others = [row.name for row in empty if not row.core]
    fix = "请在清单里加上这些列并填写"
    return [Problem("cell.missing", "", f"绩效表{_number(form)}的{what}没填，留空：{'、'.join(names)}", fix, project.where)
            for what, names in (("表头", header), ("核心指标", core), ("指标", others)) if names]


def _broken_rules(form: Form, project: Project) -> Iterator[Problem]:
    """Too few rows of a group, several groups where one is to be chosen, a share above 100 %."""
    place = f"绩效表{_number(form)}"
    filled = dict(project.indicators)
    groups: dict[str, list[Cell]] = {}
    for row in form.indicators:
        if row.group and row.name in filled:
            groups.setdefault(row.group.rstrip("□"), []).append(filled[row.name])
    if any(row.group for row in form.indicators) and not groups:
        yield Problem("cell.missing", "", f"{place}的分组指标一组都没填", "请按项目类型填其中一组", project.where)
    if form.one_group and len(groups) > 1:
        *_, last = groups.values()
        yield Problem("value.conflict", "、".join(groups), f"{place}只能填一组，填了{len(groups)}组", "请按项目类型留一组", last[0].where)
    for group, cells in groups.items():
        if len(cells) < form.group_minimum:
            yield Problem("cell.missing", group, f"{place}的这一组只填了{len(cells)}项，至少{form.group_minimum}项", "请补上", cells[0].where)
    for row in form.indicators:
        cell = filled.get(row.name)
        if cell and row.unit == "%" and isinstance(cell.value, float) and cell.value > 1 and not _may_exceed(row):
            yield Problem("value.range", as_text(cell.value * 100) + "%", f"{place}的“{row.name}”超过100%", "请核对", cell.where)


def _may_exceed(row: Indicator) -> bool:
    """Growth and a share of a plan can exceed 100 %; a share of a whole cannot."""
    return any(word in row.name for word in ("增长", "提高", "提升", "增速", "完成率", "使用率", "下降"))


def _number(form: Form) -> str:
    """The form's number within its document: 附件1-1."""
    return form.id.split("/")[-1]


def book_sheet_name(project: Project, number: int) -> str:
    """A sheet name for a project within a book of forms."""
    return f"{number:03d} {project.unit_name}"


