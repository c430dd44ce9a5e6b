"""Every performance form as rendered holds what the official one prints: titles, labels, indicators, units, stars, presets, notes, in order.

`tests/data/forms-*.json` lists the rows of the official forms, taken from the documents apart from the guideline workbooks.
"""
from __future__ import annotations

import json
import re
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from xltool.guideline.bundle import bundled, edition, edition_ids
from xltool.intake.projects import Cell, Project
from xltool.output.papers.forms import PrintedForm, form_problems
from xltool.output.template import Template
from xltool.rules.problems import Where

OFFICIAL = {form["id"]: form for path in sorted((Path(__file__).parent / "data").glob("forms-*.json"))
            for form in json.loads(path.read_text(encoding="utf-8")) if form["id"].split("/")[0] in edition_ids()}
TEMPLATE = Template.load(bundled("templates") / "performance-form.xlsx")


def project(form: str, indicators: dict[str, object] | None = None, columns: dict[str, object] | None = None) -> Project:
    programme = next(iter(edition(form.split("/")[0]).programmes.values()))

    def cells(values: dict[str, object] | None) -> dict[str, Cell]:
        return {name: Cell(name, value, value, Where("清单.xlsx", "清单", "A1")) for name, value in (values or {}).items()}
    return Project(programme, cells(columns), {}, cells(indicators), Where("清单.xlsx", "清单", "第2行"))


def form_of(name: str):
    return edition(name.split("/")[0]).forms[name]


def rendered(name: str, indicators: dict[str, object] | None = None, columns: dict[str, object] | None = None) -> list[list[str]]:
    data = TEMPLATE.render(PrintedForm(form_of(name)).context(project(name, indicators, columns)))
    rows = load_workbook(BytesIO(data)).active.iter_rows(values_only=True)
    return [[str(cell) for cell in row if cell is not None] for row in rows]


def key(text: str) -> str:
    return re.sub(r"[\s（）()：:，,。；;]", "", text)


def printed(row: dict) -> str:
    label = row.get("label") or row["l3"] + (row.get("hint") or "") + (row["unit"] or "")
    return key(label) + ("*" if row["core"] else "")


def test_every_official_form_is_in_its_edition_and_no_other():
    for name in edition_ids():
        assert set(edition(name).forms) == {form for form in OFFICIAL if form.split("/")[0] == name}


@pytest.mark.parametrize("name", OFFICIAL)
def test_a_form_reads_as_the_official_one(name):
    official, rows = OFFICIAL[name], rendered(name)
    assert [key(row[0]) for row in rows[1:3]] == [key(official["title"]), key(official["year_line"])]
    labels = [cell for row in rows[3:] for cell in row]
    header = [key(label) for label in official["header"]]
    assert [key(label) for label in labels if key(label) in header][: len(header)] == header
    for column in official["value_columns"]:
        assert column in labels
    heading = next(index for index, row in enumerate(rows) if "三级指标" in row)
    body = rows[heading + 1:]
    l1 = l2 = group = None
    for row, wanted in zip(body, official["indicators"]):
        expected = []
        if (wanted["l1"]) != l1:
            expected.append(wanted["l1"])
        if (wanted["l1"], wanted["l2"]) != (l1, l2):
            expected.append(wanted["l2"])
        own = None if wanted.get("merged") else wanted.get("group")
        if own and (wanted["l2"], own) != (l2, group):
            expected.append(own)
        expected.append(printed(wanted))
        if wanted.get("preset"):
            expected.append(wanted["preset"])
        assert [key(cell) for cell in row] == [key(cell) for cell in expected]
        l1, l2, group = wanted["l1"], wanted["l2"], own
    rest = body[len(official["indicators"]):]
    assert sum("个性指标" in row for row in rest) == 1
    assert len(form_of(name).notes) == len([row for row in rest if row and row[0] in form_of(name).notes])


def test_a_printed_preset_takes_the_number_and_stays_without_one():
    rows = rendered("2026/附件3-1", {"解决关键技术难点数": 5.0})
    cells = [cell for row in rows for cell in row]
    assert "不少于5个" in cells and "不少于X项" in cells


def test_fixed_dates_and_goals_are_printed_whatever_the_list_says():
    rows = rendered("2026/附件1-4", columns={"项目开始时间": 45000.0, "总体目标": "别的"})
    cells = [cell for row in rows for cell in row]
    assert "2025年1月1日" in cells and any("1000万元以上" in cell for cell in cells) and "别的" not in cells


