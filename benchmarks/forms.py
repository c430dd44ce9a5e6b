"""One form filled many times, bare and with all features, many sheets in one workbook, and a table of 10,000 rows.

Compared, from the same contexts to .xlsx files on disk: xltool's template engine (with isal, and with the standard
library's zlib alone), openpyxl that loads, fills and saves for each form (the usual script), openpyxl loaded once
with its cells overwritten, xltpl with one BookWriter kept, and XlsxWriter drawing the form anew in memory.
Templates are loaded before the clock starts for all but the usual script. Before anything is timed, every
contender's file is read back with openpyxl: values, number formats and merges must be equal cell by cell. openpyxl
loaded once is fast but keeps whatever the last form left in a cell that the next one lacks. The form with all features
also says what each tool leaves of them: of xltool's file every part but the sheet's own must be the template's bytes.
"""

from __future__ import annotations

import datetime as dt
import io
import tempfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import excelize
import form_layout as form
import full_form as full
import openpyxl
import pyopenxlsx
import table_layout as table
from measure import OURS, Job, Row, a_file_each, against, medians, new_folder
from xltpl.writerx import BookWriter

from xltool.output.template import Template, package

EACH, ONCE, XLTPL, XLSXWRITER = (
    "openpyxl 逐份打开填写保存",
    "openpyxl 只打开一次",
    "xltpl（BookWriter 复用）",
    "XlsxWriter 内存新建",
)
PLAIN = "xltool（只用 zlib）"
PYOPENXLSX, EXCELIZE = "pyopenxlsx（C++）", "excelize（Go）"
COPY, SCRATCH = "openpyxl copy_worksheet", "openpyxl 新建"
FORMS, SHEETS, ROWS, ROUNDS = 100, 100, 10_000, 7
FILES, FULL, BOOK, TABLE = "填表：每份一个文件", "填表：图表、图片、批注俱全的表", "填表：一个工作簿多张表", "长表"
GROUPS = {
    FILES: "同一份模板：25 行 × 5 列，20 处合并，边框、行高列宽、A4 打印设置，49 个空格（文字、金额、百分比、日期）。"
    "数据各不相同。模板除“逐份打开”外都事先载入。计时前用 openpyxl 读回，值、数字格式、合并逐格相等。",
    FULL: "同样的表，另有图表、图片、文本框、数据验证、条件格式、批注、富文本各一。比的是把它们都留住的工具里最快的；丢了什么，见注。xltool 的文件"
    "除填写的那张工作表外，各部件和模板逐字节相同，计时前核对。",
    BOOK: "同样的表放进一个工作簿，每张的时间。openpyxl 用 copy_worksheet（含打开模板一次），它不复制打印区域。",
    TABLE: "标题、表头、10 列带边框和格式的行、SUM 合计。xltool 和 xltpl 用模板里的循环；XlsxWriter 和 openpyxl 从头写"
    "（openpyxl 用最快的写法：复制样式号）。计时前逐格相等。",
}
Context = Mapping[str, object]


def run(quick: bool = False) -> list[Row]:
    """The rows of the report: forms, sheets, table."""
    count, sheets, lines, rounds = (20, 20, 2_000, 3) if quick else (FORMS, SHEETS, ROWS, ROUNDS)
    folder = new_folder()
    forms = one_file_each(folder, count, rounds) + full_featured(folder, count, rounds)
    return forms + one_workbook(sheets, rounds) + long_table(lines, rounds)


# --- a file per form ---


def one_file_each(folder: Path, count: int, rounds: int) -> list[Row]:
    """Seconds per form, a file each."""
    fillers = {**form_fillers(folder, form.template_bytes), XLSXWRITER: draw}
    return checked(FILES, fillers, count, rounds, {EACH: 50.0})


