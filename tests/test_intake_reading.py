"""`xltool read` shows what was seen in any file: rows by their roles, columns with units and sums, and what could not be read."""
from __future__ import annotations

import json
from collections import Counter

import pytest
from click.testing import CliRunner
from openpyxl import Workbook

from xltool.cli import main
from xltool.intake.grid import Fault, Grid, Source
from xltool.intake.reading import ROLE_NAMES, describe_source, describe_table, numbers_of, reading_lines
from xltool.intake.tables.columns import Column
from xltool.intake.tables.table import ROLES, find_tables

ROWS = [["2026年项目汇总表"], ["填报单位（盖章）：东海县工信局", "", "", "", "单位：万元"],
        ["序号", "企业名称", "投资情况", "", "开工日期"], ["", "", "总投资", "申请补助", ""],
        [1, "甲公司", 100, "10万元", "2025年3月"], [2, "乙公司", 200.5, "1,000元", "2025.5"], ["合计", "", 300.5, 10.1,
            ""], [], ["填表人：张三"]]


@pytest.fixture
def workbook(tmp_path):
    book = Workbook()
    sheet = book.active
    sheet.title = "汇总"
    for row in ROWS:
        sheet.append(row)
    sheet.row_dimensions[6].hidden = True
    book.create_sheet("旧").sheet_state = "hidden"
    book.save(tmp_path / "东海县.xlsx")
    return tmp_path / "东海县.xlsx"


def read(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["read", *map(str, arguments)], catch_exceptions=False)
    return result.exit_code, result.stdout


def grid(*rows: list) -> Grid:
    return Grid("表", [[float(cell) if type(cell) is int else cell for cell in row] for row in rows])


def described(*rows: list, **more: object) -> dict:
    found = grid(*rows)
    for name, value in more.items():
        setattr(found, name, value)
    return describe_table(found, find_tables(found)[0])


# ---- the command ----------------------------------------------------------------------------------------------------------

def test_json_has_rows_from_one_and_columns_in_letters(workbook):
    code, text = read(workbook, "--json")
    seen = json.loads(text)
    assert (code, seen["file"], seen["problems"], [sheet["name"] for sheet in seen["sheets"]]) == (0, "东海县.xlsx", [], ["汇总", "旧"])
    (table,) = seen["sheets"][0]["tables"]
    assert (table["header_rows"], table["data_rows"], table["unit"], table["hidden_rows"]) == ([3, 4], [5, 6], "万元", [6])
    assert table["roles"] == {"1": "title", "2": "signature", "7": "total", "8": "blank", "9": "signature"}
    assert table["columns"][2] == {"column": "C", "header": "投资情况 / 总投资", "unit": "万元", "type": "money", "numeric_cells": 2, "sum": 300.5}
    assert table["columns"][3]["sum"] == 10.1 and seen["sheets"][1] == {"name": "旧", "tables": [], "visible": False}


def test_every_row_is_counted_once(workbook):
    (table,) = json.loads(read(workbook, "--json")[1])["sheets"][0]["tables"]
    rows = Counter([*table["header_rows"], *table["data_rows"], *map(int, table["roles"])])
    assert rows == Counter(range(1, 10))


def test_plain_text_says_it_in_a_few_lines(workbook):
    code, text = read(workbook)
    assert code == 0
    for line in ("表头第 3-4 行，数据 2 行（第 5-6 行）", "标题 第 1 行；合计 第 7 行；签章 第 2、9 行；空行 第 8 行",
                 "共 9 行 ＝ 标题 1 ＋ 表头 2 ＋ 数据 2 ＋ 合计 1 ＋ 签章 2 ＋ 空行 1", "整张表的单位是万元；第 6 行是隐藏的，也算数据",
                 "投资情况 / 总投资　金额，万元，2 个数，合计 300.5", "■ 旧（隐藏的工作表）：空表"):
        assert line in text


def test_a_file_that_is_no_table_is_one_problem(tmp_path):
    (tmp_path / "扫描.xlsx").write_bytes(b"%PDF-1.7 ...")
    code, text = read(tmp_path / "扫描.xlsx", "--json")
    seen = json.loads(text)
    assert code == 1 and seen["sheets"] == [] and len(seen["problems"]) == 1 and "扫描.xlsx" in seen["problems"][0]["where"]
    assert "问题 1 个" in read(tmp_path / "扫描.xlsx")[1]


