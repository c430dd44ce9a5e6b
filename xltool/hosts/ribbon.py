"""The buttons of the ribbon 专项资金, the same in Excel on Windows and on the web: functions over the open workbook.

An action takes an `xlwings.Book`, writes sheets into it (named 专项-…), and returns what to tell. It keeps to what xlwings' remote
engine can do; where the host has files (Excel on Windows) it also reads folders and writes the official files beside the workbook.
"""
from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..guideline.bundle import bundled, library
from ..guideline.read import load
from ..intake.collisions import collisions
from ..intake.headers import Vocabulary
from ..intake.lists import list_of
from ..intake.merging import Merged, Submission, merge, submission_files
from ..intake.projects import Project, ProjectList
from ..intake.regions import city_name
from ..output.batch.run import Order, run_batch
from ..output.checking import check_project
from ..output.console import batch_lines
from ..output.files import safe_name, write_whole
from ..output.merged import check_merged, keep_originals, merged_lines, merged_workbook, returned
from ..output.papers.forms import PrintedForm, book_sheet_name
from ..output.report import Report, render_report, run_details
from ..output.summary import region_of, summary_context
from ..output.template import Template
from ..rules.library import Library, UnknownName
from ..rules.model import Edition, Field, Programme
from ..rules.problems import Problem, ProblemsError, counted, reason
from .blocks import Misuse
from .definition import FUNCTIONS, NAMESPACE
from .guidelines import NAME, Guidelines
from .open_book import (
    OURS,
    copy_of_list,
    folder,
    has_files,
    labelled,
    lay,
    list_source,
    put_workbook,
    selected_text,
)

if TYPE_CHECKING:
    from xlwings import Book, Sheet

TITLE = "专项资金"
SETTINGS, HELP = "设置", "帮助"
EDITION, CITY, FOLDER = "指南版本", "设区市", "报送件文件夹"
_SETTINGS = (
    (EDITION, "不写就用最新的一版；如 2026、2023"),
    (CITY, "如 盐城市；写了就核对项目是不是这个市的，也写进汇总表"),
    (FOLDER, "县里报来的文件放在哪个文件夹；可以写完整路径，也可以写这本工作簿旁边的文件夹名。只有 Windows 版的 Excel 用"))
_MOST_FORMS = 30  # sheets put into a workbook on the web, where there is no folder for files
_LONGEST_LIST = 250  # signs of all choices together: a drop-down takes 255


@dataclass(frozen=True, slots=True)
class Action:
    """A button: its key for programs, its label and hint for people, the name of Office's icon, and what it does."""

    key: str
    label: str
    hint: str
    icon: str
    run: Callable[[Book], str]


def perform(key: str, book: Book) -> None:
    """Run an action on a book and show what it says, or why it could not be done."""
    try:
        message, mode = BY_KEY[key].run(book), "info"
    except (Misuse, UnknownName) as trouble:
        message, mode = str(trouble), "critical"
    except ProblemsError as trouble:
        shown = [str(problem) for problem in trouble.problems[:8]]
        more = len(trouble.problems) - len(shown)
        message, mode = "\n".join([*shown, *([f"……还有 {more} 个"] if more else [])]), "critical"
    except PermissionError as error:
        message, mode = f"不能写 {error.filename}：请先在 Excel 里关闭这个文件，或检查文件夹的权限", "critical"
    except OSError as error:
        message, mode = f"{error.filename or '磁盘'}：{reason(error)}", "critical"
    book.app.alert(message, TITLE, mode=mode)


def run(key: str) -> None:
    """What a button of Excel on Windows calls, through xlwings' RunPython."""
    import xlwings
    perform(key, xlwings.Book.caller())


# --- settings ---------------------------------------------------------------------------------------------------------------

@cache
def _guidelines() -> Guidelines:
    return Guidelines(library(), load)


def _library(book: Book) -> Library:
    """The editions, led by the workbook that the book names. Raises Misuse on the web, where no file of the user can be read."""
    named = _named_guideline(book)
    if named and not has_files(book):
        raise Misuse(f"这本工作簿指定了自己的指南（名称 {NAME}），网页版读不到它：请删去这个名称，或请管理员在服务器上设置 {NAME}")
    return _guidelines().library(named)


