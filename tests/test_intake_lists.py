"""Lists of every shape: no row is lost, every good value survives, every bad one is told at its cell."""
from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xltool.guideline.bundle import edition
from xltool.guideline.records import letters
from xltool.intake.grid import PER_CENT, Area, Fault, Grid, Source
from xltool.intake.headers import Vocabulary
from xltool.intake.lists import list_of
from xltool.rules.serial import from_date

VOCABULARY = Vocabulary(edition("2026"))
DAY = dt.date(2025, 2, 1)


def listed(*grids: Grid):
    return list_of(Source("县.xlsx", "0" * 64, "xlsx", "calamine", list(grids)), VOCABULARY)


def sheet(*rows: list[object], name: str = "清单", **more) -> Grid:
    return Grid(name, [list(row) for row in rows], **more)


def told(found) -> list[tuple[str, str]]:
    problems = [*found.problems, *(problem for project in found.projects for problem in project.problems)]
    return [(problem.where.cell, problem.code) for problem in problems]


HEADINGS = ["申报项目类别", "申报项目名称", "单位名称", "研发设备及配套软件购置额（万元）"]


def test_a_group_row_or_a_title_or_the_sheets_name_may_say_the_programme():
    rest = HEADINGS[1:]
    by_group = listed(sheet(rest, ["一、企业研发机构创新能力提升项目（2个）"], ["甲中心", "甲公司", 1200.0], ["乙中心", "乙公司", 1300.0],
                            ["二、工业大模型建设项目"], ["丙模型", "丙公司", ""]))
    assert [project.programme.id for project in by_group.projects] == ["2026P1-1", "2026P1-1", "2026P3-5"]
    by_title = listed(sheet(["工业大模型建设项目申报汇总表"], rest, ["丙模型", "丙公司", ""]))
    by_name = listed(sheet(rest, ["甲中心", "甲公司", 1200.0], name="2026P1-1"))
    assert [found.projects[0].programme.id for found in (by_title, by_name)] == ["2026P3-5", "2026P1-1"]


def test_a_category_nobody_knows_is_never_replaced_by_the_title():
    found = listed(sheet(["工业大模型建设项目申报汇总表"], HEADINGS, ["大模型建社", "丙模型", "丙公司", ""]))
    assert found.projects == [] and told(found) == [("A3", "value.unknown")]


def test_a_text_merged_over_rows_stands_in_each_and_a_number_in_the_first_only():
    found = listed(sheet(HEADINGS, ["2026P1-1", "甲中心", "甲公司", 1200.0], ["", "乙中心", "", ""],
                         merges=(Area(1, 0, 2, 0), Area(1, 2, 2, 2), Area(1, 3, 2, 3))))
    assert [(project.unit_name, project.values) for project in found.projects] == [
        ("甲公司", {"研发设备及配套软件购置额": 1200.0}), ("甲公司", {})]


def test_columns_nobody_knows_are_kept_and_a_near_one_suggested():
    found = listed(sheet([*HEADINGS, "研发设备及配套软件购置"], ["2026P1-1", "甲中心", "甲公司", 1200.0, "约九百"]))
    (problem,) = found.problems
    assert problem.where.cell == "E1" and problem.fix == "是不是“研发设备及配套软件购置费”“研发设备及配套软件购置额”？"
    assert {name: cell.value for name, cell in found.projects[0].others.items()} == {"研发设备及配套软件购置": "约九百"}


def test_every_column_that_is_not_read_is_kept_and_told_once():
    found = listed(sheet(["序号", *HEADINGS, "联系人", "备注", "", "联系人", "单位名称"],
                         [1.0, "2026P1-1", "甲中心", "甲公司", 1200.0, "李四", "重点", 999.9, "王五", "乙公司"]))
    (project,) = found.projects
    assert {name: cell.value for name, cell in project.others.items()} == {
        "联系人": "李四", "备注": "重点", "H列": "999.9", "联系人（I列）": "王五", "单位名称（J列）": "乙公司"}
    assert told(found) == [("F1", "note.column"), ("H1", "sheet.column"), ("I1", "note.column"), ("J1", "sheet.column")]


