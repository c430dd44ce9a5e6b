"""A project list of any layout becomes projects whose values know their cells; whatever is not read is reported."""
from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from openpyxl import Workbook

from xltool.intake.headers import heading
from xltool.intake.lists import read_projects
from xltool.intake.projects import ProjectList
from xltool.rules.problems import Problem

COLUMNS = ["申报项目类别", "申报项目名称", "单位名称", "研发设备及配套软件购置额（万元）", "建有研发机构", "项目开始时间"]
ROW = ["2026P1-1", "研发能力提升", "示例公司", 1500, "是", dt.date(2025, 2, 1)]


def listed(tmp_path: Path, edition, *rows: list[object], before=(), change=lambda sheet: None) -> ProjectList:
    book = Workbook()
    sheet = book.active
    sheet.title = "清单"
    for row in (*before, *rows):
        sheet.append(row)
    change(sheet)
    path = tmp_path / "清单.xlsx"
    book.save(path)
    return read_projects(path, edition)


def problems_of(found: ProjectList) -> list[Problem]:
    return [*found.problems, *(problem for project in found.projects for problem in project.problems)]


def messages(found: ProjectList) -> dict[str, str]:
    return {problem.where.cell: f"{problem.found}：{problem.expected}" for problem in problems_of(found)}


def test_a_row_becomes_a_project_with_typed_values_and_cells(tmp_path, edition_2026):
    found = listed(tmp_path, edition_2026, COLUMNS, ROW)
    (project,) = found.projects
    assert project.programme.id == "2026P1-1"
    assert project.values == {"研发设备及配套软件购置额": 1500.0, "建有研发机构": True, "项目开始时间": 45689.0}
    assert project.facts["研发设备及配套软件购置额"].where.cell == "D2"
    assert project.column("项目开始时间") == 45689.0  # the official column and the fact are one cell
    assert not problems_of(found) and not found.skipped


def test_the_heading_row_may_stand_below_titles_and_group_cells(tmp_path, edition_2026):
    before = [["2026年项目清单"], ["序号", "项目基本情况", None, None, "申报条件"]]
    found = listed(tmp_path, edition_2026, COLUMNS, ROW, before=before)
    assert [project.where.cell for project in found.projects] == ["第4行"]


def test_an_official_title_names_the_programme_as_well(tmp_path, edition_2026):
    rows = [["企业研发机构创新能力提升", *ROW[1:]], ["企业研发机构 创新能力提升项目", *ROW[1:]]]
    found = listed(tmp_path, edition_2026, COLUMNS, *rows)
    assert [project.programme.id for project in found.projects] == ["2026P1-1"] * 2


@pytest.mark.parametrize(("text", "key", "unit"), [
    ("研发设备及配套软件\n购置额（万元）", "研发设备及配套软件购置额", "万元"), ("其中：固定资产投资（万元）", "固定资产投资", "万元"),
    ("主营业务收入(元)", "主营业务收入", "元"), ("县（市、区）", "县(市、区)", ""), ("服务满意度（%）", "服务满意度", "%"),
    ("新增申请专利数量（个）*", "新增申请专利数量", "个"), ("主要指标：", "主要指标", ""), ("1.项目名称", "项目名称", ""),
    ("统一社会\n信用代码（18位）", "统一社会信用代码", ""), ("利润总额/万元", "利润总额", "万元"), ("总投资 万元", "总投资", "万元"),
    ("项目起始时间（年月日）", "项目起始时间", ""), ("购置额（不含税，元）", "购置额(不含税)", "元"), ("工信领域企业（是/否）", "工信领域企业", ""),
    ("建有研发机构？", "建有研发机构", ""), ("企业名称（全称）（必填）", "企业名称", ""), ("（一）总投资（单位：亿元）", "总投资", "亿元"),
    ("3.5天以上班次数", "3.5天以上班次数", ""), ("单价（元/台）", "单价(元/台)", ""), ("数量（台（套））", "数量", "台(套)"),
])
def test_a_heading_is_compared_by_its_key_and_states_its_unit(text, key, unit):
    assert (heading(text).key, heading(text).unit) == (key, unit)


