"""The merged workbook is a batch input that loses nothing, and every faulty submission goes back marked."""
from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest
from openpyxl import load_workbook
from submissions import fill

from xltool.guideline.bundle import bundled
from xltool.intake.headers import COLUMN, FACT
from xltool.intake.lists import read_projects
from xltool.intake.merging import merge, submission_files
from xltool.output.batch.run import Order, run_batch
from xltool.output.merged import CELLS, FILES, PROBLEMS, SKIPPED, check_merged, merged_lines, merged_workbook, returned
from xltool.output.submission import chosen_programmes, submission_workbook
from xltool.rules.facts import read_value

SAMPLES = bundled("workbooks") / "samples"


@pytest.fixture(scope="module", params=["2026", "2023"])
def report(request, tmp_path_factory, edition_2026, edition_2023):
    """The bundled list of an edition with a file nobody can read."""
    edition = {"2026": edition_2026, "2023": edition_2023}[request.param]
    folder = tmp_path_factory.mktemp("submissions")
    shutil.copy(SAMPLES / f"盐城市{request.param}年项目清单.xlsx", folder)
    (folder / "通知.pdf").write_bytes(b"%PDF-1.7\n")
    return check_merged(merge(submission_files([folder]), edition), "盐城市")


@pytest.fixture(scope="module")
def made(report, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("merged") / "汇总.xlsx"
    path.write_bytes(merged_workbook(report, every_cell=True))
    return path


def values(project) -> dict[str, dict[str, object]]:
    roles = {"columns": project.columns, "facts": project.facts, "indicators": project.indicators}
    return {role: {name: cell.value for name, cell in cells.items() if name != "申报项目类别"} for role, cells in roles.items()}


def in_order(projects):
    return sorted(projects, key=lambda project: (project.programme.id, project.unit_name, project.title))


def test_the_merged_workbook_gives_back_every_value(report, made):
    again = read_projects(made, report.merged.edition)
    assert len(again.projects) == len(report.merged.projects) and again.skipped == [] and again.problems == []
    for before, after in zip(in_order(report.merged.projects), in_order(again.projects)):
        assert (after.programme.id, values(after)) == (before.programme.id, values(before))
        assert after.refused.keys() == before.refused.keys()


def test_a_batch_of_the_merged_workbook_decides_as_a_batch_of_the_list(report, made, tmp_path):
    edition = report.merged.edition
    first = run_batch(report.merged.submissions[0].path, edition, tmp_path / "a", Order("盐城市")).report.checked
    second = run_batch(made, edition, tmp_path / "b", Order("盐城市")).report.checked
    def decided(checked):
        return sorted((item.project.programme.id, item.project.unit_name, item.project.title, item.answer.verdict, item.answer.subsidy or 0)
                      for item in checked)
    assert decided(first) == decided(second)


def test_each_row_and_each_value_says_where_it_came_from(report, made):
    book = load_workbook(made)
    trail = {(row[0], row[1]): row[2:] for row in book[CELLS].iter_rows(min_row=3, values_only=True)}
    source = load_workbook(report.merged.submissions[0].path, data_only=True)
    assert len(trail) > 500
    for (sheet, cell), (_, raw, file, source_sheet, source_cell) in trail.items():
        assert file == report.merged.submissions[0].name
        original = source[source_sheet][source_cell].value
        if isinstance(original, str) and isinstance(book[sheet][cell].value, str):
            assert raw == original.strip(), (sheet, cell)


def test_a_value_written_otherwise_has_a_note_with_its_text(report, made):
    notes = [cell.comment.text for sheet in load_workbook(made) for row in sheet.iter_rows() for cell in row if cell.comment]
    text = {"2026": "0.35亿元", "2023": "1.2亿元"}[report.merged.edition.id]
    assert any(note.startswith(f"原文：{text}\n") for note in notes)


def test_files_problems_and_skipped_rows_add_up(report, made):
    book = load_workbook(made)
    files = [dict(zip([cell.value for cell in book[FILES][1]], row)) for row in book[FILES].iter_rows(min_row=3, values_only=True)]
    assert sum(row["项目"] for row in files) == len(report.checked)
    assert sum(row["问题"] + row["提示"] for row in files) == len(report.problems) == book[PROBLEMS].max_row - 2
    assert sum(row["跳过的行"] for row in files) == len(report.merged.skipped) == book[SKIPPED].max_row - 2
    assert [row["读取方式"] for row in files][-1] == "没有读出"
    assert any("没有读出的文件：通知.pdf" in line for line in merged_lines(report))


def test_every_row_of_a_file_is_a_heading_a_project_or_skipped(report, made):
    """The rows that hold anything, counted without xltool, are the rows the merged list accounts for."""
    book = load_workbook(report.merged.submissions[0].path)
    filled = sum(any(str(cell.value or "").strip() for cell in row) for sheet in book for row in sheet.iter_rows())
    listed = report.merged.submissions[0].listed
    assert listed.framing + len(listed.projects) + len(listed.skipped) == filled
    assert load_workbook(made)[FILES]["D3"].value == filled


def test_every_sheet_prints_on_a4_with_its_headings_and_the_project_on_each_page(report, made):
    book = load_workbook(made)
    lists = {FILES, PROBLEMS, SKIPPED, CELLS}
    for sheet in book:
        page = sheet.page_setup
        assert (page.orientation, page.paperSize, page.pageOrder, page.fitToHeight) == ("landscape", 9, "overThenDown", 0)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.print_title_rows == "$1:$1" and "&P" in sheet.oddFooter.center.text
        assert (page.fitToWidth or 1) == 1 or sheet.title not in lists
        if sheet.title not in lists:
            assert sheet.print_title_cols == "$A:$D" and sheet.freeze_panes == "E3"
            assert [cell.value.split("\n")[0] for cell in sheet[1]][:4] == ["结论", "补助上限", "申报项目名称", "单位名称"]
    assert "Calibri" not in {font.name for font in book._fonts}  # many computers here do not have it


def test_rows_are_as_high_as_their_texts(report, made):
    rows = [(sheet.row_dimensions[number].height, max(str(value or "").count("\n") + len(str(value or "")) // 60 for value in row))
            for sheet in load_workbook(made) if sheet.title != CELLS
            for number, row in enumerate(sheet.iter_rows(min_row=3, values_only=True), 3)]
    assert all(height and height >= 14 * (breaks + 1) for height, breaks in rows)
    assert {height for height, breaks in rows if not breaks} != {height for height, breaks in rows if breaks}


def test_a_text_that_looks_like_a_formula_stays_text(report, made):
    cells = [cell for sheet in load_workbook(made) for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("=")]
    assert all(cell.data_type == "s" for cell in cells)
    assert cells or report.merged.edition.id != "2026"


def test_every_faulty_submission_goes_back_with_its_cells_marked(report, tmp_path):
    sent = returned(report, tmp_path / "退回")
    assert [each.file for each in sent] == [each.name for each in report.merged.submissions]
    book = openpyxl.load_workbook(sent[0].path)
    faults = next(found for each, found in report.by_file if each.name == sent[0].file)
    assert book.sheetnames[0] == "退回问题"
    for problem in faults:
        if problem.where.sheet and problem.where.cell.isascii() and problem.where.cell:
            assert problem.expected in book[problem.where.sheet][problem.where.cell].comment.text
    assert report.merged.submissions[0].path.read_bytes() != sent[0].path.read_bytes()


def test_a_copy_that_was_sent_back_is_read_without_its_list_of_faults(report, tmp_path):
    sent = returned(report, tmp_path / "退回")
    again = read_projects(sent[0].path, report.merged.edition)
    assert len(again.projects) == len(report.merged.projects)
    assert {row.reason for row in again.skipped if row.where.sheet == "退回问题"} == {"退回问题，没有读"}


def test_what_counties_type_into_the_template_reaches_the_batch(tmp_path, edition_2026):
    """template → filled by two counties → merge → batch: every typed value, and the verdicts of the guideline's own cases."""
    typed: dict[tuple[str, str], dict[str, object]] = {}
    for county in ("东台市", "建湖县"):
        path = tmp_path / "报送" / f"{county}.xlsx"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(submission_workbook(edition_2026, chosen_programmes(edition_2026, ["2026P1-1", "2026P3-5"]), 8))
        filled: dict[str, list[dict[tuple[str, str], object]]] = {}
        for case in edition_2026.cases:
            rows = filled.setdefault(case.programme, [])
            if case.programme in ("2026P1-1", "2026P3-5") and len(rows) < 6:
                title = f"{case.programme} {county} 用例{case.number}"
                facts = {name: read_value(text, edition_2026.programmes[case.programme].fields[name])[0] for name, text in case.facts.items()}
                typed[case.programme, title] = {**facts, "verdict": case.verdict}
                rows.append({(COLUMN, "申报项目名称"): title, (COLUMN, "单位名称"): f"{title}公司", (COLUMN, "县（市、区）"): county,
                             **{(FACT, name): "是" if value is True else "否" if value is False else value for name, value in facts.items()}})
        fill(path, {programme: rows for programme, rows in filled.items() if rows})
    report = check_merged(merge(submission_files([tmp_path / "报送"]), edition_2026))
    (tmp_path / "汇总.xlsx").write_bytes(merged_workbook(report))
    made = run_batch(tmp_path / "汇总.xlsx", edition_2026, tmp_path / "结果")
    assert {(item.project.programme.id, item.project.title): {**item.project.values, "verdict": item.answer.verdict}
            for item in made.report.checked} == typed
    assert len(typed) == 24 and made.report.skipped == []


def test_a_file_without_a_project_is_named(tmp_path, edition_2026):
    book = openpyxl.Workbook()
    for row in (["姓名", "电话"], ["张三", "0515"]):
        book.active.append(row)
    book.save(tmp_path / "通讯录.xlsx")
    shutil.copyfile(SAMPLES / "盐城市2026年项目清单.xlsx", tmp_path / "清单.xlsx")
    report = check_merged(merge(submission_files([tmp_path]), edition_2026))
    assert "没有读到项目的文件：通讯录.xlsx" in list(merged_lines(report))
