"""How a submission workbook looks: calm colours, one for each group of columns, the same on every sheet."""
from __future__ import annotations

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

from ...rules.model import Field
from .columns import BASICS, FACTS, INDICATORS

CHECKS, CONDITIONS = "自动核对", "逐条核对"
FACE = "Microsoft YaHei"
DARK, LINE, GREY = "#1F3A5F", "#C9D3DF", "#F3F5F8"
BANDS = {  # the group's heading and the headings below it
    BASICS: ("#2F5D8A", "#DCE8F3"), FACTS: ("#2E6B63", "#DCEDE9"), INDICATORS: ("#7A5C2E", "#F3EADB"),
    CHECKS: ("#5B6472", "#E6E9EE"), CONDITIONS: ("#5B6472", "#E6E9EE")}
LACKING, WRONG = {"bg_color": "#FFF3CD"}, {"bg_color": "#F8CFC9"}
VERDICTS = {"符合": "#2E7D32", "不符合": "#C62828", "待核实": "#B26A00"}
AMOUNT = "#,##0.00####"  # to the fen, two decimals at least
_NUMBERS = {"金额": AMOUNT, "盈亏": AMOUNT, "数量": "General", "比例": "0.00%", "日期": "yyyy-mm-dd", "文字": "@"}


class Looks:
    """The formats of one workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.made: dict[tuple[tuple[str, object], ...], Format] = {}

    def get(self, **properties: object) -> Format:
        key = tuple(sorted(properties.items()))
        if key not in self.made:
            self.made[key] = self.book.add_format({"font_name": FACE, "font_size": 10, "valign": "vcenter", **properties})
        return self.made[key]

    @property
    def title(self) -> Format:
        return self.get(font_size=15, bold=True, font_color=DARK)

    @property
    def note(self) -> Format:
        return self.get(font_size=9, font_color="#5B6472", valign="top", text_wrap=True)

    @property
    def star(self) -> Format:
        return self.get(bold=True, font_color="#C62828")

    def corner(self, name: str) -> Format:
        """A heading as high as a group's and its columns' together."""
        return self.get(bold=True, font_color="#FFFFFF", bg_color=BANDS[name][0], align="center", border=1, border_color=LINE)

    def band(self, name: str) -> Format:
        """One cell of a group's heading, which runs on into the next ones."""
        return self.get(bold=True, font_color="#FFFFFF", bg_color=BANDS[name][0], indent=1, top=1, bottom=1, border_color=LINE)

    def heading(self, group: str) -> Format:
        return self.get(bold=True, font_size=9, font_color=DARK, bg_color=BANDS[group][1], align="center", text_wrap=True, border=1,
                        border_color=LINE)

    def cell(self, field: Field) -> Format:
        """A cell to fill."""
        align = {"文字": "left", "选项": "left", "是否": "center", "日期": "center"}.get(field.kind, "right")
        more: dict[str, object] = {"indent": 1} if align == "left" else {}
        if field.kind == "文字":
            more["text_wrap"] = True
        return self.get(num_format=_NUMBERS.get(field.kind, "General"), locked=False, border=1, border_color=LINE, align=align, **more)

    def answer(self, align: str = "left", **more: object) -> Format:
        """A cell a formula fills."""
        if align == "left":
            more["indent"] = 1
        return self.get(bg_color=GREY, border=1, border_color=LINE, align=align, font_size=9, **more)