@pytest.mark.parametrize(("title", "raw", "value"), [
    ("研发设备及配套软件购置额（元）", 15_000_000, 1500.0), ("研发设备及配套软件购置额（亿元）", 0.15, 1500.0),
    ("研发设备及配套软件购置额", "1,500.5万元", 1500.5), ("研发设备及配套软件购置额", "０．１５亿元", 1500.0),
    ("研发设备购置额（万元）", "1500", 1500.0),
])
def test_amounts_are_read_in_the_unit_of_cell_or_heading(tmp_path, edition_2026, title, raw, value):
    columns = [*COLUMNS[:3], title, *COLUMNS[4:]]
    (project,) = listed(tmp_path, edition_2026, columns, [*ROW[:3], raw, *ROW[4:]]).projects
    assert project.values["研发设备及配套软件购置额"] == value


@pytest.mark.parametrize("raw", ["约500万", "300-500", "1500左右", "-20", "=1+"])
def test_an_unreadable_amount_is_absent_and_reported_with_its_cell(tmp_path, edition_2026, raw):
    def write(sheet):
        sheet["D2"].value, sheet["D2"].data_type = raw, "s"
    found = listed(tmp_path, edition_2026, COLUMNS, ROW, change=write)
    assert "研发设备及配套软件购置额" not in found.projects[0].values
    assert messages(found)["D2"].startswith(raw)


def test_an_error_cell_is_reported_and_not_taken_for_an_empty_one(tmp_path, edition_2026):
    def write(sheet):
        sheet["D2"].value, sheet["D2"].data_type = "#DIV/0!", "e"
    found = listed(tmp_path, edition_2026, COLUMNS, ROW, change=write)
    assert "#DIV/0!" in messages(found)["D2"]


def test_an_empty_cell_is_missing_without_a_problem(tmp_path, edition_2026):
    found = listed(tmp_path, edition_2026, COLUMNS, [*ROW[:3], None, "—", None])
    assert found.projects[0].values == {} and not problems_of(found)


@pytest.mark.parametrize(("row", "reason"), [
    (["合 计", None, None, 3000], "合计行"), (["小计：", None, None, 3000], "小计行"), ([None, "东台市", "小计（万元）", 3000], "小计行"),
    (["东台市小计", None, None, 3000], "小计行"),
    (["市工业和信息化主管部门（盖章）"], "签章行"), (["注：金额单位为万元"], "备注行"), (COLUMNS, "重复的表头"),
])
def test_rows_that_are_no_projects_are_listed_with_the_reason(tmp_path, edition_2026, row, reason):
    found = listed(tmp_path, edition_2026, COLUMNS, ROW, row)
    assert len(found.projects) == 1
    assert [(skipped.where.cell, skipped.reason) for skipped in found.skipped] == [("第3行", reason)]


def test_both_rows_of_a_repeated_two_level_heading_are_skipped(tmp_path, edition_2026):
    above = [None, "项目基本情况", None, "申报条件"]
    found = listed(tmp_path, edition_2026, COLUMNS, ROW, above, COLUMNS, ROW, before=[above])
    assert len(found.projects) == 2 and [skipped.reason for skipped in found.skipped] == ["重复的表头"] * 2
    assert not found.problems


def test_an_unknown_quota_part_is_reported(tmp_path, edition_2023):
    columns = [*COLUMNS[:3], "名额分项"]
    rows = [["2023P2", "攻关", "示例公司", part] for part in ("生物医药", "生物医药和医疗器械")]
    assert list(messages(listed(tmp_path, edition_2023, columns, *rows))) == ["D2"]


