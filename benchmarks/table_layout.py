"""The long table of the form benchmark: a title, a heading, ten columns of styled rows, a total with SUM."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy

import openpyxl
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, Side

SHEET, TITLE = "汇总表", "项目汇总表"
COLUMNS = {
    "序号": "0", "县（市、区）": "General", "单位名称": "General", "项目名称": "General", "统一社会信用代码": "General",
    "总投资": "#,##0.00", "设备投入": "#,##0.00", "申请补助": "#,##0.00", "补助比例": "0.00%", "开始日期": "yyyy-mm-dd",
}  # fmt: skip
KEYS = ["number", "county", "unit", "title", "code", "total", "equipment", "subsidy", "rate", "start"]
SUMS = "FGH"
WIDTH, HEIGHT = 16.0, 20.0


def rows(count: int) -> list[dict[str, object]]:
    return list(each_row(count))


def each_row(count: int) -> Iterator[dict[str, object]]:
    for i in range(1, count + 1):
        yield {
            "number": i, "county": f"第{i % 9}区", "unit": f"盐城某某智能装备有限公司{i}",
            "title": f"研发机构<提升>&项目{i}",
            "code": f"91320900MA{i:08d}", "total": i % 7000 + 0.25, "equipment": i % 3000 + 0.5, "subsidy": i % 200 / 2,
            "rate": i % 100 / 100, "start": dt.date(2025, 1, 1) + dt.timedelta(days=i % 365),
        }  # fmt: skip


def template_bytes(xltpl: bool = False) -> bytes:
    """The template: xltool's rows of tags, or xltpl's tags inside the cells."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = SHEET
    _head(sheet)
    line = [f"{{% xv r.{key} %}}" if xltpl else f"{{{{ r.{key} }}}}" for key in KEYS]
    for cells in [line] if xltpl else [["{%tr for r in rows %}"], line, ["{%tr endfor %}"]]:
        sheet.append(cells)
    row = 3 if xltpl else 4
    _style(sheet, row)
    total = sheet.max_row + 1
    sheet.cell(total, 1, "合计")
    for letter in SUMS:
        formula = f"=SUM({letter}{row}:{letter}{row})"
        sheet[f"{letter}{total}"].value = f"{{{{ '=SUM({letter}3:{letter}' ~ last ~ ')' }}}}" if xltpl else formula
    _style(sheet, total)
    if xltpl:  # its loops stand in notes
        sheet["A3"].comment = Comment("beforerow{% for r in rows %}", "xltpl")
        sheet[f"A{total}"].comment = Comment("beforerow{% endfor %}", "xltpl")
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def _head(sheet: object) -> None:
    sheet["A1"] = TITLE
    sheet.merge_cells("A1:J1")
    for number, name in enumerate(COLUMNS, 1):
        sheet.cell(2, number, name)
    _style(sheet, 2)
    for letter in "ABCDEFGHIJ":
        sheet.column_dimensions[letter].width = WIDTH


def _style(sheet: object, row: int) -> None:
    sheet.row_dimensions[row].height = HEIGHT
    for number, code in enumerate(COLUMNS.values(), 1):
        cell = sheet.cell(row, number)
        cell.border, cell.font, cell.alignment = BORDER, FONT, CENTRE
        cell.number_format = code if row > 2 else "General"


_SIDE = Side(style="thin")
BORDER, FONT = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE), Font(name="宋体", size=10)
CENTRE = Alignment(horizontal="center", vertical="center")


def draw_openpyxl(data: Sequence[Mapping[str, object]]) -> bytes:
    """The table made from scratch with openpyxl."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = SHEET
    _head(sheet)
    total = len(data) + 3
    _style(sheet, total)
    models = [cell._style for cell in sheet[total]]
    for row, one in enumerate(data, 3):
        sheet.row_dimensions[row].height = HEIGHT
        for column, (value, model) in enumerate(zip(one.values(), models), 1):
            sheet.cell(row, column, value)._style = copy(
                model
            )  # setting border, font … one by one takes seven times as long
    sheet.cell(total, 1, "合计")
    for letter in SUMS:
        sheet[f"{letter}{total}"].value = f"=SUM({letter}3:{letter}{total - 1})"
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def draw(data: Iterable[Mapping[str, object]]) -> bytes:
    """The table made from scratch with XlsxWriter."""
    stream = io.BytesIO()
    draw_to(stream, data, {"in_memory": True})
    return stream.getvalue()


def draw_to(target: object, data: Iterable[Mapping[str, object]], options: Mapping[str, bool]) -> None:
    workbook = xlsxwriter.Workbook(target, options)
    base = {"font_name": "宋体", "font_size": 10, "align": "center", "valign": "vcenter", "border": 1}
    plain = workbook.add_format(base)
    formats = [workbook.add_format({**base, "num_format": code}) for code in COLUMNS.values()]
    sheet = workbook.add_worksheet(SHEET)
    sheet.set_column(0, len(COLUMNS) - 1, WIDTH)
    sheet.merge_range("A1:J1", TITLE)
    for column, name in enumerate(COLUMNS):
        sheet.write_string(1, column, name, plain)
    sheet.set_row(1, HEIGHT)
    for row, one in enumerate(data, 2):
        sheet.set_row(row, HEIGHT)
        for column, value in enumerate(one.values()):
            if isinstance(value, str):
                sheet.write_string(row, column, value, formats[column])
            elif isinstance(value, dt.date):
                sheet.write_datetime(row, column, value, formats[column])
            else:
                sheet.write_number(row, column, value, formats[column])
    _draw_total(sheet, row + 1, formats)
    workbook.close()


def _draw_total(sheet: object, row: int, formats: Sequence[object]) -> None:
    sheet.set_row(row, HEIGHT)
    for column, style in enumerate(formats):
        sheet.write_blank(row, column, None, style)
    sheet.write_string(row, 0, "合计", formats[0])
    for letter in SUMS:
        column = ord(letter) - ord("A")
        sheet.write_formula(row, column, f"=SUM({letter}3:{letter}{row})", formats[column])
