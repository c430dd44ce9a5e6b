"""Filled submission workbooks: reading gives exactly what was typed, and an older stamp is migrated or refused in words."""
from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from submissions import fill, places, stamped

from xltool.guideline.bundle import edition
from xltool.guideline.records import letters
from xltool.intake.filled import read_filled
from xltool.intake.grid import Fault, Grid, Source
from xltool.intake.headers import COLUMN, FACT, INDICATOR, Target
from xltool.intake.opening import read_source
from xltool.intake.stamp import LAYOUT, Meaning, Origin, column_code, fields_of, origin_code, read_stamp
from xltool.intake.values import shown
from xltool.output.submission import chosen_programmes, submission_workbook
from xltool.output.submission.columns import input_columns
from xltool.rules import serial
from xltool.rules.arithmetic import money
from xltool.rules.facts import MISSING
from xltool.rules.model import Edition, Field

PROGRAMME = "2022P3-1"  # facts and indicators of every kind


def write(path: Path, chosen: Edition, programme: str = PROGRAMME, rows: int = 30) -> Path:
    path.write_bytes(submission_workbook(chosen, chosen_programmes(chosen, [programme]), rows))
    return path


# --- what was typed comes back ----------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12).filter(
    lambda text: text not in MISSING and text[0] != "#" and "计" not in text)  # #N/A is a fault, typed or not
AWKWARD = ["=1+1", "#1车间", "00123", "2025.3", "91110000600037341L", "+86", "'引", "TRUE", "12%"]
NUMBERS = st.one_of(st.integers(0, 10**9), st.decimals(0, 10**7, places=6).map(float), st.sampled_from([0, 0.1, 1e-6, 99999999.99]))


def values(field: Field) -> st.SearchStrategy:
    """What may be typed into a field, and the value it stands for, as pairs."""
    if field.choices:
        return st.sampled_from(field.choices).map(lambda choice: (choice, choice))
    if field.name == "统一社会信用代码":  # read in capitals
        return st.from_regex("[0-9A-Z]{18}", fullmatch=True).map(lambda code: (code, code))
    return {
        "金额": NUMBERS.map(lambda number: (number, money(float(number)))),
        "盈亏": st.tuples(NUMBERS, st.sampled_from([1, -1])).map(lambda pair: (pair[0] * pair[1], money(float(pair[0] * pair[1])))),
        "数量": NUMBERS.map(lambda number: (number, float(number))),
        "比例": st.decimals(0, 3, places=6).map(lambda share: (float(share), float(share))),
        "日期": st.dates(dt.date(1930, 1, 1), dt.date(2099, 12, 31)).map(lambda day: (day, serial.from_date(day))),
        "是否": st.booleans().map(lambda truth: ("是" if truth else "否", truth)),
    }.get(field.kind, st.one_of(TEXTS, st.sampled_from(AWKWARD)).map(lambda text: (text, text)))


COLUMNS = [column.targets for column in input_columns(edition("2022"), edition("2022").programmes[PROGRAMME])]


@st.composite
def rows(draw: st.DrawFn) -> dict[tuple[str, str], tuple[object, object]]:
    """Some columns filled: what was typed and what it means, by role and name."""
    row = {}
    for index, targets in enumerate(COLUMNS):
        if index < 2 or draw(st.integers(0, 3)):  # the project's and the unit's name are needed
            pair = draw(values(targets[0].field))
            row |= {(target.role, target.field.name): pair for target in targets}
    row.pop((COLUMN, "名额分项"), None)  # may be one of the parts only
    return row


