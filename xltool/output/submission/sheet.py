"""One programme's sheet of a submission workbook: headings in groups, rows to fill, live checks, the hidden stamp.

    1  title                              5  groups
    2  standard, quota, dates             6  headings
    3  type codes (hidden)                7… rows to fill
    4  stamp (hidden)
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from math import ceil

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from ...guideline.records import letters
from ...intake.headers import COLUMN, FACT
from ...intake.stamp import CHECK, Origin, column_code, origin_code
from ...rules.model import Condition, Programme
from ..layout import PAGE_WIDTH, heading_width, print_on_a4
from .checks import THIS_ROW, Cells, RowChecks, fault_test, type_code
from .columns import CITY, REQUIRED, InputColumn, conditions_in_order, validation
from .lists import COUNTIES, COUNTY_CITIES, Lists
from .looks import AMOUNT, BASICS, CHECKS, CONDITIONS, LACKING, VERDICTS, WRONG, Looks

TYPE_ROW, STAMP_ROW, GROUP_ROW, HEADING_ROW, FIRST_ROW = 2, 3, 4, 5, 6  # zero-based
NUMBER, VERDICT, INPUT = 0, 1, 2  # the first columns
FROZEN = INPUT + 2  # project and unit stay in sight
ROW_HEIGHT = 28  # two lines of an answer
_WIDTHS = {"申报项目名称": 28, "单位名称": 26, "统一社会信用代码": 22, "总体目标": 30, "个性指标": 30, "单位主要经营地址": 26,
           "任务目标": 30, "绩效目标": 30, "主要实施内容": 36, "项目实施进度计划": 36}


@dataclass(frozen=True)
class Answer:
    """A column of the group 自动核对."""

    heading: str
    width: int
    formula: str  # the method of RowChecks that writes it
    number: bool = False


def answers(programme: Programme) -> list[Answer]:
    amount = [Answer("补助上限\n（万元）", 11, "ceiling", number=True)] if programme.ceiling else []
    amount += [Answer("首付\n（万元）", 11, "first", number=True)] if programme.first else []
    return [*amount, Answer("不满足的条件", 40, "broken"), Answer("还缺什么", 34, "missing"), Answer("填写有误", 26, "faults")]


class ProgrammeSheet:
    """Writes the sheet of one programme."""

    def __init__(self, book: Workbook, sheet: Worksheet, looks: Looks, lists: Lists, programme: Programme, columns: list[InputColumn],
                 rows: int) -> None:
        self.book, self.sheet, self.looks, self.lists = book, sheet, looks, lists
        self.programme, self.columns, self.rows = programme, columns, rows
        self.answers = answers(programme)
        self.conditions = conditions_in_order(programme)
        self.first_answer = INPUT + len(columns)
        self.first_condition = self.first_answer + len(self.answers)
        self.end = self.first_condition + len(self.conditions)
        self.sources = [lists.source(column.choices) for column in columns]

    def write(self, origin: Origin, subtitle: str, back: str) -> None:
        self.sheet.hide_gridlines(2)
        self._title(subtitle, back)
        self._headings()
        self._stamp(origin)
        self._rows()
        self._validations()
        self._colours()
        self._arrange()

    # --- headings -----------------------------------------------------------------------------------------------------

    def _title(self, subtitle: str, back: str) -> None:
        sheet, looks = self.sheet, self.looks
        sheet.set_row(0, 30)
        sheet.write_string(0, NUMBER, f"{self.programme.id}　{self.programme.title}", looks.title)
        end, room = self._subtitle_room()
        sheet.set_row(1, 6 + 13 * max(2, ceil(len(subtitle) * 9 / (room * 5))))
        link = looks.get(font_size=9, font_color="#1F5FA8", underline=1, valign="top")
        sheet.merge_range(1, NUMBER, 1, VERDICT, "", link)
        sheet.write_url(1, NUMBER, back, link, "← 填报说明")
        sheet.merge_range(1, FROZEN, 1, end, subtitle, looks.note)

    def _subtitle_room(self) -> tuple[int, float]:
        """The last column of the line below the title and how wide it is: from the columns in sight to the end of the first page."""
        widths = self._widths()
        end, room = FROZEN, widths[FROZEN]
        left = PAGE_WIDTH - sum(widths[index] for index in range(FROZEN))
        while end + 1 < self.first_condition and room + widths[end + 1] <= left:
            end += 1
            room += widths[end]
        return end, room

    def _headings(self) -> None:
        looks = self.looks
        groups = [(VERDICT, CHECKS), *((INPUT + index, column.group) for index, column in enumerate(self.columns)),
                  *((index, CHECKS) for index in range(self.first_answer, self.first_condition)),
                  *((index, CONDITIONS) for index in range(self.first_condition, self.end))]
        self.sheet.merge_range(GROUP_ROW, NUMBER, HEADING_ROW, NUMBER, "序号", looks.corner(BASICS))
        self.sheet.merge_range(GROUP_ROW, VERDICT, HEADING_ROW, VERDICT, "结论", looks.corner(CHECKS))
        # What stays in sight has its own heading, so that none is cut when the rest is scrolled.
        for (name, _), members in groupby(groups[1:], key=lambda pair: (pair[1], pair[0] < FROZEN)):
            places = [index for index, _ in members]
            label = f"{CONDITIONS}（√满足　×不满足　缺：数据不全）" if name == CONDITIONS and len(places) > 2 else name
            for index in places:  # not merged: in print a merged heading runs over the edge of the page
                self.sheet.write_string(GROUP_ROW, index, label if index == places[0] else "", looks.band(name))
        for index, column in enumerate(self.columns, INPUT):
            self._input_heading(index, column)
        for index, answer in enumerate(self.answers, self.first_answer):
            self.sheet.write_string(HEADING_ROW, index, answer.heading, looks.heading(CHECKS))
        for index, condition in enumerate(self.conditions, self.first_condition):
            self.sheet.write_string(HEADING_ROW, index, _wording(condition), looks.heading(CONDITIONS))
        longest = max((len(_wording(condition)) for condition in self.conditions), default=0)
        self.sheet.set_row(GROUP_ROW, 20)
        self.sheet.set_row(HEADING_ROW, 62 if longest <= 40 else 76)

    def _input_heading(self, index: int, column: InputColumn) -> None:
        style = self.looks.heading(column.group)
        text = column.name + (f"\n（{column.unit}）" if column.unit else "")
        if column.required or column.core:
            plain = self.looks.get(bold=True, font_size=9, font_color="#1F3A5F")
            self.sheet.write_rich_string(HEADING_ROW, index, self.looks.star, "*", plain, text, style)
        else:
            self.sheet.write_string(HEADING_ROW, index, text, style)

    def _stamp(self, origin: Origin) -> None:
        self.sheet.write_string(STAMP_ROW, NUMBER, origin_code(replace(origin, below=FIRST_ROW - STAMP_ROW)))
        for index in [VERDICT, *range(self.first_answer, self.end)]:
            self.sheet.write_string(STAMP_ROW, index, CHECK)
        for index, column in enumerate(self.columns, INPUT):
            self.sheet.write_string(STAMP_ROW, index, column_code(column.targets))
            if code := type_code(column.field):
                self.sheet.write_string(TYPE_ROW, index, code)
        for row in (TYPE_ROW, STAMP_ROW):
            self.sheet.set_row(row, None, None, {"hidden": True})

    # --- rows ---------------------------------------------------------------------------------------------------------

    def cells(self) -> Cells:
        """The places of a row, for its formulas."""
        def at(index: int, line: object = THIS_ROW) -> str:
            return f"${letters(index)}{line}"

        places = {(target.role, target.field.name): at(index) for index, column in enumerate(self.columns, INPUT) for target in column.targets}
        basics = {name: cell for (role, name), cell in places.items() if role == COLUMN}
        picked = {at(index): source for index, (column, source) in enumerate(zip(self.columns, self.sources), INPUT)
                  if source and not column.open_list}
        numbers = {condition.number: index for index, condition in enumerate(self.conditions, self.first_condition)}
        hard = len(self.programme.hard)
        last = self.first_answer - 1
        return Cells(
            facts={name: cell for (role, name), cell in places.items() if role == FACT}, basics=basics, choices=picked,
            required=tuple(name for name in REQUIRED if name in basics), inputs=f"{at(INPUT)}:{at(last)}",
            types=f"{at(INPUT, f'${TYPE_ROW + 1}')}:{at(last, f'${TYPE_ROW + 1}')}",
            conditions={number: at(index) for number, index in numbers.items()},
            wordings={number: at(index, f"${HEADING_ROW + 1}") for number, index in numbers.items()},
            hard_range=f"{at(self.first_condition)}:{at(self.first_condition + hard - 1)}" if hard else "",
            ceiling=at(self.first_answer) if self.programme.ceiling else "", first=at(self.first_answer + 1) if self.programme.first else "",
            verdict=at(VERDICT), blank=f'{at(NUMBER)}=""')

    def formulas(self) -> Iterator[tuple[int, str, Format]]:
        """Column, formula and format of each check of a row."""
        checks, looks = RowChecks(self.programme, self.cells()), self.looks
        centre, text = looks.answer("center"), looks.answer(text_wrap=True)
        amount = looks.answer("right", num_format=AMOUNT)
        yield NUMBER, checks.number(FIRST_ROW + 1), centre
        yield VERDICT, checks.verdict(), looks.answer("center", bold=True)
        for index, answer in enumerate(self.answers, self.first_answer):
            yield index, getattr(checks, answer.formula)(), amount if answer.number else text
        for index, condition in enumerate(self.conditions, self.first_condition):
            yield index, checks.condition(condition.rule.node), centre

    def _rows(self) -> None:
        formulas = list(self.formulas())
        blanks = [(index, self.looks.cell(column.field)) for index, column in enumerate(self.columns, INPUT)]
        for row in range(FIRST_ROW, FIRST_ROW + self.rows):
            for index, style in blanks:
                self.sheet.write_blank(row, index, None, style)
            for index, formula, style in formulas:
                self.sheet.write_formula(row, index, formula.replace(THIS_ROW, str(row + 1)), style, "")

    def _validations(self) -> None:
        last = FIRST_ROW + self.rows - 1
        city = next((f"${letters(index)}{FIRST_ROW + 1}" for index, column in enumerate(self.columns, INPUT) if column.name == CITY), "")
        for index, (column, source) in enumerate(zip(self.columns, self.sources), INPUT):
            if column.per_city:
                source = (f'=IF({city}="",{COUNTIES},OFFSET({COUNTIES},MATCH({city},{COUNTY_CITIES},0)-1,0,'
                          f"COUNTIF({COUNTY_CITIES},{city}),1))")
            rule = validation(column, source if not source or source.startswith("=") else f"={source}")
            self.sheet.data_validation(FIRST_ROW, index, last, index, rule)

    # --- colours, widths, printing ------------------------------------------------------------------------------------

    def _colours(self) -> None:
        last, filled = FIRST_ROW + self.rows - 1, f"${letters(NUMBER)}{FIRST_ROW + 1}"
        wrong, lacking = self.book.add_format(WRONG), self.book.add_format(LACKING)
        faults = f"${letters(self.first_condition - 1)}{FIRST_ROW + 1}"
        for index, (column, source) in enumerate(zip(self.columns, self.sources), INPUT):
            cell = f"{letters(index)}{FIRST_ROW + 1}"
            if test := fault_test(column.field, cell, "" if column.open_list else source, faults):
                self.sheet.conditional_format(FIRST_ROW, index, last, index, {"type": "formula", "criteria": f"={test}", "format": wrong})
        required = [index for index, column in enumerate(self.columns, INPUT) if column.required]
        for _, run in groupby(enumerate(required), key=lambda pair: pair[1] - pair[0]):
            places = [index for _, index in run]
            cell = f"{letters(places[0])}{FIRST_ROW + 1}"
            self.sheet.conditional_format(FIRST_ROW, places[0], last, places[-1], {
                "type": "formula", "criteria": f'=AND({filled}<>"",{cell}="")', "format": lacking})
        for text, colour in VERDICTS.items():
            self.sheet.conditional_format(FIRST_ROW, VERDICT, last, VERDICT, {
                "type": "cell", "criteria": "==", "value": f'"{text}"', "format": self.book.add_format({"font_color": colour})})
        if self.conditions:
            for text, colour in (("×", VERDICTS["不符合"]), ("缺", VERDICTS["待核实"])):
                self.sheet.conditional_format(FIRST_ROW, self.first_condition, last, self.end - 1, {
                    "type": "cell", "criteria": "==", "value": f'"{text}"', "format": self.book.add_format({"font_color": colour, "bold": True})})

    def _widths(self) -> Mapping[int, float]:
        widths: dict[int, float] = {NUMBER: 5, VERDICT: 9}
        widths |= {INPUT + index: column_width(column) for index, column in enumerate(self.columns)}
        for group, members in groupby(range(len(self.columns)), key=lambda index: self.columns[index].group):
            first = INPUT + next(members)
            widths[first] = max(widths[first], 2 * len(group) + 3)  # so that no page ends within the group's name
        widths |= {index: answer.width for index, answer in enumerate(self.answers, self.first_answer)}
        return widths | {index: max(12, min(26, len(_wording(condition)) * 2 // 4)) for index, condition in
                         enumerate(self.conditions, self.first_condition)}

    def _arrange(self) -> None:
        sheet, widths = self.sheet, self._widths()
        for index, width in widths.items():
            sheet.set_column(index, index, width)
        sheet.set_default_row(ROW_HEIGHT)
        sheet.freeze_panes(FIRST_ROW, FROZEN)
        sheet.repeat_rows(GROUP_ROW, HEADING_ROW)
        last = FIRST_ROW + self.rows - 1
        sheet.print_area(0, 0, last, self.first_condition - 1)
        print_on_a4(sheet, [widths[index] for index in range(self.first_condition)], FROZEN)
        sheet.autofilter(HEADING_ROW, NUMBER, last, self.end - 1)
        sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True})
        sheet.set_selection(FIRST_ROW, INPUT, FIRST_ROW, INPUT)


def _wording(condition: Condition) -> str:
    return f"{condition.number} {condition.text}" + ("" if condition.hard else "（提示）")


def column_width(column: InputColumn) -> float:
    """Wide enough for the values, and for the heading in three lines."""
    usual = {"文字": 18, "选项": 16, "日期": 12, "是否": 9}.get(column.field.kind, 13)
    usual = max(usual, 2 * max(map(len, column.choices)) + 4) if column.choices else usual
    return min(max(_WIDTHS.get(column.name, usual), heading_width(column.name)), 36)
