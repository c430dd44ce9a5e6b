"""The buttons of the ribbon, over xlwings' own remote engine; what they make is compared with what the command line makes."""
from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest

from xltool.guideline.bundle import edition, library
from xltool.guideline.read import load
from xltool.hosts import ribbon
from xltool.hosts.blocks import Misuse
from xltool.hosts.definition import FUNCTIONS
from xltool.hosts.functions import call
from xltool.hosts.guidelines import Guidelines
from xltool.hosts.open_book import OURS, without_our_sheets
from xltool.hosts.ribbon import ACTIONS, Action
from xltool.intake.lists import read_projects
from xltool.intake.opening import read_source
from xltool.output.batch.run import run_batch
from xltool.output.checking import check_project
from xltool.rules.library import UnknownName
from xltool.rules.problems import Problem, ProblemsError

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "workbooks" / "samples" / "盐城市2026年项目清单.xlsx"
Sheets = Mapping[str, Sequence[Sequence[object]]]


class Pressed:
    """A workbook after a button: what stands where, and what was said."""

    def __init__(self, answer: dict[str, object]) -> None:
        self.pages, self.told, self.opened = answer["pages"], "\n".join(answer["told"]), answer["opened"]

    @property
    def made(self) -> list[str]:
        return [title for title in self.pages if title.startswith(OURS)]

    def rows(self, title: str) -> list[list[object]]:
        cells = {(row, column): value for row, column, value in self.pages[title]["cells"]}
        height, width = max(row for row, _ in cells), max(column for _, column in cells)
        return [[cells.get((row, column)) for column in range(1, width + 1)] for row in range(1, height + 1)]

    def column(self, title: str, heading: str, at: int = 1) -> list[object]:
        head, *rows = self.rows(title)[at - 1:]
        return [row[head.index(heading)] for row in rows]

    def formulas(self, title: str) -> dict[tuple[int, int], str]:
        return {(row, column): text for row, column, text in self.pages[title]["formulas"]}

    def sheets(self) -> dict[str, list[list[object]]]:
        """The workbook as the next button finds it."""
        return {title: [["" if cell is None else cell for cell in row] for row in self.rows(title)] if page["cells"] else [[""]]
                for title, page in self.pages.items()}


