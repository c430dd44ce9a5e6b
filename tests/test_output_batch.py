"""A list becomes official tables, forms and a report: right values in right cells, whole files or none, safe names."""
from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from xltool.guideline.bundle import bundled
from xltool.output.batch import delivery
from xltool.output.batch import run as batch_module
from xltool.output.batch.delivery import MANIFEST
from xltool.output.batch.run import BOOK, FILES, REPORT, Order, run_batch
from xltool.output.files import Names, safe_name
from xltool.rules.problems import ProblemsError

COLUMNS = ["设区市", "县（市、区）", "申报项目类别", "申报项目名称", "单位名称", "主营业务收入", "申报项目总投资", "固定资产投资", "项目开始时间",
           "项目结束时间", "项目申请补助资金", "总体目标", "研发设备及配套软件购置额", "建有研发机构", "工信领域企业", "研发机构设立时间",
           "购置用于研发机构建设", "新增申请专利数量", "解决关键技术难点数", "按进度及时完成率（%）", "入选装备数"]
GOOD = ["盐城市", "东台市", "2026P1-1", "研发能力提升", "示例一公司", 30000.5, 1800, 1500, dt.date(2025, 2, 1), dt.date(2025, 11, 30), 150,
        "建成研发平台", 1500, "是", "是", dt.date(2024, 5, 1), "是", 12]
MODEL = ["盐城市", "建湖县", "2026P3-5", "=HYPERLINK(\"http://x\")", "示例二公司", 9000, 6000, 5000, dt.date(2026, 2, 1),
         dt.date(2027, 6, 30), 1000, None, *[None] * 5, None, 5, 95]


def write_list(path: Path, *rows: list[object]) -> Path:
    book = Workbook()
    book.active.append(COLUMNS)
    for number, row in enumerate(rows, 2):
        for column, value in enumerate(row, 1):
            cell = book.active.cell(number, column, value)
            if isinstance(value, str):
                cell.data_type = "s"
    book.save(path)
    return path


def values(path: Path) -> list[list[object]]:
    return [list(row) for row in load_workbook(path).active.iter_rows(values_only=True)]


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def made(tmp_path, edition_2026):
    return run_batch(write_list(tmp_path / "清单.xlsx", GOOD, MODEL), edition_2026, tmp_path / "结果", Order("盐城市"))


def test_a_summary_table_per_direction_holds_typed_values_and_a_total(made):
    path = made.out / "汇总表" / "汇总表1 重点产业技术创新.xlsx"
    table = values(path)
    assert table[1][0] == "2026年度江苏省制造强省建设专项资金（重点产业技术创新）项目汇总表"
    assert table[2][0] == "地区：盐城市" and table[3][1] == "项目申报单位2025年基本情况"
    assert table[5][:3] == [1, "示例一公司", None] and table[5][4] == 30000.5
    assert table[5][7:14] == ["企业研发机构创新能力提升项目", "研发能力提升", 1800, 1500, dt.datetime(2025, 2, 1),
                              dt.datetime(2025, 11, 30), 150]
    assert table[6][0] == "合计" and table[6][9] == "=SUM(J6:J6)"
    assert "工业和信息化主管部门（盖章）" in table[8][0] and "财政局（盖章）" in table[8][8]
    page = load_workbook(path).active
    assert page.page_setup.orientation == "landscape" and page.page_setup.paperSize == 9
    assert page.print_title_rows == "$4:$5" and page.sheet_properties.pageSetUpPr.fitToPage
    assert page.page_setup.fitToWidth == 1 and page.page_setup.fitToHeight == 0


@pytest.mark.parametrize("path", sorted(bundled("templates").glob("*.xlsx")), ids=lambda path: path.stem)
def test_a_template_prints_on_a4_and_is_as_wide_where_calibri_is_missing(path):
    book = load_workbook(path)
    assert book._named_styles["Normal"].font.name == "Arial" and "Calibri" not in {font.name for font in book._fonts}
    assert all(sheet.page_setup.paperSize == 9 and sheet.sheet_properties.pageSetUpPr.fitToPage for sheet in book)


