"""The first sheet: what the workbook is for, how to use it, and a link to every page."""
from __future__ import annotations

from collections.abc import Mapping, Sequence

from xlsxwriter.worksheet import Worksheet

from ...output.layout import fit_row, print_on_a4
from ...output.submission.guide import quota_text
from ...output.submission.looks import DARK, GREY, LACKING, LINE, WRONG
from ...rules.model import Edition, Programme
from . import comparison, enterprise, projects
from .desk import DOUBT, Desk, sheet_reference
from .shortfall import quoted

SHEET = "封面"
_WIDTHS = (2, 14, 56, 12, 13, 13, 20, 50)
_LAST = len(_WIDTHS) - 1
_UNKNOWN = "见申报通知"
_STEPS = (
    "先填“企业情况”：一户企业的事实填一次，各项目都用它。知道多少填多少。",
    "看“对比”：所有项目并排，最有希望的在前，写明结论、金额、差什么、缺什么。",
    "点开一个项目的页：每条条件的结论、差额和出处，补助怎么算，要交哪些材料；只对这个项目说的（如它的开始时间）填在页里，优先采用。",
    "项目多的用“清单”：一行一个项目，先从下拉里选申报项目，右边就出现要填的事实，结论和金额随填随算。",
    "空着就是没填，不当作0或“否”；缺的数据使结论是“待核实”。填得不对的格变红，也当作没填；少见的数变橙，照样计算，请核对。",
    "只有公式，没有宏、不用装插件；Excel 2010 以上、WPS、LibreOffice 都能用。公式受保护，没有密码；不要剪切、拖动填好的格，"
    "公式会跟着变。只供自查，以评审和文件为准。",
)
_SHEETS = ((enterprise.SHEET, "一户企业的事实，填一次"), (comparison.SHEET, "所有项目并排比较"), (projects.SHEET, "一行一个项目，成批测算"))


class Cover:
    """Writes the sheet."""

    def __init__(self, desk: Desk, sheet: Worksheet, edition: Edition) -> None:
        self.desk, self.sheet, self.edition = desk, sheet, edition

    def write(self, programmes: Sequence[Programme], sheets: Mapping[str, str]) -> None:
        desk, sheet = self.desk, self.sheet
        for index, width in enumerate(_WIDTHS):
            sheet.set_column(index, index, width)
        sheet.hide_gridlines(2)
        sheet.set_row(0, 12)
        band = desk.looks.get(font_size=19, bold=True, font_color="#FFFFFF", bg_color=DARK, indent=1)
        sheet.merge_range(1, 1, 1, _LAST, f"{self.edition.title}　补助测算", band)
        sheet.set_row(1, 46)
        source = "　".join(filter(None, (f"指南版本：{self.edition.id}", self.edition.source and f"来源：{self.edition.source}")))
        sheet.merge_range(2, 1, 2, _LAST, source, desk.looks.note)
        fit_row(sheet, 2, [(source, sum(_WIDTHS[1:]))])
        row = self._steps(3)
        row = self._legend(row)
        row = self._sheets(row)
        self._programmes(row, programmes, sheets)
        print_on_a4(sheet, _WIDTHS)
        sheet.protect("", {"format_columns": True, "format_rows": True})
        sheet.activate()

    def _steps(self, row: int) -> int:
        row = self.desk.section(self.sheet, row, _LAST, "怎样用")
        for number, text in enumerate(_STEPS, 1):
            self.sheet.merge_range(row, 1, row, _LAST, f"{number}．{text}", self.desk.looks.get(text_wrap=True, indent=1))
            fit_row(self.sheet, row, [(text + "　" * 3, sum(_WIDTHS[1:]))])
            row += 1
        return row

    def _legend(self, row: int) -> int:
        looks = self.desk.looks
        row = self.desk.section(self.sheet, row, _LAST, "颜色")
        for style, sample, text in (({}, "1500", "白色：填写"), ({"bg_color": GREY}, "150.00", "灰色：公式算出，不用填"),
                                    (LACKING, "", "黄色：还缺，请填"),
                                    ({"bg_color": DOUBT}, "15000000", "橙色：读得出，但少见（超过100亿元、比例超过100%、个数不是整数），请核对"),
                                    (WRONG, "约500万", "红色：填得不对，当作没填；文本格式的数字、多出的空格也算，请重新输入")):
            self.sheet.set_row(row, 19)
            self.sheet.write_string(row, 1, sample, looks.get(align="center", border=1, border_color=LINE, **style))
            self.sheet.merge_range(row, 2, row, _LAST, text, looks.get(indent=1))
            row += 1
        return row

    def _sheets(self, row: int) -> int:
        row = self.desk.section(self.sheet, row, _LAST, "工作表")
        link = self.desk.looks.get(font_color="#1F5FA8", underline=1, bold=True, border=1, border_color=LINE, align="center")
        for name, text in _SHEETS:
            self.sheet.set_row(row, 22)
            self.sheet.write_url(row, 1, f"internal:'{name}'!A1", link, name)
            self.sheet.merge_range(row, 2, row, _LAST, text, self.desk.text)
            row += 1
        return row + 1

    def _programmes(self, row: int, programmes: Sequence[Programme], sheets: Mapping[str, str]) -> None:
        desk, sheet = self.desk, self.sheet
        sheet.set_row(row, 22)
        sheet.repeat_rows(row)
        for index, text in enumerate(("编号", "项目（点击打开）", "申报方式", "开始申报", "截止申报", "名额", "补助标准"), 1):
            sheet.write_string(row, index, text, desk.head)
        blue = {"font_color": "#1F5FA8", "underline": 1, "border": 1, "border_color": LINE}
        link, short = desk.looks.get(text_wrap=True, indent=1, **blue), desk.looks.get(font_size=9, align="center", **blue)
        for line, programme in enumerate(programmes, row + 1):
            cells = (programme.mode, programme.opens or _UNKNOWN, programme.closes or _UNKNOWN, quota_text(programme), programme.standard)
            fit_row(sheet, line, [(programme.title, _WIDTHS[2]), *zip(cells, _WIDTHS[3:])])
            page = sheet_reference(sheets[programme.id], "A1")
            sheet.write_url(line, 1, f"internal:{page}", short, programme.id)
            # A formula: LibreOffice does not wrap the text of a cell's own link.
            sheet.write_formula(line, 2, f'=HYPERLINK("#{page}",{quoted(programme.title)})', link, programme.title)
            for index, text in enumerate(cells, 3):
                sheet.write_string(line, index, text, desk.text)
