"""The bundled editions, finding a programme among them, and writing a guideline workbook again."""
from __future__ import annotations

import openpyxl
import pytest

from xltool.guideline.bundle import UnknownName, bundled, edition, edition_ids, editions, find_programme, library
from xltool.guideline.read import load
from xltool.guideline.sheets import SHEETS
from xltool.guideline.write import rows, write
from xltool.rules import ProblemsError


def test_every_bundled_edition_loads_under_its_own_id():
    assert [found.id for found in editions()] == edition_ids()
    assert {"2023", "2026"} <= set(edition_ids())


def test_the_newest_guideline_comes_first_and_the_booklet_last():
    years = [name for name in edition_ids() if name.isdigit()]
    assert edition_ids()[:len(years)] == sorted(years, reverse=True)


@pytest.mark.parametrize(("name", "preferred", "expected"), [
    ("2023P1-1-1", None, "2023P1-1-1"), ("2023P1-1-1", "2026", "2023P1-1-1"), ("２０２６ｐ１－１", None, "2026P1-1"),
    ("工业大模型建设项目", None, "2026P3-5"), ("工业大模型建设", "2026", "2026P3-5"), ("免费诊断服务项目", "2023", "2023P1-6"),
    ("企业重大兼并重组", "2023", "2023P3-1"),
])
def test_an_id_names_its_edition_and_a_title_the_preferred_or_newest_one(name, preferred, expected):
    assert find_programme(name, preferred).id == expected


@pytest.mark.parametrize(("name", "preferred", "near"), [
    ("工业大模型建社项目", None, "2026P3-5 工业大模型建设项目"), ("2026P1-99", None, "2026P1-"),
    ("工业大模型建设项目", "2023", "最接近的：2026P3-5 工业大模型建设项目"),
    ("2099P1-1", None, "已有版本"), ("zzz", "2026", "全部项目"),
])
def test_an_unknown_name_is_an_error_that_lists_the_nearest(name, preferred, near):
    with pytest.raises(UnknownName) as error:
        find_programme(name, preferred)
    assert f"没有项目“{name}”" in str(error.value)
    assert near in str(error.value)


def test_an_unknown_edition_is_an_error_that_lists_the_editions():
    with pytest.raises(UnknownName, match="没有版本“2099”；已有版本：2026"):
        edition("2099")


def test_a_workbook_of_ones_own_is_an_edition_by_its_path(tmp_path):
    path = tmp_path / "ours.xlsx"
    sheets = rows(bundled("workbooks") / "guideline-2026.xlsx")
    write(sheets, path)
    assert find_programme("工业大模型建设", str(path)).id == "2026P3-5"
    with pytest.raises(UnknownName):
        find_programme("2023P1-1-1", str(path))
    with pytest.raises(ProblemsError):
        edition(str(tmp_path / "none.xlsx"))


@pytest.mark.parametrize("year", edition_ids())
def test_a_workbook_written_again_is_the_same_edition(tmp_path, year):
    path = bundled("workbooks") / f"guideline-{year}.xlsx"
    again = tmp_path / path.name
    write(rows(path), again)
    first, second = load(path), load(again)
    assert rows(again) == rows(path)
    assert repr(second.programmes) == repr(first.programmes)
    assert (second.cases, second.forms, second.tables, second.contacts, second.columns) == (
        first.cases, first.forms, first.tables, first.contacts, first.columns)
    assert repr(second.documents) == repr(first.documents)


def test_a_written_workbook_helps_the_clerk(tmp_path):
    path = tmp_path / "guideline-2026.xlsx"
    write(rows(bundled("workbooks") / path.name), path)
    workbook = openpyxl.load_workbook(path)
    assert workbook.sheetnames == list(SHEETS)
    for name, columns in SHEETS.items():
        sheet = workbook[name]
        assert [cell.value for cell in sheet[1]] == [column.title for column in columns]
        assert sheet.freeze_panes and sheet.auto_filter.ref
        choices = [column.choices for column in columns if column.choices]
        assert sorted(rule.formula1 for rule in sheet.data_validations.dataValidation) == sorted('"' + ",".join(each) + '"' for each in choices)
        for cell, column in zip(sheet[1], columns):
            assert bool(cell.comment) == bool(column.note or column.required)


def test_a_formula_with_a_leading_sign_stays_text(tmp_path):
    sheets = rows(bundled("workbooks") / "guideline-2026.xlsx")
    next(row for row in sheets["项目"] if row["编号"] == "2026P3-2")["补助公式"] = "=500+500"
    write(sheets, tmp_path / "guideline-2026.xlsx")
    assert load(tmp_path / "guideline-2026.xlsx").programmes["2026P3-2"].ceiling.text == "500+500"


@pytest.mark.parametrize(("typed", "first"), [("首台套", "2026P1-4"), ("智能工厂", "2026P3-2"), ("2026p1", "2026P1-1")])
def test_a_part_of_a_title_or_an_id_suggests_the_programmes_that_hold_it(typed, first):
    with pytest.raises(UnknownName) as unknown:
        library().find(typed)
    assert unknown.value.near[0].startswith(first)