def test_a_form_shows_header_indicators_presets_stars_and_notes_in_order(made):
    (path,) = (made.out / "绩效目标申报表" / "建湖县").iterdir()
    form = values(path)
    texts = [[cell for cell in row if cell is not None] for row in form]
    assert texts[:3] == [["附件3-1"], ["工业大模型建设项目绩效目标申报表"], ["（2026年度）"]]
    assert texts[3] == ["项目名称", '=HYPERLINK("http://x")'] and load_workbook(path).active["C4"].data_type == "s"
    assert texts[5] == ["项目开始时间", "2026年2月1日", "项目结束时间", "2027年6月30日"]
    assert texts[8] == ["产出指标", "数量指标", "解决关键技术难点数（个）*", "不少于5个"]
    assert texts[9] == ["牵头或参与国家、行业、地方或企业标准数（项）", "不少于X项"]
    assert texts[11] == ["质量指标", "按进度及时完成率（%）", "不低于95%"]
    assert texts[-1] == ["注：标*为绩效目标核心指标，未完成则验收不通过。"]
    merges = {str(area) for area in load_workbook(path).active.merged_cells.ranges}
    assert {"A8:A17", "B9:B13", "C9:C11", "C4:H4"} <= merges


def test_the_report_says_what_was_found_where_and_under_which_rule(made):
    book = load_workbook(made.out / REPORT)
    assert book.sheetnames == ["概览", "项目结论", "逐条核对", "问题", "名额", "跳过的行", "规则状态", "运行信息"]
    projects = list(book["项目结论"].iter_rows(min_row=2, values_only=True))
    assert projects[0][4:11] == ("2026P1-1", "企业研发机构创新能力提升项目", "符合", 150, 150, 150, None)
    assert projects[1][6] == "待核实" and "项目总投资投入" in projects[1][13]
    outcomes = list(book["逐条核对"].iter_rows(min_row=2, values_only=True))
    spent = next(row for row in outcomes if row[2] == "2026P1-1" and row[3] == "2g")
    assert spent[6:8] == ("符合", "研发设备及配套软件购置额=1500万元") and spent[9] == "附件1 一（一）2"
    assert spent[10].startswith("条件!E") and spent[11] == "Sheet!M2"
    rules = list(book["规则状态"].iter_rows(min_row=2, values_only=True))
    assert len(rules) == sum(len(programme.conditions) for programme in made.report.edition.programmes.values())
    assert any(row[6] == 0 for row in rules), "rules nobody came under are listed too"
    problems = list(book["问题"].iter_rows(min_row=2, values_only=True))
    assert any("核心指标" in row[6] or "总体目标" in row[6] for row in problems)
    run = dict(book["运行信息"].iter_rows(min_row=2, values_only=True))
    assert len(run["清单校验值（SHA-256）"]) == 64 and run["设区市"] == "盐城市"


def test_inconsistent_columns_are_problems_with_their_cells(tmp_path, edition_2026):
    row = GOOD.copy()
    row[7], row[8], row[9], row[10], row[0] = 1900, dt.date(2025, 12, 1), dt.date(2025, 3, 1), 151, "南京市"
    report = run_batch(write_list(tmp_path / "清单.xlsx", row), edition_2026, tmp_path / "结果", Order("盐城市")).report
    found = {problem.where.cell: str(problem) for problem in report.checked[0].problems if "绩效表" not in problem.expected}
    assert set(found) == {"A2", "H2", "J2", "K2"}
    assert "多1万元" in found["K2"] and "多100万元" in found["H2"]


def test_a_project_that_stands_twice_and_a_value_that_cannot_be_read_are_reported_once(tmp_path, edition_2026):
    odd = GOOD.copy()
    odd[17] = "约12"
    report = run_batch(write_list(tmp_path / "清单.xlsx", GOOD, odd), edition_2026, tmp_path / "结果").report
    faults = [problem for problem in report.problems if not problem.is_note]
    assert [(problem.where.cell, problem.code) for problem in faults] == [("第3行", "value.conflict")]
    second = [str(problem) for problem in report.checked[1].problems]
    assert sum("新增申请专利数量" in text for text in second) == 1


