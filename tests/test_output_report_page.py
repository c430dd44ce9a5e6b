"""The check report for the eye: charts of the workbook, and the page in a real browser: opens alone, filters, sorts, runs nothing else."""
from __future__ import annotations

import datetime as dt
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import Workbook, load_workbook

from xltool.cli import main
from xltool.guideline.bundle import bundled
from xltool.output import page as page_module
from xltool.output.batch.delivery import MANIFEST
from xltool.output.batch.run import PAGE, REPORT, Order, run_batch
from xltool.output.page import render_page
from xltool.output.report import render_report
from xltool.rules.problems import ProblemsError

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;{{ 7*7 }}<!--"
COLUMNS = ["县（市、区）", "单位名称", "项目申请补助资金", "研发设备及配套软件购置额", "申报项目类别", "申报项目名称", "项目开始时间",
           "项目结束时间", "建有研发机构", "工信领域企业", "研发机构设立时间", "购置用于研发机构建设"]
REST = ["2026P1-1", "研发能力提升", dt.date(2025, 2, 1), dt.date(2025, 11, 30), "是", "是", dt.date(2024, 5, 1), "是"]
ROWS = [["东台市", "张一公司", 120, 1200.005], ["东台市", "李二公司", 1000, 500], [HOSTILE, f"安三{HOSTILE}", 9, None],
        ["建湖县", "赵四公司", None, 1300]]


def write_list(path: Path, rows: list[list[object]]) -> Path:
    book = Workbook()
    book.active.append(COLUMNS)
    for row in rows:
        book.active.append([*row, *REST])
    book.save(path)
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory, edition_2026):
    """Four projects: met, broken, one that lacks a fact and has hostile names, met."""
    folder = tmp_path_factory.mktemp("page")
    return run_batch(write_list(folder / "清单.xlsx", ROWS), edition_2026, folder / "结果", Order(html=True))


# the charts of the workbook


def ranges(data: bytes | Path) -> dict[str, list[str]]:
    """Title of each chart of the overview, and the ranges it shows."""
    with zipfile.ZipFile(data) as archive:
        charts = [archive.read(name).decode() for name in sorted(archive.namelist()) if name.startswith("xl/charts/chart")]
    return {re.search("<a:t>(.*?)</a:t>", chart)[1]: re.findall("<f>'概览'!(.*?)</f>", chart) for chart in charts}


def rows_of(path: Path, heading: str) -> tuple[int, int]:
    """First and last row of the table of the overview whose first heading this is, without the total."""
    column = [cell.value for cell in load_workbook(path)["概览"]["A"]]
    top = column.index(heading) + 2
    return top, column.index("合计", top) if "合计" in column[top:] else len(column)


def test_the_charts_show_every_row_of_their_tables_and_nothing_else(made):
    shown = ranges(made.out / REPORT)
    tables = {"各县（市、区）项目（个）": ("县（市、区）", "CED"), "各县（市、区）金额（万元）": ("县（市、区）", "FH"),
              "各方向项目（个）": ("方向", "CED"), "各方向金额（万元）": ("方向", "FH"), "问题（个）": ("问题", "B")}
    assert set(shown) == set(tables)
    for title, (heading, columns) in tables.items():
        top, bottom = rows_of(made.out / REPORT, heading)
        spans = [f"${column}${top}:${column}${bottom}" if top < bottom else f"${column}${top}" for column in "A" + columns]
        assert shown[title] == [each for span, column in zip(spans[1:], columns) for each in (f"${column}${top - 1}", spans[0], span)]


def test_the_overview_counts_by_county_and_by_kind_of_problem(made):
    sheet = load_workbook(made.out / REPORT)["概览"]
    top, bottom = rows_of(made.out / REPORT, "县（市、区）")
    rows = [[cell.value for cell in row] for row in sheet[f"A{top}:H{bottom}"]]
    assert [row[:7] for row in rows] == [["东台市", 2, 1, 1, 0, 1120, 170.0005], [HOSTILE, 1, 0, 0, 1, 9, 0], ["建湖县", 1, 1, 0, 0, 0, 130]]
    top, bottom = rows_of(made.out / REPORT, "问题")
    faults = [[cell.value for cell in row] for row in sheet[f"A{top}:C{bottom}"]]
    assert sum(row[1] for row in faults) == len(made.report.every_problem)
    assert ["互相矛盾", 1, "value.conflict"] in faults, "it asks for more than its ceiling"


