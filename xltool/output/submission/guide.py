"""The first sheet of a submission workbook (填报说明): how to fill, what the colours mean, where each programme's sheet is."""
from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.worksheet import Worksheet

from ...intake.stamp import Origin, origin_code
from ...rules.model import Edition, Programme
from ..layout import print_on_a4
from .columns import BASICS, FACTS, INDICATORS
from .looks import BANDS, CHECKS, GREY, LACKING, LINE, VERDICTS, WRONG, Looks

GUIDE = "填报说明"
_WIDTHS = (2, 13, 54, 11, 13, 13, 22, 52)
_UNKNOWN = "见申报通知"  # the document names no day
_STEPS = (
    "一个项目一行，填在所报项目类别的工作表里；点下面的项目名称就到。每张表可填 {rows} 个项目，空行不用删。",
    "白色的格填写，灰色的格由公式算出，表头和公式受保护（没有密码）。点一个格就显示填什么、用在哪一条。",
    "金额一律填万元，只写数字；日期写到日，如 2025-06-30；比例写百分数；有下拉箭头的从中选。空着就是没填，不当作0或“否”。",
    "从别处复制来时请用“选择性粘贴—数值”。不要插入、删除或移动列，不要改工作表的隐藏行：汇总按它认列，一格不差。",
    "结论随填随算：不符合＝有必须条件不满足；待核实＝数据不全；符合＝全部满足。只供自查，以评审和文件为准。",
    "绩效指标填目标值；上报的绩效目标申报表由它生成。填好后整个文件报送，不用另存格式，不用合并。",
)


class GuideSheet:
    """Writes the page."""

    def __init__(self, sheet: Worksheet, looks: Looks, edition: Edition) -> None:
        self.sheet, self.looks, self.edition = sheet, looks, edition

    def write(self, origin: Origin, programmes: Sequence[tuple[Programme, str]], rows: int) -> None:
        sheet, looks = self.sheet, self.looks
        for index, width in enumerate(_WIDTHS):
            sheet.set_column(index, index, width)
        sheet.write_string(0, 0, origin_code(origin))
        sheet.set_row(0, None, None, {"hidden": True})
        sheet.hide_gridlines(2)
        sheet.set_row(1, 36)
        sheet.write_string(1, 1, f"{self.edition.title}　填报模板", looks.get(font_size=17, bold=True, font_color="#1F3A5F"))
        source = "　".join(filter(None, (f"指南版本：{self.edition.id}", self.edition.source and f"来源：{self.edition.source}")))
        sheet.merge_range(2, 1, 2, 7, source, looks.note)
        line = self._steps(4, rows)
        line = self._legend(line + 1)
        self._programmes(line + 1, programmes)
        print_on_a4(sheet, _WIDTHS)
        sheet.protect("", {"format_columns": True, "format_rows": True})
        sheet.activate()

    def _section(self, line: int, text: str) -> int:
        self.sheet.set_row(line, 24)
        style = self.looks.get(bold=True, font_size=12, font_color="#1F3A5F", bottom=2, bottom_color="#2F5D8A")
        self.sheet.merge_range(line, 1, line, 7, text, style)
        return line + 1

    def _steps(self, line: int, rows: int) -> int:
        line = self._section(line, "怎样填")
        for number, text in enumerate(_STEPS, 1):
            self.sheet.set_row(line, 21)
            self.sheet.merge_range(line, 1, line, 7, f"{number}．{text.format(rows=rows)}", self.looks.get(text_wrap=True))
            line += 1
        return line

    def _legend(self, line: int) -> int:
        line = self._section(line, "颜色和记号")
        samples = (
            ({}, "项目名称", "白色：填写"), ({"bg_color": GREY}, "150.00", "灰色：公式算出，不用填"),
            (LACKING, "", "黄色：这一行还缺的必填数据"), (WRONG, "约500万", "红色：填得不对，核对和汇总都读不出来"),
            ({"font_color": "#C62828", "bold": True}, "*", "表头带红星：基本情况必填、条件或补助要用的数据、绩效表的核心指标"),
            ({"font_color": VERDICTS["不符合"], "bold": True}, "不符合", "结论，和右边“不满足的条件”“还缺什么”“填写有误”一起看"))
        for style, sample, text in samples:
            self.sheet.set_row(line, 20)
            self.sheet.write_string(line, 1, sample, self.looks.get(align="center", border=1, border_color=LINE, **style))
            self.sheet.merge_range(line, 2, line, 7, text, self.looks.get(align="left", indent=1))
            line += 1
        for group, text in ((BASICS, "申报单位和项目的基本情况"), (FACTS, "核对条件、计算补助要用的数据"), (INDICATORS, "绩效目标申报表的目标值"),
                            (CHECKS, "公式算出的结论、补助上限和毛病")):
            self.sheet.set_row(line, 20)
            self.sheet.write_string(line, 1, group, self.looks.get(font_size=9, bold=True, font_color="#FFFFFF", bg_color=BANDS[group][0],
                                                                  align="center", border=1, border_color=LINE))
            self.sheet.merge_range(line, 2, line, 7, text, self.looks.get(align="left", indent=1))
            line += 1
        return line

    def _programmes(self, line: int, programmes: Sequence[tuple[Programme, str]]) -> None:
        line = self._section(line, "工作表")
        heading = self.looks.heading(BASICS)
        self.sheet.set_row(line, 22)
        for index, text in enumerate(("编号", "项目（点击打开）", "申报方式", "开始申报", "截止申报", "名额", "补助标准"), 1):
            self.sheet.write_string(line, index, text, heading)
        frame = {"border": 1, "border_color": LINE, "text_wrap": True, "align": "left", "indent": 1}
        cell, small = self.looks.get(**frame), self.looks.get(font_size=9, **frame)
        link = self.looks.get(font_color="#1F5FA8", underline=1, **frame)
        for programme, name in programmes:
            line += 1
            long = max(len(programme.title) / 28, len(programme.standard) / 31, len(quota_text(programme)) / 12)
            self.sheet.set_row(line, 20 if long <= 1 else 32 if long <= 2 else 46)
            self.sheet.write_string(line, 1, programme.id, cell)
            self.sheet.write_url(line, 2, f"internal:'{name}'!C7", link, programme.title)
            for index, text in enumerate((programme.mode, programme.opens or _UNKNOWN, programme.closes or _UNKNOWN, quota_text(programme),
                                          programme.standard), 3):
                self.sheet.write_string(line, index, text, small)


def quota_text(programme: Programme) -> str:
    """How many projects there may be: in all, and by part."""
    parts = [f"{row.part}{row.maximum}个" if row.maximum is not None else row.part for row in programme.quota if row.part]
    whole = next((f"{row.maximum}个" for row in programme.quota if not row.part and row.maximum is not None), "")
    return whole + (f"（{'、'.join(parts)}）" if whole and parts else "、".join(parts))
