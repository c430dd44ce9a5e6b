"""Forms as a list of projects takes them: every value under its label, nothing told that is no fault, who signed is skipped."""
from __future__ import annotations

from table_sheets import sheet

from xltool.guideline.bundle import edition
from xltool.intake.grid import Source
from xltool.intake.headers import Vocabulary
from xltool.intake.lists import list_of
from xltool.intake.reading import describe_table
from xltool.intake.tables import find_tables

CATEGORY = "企业研发机构创新能力提升项目"
FORM = sheet("项目申报表|||", "一、企业基本情况|||", "单位名称|甲公司|县（市、区）|东台市", "主营业务收入（万元）|10051|实缴税金（万元）|551",
             "二、项目情况|||", f"申报项目类别|{CATEGORY}|申报项目名称|轴承研发", "申报项目总投资（万元）|2051|项目开始时间|2025-01-07",
             "注：一式三份。|||", "填表人：李四||填表日期：2026年3月1日|", merge="A1:D1 A2:D2 A5:D5")


def listed(*grids):
    return list_of(Source("县.xlsx", "0" * 64, "xlsx", "calamine", list(grids)), Vocabulary(edition("2026")))


def test_a_form_of_two_pairs_is_one_project_whose_values_know_their_cells():
    found = listed(FORM)
    (project,) = found.projects
    cells = {cell.where.cell: (name, cell.raw) for part in (project.columns, project.facts) for name, cell in part.items()}
    assert cells == {"B3": ("单位名称", "甲公司"), "D3": ("县（市、区）", "东台市"), "B4": ("主营业务收入", 10051.0), "D4": ("实缴税金", 551.0),
                     "B6": ("申报项目类别", CATEGORY), "D6": ("申报项目名称", "轴承研发"), "B7": ("申报项目总投资", 2051.0),
                     "D7": ("项目开始时间", "2025-01-07")}
    assert project.where.cell == "B列、D列" and project.problems == () and found.problems == []


def test_every_row_of_a_form_is_counted_and_notes_and_signatures_are_skipped_with_their_reason():
    found = listed(FORM)
    assert [(row.where.cell, row.text, row.reason) for row in found.skipped] == [
        ("第8行", "注：一式三份。", "备注行"), ("第9行", "填表人：李四 填表日期：2026年3月1日", "签章行")]
    assert found.framing + len(found.projects) + len(found.skipped) == 9


def test_a_label_twice_is_told_with_the_cells_of_both():
    found = listed(sheet("单位名称|甲公司|单位名称|乙公司", f"申报项目类别|{CATEGORY}|申报项目名称|轴承",
                         "申报项目总投资（万元）|5|项目开始时间|2025-01-07"))
    assert [(problem.where.cell, problem.expected) for problem in found.problems] == [("C1", "和A1同名，这一列没有读")]
    assert found.projects[0].unit_name == "甲公司" and found.projects[0].others["单位名称（C1）"].value == "乙公司"


def test_each_label_of_a_form_is_described_with_its_cell_and_its_sum():
    seen = describe_table(FORM, find_tables(FORM)[0])
    assert seen["records"] == ["B、D"]
    assert [(column["column"], column["row"], column["sum"]) for column in seen["columns"] if column["type"] == "money"] == [
        ("A", 4, 10051.0), ("C", 4, 551.0), ("A", 7, 2051.0)]
