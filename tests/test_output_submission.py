"""The submission workbook: what may be typed, what is protected, and live checks that say what the engine says."""
from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from openpyxl.utils import range_boundaries
from submissions import fill, places, stamped

from xltool import __version__
from xltool.cli import main
from xltool.guideline.bundle import UnknownName, edition, edition_ids
from xltool.intake.filled import read_filled
from xltool.intake.headers import COLUMN, FACT, INDICATOR
from xltool.intake.opening import read_source
from xltool.intake.stamp import read_stamp
from xltool.output.submission import chosen_programmes, regions, submission_workbook
from xltool.output.submission.checks import BROKEN
from xltool.output.submission.columns import input_columns
from xltool.rules import serial
from xltool.rules.assess import assess
from xltool.rules.evaluate import Value
from xltool.rules.facts import read_value
from xltool.rules.model import Field

HEADINGS = 6  # the row of the headings, as people count
REQUIRED = {"申报项目名称": "甲项目", "单位名称": "甲公司", "统一社会信用代码": "91110000600037341L", "县（市、区）": "东台市"}
BASICS = {(COLUMN, name): value for name, value in REQUIRED.items()}


def write(path: Path, name: str, programmes: str = "", rows: int = 3, **options: object) -> Path:
    chosen = edition(name)
    path.write_bytes(submission_workbook(chosen, chosen_programmes(chosen, programmes.split(",")), rows, **options))
    return path


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Path:
    return write(tmp_path_factory.mktemp("submission") / "模板.xlsx", "2026", regions=regions())


def typed(value: Value, field: Field) -> object:
    """A value as a clerk types it."""
    if field.kind == "日期":
        return serial.to_date(value)
    return ("是" if value else "否") if field.kind == "是否" else value


def heading(cells: list[object], text: str) -> int:
    return next(index for index, cell in enumerate(cells) if str(cell).startswith(text))


# --- the live checks --------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", edition_ids())
def test_the_live_checks_say_what_the_engine_says_for_every_case(name, soffice, tmp_path):
    chosen = edition(name)
    cases = defaultdict(list)
    for case in chosen.cases:
        programme = chosen.programmes[case.programme]
        facts = {fact: read_value(raw, programme.fields[fact])[0] for fact, raw in case.facts.items()}
        cases[case.programme].append({fact: value for fact, value in facts.items() if value is not None})
    path = write(tmp_path / f"{name}.xlsx", name, rows=max(map(len, cases.values())) + 1)
    fill(path, {programme: [{**BASICS, **{(FACT, fact): typed(value, chosen.programmes[programme].fields[fact]) for fact, value in facts.items()}}
                            for facts in rows] for programme, rows in cases.items()})
    checked = 0
    for programme_id, sheet in stamped(soffice.convert([path], tmp_path / "out", timeout=300)[0]).items():
        programme, heads = chosen.programmes[programme_id], sheet.grid.rows[HEADINGS - 1]
        marks = {heads[index].split(" ")[0]: index for index in range(heading(heads, "填写有误") + 1, len(heads)) if heads[index]}
        for facts, row in zip(cases[programme_id], sheet.grid.rows[sheet.first:]):
            cells = [*row, *[""] * (len(heads) - len(row))]
            answer = assess(programme, facts)
            assert cells[1] == answer.verdict, (programme_id, facts)
            for title, amount in (("补助上限", answer.ceiling), ("首付", answer.first_payment)):
                column = next((index for index, text in enumerate(heads) if str(text).startswith(title)), None)
                assert (None if column is None else cells[column]) == amount or (cells[column] == "" and amount is None)
            assert [number for number in answer.failed if cells[marks[number]] == BROKEN] == answer.failed
            broken = cells[heading(heads, "不满足的条件")]
            assert all(f"{number} " in broken for number in answer.failed) and bool(broken) >= bool(answer.failed)
            lacking = set(cells[heading(heads, "还缺什么")].split("；")) - {""}
            assert lacking >= set(answer.missing) and (not lacking or lacking & set(answer.missing)), (programme_id, facts)
            checked += 1
    assert checked == sum(map(len, cases.values())) - len(cases["2024Q4P0"])