def test_a_list_without_projects_and_problems_still_has_its_charts(made, tmp_path):
    path = tmp_path / "空.xlsx"
    path.write_bytes(render_report(replace(made.report, checked=[], problems=[])))
    column = [cell.value for cell in load_workbook(path)["概览"]["A"]]
    assert "没有发现问题" in column and len(ranges(path)) == 5


def test_libreoffice_keeps_the_charts_and_their_ranges(made, tmp_path, soffice):
    (result,) = soffice.convert([made.out / REPORT], tmp_path / "重算")
    with zipfile.ZipFile(result) as archive:
        charts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/chart")]
    top, bottom = rows_of(made.out / REPORT, "县（市、区）")
    assert len(charts) == 5 and sum(f"$A${top}:$A${bottom}" in chart for chart in charts) == 2
    assert any("<c:v>东台市</c:v>" in chart for chart in charts), "the chart holds what the cells say"


def test_the_charts_fit_on_the_first_printed_page(made, tmp_path, soffice, pdftotext):
    (pdf,) = soffice.convert([made.out / REPORT], tmp_path / "pdf", to="pdf")
    first, second = (pdftotext(pdf, "-f", page, "-l", page) for page in "12")
    for title in ranges(made.out / REPORT):
        assert title in first and title not in second
    assert "补助上限合计" in second


# the page