@given(st.lists(rows(), min_size=20, max_size=30))
@settings(max_examples=8, phases=[Phase.generate])  # to shrink a workbook takes longer than to read the difference
def test_what_is_typed_is_what_is_read(tmp_path_factory, typed):
    path = write(tmp_path_factory.mktemp("typed") / "a.xlsx", edition("2022"))
    fill(path, {PROGRAMME: [{target: raw for target, (raw, _) in row.items()} for row in typed]})
    found = read_filled(read_source(path), edition("2022"))
    assert not found.problems and not found.skipped and len(found.projects) == len(typed)
    sheet = stamped(path)[PROGRAMME]
    for number, (row, project) in enumerate(zip(typed, found.projects)):
        gathered = {(role, name): cell for role, cells in ((COLUMN, project.columns), (FACT, project.facts), (INDICATOR, project.indicators))
                    for name, cell in cells.items()}
        wrong = {target: (cell.value, row.get(target)) for target, cell in gathered.items() if (cell.value,) != row.get(target, ())[1:]}
        lost = {target: row[target] for target in row.keys() - gathered.keys()}
        faults = [problem for problem in project.problems if not problem.is_note]  # a share above 100 % is worth a look
        assert (wrong, lost, faults) == ({}, {}, [])
        for target, cell in gathered.items():
            place = openpyxl.utils.get_column_letter(places(sheet)[target] + 1)
            assert (cell.where.sheet, cell.where.cell) == (sheet.grid.name, f"{place}{sheet.first + number + 1}")


@pytest.mark.parametrize("kind", ["ods", "xls", "xlsx"])
def test_a_filled_workbook_saved_as_something_else_reads_the_same(kind, soffice, tmp_path):
    path = write(tmp_path / "a.xlsx", edition("2026"), "2026P1-1", rows=3)
    row = {(COLUMN, "申报项目名称"): "=甲", (COLUMN, "单位名称"): "甲公司", (COLUMN, "统一社会信用代码"): "000000000000000000",
           (FACT, "研发设备及配套软件购置额"): 1234.567891, (FACT, "工信领域企业"): "是", (FACT, "研发机构设立时间"): dt.date(2024, 2, 29),
           (INDICATOR, "营业收入"): -5}
    fill(path, {"2026P1-1": [row, row]})
    saved = soffice.convert([path], tmp_path / "out", kind)[0]
    before, after = (read_filled(read_source(file), edition("2026")).projects for file in (path, saved))
    assert [project.values for project in after] == [project.values for project in before]
    assert [{name: cell.value for name, cell in project.columns.items()} for project in after] == [
        {"申报项目名称": "=甲", "单位名称": "甲公司", "统一社会信用代码": "000000000000000000"}] * 2


# --- rows and cells that are no values --------------------------------------------------------------------------------

def made_sheet(*data: dict[tuple[str, str], object], programme: str = "2026P1-1", chosen: Edition | None = None) -> Grid:
    """A stamped sheet without a file: headings, stamp, data."""
    chosen = chosen or edition("2026")
    fields = fields_of(chosen, chosen.programmes[programme])
    codes = [column_code([Target(role, field)]) for (role, _), field in fields.items()]
    stamp = [origin_code(Origin(chosen.id, chosen.sha256, "0.1.0", programme)), *codes]
    return Grid("表", [stamp, *([index, *(row.get(target, "") for target in fields)] for index, row in enumerate(data, 1))])


def read(*grids: Grid, chosen: Edition | None = None):
    return read_filled(Source("县.xlsx", "0" * 64, grids=list(grids)), chosen or edition("2026"))


NAMED = {(COLUMN, "申报项目名称"): "甲项目", (COLUMN, "单位名称"): "甲公司"}
BASIS = (FACT, "研发设备及配套软件购置额")


@pytest.mark.parametrize(("title", "told"), [
    ("研发设备及配套软件购置额\n（万元）", False), ("*研发设备及配套软件购置额（万元）", False), ("研发设备及配套软件购置额（元）", True),
    ("研发设备及配套软件购置额", True), ("实缴税金（万元）", True)])
def test_a_heading_that_was_changed_is_told(title, told):
    sheet = made_sheet({**NAMED, BASIS: 1200.0})
    column = sheet.rows[1].index(1200.0)
    above = [""] * len(sheet.rows[0])
    above[column] = title
    sheet.rows.insert(0, above)
    found = read(sheet)
    assert found.projects[0].values == {BASIS[1]: 1200.0}
    assert [(problem.where.cell, problem.found) for problem in found.problems] == ([(f"{letters(column)}1", shown(title))] if told else [])