def test_a_county_written_in_several_ways_is_one_group_and_one_folder(tmp_path, edition_2026):
    ways = ("东台市", "东台", "盐城市东台市", " 江苏省东台市", "大丰市")
    rows = [[GOOD[0], way, GOOD[2], f"{GOOD[3]}{way}", *GOOD[4:]] for way in ways]
    made = run_batch(write_list(tmp_path / "清单.xlsx", *rows), edition_2026, tmp_path / "结果", Order("盐城市"))
    assert {path.name for path in (made.out / "绩效目标申报表").iterdir()} == {"东台市", "大丰区"}
    assert [item.project.column("县（市、区）").strip() for item in made.report.checked] == [way.strip() for way in ways]
    column = [cell.value for cell in load_workbook(made.out / REPORT)["概览"]["A"]]
    top = column.index("县（市、区）")
    assert column[top + 1:top + 4] == ["东台市", "大丰区", "合计"]


@pytest.mark.parametrize("city", ["江苏省盐城市", "盐城", " 盐城市"])
def test_the_lists_city_may_be_written_in_its_own_way(tmp_path, edition_2026, city):
    made = run_batch(write_list(tmp_path / "清单.xlsx", [city, *GOOD[1:]]), edition_2026, tmp_path / "结果", Order("盐城市"))
    assert not [problem for problem in made.report.every_problem if problem.where.cell == "A2"]


def test_a_project_takes_as_many_places_as_the_counted_fact_says(tmp_path, edition_2026):
    rows = []
    for number in (40, 3):
        row = [*GOOD[:2], "2026P1-4", f"装备{number}", *GOOD[4:12], *[None] * (len(COLUMNS) - 13), number]
        rows.append(row)
    made = run_batch(write_list(tmp_path / "清单.xlsx", *rows), edition_2026, tmp_path / "结果")
    (quota,) = load_workbook(made.out / REPORT)["名额"].iter_rows(min_row=2, values_only=True)
    assert quota[0] == "2026P1-4" and quota[3] == 41 and quota[5:10] == (43, 0, 43, 0, "超过2个")


def test_the_manifest_lists_inputs_versions_and_files_with_hashes(made):
    manifest = json.loads((made.out / MANIFEST).read_text(encoding="utf-8"))
    assert {item["path"] for item in manifest["files"]} == files(made.out) - {MANIFEST}
    assert manifest["edition"] == "2026" and len(manifest["inputs"][0]["sha256"]) == 64
    assert manifest["counts"] == {"projects": 2, "skipped": 0, "problems": made.report.problem_count}


def test_forms_may_come_as_one_workbook(tmp_path, edition_2026):
    made = run_batch(write_list(tmp_path / "清单.xlsx", GOOD, MODEL), edition_2026, tmp_path / "结果", Order(forms=BOOK))
    book = load_workbook(made.out / "绩效目标申报表.xlsx")
    assert book.sheetnames == ["001 示例一公司", "002 示例二公司"]
    assert book["002 示例二公司"]["C4"].value == '=HYPERLINK("http://x")'


def test_running_again_replaces_cleanly_and_keeps_other_files(tmp_path, edition_2026):
    out = tmp_path / "结果"
    run_batch(write_list(tmp_path / "清单.xlsx", GOOD, MODEL), edition_2026, out)
    (out / "我的笔记.txt").write_text("留着", encoding="utf-8")
    again = run_batch(write_list(tmp_path / "清单.xlsx", GOOD), edition_2026, out)
    assert files(out) == {*again.files, MANIFEST, "我的笔记.txt"}
    assert not (out / "绩效目标申报表" / "建湖县").exists()


def test_a_run_that_fails_changes_nothing(tmp_path, edition_2026, monkeypatch):
    out = tmp_path / "结果"
    run_batch(write_list(tmp_path / "清单.xlsx", GOOD, MODEL), edition_2026, out)
    before = {name: (out / name).read_bytes() for name in files(out)}

    def fail(*_args):
        raise ValueError("no report")
    monkeypatch.setattr(batch_module, "render_report", fail)
    with pytest.raises(ValueError, match="no report"):
        run_batch(write_list(tmp_path / "清单.xlsx", GOOD), edition_2026, out)
    assert {name: (out / name).read_bytes() for name in files(out)} == before