def test_a_file_that_is_not_there_is_one_problem(tmp_path):
    code, text = read(tmp_path / "没有.xlsx", "--json")
    assert code == 1 and json.loads(text)["problems"][0]["code"] == "file.missing"


# ---- sums -----------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("unit", "kind", "values", "numbers", "found"), [
    ("万元", "money", [1.0, 2.5, ""], [1.0, 2.5], "万元"),
    ("万元", "money", ["3000元", "0.3亿元", "５", "1,200.5"], [0.3, 3000.0, 5.0, 1200.5], "万元"),
    ("", "money", ["120万元", "80万元"], [120.0, 80.0], "万元"),
    ("", "money", ["1亿元", "80万元", "20万元"], [10000.0, 80.0, 20.0], "万元"),
    ("", "money", [5.0, "80万元"], [5.0], ""),  # is 5 in 万元? nobody says
    ("元", "money", ["60元/米", "约500万", "2.50-4.00", "按需", Fault("#N/A"), True], [], "元"),
    ("", "number", ["12", 3.0, "5台"], [12.0, 3.0], ""),
    ("", "share", [0.5, "12%"], [0.5, 0.12], ""),
    ("", "text", ["91320999", 5.0], [5.0], ""),
    ("", "money", [float("nan"), float("inf"), 1.0], [1.0], ""),
    ("", "date", [44166.0, "2025年3月"], [], "")])
def test_numbers_count_in_the_unit_of_the_column(unit, kind, values, numbers, found):
    assert numbers_of(values, Column(0, ("金额",), unit, kind)) == (numbers, found)


def test_a_sum_is_exact_to_six_decimals():
    column = described(["企业名称", "投资（万元）"], *([f"甲{number}公司", 0.1] for number in range(30)))["columns"][1]
    assert column["sum"] == 3.0 and column["numeric_cells"] == 30


def test_a_unit_in_the_cells_is_said_to_be_there():
    column = described(["企业名称", "项目总投资额"], ["甲公司", "120万元"], ["乙公司", "80万元"])["columns"][1]
    assert column == {"column": "B", "header": "项目总投资额", "unit": "万元", "type": "money", "numeric_cells": 2, "sum": 200.0,
                      "unit_in_cells": True}


# ---- what else is said ------------------------------------------------------------------------------------------------------

def test_cells_without_a_value_are_one_problem_for_a_column():
    rows = [["项目", "数量", "金额（元）"], ["甲", 2, Fault("=B2*5")], ["乙", 3, Fault("=B3*5")], ["合计", 5, Fault("#REF!")]]
    (problem,) = describe_source(Source("a.xlsx", "", grids=[grid(*rows)]))["problems"]
    assert (problem["where"], problem["found"]) == ("a.xlsx 表!C2", "=B2*5")
    assert "3格没有值" in problem["expected"] and "C2、C3、C4" in problem["expected"]


def test_a_file_without_any_table_is_a_problem():
    seen = describe_source(Source("a.csv", "", grids=[grid(["填报须知"], ["每县一份。"])]))
    assert [problem["code"] for problem in seen["problems"]] == ["sheet.empty"]
    assert seen["sheets"][0]["tables"][0]["roles"] == {"1": "instruction", "2": "note"}


def test_a_turned_table_has_the_place_of_each_label():
    table = described(["企业名称", "甲公司"], ["项目总投资（万元）", 1200], ["开工日期", "2025年3月"], ["是否规上", "是"])
    assert table["turned"] and table["records"] == ["B"]
    assert table["columns"][1] == {"column": "A", "row": 2, "header": "项目总投资（万元）", "unit": "万元", "type": "money",
                                   "numeric_cells": 1, "sum": 1200.0}


def test_strays_and_examples_are_told():
    table = described(["2026年汇总表（样表）"], ["企业名称", "投资"], ["甲公司", 5, "", "", 7], ["乙公司", 6])
    assert table["strays"] == ["E3"] and table["aside"] == "示例"
    text = "\n".join(reading_lines({"file": "a.xlsx", "reader": "", "sheets": [{"name": "表", "tables": [table]}], "problems": []}))
    assert "看来是示例，请核对要不要；表外还有 E3" in text


def test_every_role_has_a_name_for_people():
    assert list(ROLE_NAMES) == list(ROLES)