@pytest.mark.parametrize(("top", "title", "raw", "value", "codes"), [
    ([], "主营业务收入", 22310000.0, 22310000.0, ["note.unit", "note.reading"]), ([], "主营业务收入", "100万元", 100.0, []),
    ([["单位：元"]], "主营业务收入", 22310000.0, 2231.0, []), ([["单位：元"]], "主营业务收入", "¥22,310,000", 2231.0, []),
    ([["单位：元"]], "主营业务收入（万元）", 2231.0, 2231.0, []), ([], "2025年主营业务收入/亿元", 1.5, 15000.0, []),
    ([], "2024年主营业务收入（万元）", 1.5, None, ["sheet.column"]),  # another year than the edition asks for
])
def test_money_is_in_the_unit_of_its_cell_heading_or_sheet_and_a_missing_one_is_told(top, title, raw, value, codes):
    found = listed(sheet(*top, [*HEADINGS, title], ["2026P1-1", "甲中心", "甲公司", 1200.0, raw]))
    assert found.projects[0].column("主营业务收入") == value
    assert [code for _, code in told(found)] == codes


def test_an_alias_fills_the_column_and_the_fact_of_one_name():
    found = listed(sheet([*HEADINGS, "项目截止时间"], ["2026P1-1", "甲中心", "甲公司", 1200.0, DAY]))
    assert found.projects[0].column("项目结束时间") == found.projects[0].values["项目结束时间"] == from_date(DAY)


@pytest.mark.parametrize(("rows", "why"), [
    ([], "没有内容"), ([HEADINGS], "表头下面没有内容"), ([["姓名", "电话"], ["张三", "0515"]], "表头里没有认识的列")])
def test_a_file_without_a_project_says_so(rows, why):
    found = listed(sheet(*rows))
    assert [problem.code for problem in found.problems] == ["sheet.empty"] and why in found.problems[0].expected


def test_an_example_sheet_and_an_old_copy_are_left_aside_unless_there_is_nothing_else():
    good = sheet(HEADINGS, ["2026P1-1", "甲中心", "甲公司", 1200.0])
    example = sheet(HEADINGS, ["2026P1-1", "例", "例公司", 1.0], name="填写示例")
    found = listed(good, example)
    assert len(found.projects) == 1 and [row.reason for row in found.skipped] == ["示例，没有读"] * 2
    assert len(listed(example).projects) == 1


def test_a_hidden_row_is_read_and_told():
    found = listed(sheet(HEADINGS, ["2026P1-1", "甲中心", "甲公司", 1200.0], ["2026P1-1", "乙中心", "乙公司", 1.0], hidden_rows=frozenset({2})))
    assert len(found.projects) == 2 and told(found) == [("第3行", "note.hidden")]


def test_a_month_and_a_per_cent_format_are_read_with_a_note():
    found = listed(sheet(["申报项目类别", "申报项目名称", "单位名称", "项目开始时间", "服务收入占主营业务收入比重"],
                         ["2026P4-2", "平台", "甲公司", "2025年3月", 0.8], looks={(1, 4): PER_CENT}))
    (project,) = found.projects
    assert project.values["服务收入占主营业务收入比重"] == 0.8
    assert project.columns["项目开始时间"].value == from_date(dt.date(2025, 3, 1)) and told(found) == [("D2", "note.reading")]


@pytest.mark.parametrize("raw", [Fault("#DIV/0!"), Fault("=A1*2"), "约500万", "300-500", -3.0])
def test_a_bad_cell_is_told_and_kept_as_it_was(raw):
    found = listed(sheet(HEADINGS, ["2026P1-1", "甲中心", "甲公司", raw]))
    (project,) = found.projects
    assert [where for where, _ in told(found)] == ["D2"] and project.values == {}
    assert project.refused["研发设备及配套软件购置额"].raw == raw