Press = Callable[..., Pressed]


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    # The remote engine asks for a licence: noncommercial use is free of charge. Only this process has the key.
    process = subprocess.Popen([sys.executable, str(HERE / "remote_book.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
                               env={**os.environ, "XLWINGS_LICENSE_KEY": "noncommercial", "PYTHONPATH": str(HERE.parent), "XLTOOL_GUIDELINE": ""})

    def button(key: str, sheets: Sheets, **more: object) -> Pressed:
        process.stdin.write(json.dumps({"key": key, "sheets": sheets, **more}, ensure_ascii=False) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        assert "failed" not in answer, answer["failed"]
        return Pressed(answer)
    with process:
        yield button
    assert process.returncode == 0


def as_sent(value: object) -> object:
    """A cell as Office.js sends it."""
    return "" if value is None else f"{value.isoformat()}.000Z" if isinstance(value, dt.datetime) else value


@pytest.fixture(scope="module")
def sample() -> Sheets:
    book = openpyxl.load_workbook(SAMPLE, data_only=True)
    return {sheet.title: [[as_sent(cell) for cell in row] for row in sheet.iter_rows(values_only=True)] for sheet in book}


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command line makes of the same list."""
    return run_batch(SAMPLE, edition("2026"), tmp_path_factory.mktemp("batch") / "out").out


HEADINGS = ["申报项目类别", "申报项目名称", "单位名称", "研发设备及配套软件购置额（万元）"]
SMALL = {"清单": [HEADINGS, ["2026P1-1", "甲项目", "甲公司", 1500], ["2026P1-1", "乙项目", "乙公司", 900]]}


def file_of(folder: Path, sheets: Sheets, name: str = "清单.xlsx") -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    book.save(folder / name)
    return folder / name


# --- 核查 --------------------------------------------------------------------------------------------------------------------

def test_the_check_says_of_every_project_what_the_command_line_says(press, sample):
    found = press("check", sample)
    listed = read_projects(SAMPLE, edition("2026"))
    answers = [check_project(project).answer for project in listed.projects]
    title = f"{OURS}项目结论"
    assert found.column(title, "结论") == [answer.verdict for answer in answers]
    assert len(answers) == 64 and len(set(found.column(title, "结论"))) == 3
    amounts = found.column(title, "可补助")
    assert amounts == [answer.subsidy for answer in answers]
    assert "64 个项目" in found.told and found.made == [f"{OURS}{name}" for name in ("项目结论", "逐条核对", "问题", "名额")]


def test_a_second_check_does_not_read_the_sheets_of_the_first(press):
    first = press("check", SMALL)
    second = press("check", first.sheets())
    assert second.told == first.told and second.made == first.made
    assert second.rows(f"{OURS}项目结论") == first.rows(f"{OURS}项目结论")


def test_texts_of_a_list_never_become_formulas_numbers_or_dates(press):
    texts = ['=HYPERLINK("http://x","y")', "001", "+1", "2025.10", "@a", "-2"]
    hostile = {"清单": [HEADINGS, *(["2026P1-1", *texts[at:at + 2], 1500] for at in (0, 2, 4))]}
    found = press("check", hostile)
    title = f"{OURS}项目结论"
    cells = [cell for row in found.rows(title) for cell in row]
    assert set(texts) <= set(cells)
    assert not any(found.formulas(name) for name in found.made)


def test_an_empty_workbook_is_told_what_a_list_looks_like(press):
    found = press("check", {"Sheet1": [[]]})
    assert "申报项目类别" in found.told and not found.made


def test_errors_in_cells_are_problems_and_dates_are_dates(press):
    sheets = {"清单": [[*HEADINGS, "项目开始时间"], ["2026P1-1", "甲", "甲公司", "#N/A", "2025-03-01T00:00:00.000Z"]]}
    found = press("check", sheets)
    assert "#N/A" in str(found.rows(f"{OURS}问题"))
    assert "项目开始时间=2025-03-01" in str(found.rows(f"{OURS}逐条核对"))


def test_the_settings_choose_edition_and_city(press):
    settings = {f"{OURS}设置": [["设置", "填在这一列", "说明"], ["指南版本", 2023.0, ""], ["设区市", "盐城", ""]]}
    assert "2026P1-1" in str(press("check", {**SMALL, **settings}).told)  # no programme of 2023
    settings[f"{OURS}设置"][1][1] = "1999"
    assert "没有版本“1999”" in press("check", {**SMALL, **settings}).told
    cities = {"清单": [[*HEADINGS, "设区市"], ["2026P1-1", "甲", "甲公司", 1500, "南京市"]]}
    settings[f"{OURS}设置"][1][1] = ""
    assert "不是盐城市的项目" in str(press("check", {**cities, **settings}).rows(f"{OURS}问题"))


# --- 生成汇总表和绩效表 ------------------------------------------------------------------------------------------------------

def same_cells(found: Pressed, title: str, file: Path) -> None:
    """The sheet holds what the official file holds, cell by cell, and has the same merged cells."""
    official = openpyxl.load_workbook(file).worksheets[0]
    formulas = found.formulas(title)
    values = {(row, column): value for row, column, value in found.pages[title]["cells"]}
    for line in official.iter_rows():
        for cell in line:
            place = cell.row, cell.column
            if cell.data_type == "f":
                assert formulas[place] == cell.value
            else:
                wanted = (cell.value - dt.datetime(1899, 12, 30)).days if isinstance(cell.value, dt.datetime) else cell.value
                assert values.get(place) == (wanted if wanted != "" else None), (title, cell.coordinate)
    merged = {(each.min_row, each.min_col, each.max_row, each.max_col) for each in official.merged_cells.ranges}
    assert {tuple(each) for each in found.pages[title]["merged"]} == merged and merged


def test_the_summary_tables_are_the_official_files_cell_by_cell(press, sample, batch):
    found = press("produce", sample)
    files = sorted((batch / "汇总表").iterdir())
    assert len(files) == 4 and "绩效表有 35 张" in found.told
    for number, file in enumerate(files, 1):
        same_cells(found, f"{OURS}汇总表{number}", file)
        assert found.formulas(f"{OURS}汇总表{number}")  # the sums


def test_a_short_list_on_the_web_gets_its_forms_as_sheets(press, sample, batch):
    few = {title: rows for title, rows in sample.items() if title == "服务体系建设"}
    found = press("produce", few)
    files = {file.stem.split(" ", 1)[1]: file for file in (batch / "绩效目标申报表").rglob("*.xlsx")}
    forms = [title for title in found.made if not title.startswith(f"{OURS}汇总表")]
    assert forms and f"绩效表 {len(forms)} 张" in found.told
    for title in forms:
        unit = title.removeprefix(OURS).split(" ", 1)[1]
        same_cells(found, title, next(file for name, file in files.items() if name.startswith(unit)))


def test_on_windows_all_official_files_appear_beside_the_workbook(press, sample, tmp_path, batch):
    file = tmp_path / SAMPLE.name
    file.write_bytes(SAMPLE.read_bytes())
    found = press("produce", sample, file=str(file), name=file.name)
    out = tmp_path / f"{file.stem}-结果"
    assert {path.relative_to(out) for path in out.rglob("*.xlsx")} == {path.relative_to(batch) for path in batch.rglob("*.xlsx")}
    assert str(out) in found.told and found.made == [f"{OURS}汇总表{number}" for number in range(1, 5)]


def test_an_old_xls_is_to_be_saved_anew(press, tmp_path):
    found = press("produce", SMALL, file=str(file_of(tmp_path, SMALL)), name="清单.xls")
    assert "另存为 .xlsx" in found.told and not (tmp_path / "清单-结果").exists()


def test_a_workbook_that_is_not_saved_gets_its_tables_and_is_told_why_no_files(press, tmp_path):
    found = press("produce", SMALL, file=str(file_of(tmp_path, SMALL)), saved=False)
    assert found.made == [f"{OURS}汇总表1"] and "请先保存" in found.told


# --- 汇总区县 ----------------------------------------------------------------------------------------------------------------

def test_on_the_web_each_sheet_is_a_county(press, sample):
    found = press("collect", sample)
    assert "4 张表，读到 64 个项目" in found.told
    files = found.rows(f"{OURS}来源文件")
    assert [row[0] for row in files[2:]] == list(sample)
    projects = [name for title in found.made if "申报项目名称" in found.rows(title)[0] for name in found.column(title, "申报项目名称")[1:]]
    assert Counter(projects) == Counter(project.title or None for project in read_projects(SAMPLE, edition("2026")).projects)
    assert all(2 in found.pages[title]["hidden"] for title in found.made)  # the stamps


def test_on_windows_a_folder_is_merged_and_opened(press, tmp_path):
    counties = tmp_path / "报送件"
    counties.mkdir()
    file_of(counties, SMALL, "亭湖区.xlsx")
    file_of(counties, {"清单": [HEADINGS, ["2026P1-1", "丙项目", "丙公司", "约1000"]]}, "盐都区.xlsx")
    own = {"Sheet1": [[""]], f"{OURS}设置": [["设置", "填在这一列"], ["报送件文件夹", "报送件"]]}
    found = press("collect", own, file=str(file_of(tmp_path, {"Sheet1": []}, "空.xlsx")))
    out = tmp_path / "报送件-汇总.xlsx"
    assert found.opened == [str(out)] and "2 个文件，读到 3 个项目" in found.told
    assert [project.title for project in read_projects(out, edition("2026")).projects] == ["甲项目", "乙项目", "丙项目"]
    assert "盐都区（退回）.xlsx" in [path.name for path in (tmp_path / "报送件-退回").iterdir()]
    again = press("collect", own, file=str(tmp_path / "空.xlsx"))
    assert "2 个文件" in again.told


def test_without_a_folder_the_settings_are_shown(press, tmp_path):
    found = press("collect", {"Sheet1": [[""]]}, file=str(file_of(tmp_path, {"Sheet1": []})))
    assert "报送件文件夹" in found.told and "报送件文件夹" in str(found.rows(f"{OURS}设置"))
    missing = {"Sheet1": [[""]], f"{OURS}设置": [["设置", "填在这一列"], ["报送件文件夹", "没有的"]]}
    assert "没有文件夹" in press("collect", missing, file=str(tmp_path / "清单.xlsx")).told


# --- 测算 --------------------------------------------------------------------------------------------------------------------

def test_the_estimate_has_functions_that_understand_every_label(press):
    guidelines = Guidelines(library(), load)
    for programme in ("2026P1-1", "2026P2-1", "2023P1-3-1-1"):
        found = press("estimate", {"Sheet1": [["项目"], [programme]]}, selection="A2")
        title = f"{OURS}测算 {programme}"
        rows = found.rows(title)
        labels = [[row[0]] for row in rows[8:]]
        assert [label for label, in labels] == list(edition(programme[:4]).programmes[programme].fields)
        area = f"$B$2,$B$9:$B${8 + len(labels)},$A$9:$A${8 + len(labels)}"
        wanted = {3: "ELIGIBLE", 4: "SUBSIDY", 5: "FIRST_PAYMENT", 6: "WHY"}
        assert found.formulas(title) == {(row, 2): f"=XLTOOL.{name}({area})" for row, name in wanted.items()}
        assert rows[1][1] == programme
        why, = call(guidelines, "WHY", [programme, [[None]] * len(labels), labels])
        assert "没有用" not in why[0] and "第三个参数" not in why[0]


def test_facts_with_choices_have_drop_downs_and_dates_their_format(press):
    found = press("estimate", {"Sheet1": [["2026P1-1"]]})
    title = f"{OURS}测算 2026P1-1"
    rows = {row[0]: number for number, row in enumerate(found.rows(title), 1)}
    lists = {row: each for row, _, each in found.pages[title]["lists"]}
    formats = {row: each for row, _, each in found.pages[title]["formats"]}
    assert lists[rows["建有研发机构"]] == ["是", "否"] and formats[rows["项目开始时间"]] == "yyyy-mm-dd"
    assert rows["研发设备及配套软件购置额"] not in lists


def test_a_second_estimate_leaves_what_was_filled_in(press):
    first = press("estimate", {"Sheet1": [["2026P1-1"]]})
    sheets = first.sheets()
    sheets[f"{OURS}测算 2026P1-1"][8][1] = 1234.0
    second = press("estimate", sheets)
    assert "没有动" in second.told and second.rows(f"{OURS}测算 2026P1-1")[8][1] == 1234.0


def test_a_picture_in_place_of_a_cell_is_told_too(press):
    assert "请先选中" in press("estimate", {"Sheet1": [["2026P1-1"]]}, selection=None).told


@pytest.mark.parametrize(("text", "words"), [("", "请先选中"), ("企业研发机构创新能力提身项目", "2026P1-1"), ("2023P1-3-1", "2023P1-3-1-1")])
def test_a_cell_without_one_programme_is_told_what_to_select(press, text, words):
    found = press("estimate", {"Sheet1": [[text]]})
    assert words in found.told and not found.made


# --- 帮助, and what holds for all of them ------------------------------------------------------------------------------------

def test_the_help_names_every_button_and_function_and_makes_the_settings(press):
    found = press("help", {"Sheet1": [["x"]]})
    text = str(found.rows(f"{OURS}帮助"))
    assert all(action.label in text for action in ACTIONS) and all(f"XLTOOL.{function.name}" in text for function in FUNCTIONS)
    assert [row[0] for row in found.rows(f"{OURS}设置")] == ["设置", "指南版本", "设区市", "报送件文件夹"]
    assert press("help", found.sheets()).made == found.made


@pytest.mark.parametrize("key", [action.key for action in ACTIONS if action.key != "help"])
def test_the_web_reads_no_guideline_from_a_path_in_the_workbook(press, key):
    found = press(key, {"Sheet1": [["2026P1-1"]]}, names=["XLTOOL_GUIDELINE"])
    assert "网页版读不到" in found.told and not found.made


def test_on_windows_the_guideline_that_the_book_names_counts(press, tmp_path):
    file = file_of(tmp_path, SMALL)
    assert "没有的.xlsx" in press("check", SMALL, file=str(file), refers={"XLTOOL_GUIDELINE": '="没有的.xlsx"'}).told
    assert "别的电脑" in press("check", SMALL, file=str(file), refers={"XLTOOL_GUIDELINE": '="\\\\evil\\x.xlsx"'}).told


def test_on_windows_merged_cells_and_units_in_formats_are_read(press, tmp_path):
    rows = [[*HEADINGS[:3], "研发设备及配套软件购置额"], ["2026P1-1", "甲项目", "甲公司", 1500], ["", "乙项目", "乙公司", 900]]
    path = file_of(tmp_path, {"清单": rows})
    book = openpyxl.load_workbook(path)
    book.active.merge_cells("A2:A3")
    for row in (2, 3):
        book.active.cell(row, 4).number_format = '0"元"'
    book.save(path)
    found = press("check", {"清单": [[""]]}, file=str(path))
    assert "2 个项目" in found.told and "0.15万元" in str(found.rows(f"{OURS}逐条核对"))


def test_a_copy_of_the_book_lists_no_sheet_of_ours(tmp_path):
    path = file_of(tmp_path, {"清单": SMALL["清单"], f"{OURS}汇总表1": SMALL["清单"], "别的": [["x"]]})
    path.write_bytes(without_our_sheets(path.read_bytes()))
    assert [grid.name for grid in read_source(path).grids] == ["清单", "别的"]
    assert without_our_sheets(b"no zip") == b"no zip"


@pytest.mark.parametrize(("error", "words"), [
    (PermissionError(13, "x", "D:\\清单-结果\\a.xlsx"), "不能写 D:\\清单-结果\\a.xlsx：请先在 Excel 里关闭"), (OSError(28, "x", "D:\\a"), "磁盘满了"),
    (Misuse("请先选中"), "请先选中"), (UnknownName("甲", "项目", ["乙"]), "最接近的：乙"),
    (ProblemsError([Problem("file.kind", str(number), "坏") for number in range(11)]), "还有 3 个")])
def test_what_cannot_be_done_is_told_in_a_message(monkeypatch, error, words):
    def fail(_: object) -> str:
        raise error
    shown = []
    book = SimpleNamespace(app=SimpleNamespace(alert=lambda text, title, mode: shown.append((text, title, mode))))
    monkeypatch.setitem(ribbon.BY_KEY, "check", Action("check", "", "", "", fail))
    ribbon.perform("check", book)
    (text, title, mode), = shown
    assert words in text and (title, mode) == ("专项资金", "critical")


def test_keys_are_ascii_and_every_button_says_what_it_does():
    assert [action.label for action in ACTIONS] == ["汇总区县", "核查", "生成汇总表和绩效表", "测算", "帮助"]
    assert all(action.key.isascii() and action.key.isidentifier() and action.icon.isalnum() and action.hint for action in ACTIONS)