def full_featured(folder: Path, count: int, rounds: int) -> list[Row]:
    """The same with a form of all features, and what is lost of them."""
    fillers = form_fillers(folder, full.full_template_bytes)
    path, source = folder / "template.xlsx", full.full_template_bytes(form.OURS)
    path.write_bytes(source)
    fillers |= {
        PYOPENXLSX: lambda context: fill_pyopenxlsx(path, context),
        EXCELIZE: lambda context: fill_excelize(path, context),
    }
    context = form.contexts(1)[0]
    made = fillers[OURS](context)
    if full.changed(source, made) != ["xl/worksheets/sheet1.xml"] or full.lost(made):
        raise AssertionError(f"changed: {full.changed(source, made)}, lost: {full.lost(made)}")
    notes = {name: told(full.lost(fill(context))) for name, fill in fillers.items()}
    reaches = {EACH: 80.0, XLTPL: 25.0, PYOPENXLSX: 8.0, EXCELIZE: 8.0}
    return checked(FULL, fillers, count, rounds, reaches, notes)


def told(lost: Sequence[str]) -> str:
    return f"丢了{'、'.join(lost)}" if lost else "都留着"


def checked(
    group: str,
    fillers: Mapping[str, Callable[[Context], bytes]],
    count: int,
    rounds: int,
    reaches: Mapping[str, float],
    notes: Mapping[str, str] | None = None,
) -> list[Row]:
    """The rows, when all contenders' files are equal."""
    contexts = form.contexts(count)
    for context in contexts[:2]:
        check_equal({name: fill(context) for name, fill in fillers.items()})
    return a_file_each(group, fillers, contexts, rounds, reaches, notes)


def form_fillers(
    folder: Path, template_bytes: Callable[[form.Tags], bytes]
) -> dict[str, Callable[[Context], bytes]]:
    """Each contender as a function from a context to a file's bytes."""
    name = template_bytes.__name__
    path, xltpl_path = folder / f"{name}.xlsx", folder / f"{name}-xltpl.xlsx"
    path.write_bytes(template_bytes(form.OURS))
    xltpl_path.write_bytes(template_bytes(form.XLTPL))
    template, kept, writer = Template.load(path), openpyxl.load_workbook(path), BookWriter(str(xltpl_path))
    return {
        OURS: template.render,
        PLAIN: lambda context: without_isal(lambda: template.render(context)),
        EACH: lambda context: fill_openpyxl(openpyxl.load_workbook(path), context),
        ONCE: lambda context: fill_openpyxl(kept, context),
        XLTPL: lambda context: fill_xltpl(writer, context),
    }


def fill_pyopenxlsx(path: Path, context: Context) -> bytes:
    workbook = pyopenxlsx.load_workbook(str(path))
    sheet = workbook[form.SHEET]
    for place in form.SLOTS:
        sheet[place.cell].value = moment(context[place.slot])
    made = Path(tempfile.gettempdir(), "pyopenxlsx.xlsx")
    workbook.save(str(made))
    workbook.close()
    return made.read_bytes()


def fill_excelize(path: Path, context: Context) -> bytes:
    workbook = excelize.open_file(str(path))
    for place in form.SLOTS:
        workbook.set_cell_value(form.SHEET, place.cell, moment(context[place.slot]))
    made = Path(tempfile.gettempdir(), "excelize.xlsx")
    workbook.save_as(str(made))
    workbook.close()
    return made.read_bytes()


def moment(value: object) -> object:
    """These two know no dates, only moments."""
    return dt.datetime(value.year, value.month, value.day) if isinstance(value, dt.date) else value


def fill_openpyxl(workbook: openpyxl.Workbook, context: Context) -> bytes:
    sheet = workbook.active
    for place in form.SLOTS:
        sheet[place.cell].value = context[place.slot]
    return saved(workbook)


def fill_xltpl(writer: BookWriter, context: Context) -> bytes:
    writer.render_book([{**context, "sheet_name": form.SHEET}])
    return saved(writer)


def draw(context: Context) -> bytes:
    drawing = form.Drawing()
    drawing.add(form.SHEET, context)
    return drawing.bytes()