def _named_guideline(book: Book) -> str:
    """The path that the defined name XLTOOL_GUIDELINE holds; beside the book where it is no full path."""
    name = next((name for name in book.names if name.name.upper() == NAME), None)
    if name is None:
        return ""
    if not has_files(book):
        return NAME
    refers = str(name.refers_to)
    text = refers[2:-1] if refers.startswith('="') else str(name.refers_to_range.value or "")
    own = folder(book)
    return str(own / text) if text and own and not text.startswith(("\\", "/")) else text


def _edition(book: Book) -> Edition:
    """The edition that the settings name, else that of the guideline the book names, else the newest. Raises UnknownName."""
    known = _library(book)
    return known.edition(labelled(book, SETTINGS).get(EDITION) or known.ids[0])


def _city(book: Book) -> str:
    stated = labelled(book, SETTINGS).get(CITY, "")
    return city_name(stated) or stated


def _show_settings(book: Book) -> Sheet:
    """The sheet of settings, made if it is not there."""
    if OURS + SETTINGS in [sheet.name for sheet in book.sheets]:
        return book.sheets[OURS + SETTINGS]
    return lay(book, SETTINGS, [("设置", "填在这一列", "说明"), *((label, "", hint) for label, hint in _SETTINGS)], (16, 40, 70))


# --- 汇总区县 ----------------------------------------------------------------------------------------------------------------

def collect(book: Book) -> str:
    """Merge submissions: those in the folder that the settings name, else (on the web) the sheets of the book, one a county."""
    edition, city = _edition(book), _city(book)
    if has_files(book):
        return _collect_files(book, edition, city)
    source = list_source(book)
    merged, vocabulary = Merged(edition), Vocabulary(edition)
    for grid in source.grids:
        own = type(source)(grid.name, source.sha256, source.kind, source.reader, [grid])
        if any(cell != "" for row in grid.rows for cell in row):
            merged.submissions.append(Submission(Path(grid.name), grid.name, own.kind, own.reader, list_of(own, vocabulary)))
    _refuse_empty(merged.listed)
    merged.problems += collisions(merged.projects, edition)
    report = check_merged(merged, city)
    put_workbook(book, merged_workbook(report))
    return "\n".join([*(line.replace("个文件", "张表") for line in merged_lines(report)), f"写在“{OURS}”开头的工作表里。"])


def _collect_files(book: Book, edition: Edition, city: str) -> str:
    stated = labelled(book, SETTINGS).get(FOLDER, "")
    place = (folder(book) or Path()) / stated
    if not stated or not place.is_dir():
        _show_settings(book).activate()
        raise Misuse(f"{f'没有文件夹 {place}；' if stated else ''}请在“{OURS}{SETTINGS}”的“{FOLDER}”右边写上放报送件的文件夹，再点一次")
    out, returns = place.parent / f"{safe_name(place.name)}-汇总.xlsx", place.parent / f"{safe_name(place.name)}-退回"
    keep_originals(out, [place])
    report = check_merged(merge(submission_files([place], leave_out=[out, returns]), edition), city)
    write_whole(out, merged_workbook(report))
    sent = returned(report, returns)
    book.app.books.open(str(out))
    return "\n".join([*merged_lines(report), f"汇总：{out}", *([f"退回 {len(sent)} 个文件：{returns}"] if sent else [])])


def _refuse_empty(listed: ProjectList) -> None:
    if not listed.projects:
        found = [problem for problem in listed.problems if not problem.is_note]
        raise ProblemsError(found or [Problem("sheet.empty", "", "没有读到项目", "表头里要有“申报项目类别”和“申报项目名称”，下面一行一个项目")])


# --- 核查 --------------------------------------------------------------------------------------------------------------------

_CHECKED = ("项目结论", "逐条核对", "问题", "名额")


def check(book: Book) -> str:
    """Check the project list in the book: verdict and amounts of each project, every rule, every problem, the quotas."""
    edition, city = _edition(book), _city(book)
    listed, name, sha256 = _listed(book, edition)
    checked = [check_project(project, city) for project in listed.projects]
    report = Report(edition, checked, listed.problems, listed.skipped, run_details(edition, [(name, sha256)]))
    put_workbook(book, render_report(report), _CHECKED)
    book.sheets[OURS + _CHECKED[0]].activate()
    verdicts = Counter(item.answer.verdict for item in checked)
    return (f"{edition.id}版，{len(checked)} 个项目：" + "，".join(f"{verdict} {count}" for verdict, count in verdicts.items())
            + f"；{counted(report.every_problem)}；跳过 {len(listed.skipped)} 行。\n见“{OURS}{_CHECKED[0]}”和后面的几张表。")


