"""Enterprises read from a workbook: rows below headings, or labels beside values."""
from __future__ import annotations

import openpyxl
import pytest

from xltool.intake.enterprises import read_enterprises

EQUIPMENT = "研发设备及配套软件购置额"


@pytest.fixture
def read(tmp_path, edition_2026):
    def read(*sheets):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for number, rows in enumerate(sheets, 1):
            sheet = book.create_sheet(f"表{number}")
            for row in rows:
                sheet.append(row)
        book.save(tmp_path / "e.xlsx")
        return read_enterprises(tmp_path / "e.xlsx", edition_2026)
    return read


def test_each_row_is_an_enterprise_and_no_category_is_needed(read):
    found = read([["测算表"], [], ["单位名称", f"{EQUIPMENT}（亿元）", "建有研发机构"], ["甲公司", 0.15, "是"], ["乙公司", "", "√"], ["合计", 0.15]])
    assert [(each.unit_name, each.values) for each in found.projects] == [
        ("甲公司", {EQUIPMENT: 1500.0, "建有研发机构": True}), ("乙公司", {"建有研发机构": True})]
    assert [(row.where.cell, row.reason) for row in found.skipped] == [("第6行", "合计行")]
    assert found.problems == []


def test_labels_may_stand_beside_the_values_with_a_column_of_units(read):
    found = read([["测算表（虚构）"], ["项目", "数值", "单位"], ["单位名称", "丙公司"], [EQUIPMENT, 20000000, "元"],
                  ["建有研发机构", "是"], ["项目开始时间"]])
    (only,) = found.projects
    assert (only.unit_name, only.values) == ("丙公司", {EQUIPMENT: 2000.0, "建有研发机构": True})
    assert (only.where.cell, only.facts[EQUIPMENT].where.cell) == ("B列", "B4")
    assert found.problems == []


def test_labels_may_stand_beside_several_enterprises(read):
    found = read([["单位名称", "甲公司", "乙公司"], [EQUIPMENT, 1500, 800], ["建有研发机构", "是", "否"]])
    assert [each.values[EQUIPMENT] for each in found.projects] == [1500.0, 800.0]


def test_a_shared_fact_can_be_headed_by_its_programme(read):
    found = read([["单位名称", "2026P3-3：入选年度", "入选国家卓越级智能工厂"], ["甲公司", 2025, "是"]])
    assert found.projects[0].values == {"2026P3-3:入选年度": 2025.0, "入选国家卓越级智能工厂": True}


def test_every_sheet_is_read_and_what_is_not_understood_is_told(read):
    found = read([["单位名称", EQUIPMENT, "没有这一列"], ["甲公司", "约500", "x"]], [["建有研发机构", "是"], ["单位名称", "乙公司"]],
                 [["说明", "随便"]])
    assert [each.unit_name for each in found.projects] == ["甲公司", "乙公司"]
    assert [str(problem.where.cell) for problem in found.projects[0].problems] == ["B2"]
    assert [(problem.where.sheet, problem.where.cell) for problem in found.problems] == [("表1", "C1")]
    assert [row.where.sheet for row in found.skipped] == ["表3"]


def test_a_workbook_without_facts_is_a_problem(read):
    assert [problem.code for problem in read([[]]).problems] == ["sheet.empty"]