def test_a_list_of_faults_that_came_back_is_no_fault():
    found = read(made_sheet(NAMED), Grid("退回问题", [["这份报送件有1个问题"]]))
    assert not found.problems and [row.reason for row in found.skipped] == ["不是模板里的工作表"]


def test_every_row_is_a_project_or_skipped_with_its_reason():
    sheet = made_sheet(NAMED, {}, {(COLUMN, "申报项目名称"): "合 计", BASIS: 3000.0}, NAMED)
    sheet.rows[2].append("请尽快报")
    found = read(sheet)
    assert [project.where.cell for project in found.projects] == ["第2行", "第5行"]
    assert [(row.where.cell, row.reason) for row in found.skipped] == [("第3行", "模板的列里没有填"), ("第4行", "合计行")]
    assert [problem.found for problem in found.problems] == ["请尽快报"]


@pytest.mark.parametrize(("raw", "code", "words"), [
    ("约500万", "value.type", "应为一个数"), (-1.0, "value.range", "不小于0"), (Fault("#DIV/0!"), "value.type", "错误值"),
    (True, "value.type", "应为"),
])
def test_a_cell_that_is_no_value_is_a_problem_with_its_place(raw, code, words):
    (project,) = read(made_sheet({**NAMED, BASIS: raw})).projects
    (problem,) = project.problems
    assert (problem.code, problem.where.file, problem.where.sheet) == (code, "县.xlsx", "表") and words in problem.expected
    assert BASIS[1] in project.refused and BASIS[1] not in project.facts


def test_a_column_added_to_a_merged_list_keeps_its_heading_above_the_hidden_stamp():
    sheet = made_sheet(NAMED)
    sheet.rows.insert(0, [*[""] * len(sheet.rows[1]), "得分"])
    sheet.rows[2].append(91.5)
    assert {name: cell.value for name, cell in read(sheet).projects[0].others.items()} == {"得分": "91.5"}


def test_a_text_column_takes_no_error_value():
    (project,) = read(made_sheet({**NAMED, (COLUMN, "所属行业"): Fault("#N/A")})).projects
    assert [problem.found for problem in project.problems] == ["#N/A"] and "所属行业" not in project.columns


def test_needed_columns_and_unknown_parts_are_problems():
    (project,) = read(made_sheet({BASIS: 1500.0, (COLUMN, "名额分项"): "无此项"})).projects
    assert [problem.expected for problem in project.problems] == ["缺“申报项目名称”", "缺“单位名称”", "2026P1-1 的名额没有这个分项"]


def test_a_column_or_sheet_of_ones_own_is_reported_with_its_rows():
    sheet = made_sheet(NAMED)
    sheet.rows[1].append("备注一")
    found = read(sheet, Grid("我的表", [["甲", 1.0], [], ["乙", 2.0]]), Grid("空表", [["", ""]]))
    assert [(problem.code, problem.found) for problem in found.problems] == [("note.column", "备注一"), ("sheet.empty", "我的表")]
    assert [row.text for row in found.skipped] == ["甲 1", "乙 2"]
    assert [cell.value for cell in found.projects[0].others.values()] == ["备注一"]


def test_columns_and_sheets_may_be_moved_renamed_and_deleted():
    sheet = made_sheet({**NAMED, BASIS: 1500.0})
    for cells in sheet.rows:
        cells[1:] = reversed(cells[1:])
        del cells[3]
    sheet.name = "换了名"
    sheet.rows.insert(0, ["标题"])
    (project,) = read(sheet).projects
    assert (project.values, project.title) == ({BASIS[1]: 1500.0}, "甲项目")


def test_a_workbook_without_a_stamp_is_refused():
    found = read(Grid("表", [["单位名称"], ["甲"]]))
    assert found.problems[0].code == "sheet.empty" and not found.projects and read_stamp([Grid("表", [["甲"]])]) is None


# --- older stamps -----------------------------------------------------------------------------------------------------

