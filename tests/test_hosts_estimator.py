"""The estimator workbook: what stands in it, what may be typed, what is protected, and the words beside a broken condition."""
from __future__ import annotations

import random
import re
import zipfile
from dataclasses import replace
from functools import cache
from io import BytesIO
from itertools import accumulate

import openpyxl
import pytest
from click.testing import CliRunner
from python_calamine import CalamineWorkbook
from test_output_submission import EXCEL_2010
from test_rules_agreement import Facts, read

from xltool.cli import main
from xltool.guideline.bundle import edition, edition_ids
from xltool.hosts.estimator import Given, estimator_workbook
from xltool.hosts.estimator.answers import Rules
from xltool.hosts.estimator.chart import curve
from xltool.output.submission import chosen_programmes
from xltool.rules.assess import assess
from xltool.rules.facts import read_value
from xltool.rules.model import Condition, Field, Formula, Programme

OURS = {"COLUMN", "HYPERLINK", "INDEX", "INDIRECT", "SUBSTITUTE", "TEXT"}  # besides those of the submission workbook; hosts.md has them as safe


@pytest.fixture(scope="module")
def book() -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(empty("2026")))


@cache
def empty(name: str) -> bytes:
    return estimator_workbook(edition(name))


def parts(name: str) -> dict[str, str]:
    with zipfile.ZipFile(BytesIO(empty(name))) as archive:
        return {part: archive.read(part).decode() for part in archive.namelist()}


def unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")


def deepest(formula: str) -> int:
    """How deep the parentheses of a formula go."""
    return max(accumulate(({"(": 1, ")": -1}.get(sign, 0) for sign in formula), initial=0))


def field(name: str, kind: str, unit: str = "", *choices: str) -> Field:
    return Field(name, kind, unit, choices)


# --- formulas ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", edition_ids())
def test_formulas_keep_to_the_functions_and_limits_of_excel_2010(name):
    sheets = [text for part, text in parts(name).items() if part.startswith("xl/worksheets/sheet")]
    formulas = [unescaped(found) for text in sheets for found in re.findall(r"<(?:f|formula1?)>(.*?)</", text)]
    assert len(formulas) > 5000 and max(map(len, formulas)) < 8000
    texts = [found for formula in formulas for found in re.findall(r'"(?:[^"]|"")*"', formula)]
    assert max(map(len, texts)) <= 257  # Excel takes 255 characters between the quotes
    bare = {re.sub(r"'[^']*'!", "", re.sub(r'"(?:[^"]|"")*"', "", formula)) for formula in formulas}
    assert {found for formula in bare for found in re.findall(r"([A-Z][A-Z0-9.]*)\(", formula)} <= EXCEL_2010 | OURS
    assert max(map(deepest, bare)) <= 64 and not any("_xlfn" in formula for formula in bare)


@pytest.mark.parametrize("name", edition_ids())
def test_there_is_a_page_with_a_link_for_every_programme(name):
    book, files = CalamineWorkbook.from_filelike(BytesIO(empty(name))), parts(name)
    links = set(re.findall(r'<hyperlink [^>]*location="(.*?)"', files["xl/worksheets/sheet1.xml"]))
    programmes, titles = chosen_programmes(edition(name)), book.sheet_names
    for programme, title in zip(programmes, titles[4:]):
        assert f"'{title}'!A1" in links
        rows = book.get_sheet_by_name(title).to_python(skip_empty_area=False)
        assert rows[0][1] == f"{programme.id}　{programme.title}"
        shown = [cell for row in rows for cell in row[:9] if cell]
        for condition in programme.conditions:
            assert condition.text in shown and any(str(each).startswith(condition.cite) for each in shown)
        assert all(note.title in "\n".join(map(str, shown)) for note in programme.materials)
        drawn = f"xl/worksheets/_rels/sheet{titles.index(title) + 1}.xml.rels" in files
        assert drawn == (curve(programme) is not None)
    assert {f"'{name}'!A1" for name in ("企业情况", "对比", "清单")} <= links
    assert titles[4 + len(programmes):] == ["对比数据", "清单数据", "选项"]
    assert re.findall(r'name="([^"]*)"[^>]*state="veryHidden"', files["xl/workbook.xml"]) == ["对比数据", "清单数据", "选项"]


# --- what may be typed ------------------------------------------------------------------------------------------------

