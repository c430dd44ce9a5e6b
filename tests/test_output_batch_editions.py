"""A list with one project of every programme becomes, in every edition, the tables, forms and report it should."""
from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from xltool.guideline.bundle import edition, edition_ids
from xltool.intake.headers import indicator_field
from xltool.output.batch.run import FORMS, REPORT, TABLES, Batch, Order, run_batch
from xltool.rules.model import Edition, Field, Programme

VALUES = {"金额": 1200, "盈亏": 1200, "数量": 12, "比例": 0.9, "日期": dt.date(2025, 3, 1), "是否": "是", "文字": "按方案建成"}


def invented(field: Field) -> object:
    return field.choices[0] if field.choices else VALUES[field.kind]


def row(edition: Edition, programme: Programme, number: int) -> dict[str, object]:
    """A project with every column, fact and indicator filled, of the form's first group where it may be one only."""
    form = edition.forms.get(programme.form)
    indicators = [each for each in form.indicators if not each.is_open] if form else []
    group = next((each.group for each in indicators if each.group), "")
    indicators = [each for each in indicators if not (form.one_group and each.group not in ("", group))]
    fields = [*edition.columns.values(), *map(indicator_field, indicators), *programme.fields.values()]
    parts = [each.part for each in programme.quota if each.part]
    return {**{field.name: invented(field) for field in fields}, "设区市": "盐城市", "县（市、区）": "东台市", "申报项目类别": programme.title,
            "申报项目名称": f"示例项目{number}", "单位名称": f"示例{number}公司", "统一社会信用代码": None, "名额分项": parts[0] if parts else None,
            "项目开始时间": dt.date(2025, 2, 1), "项目结束时间": dt.date(2025, 11, 30)}


def write_list(path: Path, rows: list[dict[str, object]]) -> Path:
    headings = list(dict.fromkeys(name for each in rows for name in each))
    book = Workbook()
    for line in [headings, *([each.get(name) for name in headings] for each in rows)]:
        book.active.append(line)
    book.save(path)
    return path


@pytest.fixture(scope="module", params=edition_ids())
def made(request, tmp_path_factory) -> Batch:
    folder = tmp_path_factory.mktemp(f"batch-{request.param}")
    known = edition(request.param)
    programmes = [programme for programme in known.programmes.values() if not programme.members]
    rows = [row(known, programme, number) for number, programme in enumerate(programmes, 1)]
    return run_batch(write_list(folder / "清单.xlsx", rows), known, folder / "结果", Order("盐城市"))


def in_folder(made: Batch, folder: str) -> list[str]:
    return [name for name in made.files if name.startswith(folder + "/")]


def test_every_row_is_a_project_and_every_column_is_understood(made):
    known = made.report.edition
    assert [item.project.programme for item in made.report.checked] == [each for each in known.programmes.values() if not each.members]
    assert [problem.code for problem in made.report.problems] == ["note.unit"] and made.report.skipped == []


def test_every_direction_has_its_table_and_every_programme_its_form(made):
    known, projects = made.report.edition, [item.project for item in made.report.checked]
    assert len(in_folder(made, TABLES)) == len(known.tables)
    assert len(in_folder(made, FORMS)) == sum(project.programme.form != "" for project in projects)
    assert {project.programme.direction for project in projects} >= {table.direction for table in known.tables}
    assert REPORT in made.files


def test_a_form_can_be_filled_from_a_list_alone(made):
    """What a form needs is a column of the list: nothing is left empty once they are filled."""
    assert [str(problem) for item in made.report.checked for problem in item.problems if "没填" in problem.expected] == []


def test_a_form_shows_its_own_project(made):
    for item in made.report.checked:
        if item.form:
            shown = {cell for line in load_workbook(made.out / item.form).active.iter_rows(values_only=True) for cell in line}
            assert {item.project.title, item.project.unit_name, made.report.edition.forms[item.project.programme.form].title} <= shown


def test_no_cell_of_any_file_holds_an_error_or_a_tag(made):
    for name in made.files:
        for sheet in load_workbook(made.out / name):
            wrong = [cell.coordinate for line in sheet.iter_rows() for cell in line
                     if cell.data_type == "e" or any(mark in str(cell.value) for mark in ("{{", "{%", "#N/A", "nan"))]
            assert wrong == [], f"{name} {sheet.title}"


@pytest.mark.parametrize(("form", "filled", "cell", "found", "expected"), [
    ("2026/附件1-3", {"新增申请知识产权数量": 3}, "第2行", None, "附件1-3的核心指标没填，留空：解决关键技术难点数"),
    ("2022/附件1-8", {"全省工业企业IP地址在库数": 5, "形成密码应用标准草案或者行业应用方案数": 3}, "F2", "地址溯源、工业互联网和密码融合应用",
     "附件1-8只能填一组，填了2组"),
    ("2022/附件1-17", {"节能量": 5, "年处置废旧电池量": 3}, "F2", "以节能改造为主的项目、废旧动力电池再生利用项目", "附件1-17只能填一组，填了2组"),
    ("2022/附件1-8", {"项目完成及时率": 1}, "第2行", None, "附件1-8的分组指标一组都没填"),
    ("2024/附件1-3-2", {"节能量": 100}, "E2", "节能技改或能效提升改造项目（至少填2项）", "附件1-3-2的这一组只填了1项，至少2项"),
    ("2022/附件1-2", {"产品质量合格率（%）": 101.5}, "E2", "101.5%", "“产品质量合格率”超过100%"),
    ("2022/附件1-20", {"资金使用合规性": "基本合规"}, "E2", "基本合规", "“资金使用合规性”应为选项之一：合规、不合规"),
    ("2024/附件1-2-3", {"是否有服务商目录": "也许"}, "E2", "也许", "“是否有服务商目录”应为“是”或“否”"),
    ("2024/附件1-2-1", {"目标车间数": 8}, "第2行", None, "项目开始时间、项目结束时间、目标线下诊断企业数、目标工厂数"),
])
def test_what_a_form_forbids_is_in_the_report_with_its_cell_and_a_fix(tmp_path, form, filled, cell, found, expected):
    known = edition(form.split("/")[0])
    programme = next(each for each in known.programmes.values() if each.form == form)
    project = {"设区市": "盐城市", "申报项目类别": programme.id, "申报项目名称": "示例项目", "单位名称": "示例公司", **filled}
    made = run_batch(write_list(tmp_path / "清单.xlsx", [project]), known, tmp_path / "结果")
    lines = list(load_workbook(made.out / REPORT)["问题"].iter_rows(min_row=2, values_only=True))
    (line,) = [line for line in lines if expected in line[6]]
    assert line[2:6] == ("清单.xlsx", "Sheet", cell, found) and line[7]