def changed(**fields: Field | None) -> Edition:
    """2026 after a correction of the guideline: fields of 2026P1-1 replaced, or taken away."""
    chosen = edition("2026")
    programme = chosen.programmes["2026P1-1"]
    kept = {name: fields.get(name, field) for name, field in {**programme.fields, **fields}.items()}
    after = replace(programme, fields={name: field for name, field in kept.items() if field})
    return replace(chosen, sha256="f" * 64, programmes={**chosen.programmes, "2026P1-1": after})


def test_an_older_state_of_the_guideline_is_migrated_by_name():
    found = read(made_sheet({**NAMED, BASIS: 1500.0}), chosen=changed())
    assert found.projects[0].values == {BASIS[1]: 1500.0} and not found.problems and not found.projects[0].problems


def test_a_field_that_is_gone_measured_otherwise_or_new_is_reported():
    sheet = made_sheet({**NAMED, BASIS: 1500.0, (FACT, "工信领域企业"): "是", (FACT, "建有研发机构"): "是"})
    later = changed(研发设备及配套软件购置额=Field(BASIS[1], "数量", "台"), 工信领域企业=None, 新的事实=Field("新的事实", "是否"))
    found = read(sheet, chosen=later)
    (project,) = found.projects
    assert project.values == {"建有研发机构": True}
    assert [(problem.code, problem.found) for problem in project.problems] == [("cell.unused", "1500"), ("cell.unused", "是")]
    assert "原来填万元，现在是台" in project.problems[0].expected
    assert {name: cell.raw for name, cell in project.others.items()} == {BASIS[1]: 1500.0, "工信领域企业": "是"}
    assert [problem.expected for problem in found.problems] == ["这张表没有这些列：新的事实"]


def test_another_edition_is_migrated_to_the_one_successor_or_refused():
    old = edition("2024")
    sheet = made_sheet({**NAMED, BASIS: 1500.0}, programme="2024P1-1-1", chosen=old)
    found = read(sheet)
    assert found.projects[0].programme.id == "2026P1-1" and found.projects[0].column("单位名称") == "甲公司"
    assert "已对应到2026P1-1" in found.problems[0].expected
    none = next(name for name, heirs in _heirs(old, edition("2026")).items() if not heirs and not old.programmes[name].members)
    found = read(made_sheet(NAMED, programme=none, chosen=old))
    assert not found.projects and "没有延续它的项目" in found.problems[0].fix
    assert [row.where.cell for row in found.skipped] == ["第2行"]


def _heirs(old: Edition, new: Edition):
    from xltool.guideline.lineage import lineage
    return lineage(old, new).successors


@pytest.mark.parametrize(("origin", "words"), [
    ({"layout": LAYOUT + 1, "version": "9.0"}, "更新的 xltool 9.0"), ({"edition": "1999"}, "这是1999版的模板"),
    ({"programme": "2026P9-9"}, "指南里没有这个项目了"),
])
def test_a_stamp_that_cannot_be_read_is_refused_in_words(origin, words):
    sheet = made_sheet(NAMED, NAMED)
    made = replace(read_stamp([sheet]).sheets[0].origin, **origin)
    sheet.rows[0][0] = origin_code(made)
    found = read(sheet)
    assert not found.projects and words in found.problems[0].expected and len(found.problems) == 1
    assert len(found.skipped) == 2


def test_an_empty_sheet_of_another_edition_says_nothing():
    assert not read(made_sheet(programme="2024P1-1-1", chosen=edition("2024"))).problems


@pytest.mark.parametrize("name", ["2026", "2024", "2023", "2022", "2024Q4"])
def test_the_stamp_names_every_field_of_every_programme(name):
    chosen = edition(name)
    for programme in chosen.programmes.values():
        fields = fields_of(chosen, programme)
        grid = made_sheet(programme=programme.id, chosen=chosen)
        (sheet,) = read_stamp([grid]).sheets
        assert [meaning for meanings in sheet.columns.values() for meaning in meanings] == [
            Meaning(role, field.kind, field.unit, field.name) for (role, _), field in fields.items()]