def test_every_cell_to_fill_has_its_list_limit_hint_and_chinese_error(book):
    chosen = edition("2026")
    lists = {name: [cell.value for (cell,) in book["选项"][value.attr_text.split("!")[1].replace("$", "")]]
             for name, value in book.defined_names.items() if value.attr_text.startswith("选项")}
    checked = 0
    for programme, sheet in zip(chosen_programmes(chosen), book.worksheets[4:], strict=False):
        rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
        for row, fact in enumerate(programme.fields.values(), 13):
            rule = rules[f"D{row}"]
            assert sheet.cell(row, 3).value == fact.name and rule.prompt and rule.promptTitle and fact.name in rule.error
            if fact.choices:
                assert lists[rule.formula1.removeprefix("=")] == list(fact.choices)
            else:
                kinds = {"金额": "decimal", "盈亏": "decimal", "数量": "decimal", "比例": "decimal", "日期": "date", "是否": "list", "文字": None}
                whole = fact.kind == "数量" and (norm := fact.usual) is not None and norm.whole
                assert rule.type == ("whole" if whole else kinds[fact.kind]) and (fact.kind != "是否" or rule.formula1 == '"是,否"')
            checked += 1
        assert len(rules) == len(programme.fields)
    assert checked > 100
    programme_list = book["清单"].data_validations.dataValidation[0].formula1
    assert lists[programme_list.removeprefix("=")] == [f"{each.id} {each.title}" for each in chosen_programmes(chosen)]


def test_enterprise_facts_are_asked_once_each(book):
    chosen = edition("2026")
    names = {name for programme in chosen_programmes(chosen) for name in programme.fields}
    sheet = book["企业情况"]
    asked = [cell.value for (cell,) in sheet.iter_rows(min_row=4, min_col=2, max_col=2) if not sheet.cell(cell.row, 3).protection.locked]
    assert sorted(asked) == sorted(names)


def test_only_cells_to_fill_can_be_changed_and_there_is_no_password(book):
    filled = {"企业情况": {3}, "清单": {2, 3, *range(13, 13 + 2 * 19, 2)}, "封面": set(), "对比": set()}
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        assert sheet.protection.sheet and not sheet.protection.password
        unlocked = {cell.column for cells in sheet.iter_rows() for cell in cells if not cell.protection.locked}
        assert unlocked == filled.get(sheet.title, {4}), sheet.title
        assert not [cell.coordinate for cells in sheet.iter_rows() for cell in cells if not cell.protection.locked and cell.data_type == "f"]


def test_sheets_print_on_a4(book):
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible":
            assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
            across = sheet.page_setup.fitToWidth or 1  # left out where it is 1
            assert sheet.sheet_properties.pageSetUpPr.fitToPage and (across == 1 or sheet.title == "清单")


# --- what a broken condition lacks --------------------------------------------------------------------------------------

FIELDS = {each.name: each for each in (
    field("投入", "金额", "万元"), field("占比", "比例"), field("家数", "数量", "家"), field("开始", "日期"),
    field("结束", "日期"), field("有证", "是否"), field("地区", "选项", "", "苏南", "苏中", "苏北"))}
GAPS = [
    ("投入>=1000", {"投入": "800"}, "“投入”差200万元；"), ("投入>=1000.5", {"投入": "1000.25"}, "“投入”差0.25万元；"),
    ("投入<=1000", {"投入": "1200"}, "“投入”超200万元；"), ("1000<=投入", {"投入": "999.999999"}, "“投入”差0.000001万元；"),
    ("投入>1000", {"投入": "1000"}, "“投入”应大于1000万元；"), ("占比>=60%", {"占比": "0.555"}, "“占比”差4.5个百分点；"),
    ("家数>=3", {"家数": "1"}, "“家数”差2家；"), ("有证", {"有证": "否"}, "“有证”应为是；"), ("NOT(有证)", {"有证": "是"}, "“有证”应为否；"),
    ("结束<=DATE(2025,12,31)", {"结束": "2026-01-31"}, "“结束”晚31天；"),
    ("开始>=DATE(2025,1,1)", {"开始": "2024-12-31"}, "“开始”早1天；"),
    ("开始<DATE(2025,1,1)", {"开始": "2025-01-01"}, "“开始”应早于2025-01-01，晚1天；"),
    ("结束<=EDATE(开始,12)", {"开始": "2025-01-01", "结束": "2026-01-11"}, "“结束”晚10天；"),
    ('地区="苏北"', {"地区": "苏南"}, "“地区”应为苏北；"), ('OR(地区={"苏中","苏北"})', {"地区": "苏南"}, "“地区”应为苏中、苏北之一；"),
    ("AND(投入>=1000,有证)", {"投入": "400", "有证": "否"}, "“投入”差600万元；“有证”应为是；"),
    ("AND(投入>=1000,有证)", {"投入": "1000", "有证": "否"}, "“有证”应为是；"),
    ("OR(投入>=1000,家数>=3)", {"投入": "400", "家数": "1"}, "或“投入”差600万元；或“家数”差2家；"),
    ('投入>=IF(地区="苏北",500,1000)', {"投入": "400", "地区": "苏北"}, "“投入”差100万元；"),
    ('IF(地区="苏北",投入>=500,家数>=3)', {"投入": "400", "家数": "1", "地区": "苏南"}, "“家数”差2家；"),
    ("IF(有证,投入>=500,FALSE)", {"投入": "400", "有证": "否"}, "“有证”应为是；"),
]