def test_a_row_that_names_a_programme_is_a_project_whatever_else_it_says(tmp_path, edition_2026):
    columns = ["单位名称", *COLUMNS[:2]]
    found = listed(tmp_path, edition_2026, columns, ["合计科技公司", "2026P1-1", "盖章机研发"])
    assert [project.unit_name for project in found.projects] == ["合计科技公司"] and not found.skipped


def test_an_unknown_category_is_reported_with_the_nearest_and_the_row_is_listed(tmp_path, edition_2026):
    found = listed(tmp_path, edition_2026, COLUMNS, ["企业研发机构创新能力提高项目", *ROW[1:]], ROW)
    assert len(found.projects) == 1
    (problem,) = found.problems
    assert problem.where.cell == "A2" and "2026P1-1 企业研发机构创新能力提升项目" in problem.fix
    assert found.skipped[0].where.cell == "第2行"


def test_a_group_as_category_asks_for_one_of_its_members(tmp_path, edition_2026):
    found = listed(tmp_path, edition_2026, COLUMNS, ["中小企业公共服务体系建设项目", *ROW[1:]])
    assert "2026P4-1-1" in found.problems[0].fix and not found.projects


def test_unknown_and_repeated_columns_are_reported_and_not_read(tmp_path, edition_2026):
    found = listed(tmp_path, edition_2026, [*COLUMNS, "备用列", "建有研发机构"], [*ROW, "甲", "否"])
    assert found.projects[0].values["建有研发机构"] is True
    assert "不认识的列" in messages(found)["G1"] and "同名" in messages(found)["H1"]


def test_a_filled_fact_of_another_programme_is_reported(tmp_path, edition_2026):
    found = listed(tmp_path, edition_2026, [*COLUMNS, "载体类型"], [*ROW, "无名"])
    assert "没有用" in messages(found)["G2"]


def test_names_merged_over_rows_stand_in_every_row_and_numbers_do_not(tmp_path, edition_2026):
    def merge(sheet):
        sheet.merge_cells("C2:C3")
        sheet.merge_cells("D2:D3")
    found = listed(tmp_path, edition_2026, COLUMNS, ROW, [*ROW[:2], None, None, *ROW[4:]], change=merge)
    assert [project.unit_name for project in found.projects] == ["示例公司"] * 2
    assert "研发设备及配套软件购置额" not in found.projects[1].values


def test_every_sheet_with_a_heading_row_is_read_and_others_are_listed(tmp_path, edition_2026):
    def more(sheet):
        second = sheet.parent.create_sheet("第二张")
        second.append(COLUMNS)
        second.append(ROW)
        sheet.parent.create_sheet("说明").append(["填报说明"])
    found = listed(tmp_path, edition_2026, COLUMNS, ROW, change=more)
    assert [project.where.sheet for project in found.projects] == ["清单", "第二张"]
    assert [(skipped.where.sheet, skipped.text) for skipped in found.skipped] == [("说明", "填报说明")]


def test_a_column_that_is_fact_and_indicator_serves_both_and_is_faulty_once(tmp_path, edition_2026):
    columns = [*COLUMNS[:3], "项目攻关总投入（万元）"]
    (project,) = listed(tmp_path, edition_2026, columns, ["2026P1-3", "攻关", "示例公司", 2600]).projects
    assert project.values["项目攻关总投入"] == project.indicators["项目攻关总投入"].value == 2600.0
    assert len(problems_of(listed(tmp_path, edition_2026, columns, ["2026P1-3", "攻关", "示例公司", "约2600"]))) == 1


def test_rows_read_and_rows_skipped_add_up(tmp_path, edition_2026):
    rows = [ROW, ["合计"], [None], ["不存在的项目", "名称", "公司"], ROW, ["注：样例"]]
    found = listed(tmp_path, edition_2026, COLUMNS, *rows)
    assert len(found.projects) + len(found.skipped) == len([row for row in rows if any(row)])