def test_an_empty_template_shows_nothing_and_no_error(template, soffice, tmp_path):
    for path in (template, soffice.convert([template], tmp_path)[0]):
        book = openpyxl.load_workbook(path, data_only=True)
        for sheet in stamped(path).values():
            assert not any(cell for row in book[sheet.grid.name].iter_rows(min_row=sheet.first + 1, values_only=True) for cell in row)
        assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "e"]
        found = read_filled(read_source(path), edition("2026"))
        assert (found.projects, found.skipped, found.problems) == ([], [], [])


FAULTS = [
    ({"研发设备及配套软件购置额": "约500万"}, "红色的格", "缺"), ({"研发设备及配套软件购置额": -5}, "红色的格", "缺"),
    ({"工信领域企业": "也许"}, "红色的格", "缺"), ({"研发机构设立时间": 2025}, "红色的格", "缺"), ({"研发机构设立时间": "去年"}, "红色的格", "缺"),
    ({"统一社会信用代码": "91110000600037341X"}, "统一社会信用代码不对", ""), ({"统一社会信用代码": "123"}, "统一社会信用代码不对", ""),
    ({"申报项目总投资": 100, "固定资产投资": 200}, "固定资产投资大于总投资", ""),
    ({"研发设备及配套软件购置额": 1500, "项目申请补助资金": 151}, "申请补助资金超过补助上限", ""),
    ({"营业收入": "很多"}, "红色的格", ""),
    ({"统一社会信用代码": "91110000600037341L", "营业收入": -5.5, "利润总额": -3, "研发设备及配套软件购置额": 0}, "", ""),
]


def test_what_is_typed_wrongly_is_named_and_never_counts(soffice, tmp_path):
    path = write(tmp_path / "a.xlsx", "2026", "2026P1-1", rows=len(FAULTS))
    sheet = stamped(path)["2026P1-1"]
    by_name = {name: (role, name) for role, name in places(sheet)}
    fill(path, {"2026P1-1": [{(COLUMN, "申报项目名称"): "甲", **{by_name[name]: value for name, value in row.items()}} for row, *_ in FAULTS]})
    sheet = stamped(soffice.convert([path], tmp_path / "out")[0])["2026P1-1"]
    heads = sheet.grid.rows[HEADINGS - 1]
    for (row, words, mark), cells in zip(FAULTS, sheet.grid.rows[sheet.first:]):
        fault = cells[heading(heads, "填写有误")]
        assert words in fault and bool(words) == bool(fault), row
        for name in row if mark else ():
            used = [index for index, condition in enumerate(edition("2026").programmes["2026P1-1"].conditions) if name in condition.rule.names]
            assert {cells[heading(heads, "1a ") + index] for index in used} == {mark}


# --- what may be typed ------------------------------------------------------------------------------------------------

def validations(path: Path, programme: str) -> dict[int, object]:
    """The rule of each column of a sheet."""
    sheet = openpyxl.load_workbook(path)[stamped(path)[programme].grid.name]
    return {range_boundaries(str(area))[0] - 1: rule for rule in sheet.data_validations.dataValidation for area in rule.sqref.ranges}


def listed(path: Path, formula: str) -> list[str]:
    """The choices behind a drop-down."""
    if formula.startswith('"'):
        return formula.strip('"').split(",")
    book = openpyxl.load_workbook(path)
    name, area = book.defined_names[formula.removeprefix("=")].attr_text.split("!")
    return [cell.value for (cell,) in book[name][area.replace("$", "")]]


@pytest.mark.parametrize("name", edition_ids())
def test_every_column_has_its_list_limit_hint_and_chinese_error(name, tmp_path):
    path = write(tmp_path / "a.xlsx", name, rows=2)
    book = openpyxl.load_workbook(path)
    names = {key: [cell.value for (cell,) in book["选项"][value.attr_text.split("!")[1].replace("$", "")]]
             for key, value in book.defined_names.items()}
    for programme_id, stamp in stamped(path).items():
        programme, sheet = edition(name).programmes[programme_id], book[stamp.grid.name]
        rules = {range_boundaries(str(area))[0] - 1: rule for rule in sheet.data_validations.dataValidation for area in rule.sqref.ranges}
        columns = input_columns(edition(name), programme)
        assert set(rules) == set(stamp.columns) and len(columns) == len(rules)
        for index, column in zip(sorted(rules), columns):
            rule, kind = rules[index], column.field.kind
            assert rule.promptTitle and rule.prompt and len(rule.prompt) <= 255 and len(rule.error) <= 255 and column.name in rule.error
            if column.choices:
                assert (rule.type, names[rule.formula1.removeprefix("=")]) == ("list", list(column.choices))
            else:
                expected = {"金额": "decimal", "盈亏": "decimal", "数量": "decimal", "比例": "decimal", "日期": "date", "是否": "list"}
                whole = kind == "数量" and (norm := column.field.usual) is not None and norm.whole
                otherwise = "textLength" if column.name == "统一社会信用代码" else None
                assert rule.type == ("whole" if whole else expected.get(kind, otherwise))
                assert kind != "是否" or rule.formula1 == '"是,否"'
        facts = {column.name for column in columns for target in column.targets if target.role == FACT}
        assert facts == set(programme.fields)


