"""The page of one programme: what to fill, what comes out, each condition with its verdict, shortfall and citation, the materials.

    A margin   B number   C name, wording   D to fill   E used   F unit   G state   H shortfall, use   I citation
    J marks of the conditions, and of what is filled in wrongly (hidden)      L, M the points of the chart (not printed)
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xlsxwriter.worksheet import Worksheet

from ...output.layout import fit_row, print_on_a4
from ...output.submission.checks import BROKEN, LACKING, Cells, RowChecks
from ...output.submission.columns import fact_column
from ...output.submission.looks import AMOUNT, LINE, VERDICTS
from ...rules.assess import INELIGIBLE, OPEN
from ...rules.formula import number_text
from ...rules.model import Condition, Programme
from ...rules.native import native
from .answers import NOT_APPLICABLE, SHOWN, Answers, Rules, wording
from .chart import curve
from .desk import DOUBTFUL, FAULTY, ODD, Desk, look_at, taken, typed
from .shortfall import quoted

_NUMBER, _NAME, _INPUT, _USED, _UNIT, _STATE, _SHORT, _CITE, _MARK = range(1, 10)
_POINTS = 11
_WIDTHS = (2, 10, 42, 17, 15, 8, 10, 34, 26)
_RESULTS = 3  # the row of the section 结论
_FACTS = 10  # the first row that depends on the programme
_SHOWN_SHORT = 80  # characters of a shortfall there is room for; most conditions lack less, and a tall row is ugly
_LINE_CHARS = sum(_WIDTHS[_NAME:_CITE + 1])


@dataclass(frozen=True)
class PageCells:
    """The cells of a page that the comparison reads."""

    verdict: str
    ceiling: str
    subsidy: str
    first: str
    broken: str
    missing: str
    inputs: str  # the range of cells to fill; empty without facts


class ProgrammePage:
    """Writes the page of one programme."""

    def __init__(self, desk: Desk, sheet: Worksheet, rules: Rules, answers: Answers, own: Mapping[str, object], common: Mapping[str, str]) -> None:
        """`own`: the facts typed on this page; `common`: the cell of each fact in 企业情况."""
        self.desk, self.sheet, self.rules, self.answers, self.own, self.common = desk, sheet, rules, answers, own, common
        self.programme: Programme = rules.programme
        self.first_fact = _FACTS + 2
        self.first_condition = self.first_fact + max(len(self.programme.fields), 1) + 3
        self.sources: dict[str, str] = {}
        self.cells = self._cells()

    def _cells(self) -> Cells:
        programme, conditions = self.programme, self.rules.conditions
        marks = {each.number: f"$J${self.first_condition + at + 1}" for at, each in enumerate(conditions)}
        hard = len(programme.hard)
        return Cells(
            facts={name: f"$E${self.first_fact + at + 1}" for at, name in enumerate(programme.fields)}, basics={},
            choices={f"$E${self.first_fact + at + 1}": source for at, field in enumerate(programme.fields.values())
                     if (source := self.desk.lists.source(field.choices))},
            required=(), inputs="", types="", conditions=marks,
            wordings={each.number: f'$B${row + 1}&" "&$C${row + 1}' + ("" if each.hard else '&"（提示）"')
                      for row, each in enumerate(conditions, self.first_condition)},
            hard_range=f"$J${self.first_condition + 1}:$J${self.first_condition + hard}" if hard else "",
            ceiling=self._result(1), first=self._result(3), verdict=self._result(0), blank="")

    def _result(self, at: int) -> str:
        return f"$D${_RESULTS + 2 + at}"

    @property
    def places(self) -> PageCells:
        last = self.first_fact + len(self.programme.fields)
        return PageCells(*(self._result(at) for at in range(4)), f"$C${_RESULTS + 6}", f"$C${_RESULTS + 7}",
                         f"$D${self.first_fact + 1}:$D${last}" if self.programme.fields else "")

    def write(self, subtitle: str, links: Mapping[str, str]) -> None:
        sheet = self.sheet
        for index, width in enumerate(_WIDTHS):
            sheet.set_column(index, index, width)
        sheet.set_column(_MARK, _MARK, 3, None, {"hidden": True})
        sheet.set_column(_POINTS, _POINTS + 1, 14)
        self.desk.title(sheet, f"{self.programme.id}　{self.programme.title}")
        for at, (text, target) in enumerate(links.items()):
            sheet.write_url(1, _NUMBER + at, target, self.desk.link, text)
        sheet.merge_range(2, _NUMBER, 2, _CITE, subtitle, self.desk.looks.note)
        fit_row(sheet, 2, [(subtitle, _LINE_CHARS + 10)])
        checks = RowChecks(self.programme, self.cells)
        self._results(checks)
        self._facts()
        row = self._conditions(checks)
        row = self._notes(row, "申报材料", [(each.title, each.text, each.cite) for each in self.programme.materials])
        row = self._notes(row, "文件没有写清、本表这样理解", [(reading, "", "") for reading in self.programme.readings])
        sheet.freeze_panes(1, 0)
        sheet.print_area(0, 0, row - 1, _CITE)
        sheet.repeat_rows(0)
        print_on_a4(sheet, _WIDTHS)
        sheet.protect("", {"format_columns": True, "format_rows": True})
        sheet.set_selection(self.first_fact, _INPUT, self.first_fact, _INPUT)

    # --- what comes out -----------------------------------------------------------------------------------------------

    def _results(self, checks: RowChecks) -> None:
        desk, sheet, programme, answers = self.desk, self.sheet, self.programme, self.answers
        row = desk.section(sheet, _RESULTS, _CITE, "结论") - 1
        big = {"border": 1, "border_color": LINE, "bg_color": "#F3F5F8", "bold": True, "align": "center"}
        verdict, amount = desk.looks.get(font_size=16, **big), desk.looks.get(font_size=13, num_format=AMOUNT, **big)
        unstated = "另行通知，本文件没有可计算的标准"
        subsidy = f'=IF({self.cells.verdict}="{INELIGIBLE}",0,{self.cells.ceiling})' if programme.ceiling else '=""'
        lines = (
            ("结论", "符合：必须条件全部满足；不符合：有一条不满足；待核实：数据不全", checks.verdict(), answers.verdict, verdict),
            ("补助上限（万元）", programme.ceiling.text if programme.ceiling else unstated,
             checks.ceiling() if programme.ceiling else '=""', answers.ceiling, amount),
            ("可补助（万元）", "不符合为0，其余为补助上限" if programme.ceiling else "", subsidy, answers.subsidy, amount),
            ("首付（万元）", programme.first.text if programme.first else "一次拨付或文件没有写分期" if programme.ceiling else "",
             checks.first() if programme.first else '=""', answers.first, amount))
        label, small = desk.looks.get(bold=True), desk.looks.get(font_size=8, font_color="#5B6472")
        frame = desk.looks.get(border=1, border_color=LINE, text_wrap=True, indent=1)
        for name, words, formula, value, style in lines:
            row += 1
            sheet.merge_range(row, _NUMBER, row, _NAME, "", frame)
            if words:
                sheet.write_rich_string(row, _NUMBER, label, name, small, f"\n{words}", frame)
            else:
                sheet.write_string(row, _NUMBER, name, desk.looks.get(bold=True, border=1, border_color=LINE, indent=1))
            sheet.merge_range(row, _INPUT, row, _USED, "", style)
            sheet.write_formula(row, _INPUT, formula, style, value)
            sheet.set_row(row, 44 if len(words) < 50 else 58 if len(words) < 90 else 84)
        for text, colour in VERDICTS.items():
            sheet.conditional_format(_RESULTS + 1, _INPUT, _RESULTS + 1, _INPUT, {
                "type": "cell", "criteria": "==", "value": f'"{text}"', "format": desk.book.add_format({"font_color": colour})})
        longest = max(sum(len(wording(each)) for each in self.rules.conditions), sum(map(len, programme.fields)))
        for name, formula, value, verdict_of in (("不满足", checks.broken(), answers.broken, INELIGIBLE),
                                                 ("还缺什么\n请核对什么", self._missing(checks), answers.unsettled, OPEN)):
            row += 1
            sheet.set_row(row, 46 if longest <= 200 else 62 if longest <= 280 else 78)
            sheet.write_string(row, _NUMBER, name, desk.looks.get(bold=True, border=1, border_color=LINE, align="center", text_wrap=True))
            wide = desk.looks.get(font_size=9, text_wrap=True, indent=1, border=1, border_color=LINE, bg_color="#F3F5F8")
            sheet.merge_range(row, _NAME, row, _CITE, "", wide)
            sheet.write_formula(row, _NAME, formula, wide, value)
            sheet.conditional_format(row, _NAME, row, _CITE, {"type": "formula", "criteria": f'={self.cells.verdict}="{verdict_of}"',
                                                              "format": desk.book.add_format({"font_color": VERDICTS[verdict_of]})})
        self._chart()

    def _missing(self, checks: RowChecks) -> str:
        """What is missing, what is filled in wrongly and so counts as missing, and what should be looked at again."""
        parts = [f'IF({self._mark(row)}="","",{quoted(name)}&"（"&IF({self._mark(row)}="{BROKEN}","{FAULTY}","{DOUBTFUL}")&"）；")'
                 for row, name in enumerate(self.programme.fields, self.first_fact)]
        return "&".join([checks.missing(), *parts, *([quoted(self.rules.unchecked)] if self.rules.unchecked else [])])

    @staticmethod
    def _mark(row: int) -> str:
        return f"$J${row + 1}"

    def _chart(self) -> None:
        sheet, found = self.sheet, curve(self.programme)
        if found is None:
            standard = self.programme.standard or "补助标准：本文件没有写"
            sheet.merge_range(_RESULTS + 1, _UNIT, _RESULTS + 4, _CITE, standard,
                              self.desk.looks.get(border=1, border_color=LINE, text_wrap=True, align="center", font_color="#5B6472"))
            return
        sheet.write_string(_RESULTS, _POINTS, "图的数据（万元）", self.desk.looks.get(font_size=9, bold=True))
        used = self.cells.facts[found.basis]
        here = self.answers.facts.get(found.basis), self.answers.answer.subsidy
        lines = found.table(self.desk, sheet, _RESULTS + 1, _POINTS, used, self._result(2), here)
        chart = found.draw(self.desk.book, sheet.get_name(), lines, 562, 230)
        sheet.insert_chart(_RESULTS + 1, _UNIT, chart, {"x_offset": 4, "y_offset": 2, "object_position": 2})

    # --- what to fill -------------------------------------------------------------------------------------------------

    def _facts(self) -> None:
        desk, sheet = self.desk, self.sheet
        row = desk.section(sheet, _FACTS, _CITE, "填写（白格；这里没填的，用“企业情况”里填的）")
        for index, text in ((_NUMBER, "序号"), (_NAME, "事实"), (_INPUT, "填写"), (_USED, "采用"), (_UNIT, "单位"), (_STATE, "状态")):
            sheet.write_string(row, index, text, desk.head)
        sheet.merge_range(row, _SHORT, row, _CITE, "怎么填；用在哪里", desk.head)
        if not self.programme.fields:
            sheet.merge_range(row + 1, _NUMBER, row + 1, _CITE, "本文件没有列出可核对的条件和可计算的标准，没有要填的。", desk.text)
        for at, field in enumerate(self.programme.fields.values()):
            row = self.first_fact + at
            wanted = fact_column(self.programme, field)
            source = desk.fact(sheet, row, _INPUT, wanted, self.own.get(field.name))
            cell, used, common = f"$D${row + 1}", f"$E${row + 1}", self.common[field.name]
            value = typed(self.answers.facts.get(field.name), field)
            sheet.write_number(row, _NUMBER, at + 1, desk.centre)
            sheet.write_string(row, _NAME, field.name, desk.text)
            kind = {"金额": AMOUNT, "盈亏": AMOUNT, "比例": "0.00%", "日期": "yyyy-mm-dd"}.get(field.kind, "General")
            style = desk.looks.answer("center" if field.kind in ("是否", "日期", "选项", "文字") else "right", num_format=kind, text_wrap=True)
            sheet.write_formula(row, _USED, f"={taken(field, cell, common)}", style, "" if value is None else value)
            sheet.write_string(row, _UNIT, wanted.unit, desk.centre)
            is_odd, mark = bool(field.doubt(self.answers.facts.get(field.name))), self._mark(row)
            sheet.write_formula(row, _MARK, f"={look_at(field, used, source)}", None, ODD if is_odd else "")
            sheet.write_formula(row, _STATE, f'=IF({mark}="{BROKEN}","{FAULTY}",IF({mark}="{ODD}","{DOUBTFUL}",'
                                             f'IF({self.cells_missing(field.name)},"缺","")))', desk.centre,
                                DOUBTFUL if is_odd else "缺" if self.answers.lacks(field.name) else "")
            sheet.merge_range(row, _SHORT, row, _CITE, wanted.hint.replace("\n", "；"), desk.text)
            fit_row(sheet, row, [(field.name, _WIDTHS[_NAME]), (wanted.hint, _WIDTHS[_SHORT] + _WIDTHS[_CITE]), (str(value or ""), _WIDTHS[_USED])])
            desk.faulty(sheet, row, _INPUT, field, cell, source)
            desk.doubtful(sheet, row, _INPUT, f'{mark}="{ODD}"')
            desk.lacking(sheet, row, _INPUT, f'$G${row + 1}="缺"')
        desk.states(sheet, self.first_fact, _STATE, self.first_fact + max(len(self.programme.fields), 1) - 1)

    def cells_missing(self, name: str) -> str:
        """Whether a fact is named in 还缺什么, as a formula."""
        return f'ISNUMBER(FIND("；{name}；","；"&{self.places.missing}))'

    # --- conditions and notes -----------------------------------------------------------------------------------------

    def _conditions(self, checks: RowChecks) -> int:
        desk, sheet = self.desk, self.sheet
        row = desk.section(sheet, self.first_condition - 2, _CITE, "条件")
        sheet.merge_range(row, _NAME, row, _UNIT, "条件", desk.head)
        for index, text in ((_NUMBER, "条件号"), (_STATE, "结论"), (_SHORT, "差在哪里"), (_CITE, "出处")):
            sheet.write_string(row, index, text, desk.head)
        for row, condition in enumerate(self.rules.conditions, self.first_condition):
            mark, status, short = f"$J${row + 1}", self.answers.status(condition), self.answers.shortfall(condition)
            text = condition.text + ("" if condition.hard else "（提示）")
            sheet.write_string(row, _NUMBER, condition.number, desk.centre)
            sheet.merge_range(row, _NAME, row, _UNIT, condition.text, desk.text)
            sheet.write_formula(row, _MARK, checks.condition(condition.rule.node), None, self.answers.marks[condition.number])
            sheet.write_formula(row, _STATE, f"={self._status(condition, mark, checks)}", desk.centre, status)
            sheet.write_formula(row, _SHORT, self._shortfall(condition, mark, checks), desk.text, short)
            sheet.write_string(row, _CITE, condition.cite + ("" if condition.hard else "（提示，不影响结论）"), desk.text)
            fit_row(sheet, row, [(text, sum(_WIDTHS[_NAME:_STATE])), (condition.cite + "　" * 4, _WIDTHS[_CITE]),
                                 ("".join(gap.longest for gap in self.rules.gaps[condition.number])[:_SHOWN_SHORT], _WIDTHS[_SHORT])])
        if not self.rules.conditions:
            row += 1
            sheet.merge_range(row, _NUMBER, row, _CITE, "本文件没有列出可核对的条件，结论为待核实。", desk.text)
        desk.states(sheet, self.first_condition, _STATE, row)
        return row + 1

    def _status(self, condition: Condition, mark: str, checks: RowChecks) -> str:
        met = f'"{SHOWN["√"]}"'
        if condition.when is not None:
            met = f'IF(IFERROR(NOT({native(condition.when.node, checks.references)}),FALSE()),"{NOT_APPLICABLE}",{met})'
        return f'IF({mark}="{BROKEN}","{SHOWN[BROKEN]}",IF({mark}="{LACKING}","{SHOWN[LACKING]}",{met}))'

    def _shortfall(self, condition: Condition, mark: str, checks: RowChecks) -> str:
        parts = "&".join(gap.native(checks.references) for gap in self.rules.gaps[condition.number])
        return f'=IF({mark}="{BROKEN}",{parts},"")' if parts else '=""'

    def _notes(self, row: int, title: str, notes: list[tuple[str, str, str]]) -> int:
        desk, sheet = self.desk, self.sheet
        if not notes:
            return row
        row = desk.section(sheet, row + 1, _CITE, title)
        for number, (name, text, cite) in enumerate(notes, 1):
            words = f"{name}：{text}" if text else name
            sheet.write_string(row, _NUMBER, number_text(float(number)), desk.centre)
            last = _SHORT if cite else _CITE
            sheet.merge_range(row, _NAME, row, last, words, desk.text)
            if cite:
                sheet.write_string(row, _CITE, cite, desk.text)
            fit_row(sheet, row, [(words, sum(_WIDTHS[_NAME:last + 1])), (cite, _WIDTHS[_CITE])])
            row += 1
        return row