def _listed(book: Book, edition: Edition) -> tuple[ProjectList, str, str]:
    """The projects of the book, and the book's name and hash. Raises ProblemsError where there are none."""
    source = list_source(book)
    if not source.grids:
        raise ProblemsError(source.problems or [Problem("sheet.empty", book.name, "没有读到项目", "请先打开项目清单")])
    listed = list_of(source, Vocabulary(edition))
    _refuse_empty(listed)
    listed.problems.extend(collisions(listed.projects, edition))
    return listed, source.name, source.sha256


# --- 生成汇总表和绩效表 ------------------------------------------------------------------------------------------------------

def produce(book: Book) -> str:
    """The summary tables as sheets of the book; all official files in a folder beside it, or (on the web) the forms as sheets."""
    edition, city = _edition(book), _city(book)
    listed, _, _ = _listed(book, edition)
    template = Template.load(bundled("templates") / "summary-table.xlsx")
    tables: list[str] = []
    for table in edition.tables:
        own = [project for project in listed.projects if project.programme.direction == table.direction]
        if own:
            filled = template.render(summary_context(table, own, region_of(own, city), dt.date.today()))
            tables += put_workbook(book, filled, rename={"汇总表": table.number})
    told = [f"{edition.id}版，{len(listed.projects)} 个项目，汇总表 {len(tables)} 张：{'、'.join(tables)}。"]
    return "\n".join([*told, *(_official_files(book, edition, city) if has_files(book) else _form_sheets(book, edition, listed.projects))])


def _official_files(book: Book, edition: Edition, city: str) -> Sequence[str]:
    place = folder(book)
    if place is None:
        return ["这本工作簿还没有存在电脑的文件夹里：绩效表要写成文件，请先保存，再点一次。"]
    if Path(book.name).suffix.lower() not in (".xlsx", ".xlsm"):
        return [f"绩效表要由 .xlsx 生成：请把 {book.name} 另存为 .xlsx，再点一次。"]
    with copy_of_list(book) as path:
        return batch_lines(run_batch(path, edition, place / f"{safe_name(Path(book.name).stem)}-结果", Order(city)))


def _form_sheets(book: Book, edition: Edition, projects: Sequence[Project]) -> Sequence[str]:
    pages = [(book_sheet_name(project, number), PrintedForm(edition.forms[project.programme.form]).context(project))
             for number, project in enumerate(projects, 1) if project.programme.form in edition.forms]
    if not pages:
        return ["这一版没有给这些项目印发绩效表。"]
    if len(pages) > _MOST_FORMS:
        return [f"绩效表有 {len(pages)} 张，超过 {_MOST_FORMS} 张，没有放进这本工作簿：请用 Windows 版的插件，或命令 xltool batch。"]
    names = put_workbook(book, Template.load(bundled("templates") / "performance-form.xlsx").book(pages))
    return [f"绩效表 {len(names)} 张，写在这本工作簿里。"]


# --- 测算 --------------------------------------------------------------------------------------------------------------------

_FIRST_FACT = 9
_FORMATS = {"日期": "yyyy-mm-dd", "比例": "0.00%"}
_KINDS = {"是否": "是或否", "日期": "日期，如 2026-03-01", "比例": "比例，如 60%"}


def estimate(book: Book) -> str:
    """A sheet to try numbers for the programme named in the selected cell: inputs with hints, and the functions over them."""
    chosen = selected_text(book)
    if not chosen:
        raise Misuse("请先选中写着项目编号（如 2026P1-1）或全称的一格，再点“测算”")
    programme = _library(book).find(chosen)
    if programme.members:
        raise Misuse(f"{programme.id} 是一组项目，请写其中之一：{'、'.join(programme.members)}")
    title = f"测算 {programme.id}"
    if OURS + title in [sheet.name for sheet in book.sheets]:
        book.sheets[OURS + title].activate()
        return f"“{OURS}{title}”已经有了，里面填的数没有动。要重新来，请先删去这张表。"
    sheet = _estimate_sheet(book, programme, title)
    sheet.activate()
    return f"{programme.id} {programme.title}：请在“{OURS}{title}”的“填写”一列填数。不知道的留空，不要填 0。"


