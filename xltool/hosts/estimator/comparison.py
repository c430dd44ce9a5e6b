"""The sheet 对比: all programmes side by side for one enterprise, the most promising first, in an order that formulas keep."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from ...output.layout import print_on_a4
from ...output.submission.looks import AMOUNT, GREY, LINE, VERDICTS
from ...rules.assess import ELIGIBLE, INELIGIBLE, OPEN
from ...rules.model import Edition
from .answers import Answers
from .desk import Desk, sheet_reference
from .given import Given, telling
from .page import PageCells

SHEET, TABLE = "对比", "对比数据"
_HEADS = (("名次", 6), ("编号", 14), ("项目（点击打开）", 40), ("结论", 9), ("补助上限\n（万元）", 12),
          ("可补助\n（万元）", 12), ("首付\n（万元）", 12), ("不满足的条件", 40), ("还缺什么、请核对什么", 56))
HEAD, FIRST_ROW = 7, 8
_ORDER = {ELIGIBLE: 1, OPEN: 2, INELIGIBLE: 3}
_UNTOLD = 10  # added where nothing is stated that tells of the programme
# columns of the hidden table, a row per programme in the document's order
_ID, _TITLE, _LINK, _VERDICT, _CEILING, _SUBSIDY, _FIRST, _BROKEN, _MISSING, _CLASS, _AMOUNT, _RANK, _LACKING = (chr(65 + at) for at in range(13))


@dataclass(frozen=True)
class Line:
    """A programme to compare: its answers, where its page is and which of its cells say what."""

    answers: Answers
    sheet: str
    cells: PageCells
    told: bool

    @property
    def place(self) -> tuple[float, float]:
        """Sorts the most promising first: told of, then the verdict, then the amount."""
        return _ORDER[self.answers.verdict] + (0 if self.told else _UNTOLD), -(self.answers.subsidy or 0.0)


class Comparison:
    """Writes the sheet and the very hidden table it picks from."""

    def __init__(self, desk: Desk, sheet: Worksheet, edition: Edition, lines: Sequence[Line]) -> None:
        self.desk, self.sheet, self.edition, self.lines = desk, sheet, edition, lines
        self.sorted = sorted(lines, key=lambda line: line.place)  # stable: the document's order decides last

    def column(self, letter: str) -> str:
        return f"{TABLE}!${letter}$1:${letter}${len(self.lines)}"

    def write(self, back: Mapping[str, str]) -> None:
        desk, sheet = self.desk, self.sheet
        for index, (_, width) in enumerate(_HEADS):
            sheet.set_column(index, index, width)
        sheet.hide_gridlines(2)
        sheet.set_row(0, 32)
        sheet.write_string(0, 0, f"对比：{len(self.lines)} 个项目，最有希望的在前", desk.looks.get(font_size=15, bold=True, font_color="#1F3A5F"))
        for at, (text, target) in enumerate(back.items()):
            sheet.write_url(1, 2 * at, target, desk.link, text)
        note = desk.looks.get(font_size=9, font_color="#5B6472")
        sheet.write_string(2, 0, "按“企业情况”和各项目的页里填的数随时排序：填了本项目数据的在前，再按结论（符合、待核实、不符合）和可补助金额。"
                                 "灰字：还没有填本项目的数据。不看互相排斥、限报几项和管理办法的共同条件，请看各项目的页和文件。", note)
        self._summary()
        for index, (text, _) in enumerate(_HEADS):
            sheet.write_string(HEAD, index, text, desk.head)
        sheet.set_row(HEAD, 32)
        for at, line in enumerate(self.sorted):
            self._row(at, line)
        last = FIRST_ROW + len(self.lines) - 1
        for text, colour in VERDICTS.items():
            test = f'=AND($J{FIRST_ROW + 1}<{_UNTOLD},$D{FIRST_ROW + 1}="{text}")'
            sheet.conditional_format(FIRST_ROW, 3, last, 3, {"type": "formula", "criteria": test,
                                                             "format": desk.book.add_format({"font_color": colour, "bold": True})})
        sheet.conditional_format(FIRST_ROW, 0, last, 8, {"type": "formula", "criteria": f"=$J{FIRST_ROW + 1}>{_UNTOLD}",
                                                         "format": desk.book.add_format({"font_color": "#9AA3AF"})})
        sheet.set_column(9, 9, 3, None, {"hidden": True})
        sheet.freeze_panes(FIRST_ROW, 3)
        sheet.repeat_rows(HEAD)
        sheet.print_area(0, 0, last, 8)
        print_on_a4(sheet, [width for _, width in _HEADS], page=sum(width for _, width in _HEADS))
        sheet.protect("", {"format_columns": True, "format_rows": True})

    def _summary(self) -> None:
        """How many of each verdict, among those something is stated of."""
        sheet, looks = self.sheet, self.desk.looks
        told = [line for line in self.lines if line.told]
        box = {"align": "center", "border": 1, "border_color": LINE}
        for column, verdict in enumerate((ELIGIBLE, OPEN, INELIGIBLE), 3):
            count = f'SUMPRODUCT(({self.column(_VERDICT)}="{verdict}")*({self.column(_CLASS)}<{_UNTOLD}))'
            sheet.write_string(4, column, verdict, looks.get(font_size=9, bold=True, font_color=VERDICTS[verdict], bg_color=GREY, **box))
            sheet.write_formula(5, column, f"={count}", looks.get(font_size=14, bold=True, **box),
                                sum(line.answers.verdict == verdict for line in told))
        sheet.write_string(4, 6, "最多可补助", looks.get(font_size=9, bold=True, bg_color=GREY, **box))
        amounts = [line.answers.subsidy or 0.0 for line in told if line.answers.verdict == ELIGIBLE]
        most = f'MAX(({self.column(_VERDICT)}="{ELIGIBLE}")*({self.column(_CLASS)}<{_UNTOLD})*{self.column(_AMOUNT)})'
        sheet.write_formula(5, 6, f"=SUMPRODUCT({most})",
                            looks.get(font_size=11, bold=True, num_format="#,##0.00", **box), max(amounts, default=0.0))
        words = looks.get(font_size=9, font_color="#5B6472", indent=1)
        sheet.write_string(5, 7, "已填了数据的项目：各结论几个；符合的里面补助最多的一个（万元）", words)
        sheet.set_row(5, 24)

    def _row(self, at: int, line: Line) -> None:
        desk, sheet, row = self.desk, self.sheet, FIRST_ROW + at
        programme, answers = line.answers.rules.programme, line.answers
        found = f"MATCH($A{row + 1},{self.column(_RANK)},0)"

        def pick(letter: str) -> str:
            return f"=INDEX({self.column(letter)},{found})"

        frame = {"border": 1, "border_color": LINE, "valign": "vcenter"}
        text = desk.looks.get(font_size=8, text_wrap=True, indent=1, **{**frame, "valign": "top"})
        amount = desk.looks.get(num_format=AMOUNT, align="right", **frame)
        sheet.set_row(row, 48)
        sheet.write_number(row, 0, at + 1, desk.looks.get(align="center", **frame))
        sheet.write_formula(row, 1, pick(_ID), desk.looks.get(align="center", font_size=9, **frame), programme.id)
        link = desk.looks.get(font_color="#1F5FA8", underline=1, text_wrap=True, indent=1, **frame)
        sheet.write_formula(row, 2, f"=HYPERLINK(INDEX({self.column(_LINK)},{found}),INDEX({self.column(_TITLE)},{found}))", link, programme.title)
        sheet.write_formula(row, 3, pick(_VERDICT), desk.looks.get(align="center", **frame), answers.verdict)
        for column, (letter, value) in enumerate(((_CEILING, answers.ceiling), (_SUBSIDY, answers.subsidy), (_FIRST, answers.first)), 4):
            sheet.write_formula(row, column, pick(letter), amount, value)
        sheet.write_formula(row, 7, pick(_BROKEN), text, answers.broken)
        sheet.write_formula(row, 8, pick(_LACKING), text, numbered(answers.unsettled))
        sheet.write_formula(row, 9, pick(_CLASS), None, line.place[0])

    # --- the hidden table ---------------------------------------------------------------------------------------------

    def write_table(self, book: Workbook, given_cells: Mapping[str, str]) -> None:
        """A row per programme in the document's order; `given_cells`: the cell of each fact in 企业情况."""
        sheet, count = book.add_worksheet(TABLE), len(self.lines)
        ranks = {id(line): rank for rank, line in enumerate(self.sorted, 1)}
        for at, line in enumerate(self.lines):
            programme, answers, cells, row = line.answers.rules.programme, line.answers, line.cells, at + 1
            sheet.write_string(at, 0, programme.id)
            sheet.write_string(at, 1, programme.title)
            sheet.write_string(at, 2, f"#'{line.sheet}'!A1")
            values = (answers.verdict, answers.ceiling, answers.subsidy, answers.first, answers.broken, answers.unsettled)
            sources = (cells.verdict, cells.ceiling, cells.subsidy, cells.first, cells.broken, cells.missing)
            for column, (source, value) in enumerate(zip(sources, values), 3):
                sheet.write_formula(at, column, f"={sheet_reference(line.sheet, source)}", None, value)
            verdict = f"${_VERDICT}${row}"
            order = f'IF({verdict}="{ELIGIBLE}",{_ORDER[ELIGIBLE]},IF({verdict}="{OPEN}",{_ORDER[OPEN]},{_ORDER[INELIGIBLE]}))'
            counted = [given_cells[name] for name in telling(self.edition, programme)]
            counted += [sheet_reference(line.sheet, cells.inputs)] if cells.inputs else []
            untold = f"IF(COUNTA({','.join(counted)})=0,{_UNTOLD},0)" if counted else str(_UNTOLD)
            sheet.write_formula(at, 9, f"={order}+{untold}", None, line.place[0])
            sheet.write_formula(at, 10, f"=N(${_SUBSIDY}${row})", None, answers.subsidy or 0.0)
            own, amount = f"${_CLASS}${row}", f"${_AMOUNT}${row}"
            classes, amounts = (f"${letter}$1:${letter}${count}" for letter in (_CLASS, _AMOUNT))
            ahead = (f"({classes}<{own})+({classes}={own})*(({amounts}>{amount})+({amounts}={amount})*(ROW({classes})<{row}))")
            sheet.write_formula(at, 11, f"=1+SUMPRODUCT({ahead})", None, ranks[id(line)])
            missing = f"${_MISSING}${row}"
            items = f'LEN({missing})-LEN(SUBSTITUTE({missing},"；",""))'
            sheet.write_formula(at, 12, f'=IF({items}=0,"",{items}&"项：")&{missing}', None, numbered(answers.unsettled))
        sheet.very_hidden()


def numbered(names: str) -> str:
    """A list of names with their number before it: the cell may be too low to show all."""
    return f"{count}项：{names}" if (count := names.count("；")) else names


def lines_of(edition: Edition, given: Given, answers: Sequence[Answers], sheets: Mapping[str, str], cells: Mapping[str, PageCells]) -> list[Line]:
    """The programmes to compare, in the document's order."""
    programmes = [(each, each.rules.programme) for each in answers]
    return [Line(each, sheets[programme.id], cells[programme.id], given.touches(edition, programme)) for each, programme in programmes]