def test_a_custom_indicator_is_split_into_name_and_value():
    rows = rendered("2026/附件1-1", columns={"个性指标": "新增就业：12人\n带动上下游企业"})
    assert ["个性指标", "新增就业", "12人"] in rows and ["带动上下游企业"] in rows


def test_a_share_above_a_hundred_per_cent_is_reported_where_it_is_one_of_a_whole():
    filled = {"按进度及时完成率": 0.9, "首批财政资金使用进度": 1.2}
    problems = form_problems(form_of("2026/附件1-3"), project("2026/附件1-3", filled))
    assert [problem.expected for problem in problems if problem.code == "value.range"] == ["绩效表附件1-3的“首批财政资金使用进度”超过100%"]


def rule_problems(name: str, filled: dict[str, object]) -> list[str]:
    problems = form_problems(form_of(name), project(name, filled))
    return [problem.expected for problem in problems if "没填，留空" not in problem.expected]


def test_a_group_is_ticked_when_filled_and_only_one_may_be():
    name = "2022/附件1-8"
    groups: dict[str, str] = {}
    for row in form_of(name).indicators:
        groups.setdefault(row.group, row.name)
    cells = [cell for row in rendered(name, {groups["地址溯源□"]: 3.0}) for cell in row]
    assert "地址溯源☑" in cells and "公共服务平台□" in cells
    assert rule_problems(name, {groups["地址溯源□"]: 3.0}) == []
    assert rule_problems(name, {}) == ["绩效表附件1-8的分组指标一组都没填"]
    both = {groups["地址溯源□"]: 3.0, groups["公共服务平台□"]: 2.0}
    assert rule_problems(name, both) == ["绩效表附件1-8只能填一组，填了2组"]


def test_a_group_with_a_minimum_needs_that_many_rows():
    name = "2024/附件1-3-2"
    assert rule_problems(name, {"节能量": 100.0}) == ["绩效表附件1-3-2的这一组只填了1项，至少2项"]
    assert rule_problems(name, {"节能量": 100.0, "改造提升工艺技术及用能设备数量": 2.0}) == []


def test_a_header_preset_takes_list_columns():
    cells = [cell for row in rendered("2024/附件1-2-1", columns={"目标车间数": 8.0}) for cell in row]
    assert any("车间数（个）：8" in cell and "工厂数（个）：＿" in cell for cell in cells)


def test_a_row_that_is_its_own_group_stands_in_one_cell_and_counts_as_a_group():
    name, label = "2022/附件1-17", "废旧动力电池再生利用项目，填写年处置废旧电池量（吨）"
    assert [label] in rendered(name)
    assert [label, "5"] in [[cell.removesuffix(".0") for cell in row] for row in rendered(name, {"年处置废旧电池量": 5.0})]
    assert rule_problems(name, {"年处置废旧电池量": 5.0}) == []
    assert rule_problems(name, {"年处置废旧电池量": 5.0, "节能量": 3.0}) == ["绩效表附件1-17只能填一组，填了2组"]


def test_a_box_within_a_label_is_ticked_when_filled():
    name = "示范基地建设和运营水平提升□：新增规模以上企业家数"
    assert any(name.replace("□", "☑") in cell for row in rendered("2022/附件1-21", {name: 3.0}) for cell in row)
    assert any(name in cell for row in rendered("2022/附件1-21") for cell in row)


def test_a_note_in_the_header_stands_as_printed_below_the_value():
    note = "注：须与申报项目信息表附件《开放原子开源专区建设项目实施方案》的总体目标保持完全一致。"
    assert ["总体目标", note] in rendered("2026/附件4-2")
    assert ["总体目标", f"建成专区\n{note}"] in rendered("2026/附件4-2", columns={"总体目标": "建成专区"})


def test_a_second_value_column_stays_empty_for_later():
    rows = rendered("2024/附件1-3-3", {"综合服务收入": 1200.0})
    assert ["一级指标", "二级指标", "三级指标", "预期指标值", "实际完成值"] in [row[-5:] for row in rows]
    assert any(row[-2] == "综合服务收入（万元）" and float(row[-1]) == 1200 for row in rows if len(row) > 1)