@pytest.mark.parametrize(("total", "faults"), [(2500.0, []), (2400.0, ["D4"]), ("", []), ("见附件", [])])
def test_a_total_that_is_not_the_sum_of_its_rows_is_told(total, faults):
    found = listed(sheet(HEADINGS, ["2026P1-1", "甲中心", "甲公司", 1200.0], ["2026P1-1", "乙中心", "乙公司", 1300.0], ["合计", "", "", total]))
    assert [where for where, code in told(found) if code == "value.conflict"] == faults
    if faults:
        assert "合起来是2500" in found.problems[0].expected


def test_a_total_over_amounts_in_words_is_not_compared():
    found = listed(sheet(HEADINGS, ["2026P1-1", "甲中心", "甲公司", "0.12亿元"], ["2026P1-1", "乙中心", "乙公司", 1300.0], ["合计", "", "", 9.0]))
    assert told(found) == []


# --- any list ---------------------------------------------------------------------------------------------------------

GOOD = {
    "研发设备及配套软件购置额（万元）": st.floats(0, 1e6).map(lambda number: round(number, 2)),
    "建有研发机构": st.sampled_from(["是", "否", "√", "×"]),
    "项目开始时间": st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)),
    "县（市、区）": st.sampled_from(["东台市", "建湖县"]),
}
BAD = st.sampled_from(["约500万", "1-2", Fault("#N/A"), "看情况", "??", "2025-13-41"])
NAMES = st.text("研发中心机械智能装备示范", min_size=2, max_size=8)
FURNITURE = st.sampled_from([["合计", "", "", 100.0], ["小计", "", "", 7.0], [], ["注：以上均为万元"], ["填表人：王某", "", "审核人：李某"],
                             ["县工信局（盖章）"]])


@st.composite
def lists(draw):
    columns = draw(st.permutations(list(GOOD)))[:draw(st.integers(1, len(GOOD)))]
    headings = ["序号", "申报项目类别", "申报项目名称", "单位名称", *columns]
    rows: list[list[object]] = [["某县项目清单"], []][:draw(st.integers(0, 2))]
    rows.append(headings)
    good, bad = {}, set()
    for number in range(draw(st.integers(1, 8))):
        row: list[object] = [float(number + 1), "2026P1-1", f"{draw(NAMES)}{number}", f"{draw(NAMES)}公司"]
        for column in columns:
            place = f"{letters(len(row))}{len(rows) + 1}"
            if column != "县（市、区）" and draw(st.integers(0, 5)) == 0:
                row.append(draw(BAD))
                bad.add(place)
            else:
                row.append(draw(GOOD[column]))
                good[place] = row[-1]
        rows.append(row)
    return [*rows, *draw(st.lists(FURNITURE, max_size=4))], good, bad


@given(lists())
@settings(max_examples=150)
def test_no_row_is_lost_every_good_value_survives_and_every_bad_one_is_told(made):
    rows, good, bad = made
    found = listed(Grid("表", rows))
    assert found.framing + len(found.projects) + len(found.skipped) == sum(any(str(cell).strip() for cell in row) for row in rows)
    cells = {cell.where.cell: cell for project in found.projects for role in (project.columns, project.facts) for cell in role.values()}
    for place, raw in good.items():
        assert cells[place].raw == raw
        if isinstance(raw, float):
            assert cells[place].value == raw
        elif isinstance(raw, dt.date):
            assert cells[place].value == from_date(raw)
    assert {where for where, code in told(found) if code.startswith("value.") and where in good.keys() | bad} == bad


@given(st.lists(st.lists(st.one_of(st.text(max_size=6), st.floats(allow_nan=True), st.booleans(), st.dates(), st.just(Fault("#REF!")),
                                   st.sampled_from([*HEADINGS, "合计", "2026P1-1", "工业大模型建设项目", ""])), max_size=6), max_size=12))
@settings(max_examples=300)
def test_any_cells_at_all_are_read_without_an_exception_and_no_row_is_lost(rows):
    found = listed(Grid("表", rows))
    filled = sum(any(cell is True or cell is False or str(cell).strip() for cell in row) for row in rows)
    assert found.framing + len(found.projects) + len(found.skipped) == filled