@pytest.fixture
def opened(chromium, made):
    """The page, opened from its file; whatever it complains of, asks for or pops up fails the test."""
    page = chromium.new_page()
    page.set_default_timeout(10_000)
    noise: list[str] = []
    page.on("console", lambda message: noise.append(message.text))
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.on("dialog", lambda dialog: (noise.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: noise.append(request.url))
    address = (made.out / PAGE).as_uri()
    page.goto(address)
    yield page
    page.close()
    assert noise == [address]


def column(page, view: str, number: int) -> list[str]:
    return page.locator(f"section[data-view={view}] > .scroll > table > tbody > tr > td:nth-child({number})").all_inner_texts()


def output(page, view: str) -> str:
    return page.locator(f"section[data-view={view}] output").inner_text()


def sort(page, view: str, title: str) -> None:
    page.locator(f"section[data-view={view}] > .scroll > table > thead").get_by_role("button", name=title, exact=True).click()


def test_the_page_opens_alone_and_shows_the_overview(opened, made):
    assert opened.title() == f"核查报告　{made.report.edition.title}" and opened.locator("html").get_attribute("lang") == "zh-CN"
    assert opened.locator("section:visible").count() == 1
    first = opened.locator("section[data-view=overview] tbody tr").first
    assert first.inner_text().split() == ["东台市", "2", "1", "0", "1", "1,120.00", "170.0005", "120.0005"]
    widths = first.locator("rect").evaluate_all("all => all.map(each => each.getAttribute('width'))")
    assert widths == ["50.0%", "0.0%", "50.0%", "100.0%", "10.71%"]


def test_text_of_the_list_is_never_markup(opened):
    opened.click("nav a[href='#projects']")
    assert f"安三{HOSTILE}" in column(opened, "projects", 4)
    opened.click("section[data-view=projects] .open-row >> nth=2")
    for view in ("outcomes", "problems", "skipped", "rules", "run", "overview"):
        opened.click(f"nav a[href='#{view}']")
    assert HOSTILE in opened.locator("section[data-view=overview]").inner_text()
    assert opened.locator("img, iframe, object").count() == 0
    assert opened.locator("script:not([type='application/json'])").count() == 1


def test_a_header_sorts_numbers_by_size_and_chinese_as_a_dictionary(opened):
    opened.click("nav a[href='#projects']")
    sort(opened, "projects", "申请补助")
    assert column(opened, "projects", 7) == ["9.00", "120.00", "1,000.00", ""]
    sort(opened, "projects", "申请补助")
    assert column(opened, "projects", 7) == ["1,000.00", "120.00", "9.00", ""], "what is empty stays last"
    assert opened.locator("th[aria-sort=descending]").inner_text().startswith("申请补助")
    sort(opened, "projects", "单位名称")
    assert [name[0] for name in column(opened, "projects", 4)] == ["安", "李", "张", "赵"]
    for _ in range(2):
        sort(opened, "projects", "单位名称")
    assert [name[0] for name in column(opened, "projects", 4)] == ["张", "李", "安", "赵"], "the third time: the list's order"


def test_filters_narrow_the_rows_and_the_count_says_so(opened):
    opened.click("nav a[href='#projects']")
    assert output(opened, "projects") == "共 4 行，申请补助合计 1,129.00，可补助合计 250.0005"
    view = opened.locator("section[data-view=projects]")
    view.get_by_label("结论", exact=True).select_option(label="符合（2）")
    assert output(opened, "projects") == "筛出 2 行，共 4 行，申请补助合计 120.00，可补助合计 250.0005"
    view.get_by_label("查找").fill("东台 张")
    assert column(opened, "projects", 4) == ["张一公司"]
    view.get_by_label("查找").fill("没有这几个字")
    assert view.locator("tbody").inner_text() == "没有符合筛选的行。" and output(opened, "projects").startswith("筛出 0 行")
    view.get_by_role("button", name="清除筛选").click()
    assert len(column(opened, "projects", 4)) == 4
    assert view.locator("select").count() == 4, "verdict, county, direction, programme"


def test_a_number_of_the_overview_leads_to_its_projects(opened):
    overview = opened.locator("section[data-view=overview]")
    projects = opened.locator("section[data-view=projects]")
    for link, number, expected in (
            (overview.locator("tbody").first.locator("tr").first.locator("td").nth(4).get_by_role("link"), 4, ["李二公司"]),
            (opened.get_by_role("link", name=HOSTILE), 4, [f"安三{HOSTILE}"]),
            (opened.locator("dl").get_by_role("link").nth(1), 2, ["符合", "符合"])):
        link.click()
        projects.wait_for(state="visible")
        assert column(opened, "projects", number) == expected
        opened.go_back()
        overview.wait_for(state="visible")


def test_a_project_opens_its_conditions_and_problems_from_the_keyboard(opened, made):
    opened.click("nav a[href='#projects']")
    button = opened.locator(".open-row").nth(1)
    assert opened.locator(".detail").count() == 0
    button.focus()
    opened.keyboard.press("Enter")
    item = made.report.checked[1]
    headings = opened.locator(".detail h3").all_inner_texts()
    assert headings == [f"逐条核对（{len(item.answer.outcomes)}）", f"问题和提示（{len(item.problems)}）"]
    assert opened.locator(".detail .verdict .broken").count() == 1 and button.get_attribute("aria-expanded") == "true"
    opened.keyboard.press("Enter")
    assert opened.locator(".detail").count() == 0


def test_every_sheet_of_the_workbook_is_a_view_of_the_page(opened, made):
    book = load_workbook(made.out / REPORT)
    assert [text.split()[0].removesuffix("和提示") for text in opened.locator("nav a").all_inner_texts()] == book.sheetnames
    for link, name in zip(opened.locator("nav a").all()[1:-1], book.sheetnames[1:-1]):
        assert link.inner_text().split()[1] == str(book[name].max_row - 1)


def test_problems_and_hints_are_counted_as_in_the_heading_and_a_project_shows_what_others_say_against_it(chromium, tmp_path, edition_2026):
    rows = [["东台市", "张一公司", 100, 1200], ["盐城市东台市", "张一公司", 100, 1200], ["威远县", "李二公司", 100, 1200]]
    made = run_batch(write_list(tmp_path / "清单.xlsx", rows), edition_2026, tmp_path / "结果", Order(html=True))
    page = chromium.new_page()
    page.goto((made.out / PAGE).as_uri())
    tiles = dict(zip(page.locator("dt").all_inner_texts(), page.locator("dd").all_inner_texts()))
    notes = len(made.report.every_problem) - made.report.problem_count
    assert (tiles["问题"], tiles["提示"]) == (str(made.report.problem_count), str(notes))
    assert f"问题 {tiles['问题']} 个，提示 {tiles['提示']} 个" in page.locator("header p").inner_text()
    page.locator("dl").get_by_role("link", name=tiles["提示"], exact=True).last.click()
    page.locator("section[data-view=problems]").wait_for(state="visible")
    assert output(page, "problems").startswith(f"筛出 {notes} 行")
    page.click("nav a[href='#projects']")
    assert column(page, "projects", 3) == ["东台市", "东台市", "威远县"]
    page.locator(".open-row").nth(1).click()
    assert "是同一个单位的同一个项目" in page.locator(".detail").inner_text()
    page.click("nav a[href='#problems']")
    page.locator("section[data-view=problems]").get_by_role("button", name="清除筛选").click()
    page.locator("section[data-view=problems]").get_by_label("查找").fill("张一公司 同一个项目")
    assert output(page, "problems").startswith("筛出 1 行")
    page.close()
    problems = load_workbook(made.out / REPORT)["问题"].iter_rows(min_row=2, values_only=True)
    assert [row[:2] for row in problems if row[6] and "同一个项目" in row[6]] == [("张一公司", "研发能力提升")]


def test_a_form_opens_from_the_page(chromium, tmp_path, edition_2026):
    made = run_batch(bundled("workbooks") / "samples" / "盐城市2026年项目清单.xlsx", edition_2026, tmp_path, Order(html=True))
    page = chromium.new_page()
    page.goto(f"{(tmp_path / PAGE).as_uri()}#projects")
    addresses = page.locator("td.file a").evaluate_all("links => links.map(link => link.href)")
    forms = [item.form for item in made.report.checked if item.form]
    assert addresses == [(tmp_path / form).as_uri() for form in forms] and all((tmp_path / form).exists() for form in forms)
    page.close()


def test_many_rows_come_in_portions_and_all_of_them_in_print(chromium, made, tmp_path):
    path = tmp_path / "多.html"
    path.write_text(render_page(replace(made.report, checked=[*made.report.checked] * 500)), encoding="utf-8")
    assert path.stat().st_size < 1_000_000
    page = chromium.new_page()
    page.goto(f"{path.as_uri()}#projects")
    rows = page.locator("section[data-view=projects] tbody tr")
    assert 100 <= rows.count() < 2000 and output(page, "projects").startswith("共 2000 行")
    before = rows.count()
    page.locator("section[data-view=projects] .scroll").evaluate("each => each.scrollTo(0, each.scrollHeight)")
    page.wait_for_function("before => document.querySelectorAll('section[data-view=projects] tbody tr').length > before", arg=before)
    spent = page.evaluate("""() => {
        const start = performance.now(), buttons = document.querySelectorAll('section[data-view=projects] thead button');
        for (const button of [buttons[3], buttons[6]]) { button.click(); document.body.offsetHeight; }
        return performance.now() - start;
    }""")
    assert spent < 3000
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert rows.count() == 2000
    page.close()


def test_the_page_runs_no_script_and_loads_nothing_but_its_own(chromium, made):
    page = chromium.new_page()
    page.goto((made.out / PAGE).as_uri())
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.foreign = 1'}))")
    assert page.evaluate("window.foreign") is None
    assert page.evaluate("fetch('https://example.invalid/').then(() => 'loaded', () => 'refused')") == "refused"
    page.close()


# the files


def test_the_page_is_written_with_the_others_and_disappears_with_them(tmp_path):
    source, out = write_list(tmp_path / "清单.xlsx", ROWS), tmp_path / "结果"
    command = ["batch", str(source), "--edition", "2026", "--out", str(out)]
    result = CliRunner().invoke(main, [*command, "--html"], catch_exceptions=False)
    assert result.exit_code == 0 and PAGE in result.output
    manifest = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    assert {"核查报告.xlsx", "核查报告.html"} <= {item["path"] for item in manifest["files"]}
    assert "check-report.html" in {item["file"] for item in manifest["templates"]}
    result = CliRunner().invoke(main, command, catch_exceptions=False)
    assert PAGE not in result.output and not (out / PAGE).exists()


@pytest.mark.parametrize(("tag", "words"), [
    ("{{ nothing }}", "'nothing' is undefined"), ("{% for %}", "第1行"), ("{{ title.__class__.mro() }}", "unsafe"),
    ("{{ projects|columns([{'key': 'nothing'}]) }}", "nothing")])
def test_a_mistake_of_the_template_is_a_problem_that_names_it(made, tmp_path, monkeypatch, tag, words):
    (tmp_path / "check-report.html").write_text(tag, encoding="utf-8")
    monkeypatch.setattr(page_module, "bundled", lambda folder: tmp_path)
    with pytest.raises(ProblemsError, match=r"check-report\.html") as error:
        render_page(made.report)
    assert words in str(error.value)