def test_the_hint_says_what_counts_and_for_which_condition():
    chosen = edition("2026")
    columns = {column.name: column for column in input_columns(chosen, chosen.programmes["2026P1-1"])}
    assert columns["研发设备及配套软件购置额"].hint == (
        "不含税，只计2025年内实际发生且用于研发机构建设的部分\n补助金额按它算\n用于条件：2g 购置额（不含税）至少1000万元")
    assert columns["主营业务收入"].hint == "2025年"
    start = columns["项目开始时间"]
    assert [target.role for target in start.targets] == [COLUMN, FACT] and start.required


def test_an_indicator_has_its_own_column_beside_a_list_column_of_the_same_name():
    chosen = edition("2024")
    columns = input_columns(chosen, chosen.programmes["2024P1-1-1"])
    assert [column.targets[0].role for column in columns if column.name == "主营业务收入"] == [COLUMN, INDICATOR]


def test_counties_are_offered_by_city_and_others_may_be_typed(template, tmp_path):
    at, rules = places(stamped(template)["2026P1-1"]), validations(template, "2026P1-1")
    city, county = rules[at[COLUMN, "设区市"]], rules[at[COLUMN, "县（市、区）"]]
    assert "盐城市" in listed(template, city.formula1) and county.errorStyle == "information"
    assert "OFFSET(list_counties" in county.formula1
    one = write(tmp_path / "a.xlsx", "2026", "2026P1-1", regions=regions("盐城"))
    choices = listed(one, validations(one, "2026P1-1")[at[COLUMN, "县（市、区）"]].formula1)
    assert {"东台市", "亭湖区"} <= set(choices) and "昆山市" not in choices


def test_parts_of_a_quota_are_picked_from_a_list(tmp_path):
    path = write(tmp_path / "a.xlsx", "2022", "2022P2")
    at = places(stamped(path)["2022P2"])
    rule = validations(path, "2022P2")[at[COLUMN, "名额分项"]]
    assert listed(path, rule.formula1) == [row.part for row in edition("2022").programmes["2022P2"].quota if row.part]
    assert (COLUMN, "名额分项") not in places(stamped(write(tmp_path / "b.xlsx", "2026", "2026P1-1"))["2026P1-1"])


# --- the workbook -----------------------------------------------------------------------------------------------------

def test_headings_and_formulas_are_protected_without_a_password_and_cells_to_fill_are_not(template):
    book = openpyxl.load_workbook(template)
    for programme, stamp in stamped(template).items():
        sheet = book[stamp.grid.name]
        assert sheet.protection.sheet and not sheet.protection.password, programme
        for cells in sheet.iter_rows():
            for cell in cells:
                fills = cell.row > HEADINGS and cell.row <= HEADINGS + 3 and cell.column - 1 in stamp.columns
                assert cell.protection.locked is not fills, cell.coordinate
    assert book["填报说明"].protection.sheet


def test_the_stamp_says_what_the_workbook_was_made_from_and_is_out_of_sight(template):
    chosen = edition("2026")
    origins = {sheet.origin for sheet in read_stamp(read_source(template).grids).sheets}
    assert {(origin.edition, origin.guideline, origin.version, origin.layout) for origin in origins} == {("2026", chosen.sha256, __version__, 1)}
    book = openpyxl.load_workbook(template)
    assert book["选项"].sheet_state == "veryHidden"
    assert all(sheet.row_dimensions[row].hidden for sheet in book.worksheets[1:-1] for row in (3, 4))


def test_the_first_sheet_lists_every_programme_with_a_link(template):
    sheet = openpyxl.load_workbook(template)["填报说明"]
    links = {cell.hyperlink.location for cells in sheet.iter_rows() for cell in cells if cell.hyperlink}
    shown = [cell.value for cells in sheet.iter_rows() for cell in cells]
    for programme, stamp in stamped(template).items():
        assert programme in shown and f"'{stamp.grid.name}'!C7" in links