def _estimate_sheet(book: Book, programme: Programme, title: str) -> Sheet:
    facts = list(programme.fields.values())
    last = _FIRST_FACT + len(facts) - 1
    sheet = lay(book, title, [
        (programme.title,), ("项目", programme.id, programme.standard), ("结论",), ("可补助（万元）",), ("首付（万元）",), ("理由",), (),
        ("事实", "填写", "单位和说明"), *((field.name, "", _hint(field)) for field in facts)], (36, 46, 70), (1, _FIRST_FACT - 1))
    prefix = "" if has_files(book) else f"{NAMESPACE}."
    arguments = f"$B$2,$B${_FIRST_FACT}:$B${last},$A${_FIRST_FACT}:$A${last}"
    for row, name in enumerate(("ELIGIBLE", "SUBSIDY", "FIRST_PAYMENT", "WHY"), 3):
        sheet.range((row, 2)).formula = f"={prefix}{name}({arguments})"
    sheet.range((_FIRST_FACT, 2), (last, 2)).color = "#FFF8E1"
    for row, field in enumerate(facts, _FIRST_FACT):
        cell = sheet.range((row, 2))
        if field.kind in _FORMATS:
            cell.number_format = _FORMATS[field.kind]
        choices = ["是", "否"] if field.kind == "是否" else list(field.choices)
        if choices and sum(len(choice) + 1 for choice in choices) <= _LONGEST_LIST and not any("," in choice for choice in choices):
            cell.data_validation.set_list(choices)
    return sheet


def _hint(field: Field) -> str:
    unit = _KINDS.get(field.kind, field.unit_text)
    choices = f"选一个：{'、'.join(field.choices)}" if field.choices else ""
    return "；".join(part for part in (unit, choices, field.note) if part)


# --- 帮助 --------------------------------------------------------------------------------------------------------------------

def show_help(book: Book) -> str:
    """A sheet that tells the functions and the buttons, and the sheet of settings."""
    prefix = "" if has_files(book) else f"{NAMESPACE}."
    buttons = [(action.label, action.hint) for action in ACTIONS]
    functions = [(prefix + function.name, function.text, function.example.replace(f"={function.name}(", f"={prefix}{function.name}("),
                  "\n".join(f"{each.title}：{each.hint}{'（可以不写）' if each.optional else ''}" for each in function.parameters))
                 for function in FUNCTIONS]
    sheet = lay(book, HELP, [
        ("按钮", "做什么"), *buttons, (), ("函数", "得到什么", "例子", "参数"), *functions, (),
        ("设置", f"版本、设区市、报送件文件夹写在“{OURS}{SETTINGS}”里；自己的指南工作簿用名称 {NAME} 指定（Windows）。"),
        ("说明", f"“{OURS}”开头的工作表是插件写的，不会当作清单来读，可以随时删去。规则按公开文件逐条录入，执行以正式文件为准。")],
        (24, 60, 40, 80), (1, len(buttons) + 3))
    _show_settings(book)
    sheet.activate()
    return f"说明在“{OURS}{HELP}”，设置在“{OURS}{SETTINGS}”。"


ACTIONS = (
    Action("collect", "汇总区县", "把各县（市、区）报来的表汇成一份：Windows 上是文件夹里的文件，网页版是这本工作簿的各张表", "TableInsert", collect),
    Action("check", "核查", "逐条核对这本工作簿里的项目清单：结论、补助、差多少、错在哪里、名额", "Spelling", check),
    Action("produce", "生成汇总表和绩效表", "由项目清单生成附件2-x汇总表和绩效表；Windows 上写成旁边的文件，另有核查报告", "FileSaveAs", produce),
    Action("estimate", "测算", "先选中写着项目编号的一格：新建一张表，填上数就看到结论、补助和理由", "CalculateNow", estimate),
    Action("help", "帮助", "函数和按钮怎么用，设置写在哪里", "Help", show_help),
)
BY_KEY = {action.key: action for action in ACTIONS}
