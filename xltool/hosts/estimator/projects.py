"""The sheet 清单: a row is a project, whose programme is picked from a list; the columns of facts name themselves accordingly.

Each programme has its own formulas in hidden columns on the right, which stay empty in the rows of other programmes. So the rules
stand in every row as plain formulas, with no macro and nothing that only newer programs know.

    A number  B programme  C project  D verdict  E ceiling  F subsidy  G first payment  H broken  I missing  J faults
    K position of the programme (hidden)   L… pairs of a fact's name and its value   then, hidden, the marks and results per programme
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from ...guideline.records import letters
from ...output.layout import print_on_a4
from ...output.submission.checks import BROKEN, LACKING, THIS_ROW, Cells, RowChecks
from ...output.submission.looks import AMOUNT, GREY, LINE, VERDICTS, WRONG
from ...output.submission.looks import LACKING as LACKING_LOOK
from ...rules.assess import ELIGIBLE, INELIGIBLE, OPEN
from ...rules.model import Condition, Programme
from .answers import Answers, Rules, wording
from .desk import DOUBT, DOUBTFUL, YES_NO, Desk, look_at, typed
from .given import Project
from .shortfall import quoted

SHEET, TABLES = "清单", "清单数据"
ROWS = 50
_NUMBER, _PROGRAMME, _PROJECT, _VERDICT, _CEILING, _SUBSIDY, _FIRST, _BROKEN, _MISSING, _FAULTS, _POSITION, _PAIRS = range(12)
_HEADS = (("序号", 5), ("申报项目（下拉选择）", 42), ("企业或项目名称", 22), ("结论", 9), ("补助上限\n（万元）", 11), ("可补助\n（万元）", 11),
          ("首付\n（万元）", 11), ("不满足的条件", 36), ("还缺什么", 32), ("填得不对、请核对", 20))
HEAD, FIRST_ROW = 2, 3
_LABEL, _WIDE = 18, 15  # widths of a fact's name and value
_HIGH = 46  # of a row: four lines of a label
_UNKNOWN = "没有这个项目"
_NOTE = ("先选申报项目，右边就出现要填的事实。白格填写，灰格由公式算出。金额填万元，日期写到日，比例写百分数（60%），是否从下拉选；"
         "换项目先清空这一行。这里不用“企业情况”里的数。从别处复制请用“选择性粘贴—数值”，填好的格不要剪切、拖动。")
_RESULTS = ("ceiling", "first", "broken", "missing", "faults")


def choice(programme: Programme) -> str:
    """A programme in the drop-down."""
    return f"{programme.id} {programme.title}"


class ProjectList:
    """Writes the sheet and the very hidden tables that name the facts of each programme."""

    def __init__(self, desk: Desk, sheet: Worksheet, rules: Sequence[Rules], rows: int) -> None:
        self.desk, self.sheet, self.rules, self.rows = desk, sheet, rules, rows
        self.pairs = max((len(each.programme.fields) for each in rules), default=0)
        self.lists = {each.programme.id: {name: desk.lists.source(YES_NO if field.kind == "是否" else field.choices)
                                          for name, field in each.programme.fields.items()} for each in rules}
        every = [(at, condition) for at, each in enumerate(rules) for condition in each.conditions]
        marks = [*(pair for pair in every if pair[1].hard), *(pair for pair in every if not pair[1].hard)]
        self.first_mark = _PAIRS + 2 * self.pairs
        self.marks = {(at, condition.number): column for column, (at, condition) in enumerate(marks, self.first_mark)}
        self.hard = sum(condition.hard for _, condition in marks)
        self.first_result = self.first_mark + len(marks)
        self.programmes = self.desk.lists.source(tuple(choice(each.programme) for each in rules))

    def result(self, kind: str, at: int) -> int:
        """The hidden column of a programme's result; one kind beside the other."""
        return self.first_result + _RESULTS.index(kind) * len(self.rules) + at

    @property
    def end(self) -> int:
        return self.first_result + len(_RESULTS) * len(self.rules)

    def value_column(self, at: int) -> int:
        return _PAIRS + 2 * at + 1

    # --- formulas -----------------------------------------------------------------------------------------------------

    def cells(self, at: int) -> Cells:
        rules = self.rules[at]
        facts = {name: _cell(self.value_column(place)) for place, name in enumerate(rules.programme.fields)}
        return Cells(
            facts=facts, basics={}, choices={facts[name]: source for name, source in self.lists[rules.programme.id].items()
                                             if source and rules.programme.fields[name].choices},
            required=(), inputs="", types="",
            conditions={each.number: _cell(self.marks[at, each.number]) for each in rules.conditions},
            wordings={each.number: f"{letters(self.marks[at, each.number])}${HEAD + 1}" for each in rules.conditions},
            hard_range="", ceiling=_cell(self.result("ceiling", at)), first=_cell(self.result("first", at)), verdict=_cell(_VERDICT),
            blank=f"{_cell(_POSITION)}<>{at + 1}")

    def formulas(self) -> Iterator[tuple[int, int, str, str]]:
        """Column, programme, what it shows and formula of the hidden cells of a row."""
        for at, rules in enumerate(self.rules):
            cells, programme = self.cells(at), rules.programme
            checks = RowChecks(programme, cells)
            for condition in rules.conditions:
                yield self.marks[at, condition.number], at, condition.number, checks.condition(condition.rule.node)
            nothing = '=""'
            wrong = "&".join(look_at(field, (cell := cells.facts[name]), cells.choices.get(cell, ""), f"{name}；", f"{name}（{DOUBTFUL}）；")
                             for name, field in programme.fields.items()) or '""'
            texts = {"ceiling": checks.ceiling() if programme.ceiling else nothing, "first": checks.first() if programme.first else nothing,
                     "broken": checks.broken(), "missing": checks.missing() + _and(cells, rules.unchecked), "faults": cells.unless_blank(wrong)}
            for kind in _RESULTS:
                yield self.result(kind, at), at, kind, texts[kind]

    def shown(self) -> Iterator[tuple[int, str]]:
        """The formulas that bring the results of a row's programme to the left."""
        position, count = _cell(_POSITION), len(self.rules)
        # Picked from the list, or an id or a title that was pasted.
        cell, found = _cell(_PROGRAMME), "0"
        wanted = f"TRIM({cell})"
        for text in (f'"* "&{wanted}', f'{wanted}&" *"', wanted):
            found = f"IFERROR(MATCH({text},{self.programmes},0),{found})"
        signs = f'IFERROR(FIND("*",{cell}),0)+IFERROR(FIND("?",{cell}),0)+IFERROR(FIND("~",{cell}),0)'
        yield _POSITION, f'=IF(IFERROR({wanted}="",TRUE()),0,IF({signs}>0,0,{found}))'
        marks = f"{_cell(self.first_mark)}:{_cell(self.first_mark + max(self.hard, 1) - 1)}"
        yield _VERDICT, (f'=IF({position}=0,IF(IFERROR({wanted}="",FALSE()),"","{_UNKNOWN}"),'
                         f'IF(COUNTIF({marks},"{BROKEN}")>0,"{INELIGIBLE}",IF(COUNTIF({marks},"{LACKING}")>0,"{OPEN}",'
                         f'IF(INDEX(list_decides,{position})=1,"{ELIGIBLE}","{OPEN}"))))')
        for column, kind in ((_CEILING, "ceiling"), (_FIRST, "first")):
            own = f"{_cell(self.result(kind, 0))}:{_cell(self.result(kind, count - 1))}"
            yield column, f'=IF(COUNT({own})=0,"",SUM({own}))'
        yield _SUBSIDY, f'=IF({_cell(_VERDICT)}="{INELIGIBLE}",IF(INDEX(list_pays,{position})=1,0,""),{_cell(_CEILING)})'
        for column, kind in ((_BROKEN, "broken"), (_MISSING, "missing"), (_FAULTS, "faults")):
            yield column, "=" + "&".join(_cell(self.result(kind, at)) for at in range(count))
        for place in range(self.pairs):
            yield self.value_column(place) - 1, f'=IF({position}=0,"",INDEX(list_labels,{position},{place + 1})&"")'

    # --- writing ------------------------------------------------------------------------------------------------------

    def write(self, projects: Sequence[Project], back: str) -> None:
        self._headings(back)
        self._rows(projects)
        self._inputs()
        self._colours()
        self._arrange()

    def _headings(self, back: str) -> None:
        desk, sheet = self.desk, self.sheet
        desk.title(sheet, "清单：一行一个项目")
        sheet.write_url(1, _PROGRAMME, back, desk.link, "← 封面")
        note = desk.looks.get(font_size=9, font_color="#5B6472", text_wrap=True)
        sheet.merge_range(1, _VERDICT, 1, _FAULTS, _NOTE, note)
        sheet.set_row(1, 28)
        for index, (text, _) in enumerate(_HEADS):
            sheet.write_string(HEAD, index, text, desk.head)
        for place in range(self.pairs):
            column = self.value_column(place)
            sheet.write_string(HEAD, column - 1, f"事实{place + 1}", desk.head)
            sheet.write_string(HEAD, column, "填写", desk.head)
        for (at, number), column in self.marks.items():
            condition: Condition = next(each for each in self.rules[at].conditions if each.number == number)
            sheet.write_string(HEAD, column, wording(condition))
        sheet.set_row(HEAD, 34)

    def _rows(self, projects: Sequence[Project]) -> None:
        looks, sheet = self.desk.looks, self.sheet
        amount = looks.answer("right", num_format=AMOUNT)
        text = looks.get(bg_color=GREY, border=1, border_color=LINE, font_size=8, indent=1, text_wrap=True, valign="top")
        styles = {_POSITION: None, _VERDICT: looks.answer("center", bold=True), **dict.fromkeys((_CEILING, _SUBSIDY, _FIRST), amount),
                  **dict.fromkeys((_BROKEN, _MISSING, _FAULTS), text)}
        label = looks.get(bg_color=GREY, border=1, border_color=LINE, align="right", font_size=8, font_color="#5B6472", text_wrap=True)
        name = looks.get(locked=False, border=1, border_color=LINE, font_size=9, align="left", indent=1, text_wrap=True)
        entry = looks.get(locked=False, border=1, border_color=LINE, align="center", text_wrap=True)
        number = looks.get(font_size=9, align="center", border=1, border_color=LINE, bg_color=GREY)
        shown, hidden = list(self.shown()), list(self.formulas())
        positions = {each.programme.id: at for at, each in enumerate(self.rules)}
        for line in range(self.rows):
            row, this = FIRST_ROW + line, str(FIRST_ROW + line + 1)
            project = projects[line] if line < len(projects) else None
            at = positions[project.programme] if project else -1
            answers = self.rules[at].answers(project.facts) if project else None
            sheet.set_row(row, _HIGH)
            sheet.write_number(row, _NUMBER, line + 1, number)
            sheet.write(row, _PROGRAMME, choice(self.rules[at].programme) if project else None, name)
            sheet.write(row, _PROJECT, project.name or None if project else None, name)
            values = self._values(answers, at)
            for column, formula in shown:
                sheet.write_formula(row, column, formula.replace(THIS_ROW, this), styles.get(column, label), values.get(column, ""))
            fields = list(self.rules[at].programme.fields.values()) if project else []
            for place in range(self.pairs):
                field = fields[place] if place < len(fields) else None
                value = project.facts.get(field.name) if field else None
                sheet.write(row, self.value_column(place), None if value is None else typed(value, field), entry)
            for column, own, kind, formula in hidden:
                value = _hidden(answers, kind) if own == at else ""
                sheet.write_formula(row, column, formula.replace(THIS_ROW, this), None, value)

    def _values(self, answers: Answers | None, at: int) -> dict[int, object]:
        if answers is None:
            return {_POSITION: 0}
        labels = {self.value_column(place) - 1: _label(self.rules[at].programme, name)
                  for place, name in enumerate(self.rules[at].programme.fields)}
        return {_POSITION: at + 1, _VERDICT: answers.verdict, _CEILING: answers.ceiling, _SUBSIDY: answers.subsidy, _FIRST: answers.first,
                _BROKEN: answers.broken, _MISSING: answers.missing, _FAULTS: answers.doubts, **labels}

    def _inputs(self) -> None:
        sheet, last = self.sheet, FIRST_ROW + self.rows - 1
        sheet.data_validation(FIRST_ROW, _PROGRAMME, last, _PROGRAMME, {
            "validate": "list", "source": f"={self.programmes}", "input_title": "申报项目",
            "input_message": "从下拉选项中选一个项目，右边的格就写明要填什么；也认编号和全称。换项目，先清空这一行的“填写”。",
            "error_type": "information", "error_title": "不在下拉里", "error_message": "编号和全称也认；认不得的，结论写“没有这个项目”。"})
        position = f"${letters(_POSITION)}{FIRST_ROW + 1}"
        for place in range(self.pairs):
            column = self.value_column(place)
            sheet.data_validation(FIRST_ROW, column, last, column, {
                "validate": "list", "source": f"=INDIRECT(INDEX(list_sources,{position},{place + 1}))", "show_error": False,
                "input_title": "填写", "input_message": "左边一格写明填什么、什么单位；有下拉选项的从中选。填错的会变红，不参加计算。"})

    def _colours(self) -> None:
        sheet, book, last = self.sheet, self.desk.book, FIRST_ROW + self.rows - 1
        for text, colour in VERDICTS.items():
            sheet.conditional_format(FIRST_ROW, _VERDICT, last, _VERDICT, {
                "type": "cell", "criteria": "==", "value": f'"{text}"', "format": book.add_format({"font_color": colour})})
        if not self.pairs:
            return
        position, row = f"${letters(_POSITION)}{FIRST_ROW + 1}", FIRST_ROW + 1
        first, end = self.value_column(0), self.value_column(self.pairs - 1)
        place = f"(COLUMN()-{first - 1})/2"
        cell, label = f"{letters(first)}{row}", f"{letters(first - 1)}{row}"
        name = f'"；"&INDEX(list_facts,{position},{place})&"；"'
        areas = " ".join(f"{letters(column)}{row}:{letters(column)}{last + 1}" for column in range(first, end + 1, 2))

        def colour(test: str, **look: object) -> None:
            sheet.conditional_format(FIRST_ROW, first, last, end, {"type": "formula", "criteria": f"={test}", "multi_range": areas,
                                                                   "format": book.add_format(look)})
        colour(f'{label}=""', bg_color=GREY)
        colour(f'AND({cell}<>"",ISNUMBER(FIND({name},"；"&${letters(_FAULTS)}{row})))', **WRONG)
        colour(f'ISNUMBER(FIND("；"&INDEX(list_facts,{position},{place})&"（{DOUBTFUL}）；","；"&${letters(_FAULTS)}{row}))', bg_color=DOUBT)
        colour(f'AND({cell}="",ISNUMBER(FIND({name},"；"&${letters(_MISSING)}{row})))', **LACKING_LOOK)
        for code, style in (("d", "yyyy-mm-dd"), ("r", "0.00%"), ("m", AMOUNT)):
            colour(f'IF({position}=0,FALSE,INDEX(list_types,{position},{place})="{code}")', num_format=style)

    def _arrange(self) -> None:
        sheet, last = self.sheet, FIRST_ROW + self.rows - 1
        widths = [width for _, width in _HEADS]
        for index, width in enumerate(widths):
            sheet.set_column(index, index, width)
        sheet.set_column(_POSITION, _POSITION, 3, None, {"hidden": True})
        for place in range(self.pairs):
            column = self.value_column(place)
            sheet.set_column(column - 1, column - 1, _LABEL)
            sheet.set_column(column, column, _WIDE)
        sheet.set_column(self.first_mark, self.end - 1, 3, None, {"hidden": True})
        sheet.freeze_panes(FIRST_ROW, _PROJECT + 1)
        sheet.repeat_rows(HEAD)
        sheet.print_area(0, 0, last, _FAULTS)  # the facts of a project print better on its programme's page
        print_on_a4(sheet, widths[:_FAULTS + 1], page=sum(widths))
        sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True})
        sheet.autofilter(HEAD, 0, last, _FAULTS)
        sheet.set_selection(FIRST_ROW, _PROGRAMME, FIRST_ROW, _PROGRAMME)

    # --- the tables ---------------------------------------------------------------------------------------------------

    def write_tables(self, book: Workbook) -> None:
        """A row per programme: whether it has conditions and an amount, then blocks of labels, names, types and lists of its facts."""
        sheet, count, wide = book.add_worksheet(TABLES), len(self.rules), max(self.pairs, 1)
        blocks = {"list_labels": _label, "list_facts": lambda programme, name: name, "list_types": _type,
                  "list_sources": lambda programme, name: self.lists[programme.id][name]}
        for at, rules in enumerate(self.rules):
            programme = rules.programme
            sheet.write_number(at, 0, 1 if programme.hard else 0)
            sheet.write_number(at, 1, 1 if programme.ceiling else 0)
            names = list(programme.fields)
            for block, tell in enumerate(blocks.values()):
                for place in range(wide):
                    sheet.write_string(at, 2 + block * wide + place, tell(programme, names[place]) if place < len(names) else "")
        for name, first, columns in (("list_decides", 0, 1), ("list_pays", 1, 1),
                                     *((name, 2 + block * wide, wide) for block, name in enumerate(blocks))):
            area = f"${letters(first)}$1:${letters(first + columns - 1)}${count}"
            book.define_name(name, f"={TABLES}!{area}")
        sheet.very_hidden()


def _cell(column: int) -> str:
    return f"${letters(column)}{THIS_ROW}"


def _label(programme: Programme, name: str) -> str:
    field = programme.fields[name]
    unit = "%" if field.kind == "比例" else field.unit_text
    return name + (f"（{unit}）" if unit else "")


def _and(cells: Cells, text: str) -> str:
    return f'&IF({cells.blank},"",{quoted(text)})' if text else ""


def _type(programme: Programme, name: str) -> str:
    kind = programme.fields[name].kind
    return {"日期": "d", "比例": "r", "金额": "m", "盈亏": "m"}.get(kind, "")


def _hidden(answers: Answers, kind: str) -> object:
    if kind in answers.marks:
        return answers.marks[kind]
    return answers.doubts if kind == "faults" else getattr(answers, kind)