EXCEL_2010 = {
    "ABS", "AND", "CHOOSE", "COUNT", "COUNTA", "COUNTIF", "DATE", "DATEDIF", "EDATE", "FALSE", "FIND", "IF", "IFERROR", "INT", "ISERROR", "ISNA",
    "ISNUMBER", "LEN", "MATCH", "MAX", "MID", "MIN", "MOD", "MONTH", "N", "NA", "NOT", "OFFSET", "OR", "ROUND", "ROW", "SEARCH", "SUM", "SUMPRODUCT",
    "TRIM", "TRUE", "UPPER", "YEAR"}


@pytest.mark.parametrize("name", edition_ids())
def test_formulas_keep_to_the_limits_and_functions_of_excel_2010(name, tmp_path):
    with zipfile.ZipFile(write(tmp_path / "a.xlsx", name, rows=1)) as archive:
        parts = [archive.read(part).decode() for part in archive.namelist() if part.startswith("xl/worksheets/sheet")]
    formulas = [formula for part in parts for formula in re.findall(r"<(?:f|formula1?)>(.*?)</", part)]
    assert formulas and max(map(len, formulas)) < 8000
    assert {found for formula in formulas for found in re.findall(r"([A-Z]+)\(", re.sub(r'"[^"]*"', "", formula))} <= EXCEL_2010


def test_a_sheet_prints_on_a4_and_no_heading_runs_over_the_edge_of_a_page(tmp_path):
    path = tmp_path / "模板.xlsx"
    path.write_bytes(submission_workbook(edition("2026"), chosen_programmes(edition("2026"), ["2026P1-1"]), 3))
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[1]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.pageOrder) == ("landscape", 9, "overThenDown")
    assert (sheet.print_title_rows, sheet.print_title_cols, sheet.page_setup.fitToWidth) == ("$5:$6", "$A:$D", 5)
    frozen = sum(sheet.column_dimensions[letter].width for letter in "ABCD")
    merged = [each for each in sheet.merged_cells.ranges if each.max_col > 4]
    assert [(each.min_row, each.min_col) for each in merged] == [(2, 5)]  # the line below the title, on the first page only
    widths = [sheet.column_dimensions[letter].width for letter in "ABCDEFGHIJ"[4:merged[0].max_col]]
    assert frozen + sum(widths) < 190
    assert book._fonts[0].name == "Arial"


def test_there_is_room_for_as_many_projects_as_asked(tmp_path):
    path = write(tmp_path / "a.xlsx", "2026", "2026P1-1", rows=17)
    assert openpyxl.load_workbook(path)[stamped(path)["2026P1-1"].grid.name].max_row == HEADINGS + 17


# --- the command ------------------------------------------------------------------------------------------------------

def test_programmes_are_chosen_by_id_title_or_group():
    chosen = edition("2026")
    assert [found.id for found in chosen_programmes(chosen, ["2026p1-1", " 重点产业链技术协同攻关项目", ""])] == ["2026P1-1", "2026P1-3"]
    assert [found.id for found in chosen_programmes(chosen, ["2026P4-1"])] == ["2026P4-1-1", "2026P4-1-2"]
    assert not [found for found in chosen_programmes(chosen) if found.members]
    assert "2024Q4P0" not in [found.id for found in chosen_programmes(edition("2024Q4"))]
    for wrong in ("2026P9-9", "没有的项目"):
        with pytest.raises(UnknownName):
            chosen_programmes(chosen, [wrong])
    with pytest.raises(UnknownName):
        chosen_programmes(edition("2024Q4"), ["2024Q4P0"])


def test_the_command_writes_a_template(tmp_path):
    out = tmp_path / "填报模板.xlsx"
    done = CliRunner().invoke(main, ["template", "make", "--edition", "2026", "--programs", "2026P1-1，2026P1-3", "--city", "盐城市", "--rows", "5",
                                     "-o", str(out)])
    assert done.exit_code == 0 and "2 张表" in done.output
    assert list(stamped(out)) == ["2026P1-1", "2026P1-3"]
    done = CliRunner().invoke(main, ["template", "make", "--edition", "2026", "--city", "盐", "-o", str(out)])
    assert done.exit_code == 1 and "没有设区市“盐”" in done.output