def test_a_file_held_open_by_another_program_is_said_before_anything_is_moved(tmp_path, edition_2026, monkeypatch):
    out = tmp_path / "结果"
    run_batch(write_list(tmp_path / "清单.xlsx", GOOD, MODEL), edition_2026, out)
    before = {name: (out / name).read_bytes() for name in files(out)}

    def held(path, mode="r", **options):
        if path == out / REPORT and "+" in mode:
            raise PermissionError(13, "Permission denied", str(path))
        return open(path, mode, **options)
    monkeypatch.setattr(delivery, "open", held, raising=False)
    with pytest.raises(PermissionError):
        run_batch(write_list(tmp_path / "清单.xlsx", GOOD), edition_2026, out)
    assert {name: (out / name).read_bytes() for name in files(out) if not name.startswith(".")} == before


@pytest.mark.parametrize("path", ["../外面.xlsx", "/etc/passwd.xlsx", "我的笔记.txt"])
def test_a_forged_manifest_deletes_nothing_else(tmp_path, edition_2026, path):
    out = tmp_path / "结果"
    out.mkdir()
    for other in (tmp_path / "外面.xlsx", out / "我的笔记.txt"):
        other.write_text("留着", encoding="utf-8")
    (out / MANIFEST).write_text(json.dumps({"files": [{"path": path}]}), encoding="utf-8")
    run_batch(write_list(tmp_path / "清单.xlsx", GOOD), edition_2026, out)
    assert (tmp_path / "外面.xlsx").exists() and (out / "我的笔记.txt").exists()


def test_a_file_that_is_no_workbook_is_refused_before_anything_is_written(tmp_path, edition_2026):
    path = tmp_path / "清单.xlsx"
    path.write_text("不是工作簿", encoding="utf-8")
    with pytest.raises(ProblemsError, match="不是能读的电子表格"):
        run_batch(path, edition_2026, tmp_path / "结果")
    assert not (tmp_path / "结果").exists()


def test_names_from_the_list_cannot_leave_the_folder(tmp_path, edition_2026):
    row = GOOD.copy()
    row[1], row[3], row[4] = "../../etc", "a/b\\c:d*?\u202e名" + "长" * 300, "CON"
    made = run_batch(write_list(tmp_path / "清单.xlsx", row), edition_2026, tmp_path / "深" / "结果")
    assert {path.parts[0] for path in map(Path, files(tmp_path))} == {"清单.xlsx", "深"}
    form = next(name for name in made.files if name.startswith("绩效目标申报表/"))
    assert form.count("/") == 2 and len(form.split("/")[-1].encode()) <= 200


@pytest.mark.parametrize(("text", "name"), [
    ("a/b", "a_b"), ("..", "未命名"), ("  .隐藏. ", "隐藏"), ("nul", "_nul"), ("com1.txt", "_com1.txt"), ("甲\u200b乙", "甲_乙"),
    ("\u2066甲\u2028乙\u2069", "甲_乙"), ("", "未命名")])
def test_a_name_is_safe_on_every_system(text, name):
    assert safe_name(text) == name


def test_the_second_of_two_equal_names_gets_a_number():
    names = Names()
    assert [names.unique(name) for name in ("甲.A", "甲.a", "乙")] == ["甲.A", "甲.a-2", "乙"]


def test_libreoffice_opens_every_output_and_agrees_on_the_totals(tmp_path, edition_2026, edition_2023, soffice):
    made = run_batch(write_list(tmp_path / "清单.xlsx", GOOD, MODEL), edition_2026, tmp_path / "结果", Order(forms=FILES))
    outputs = [made.out / name for name in made.files]
    results = soffice.convert(outputs, tmp_path / "重算")
    for source, result in zip(outputs, results):
        old, new = load_workbook(source, data_only=True), load_workbook(result, data_only=True)
        assert new.sheetnames == old.sheetnames
        for sheet in old:
            for row in sheet.iter_rows():
                for cell in row:
                    assert new[sheet.title][cell.coordinate].value == cell.value, f"{source.name} {sheet.title}!{cell.coordinate}"


def test_each_form_prints_on_one_page_and_each_table_in_full_width(tmp_path, edition_2026, soffice):
    made = run_batch(write_list(tmp_path / "清单.xlsx", GOOD, MODEL), edition_2026, tmp_path / "结果")
    outputs = [made.out / name for name in made.files if name != REPORT]
    for pdf in soffice.convert(outputs, tmp_path / "pdf", to="pdf"):
        assert len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes())) == 1, pdf.name
