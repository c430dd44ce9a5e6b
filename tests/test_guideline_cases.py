"""The cases beside the rules: they pass, and a rule, a result or a case that changes is noticed at its row."""
from __future__ import annotations

import pytest
from test_guideline_read import EQUIPMENT, Book

from xltool.guideline.bundle import edition, edition_ids
from xltool.guideline.cases import run_cases
from xltool.guideline.read import load


@pytest.fixture
def whole_book(tmp_path):
    return Book(tmp_path, whole=True)


@pytest.mark.parametrize("name", edition_ids())
def test_the_cases_of_a_bundled_edition_pass(name):
    assert run_cases(edition(name)) == []


@pytest.mark.parametrize(("column", "new", "words"), [
    ("补助上限", 151, "补助上限应为151，算得"), ("补助", 1.5, "补助应为1.5，算得"), ("首付", 7, "首付应为7，算得空"),
    ("结论", "待核实", "结论应为待核实，算得符合"),
    ("未满足", "1a", "未满足应为1a，算得空"), ("补助", None, "补助应为空，算得"),
])
def test_a_case_with_another_result_is_reported_at_its_row(whole_book, column, new, words):
    cell = whole_book.cell("用例", column, 项目编号="2026P1-1", 结论="符合")
    cell.value = new
    assert whole_book.problems() == []
    problems = run_cases(load(whole_book.path))
    place = whole_book.workbook["用例"].cell(cell.row, 6).coordinate
    assert [(problem.code, problem.where.sheet, problem.where.cell) for problem in problems] == [("case.differs", "用例", place)]
    assert words in str(problems[0])


def test_a_rule_that_changes_breaks_its_cases(whole_book):
    whole_book.cell("项目", "补助公式", 编号="2026P1-1").value = f"MIN({EQUIPMENT}*10%,300)"
    assert whole_book.problems() == []
    problems = run_cases(load(whole_book.path))
    assert problems and {problem.found.split()[0] for problem in problems} == {"2026P1-1"}


def test_a_condition_no_case_breaks_is_reported(whole_book):
    row = whole_book.append("条件", 项目编号="2026P1-1", 条件号="3", 内容="x", 条件公式=f"{EQUIPMENT}<=900000000", 性质="必须")
    assert row and whole_book.problems() == []
    (problem,) = run_cases(load(whole_book.path))
    assert problem.found == "2026P1-1" and "没有用例让这些条件不满足：3" in str(problem)


def test_a_programme_with_too_few_cases_is_reported(whole_book):
    sheet = whole_book.workbook["用例"]
    rows = [row for row in range(2, sheet.max_row + 1) if sheet.cell(row, 1).value == "2026P1-1"]
    for row in reversed(rows[3:]):
        sheet.delete_rows(row)
    assert whole_book.problems() == []
    assert any("只有3个用例，至少要6个" in str(problem) for problem in run_cases(load(whole_book.path)))