@pytest.mark.parametrize(("rule", "typed", "words"), GAPS)
def test_a_broken_condition_says_what_it_lacks_in_numbers(rule, typed, words):
    programme = Programme("2099P1", "1", "甲", fields=FIELDS, conditions=(Condition("1", "条件", Formula.parse(rule)),))
    facts = {name: read_value(raw, FIELDS[name])[0] for name, raw in typed.items()}
    assert Rules(programme).answers(facts).shortfall(programme.conditions[0]) == words


@pytest.mark.parametrize("name", edition_ids())
def test_the_shortfall_has_the_numbers_of_the_engines_reason(name):
    compared = 0
    for programme in chosen_programmes(edition(name)):
        rules, facts = Rules(programme), Facts(programme, random.Random(programme.id))
        for _ in range(60 if programme.fields else 0):
            known = read(facts.project(), programme)
            answers = rules.answers(known)
            for outcome in assess(programme, known).outcomes:
                text = answers.shortfall(outcome.condition)
                assert bool(text) == (outcome.status == "不符合"), (programme.id, outcome.condition.number, outcome.shortfall)
                numbers = re.findall(r"[差超早晚][\d.]+(?:[^\d\W]+|$)", outcome.shortfall)
                compared += len(numbers)
                assert all(each in text for each in numbers), (programme.id, outcome.condition.number, numbers, text)
    assert compared > 200


# --- the chart --------------------------------------------------------------------------------------------------------

def test_the_curve_jumps_at_the_threshold_and_ends_at_the_cap():
    found = curve(edition("2026").programmes["2026P1-1"])
    assert (found.basis, found.least, found.cap) == ("研发设备及配套软件购置额", 1000.0, 200.0)
    assert [found.subsidy(amount) for amount in (0.0, 999.99, 1000.0, 1500.0, 2000.0, 9000.0)] == [0, 0, 100, 150, 200, 200]
    assert {999.99, 1000.0, 2000.0} <= set(found.amounts) and found.amounts == sorted(found.amounts)


def test_there_is_a_curve_where_one_amount_of_money_decides():
    curves = {programme.id: curve(programme) for programme in chosen_programmes(edition("2026"))}
    assert [name for name, found in curves.items() if found] == [
        "2026P1-1", "2026P1-2", "2026P1-3", "2026P1-8", "2026P2-1", "2026P3-5", "2026P3-6", "2026P4-3", "2026P4-4"]


def test_the_chart_shows_subsidy_threshold_cap_and_the_project_itself():
    charts = [text for part, text in parts("2026").items() if part.startswith("xl/charts/chart")]
    assert len(charts) == 9
    first = next(text for text in charts if "1-1 企业研发机构" in text)
    assert re.findall(r"<c:tx><c:v>(.*?)</c:v>", first) == ["补助", "上限", "门槛", "本项目"]


# --- the command ------------------------------------------------------------------------------------------------------

def test_facts_can_be_typed_in_already():
    chosen = edition("2026")
    programme = chosen.programmes["2026P1-1"]
    given = Given({"研发设备及配套软件购置额": 1500.0, programme.own_name("建有研发机构"): True})
    assert given.facts(programme) == {"研发设备及配套软件购置额": 1500.0, "建有研发机构": True}
    one = replace(chosen, programmes={programme.id: programme})
    page = openpyxl.load_workbook(BytesIO(estimator_workbook(one, given)), data_only=True).worksheets[4]
    shown = {row[2]: row[3:5] for row in page.iter_rows(min_row=13, max_row=20, values_only=True)}
    assert shown["研发设备及配套软件购置额"] == (None, 1500) and shown["建有研发机构"] == ("是", "是")
    assert (page["D5"].value, page["D6"].value) == ("待核实", 150)


def test_the_command_writes_the_workbook_of_an_edition(tmp_path):
    out = tmp_path / "测算.xlsx"
    done = CliRunner().invoke(main, ["estimator", "--edition", "2024Q4", "-o", str(out)])
    assert done.exit_code == 0 and "测算.xlsx" in done.output
    assert openpyxl.load_workbook(out, read_only=True).sheetnames[:4] == ["封面", "企业情况", "对比", "清单"]