def saved(workbook: openpyxl.Workbook | BookWriter) -> bytes:
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def without_isal(work: Callable[[], bytes]) -> bytes:
    """As where isal is not installed: the engine deflates with the standard library's zlib."""
    kept, package._deflate = package._deflate, zlib
    try:
        return work()
    finally:
        package._deflate = kept


# --- a workbook of many forms ---


def one_workbook(count: int, rounds: int) -> list[Row]:
    """Milliseconds per sheet."""
    items = [(f"表{number}", context) for number, context in enumerate(form.contexts(count), 1)]
    template, source = Template.load(form.template_bytes(form.OURS)), form.template_bytes(form.OURS)
    makers = {
        OURS: lambda: template.book(items),
        PLAIN: lambda: without_isal(lambda: template.book(items)),
        XLSXWRITER: lambda: draw_book(items),
        COPY: lambda: copy_sheets(openpyxl.load_workbook(io.BytesIO(source)), items),
    }
    check_equal({name: make() for name, make in makers.items()})
    found = medians({name: Job(make, per=count) for name, make in makers.items()}, rounds)
    return against(BOOK, f"{count} 张，每张", found, {XLSXWRITER: 6.0, COPY: 20.0})


def draw_book(items: Sequence[tuple[str, Context]]) -> bytes:
    drawing = form.Drawing()
    for name, context in items:
        drawing.add(name, context)
    return drawing.bytes()


def copy_sheets(workbook: openpyxl.Workbook, items: Sequence[tuple[str, Context]]) -> bytes:
    source = workbook.active
    for name, context in items:
        sheet = workbook.copy_worksheet(source)
        sheet.title = name
        for place in form.SLOTS:
            sheet[place.cell].value = context[place.slot]
    workbook.remove(source)
    return saved(workbook)


# --- a long table ---


def long_table(count: int, rounds: int) -> list[Row]:
    """Seconds for the whole table with heading, styles and a total."""
    rows = table.rows(count)
    template, writer = Template.load(table.template_bytes()), xltpl_writer()
    makers = {
        OURS: lambda: template.render({"rows": rows}),
        PLAIN: lambda: without_isal(lambda: template.render({"rows": rows})),
        XLSXWRITER: lambda: table.draw(rows),
        SCRATCH: lambda: table.draw_openpyxl(rows),
        XLTPL: lambda: render_table(writer, rows),
    }
    check_equal({name: make() for name, make in makers.items()})
    found = medians({name: Job(make) for name, make in makers.items()}, rounds)
    return against(TABLE, f"{count:,} 行 × {len(table.COLUMNS)} 列", found, {XLTPL: 10.0})


def xltpl_writer() -> BookWriter:
    return BookWriter(io.BytesIO(table.template_bytes(xltpl=True)))


def render_table(writer: BookWriter, rows: Sequence[Context]) -> bytes:
    writer.render_book([{"rows": rows, "sheet_name": table.SHEET, "last": len(rows) + 2}])
    return saved(writer)


# --- equality ---


def check_equal(files: Mapping[str, bytes]) -> None:
    """Raise unless every file has the same values, number formats and merges as xltool's."""
    wanted = contents(files[OURS])
    for name, data in files.items():
        found = contents(data)
        if found != wanted:
            differ = [f"{a} ≠ {b}" for a, b in zip(found, wanted) if a != b][:3] or [f"{len(found)} ≠ {len(wanted)}"]
            raise AssertionError(f"{name}: " + "; ".join(differ))


def contents(data: bytes) -> list[tuple]:
    workbook = openpyxl.load_workbook(io.BytesIO(data))
    return [
        part
        for sheet in workbook
        for part in (*cells(sheet), (sheet.title, *sorted(map(str, sheet.merged_cells.ranges))))
    ]


def cells(sheet: object) -> list[tuple]:
    return [
        (cell.coordinate, plain(cell.value), cell.number_format)
        for row in sheet.iter_rows()
        for cell in row
        if cell.value not in (None, "")
    ]


def plain(value: object) -> object:
    return value.date() if isinstance(value, dt.datetime) else value
