"""The form that the form benchmark fills: a performance self-evaluation, 25 rows by 5 columns, 20 merges, 49 slots.

One layout, made into a template workbook for those that fill one (tags in xltool's and xltpl's own syntax), and
drawn from scratch for XlsxWriter, with the same borders, formats, widths, heights, A4 fit to page, print area and
footer.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import openpyxl
import xlsxwriter
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import range_boundaries

FORMATS = {
    "text": "General",
    "label": "General",
    "title": "General",
    "money": "#,##0.00",
    "percent": "0.00%",
    "date": "yyyy-mm-dd",
}
WIDTHS, HEIGHT, SHEET = (16.0, 18.0, 26.0, 16.0, 20.0), 24.0, "绩效自评表"
FOOTER = "第 &P 页，共 &N 页"


class Place(NamedTuple):
    """An area of the form (one cell or a merge), its style, and its label or the name of its slot."""

    area: str
    style: str
    text: str = ""
    slot: str = ""

    @property
    def cell(self) -> str:
        return self.area.split(":")[0]


def _layout() -> list[Place]:
    places = [
        Place("A1:E1", "title", "项目支出绩效自评表"),
        Place("A2:E2", "label", "（2025 年度）"),
        Place("A3", "label", "项目名称"), Place("B3:E3", "text", slot="name"),
        Place("A4", "label", "主管部门"), Place("B4:C4", "text", slot="office"),
        Place("D4", "label", "实施单位"), Place("E4", "text", slot="unit"),
        Place("A5:A8", "label", "项目资金（万元）"),
    ]  # fmt: skip
    places += [
        Place(f"{c}5", "label", text) for c, text in zip("BCDE", ("年初预算数", "全年预算数", "全年执行数", "执行率"))
    ]
    for row in (6, 7, 8):
        places += [
            Place(f"{c}{row}", "percent" if c == "E" else "money", slot=f"fund_{c}{row}".lower()) for c in "BCDE"
        ]
    places += [
        Place("A9", "label", "开始日期"), Place("B9", "date", slot="start"),
        Place("C9:D9", "label", "结束日期"), Place("E9", "date", slot="end"),
        Place("A10", "label", "年度总体目标"),
        Place("B10:C10", "text", slot="goal"), Place("D10:E10", "text", slot="done"),
    ]  # fmt: skip
    heads = ("一级指标", "二级指标", "三级指标", "指标值", "完成值")
    places += [Place(f"{c}11", "label", text) for c, text in zip("ABCDE", heads)]
    places += [
        Place(area, "label", text) for area, text in zip(("A12:A15", "A16:A18", "A19:A20"), ("产出", "效益", "满意度"))
    ]
    places += [
        Place(area, "label", f"二级{i}")
        for i, area in enumerate(("B12:B13", "B14:B15", "B16:B17", "B18", "B19:B20"), 1)
    ]
    for row in range(12, 21):
        places += [
            Place(f"{c}{row}", s, slot=f"{n}_{row}")
            for c, s, n in zip("CDE", ("text", "money", "percent"), ("item", "aim", "rate"))
        ]
    places += [
        Place("A21", "label", "偏差说明"), Place("B21:E21", "text", slot="note"),
        Place("A22", "label", "填表人"), Place("B22", "text", slot="writer"), Place("C22", "label", "电话"),
        Place("D22", "label", "填表日期"), Place("E22", "date", slot="day"),
        Place("A23:B23", "label", "单位负责人"), Place("C23:E23", "label", "（签字）"),
        Place("A24:E24", "label", "注：资金以万元为单位，保留两位小数。"), Place("A25:E25", "label", "（盖章）"),
    ]  # fmt: skip
    return places


LAYOUT = _layout()
SLOTS = [place for place in LAYOUT if place.slot]
MERGES = [place.area for place in LAYOUT if ":" in place.area]


@dataclass(frozen=True)
class Tags:
    """How a template engine writes a slot that keeps its type."""

    slot: Callable[[str], str]


OURS, XLTPL = Tags(lambda name: "{{ %s }}" % name), Tags(lambda name: "{%% xv %s %%}" % name)  # noqa: UP031


def contexts(count: int) -> list[dict[str, object]]:
    """Different data for each form: texts with what XML must escape and line breaks, amounts, shares, dates."""
    return [{place.slot: _value(place, number) for place in SLOTS} for number in range(count)]


def _value(place: Place, number: int) -> object:
    seed = number * 7919 + sum(map(ord, place.slot))
    if place.style == "money":
        return seed % 900_000 / 100
    if place.style == "percent":
        return seed % 10_000 / 10_000
    if place.style == "date":
        return dt.date(2025, 1, 1) + dt.timedelta(days=seed % 365)
    return f"第{number}号 {place.slot}：甲&乙 <一> “二”\n第二行 {seed}"


def template_bytes(tags: Tags) -> bytes:
    """The form as a template workbook."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = SHEET
    for place in LAYOUT:
        _style_area(sheet, place)
        sheet[place.cell].value = tags.slot(place.slot) if place.slot else place.text
        if ":" in place.area:
            sheet.merge_cells(place.area)
    for letter, width in zip("ABCDE", WIDTHS):
        sheet.column_dimensions[letter].width = width
    for row in range(1, 26):
        sheet.row_dimensions[row].height = HEIGHT
    sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = sheet.PAPERSIZE_A4, 1
    sheet.sheet_properties.pageSetUpPr = openpyxl.worksheet.properties.PageSetupProperties(fitToPage=True)
    sheet.print_area, sheet.oddFooter.center.text = "A1:E25", FOOTER
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def _style_area(sheet: object, place: Place) -> None:
    left, top, right, bottom = range_boundaries(place.area)
    thin = Side(style="thin")
    for row in sheet.iter_rows(top, bottom, left, right):
        for cell in row:
            cell.border = Border(left=thin, right=thin, top=thin, bottom=thin)
            cell.font = Font(name="宋体", size=16 if place.style == "title" else 10, bold=place.style == "title")
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
            cell.number_format = FORMATS[place.style]


class Drawing:
    """The form drawn with XlsxWriter: a workbook in memory, a sheet per context."""

    def __init__(self) -> None:
        self.stream = io.BytesIO()
        self.workbook = xlsxwriter.Workbook(self.stream, {"in_memory": True})
        base = {"font_name": "宋体", "align": "center", "valign": "vcenter", "text_wrap": True, "border": 1}
        self.formats = {
            style: self.workbook.add_format({
                **base, "num_format": code, "font_size": 16 if style == "title" else 10, "bold": style == "title",
            })
            for style, code in FORMATS.items()
        }  # fmt: skip

    def add(self, name: str, context: Mapping[str, object]) -> None:
        sheet = self.workbook.add_worksheet(name)
        for number, width in enumerate(WIDTHS):
            sheet.set_column(number, number, width)
        for number in range(25):
            sheet.set_row(number, HEIGHT)
        for place in LAYOUT:
            value = context[place.slot] if place.slot else place.text
            style = self.formats[place.style]
            if ":" in place.area:
                sheet.merge_range(place.area, "", style)
            if isinstance(value, dt.date):
                sheet.write_datetime(place.cell, value, style)
            elif isinstance(value, str):
                sheet.write_string(place.cell, value, style)
            else:
                sheet.write_number(place.cell, value, style)
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 1)
        sheet.print_area("A1:E25")
        sheet.set_footer(f"&C{FOOTER}")

    def bytes(self) -> bytes:
        self.workbook.close()
        return self.stream.getvalue()
