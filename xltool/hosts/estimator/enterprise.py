"""The sheet 企业情况: what one enterprise states once for all programmes. A programme's own page can state otherwise for itself."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xlsxwriter.worksheet import Worksheet

from ...output.layout import fit_row, print_on_a4
from ...output.submission.columns import fact_column
from ...output.submission.looks import DARK, LINE
from ...rules.model import Edition, Programme
from .desk import DOUBTFUL, FAULTY, PALE, Desk, look_at, sheet_reference
from .given import Given

SHEET = "企业情况"
_WIDTHS = (2, 46, 20, 9, 11, 62)
_NAME, _VALUE, _UNIT, _STATE, _USE = range(1, 6)
_HEADS = ("事实", "填写", "单位", "状态", "用于哪些项目；怎么填")
_FEW = 4  # programmes whose conditions are all told
_SHARED = "几个项目都用的（只对一个项目说的，填在那个项目的页里）"


class EnterpriseSheet:
    """Writes the sheet; afterwards `cells` tells where each fact stands and `sources` the list it is picked from."""

    def __init__(self, desk: Desk, sheet: Worksheet, edition: Edition, programmes: Sequence[Programme]) -> None:
        self.desk, self.sheet, self.edition, self.programmes = desk, sheet, edition, programmes
        self.cells: dict[str, str] = {}

    def write(self, given: Given, sheets: dict[str, str], back: str) -> None:
        desk, sheet = self.desk, self.sheet
        for index, width in enumerate(_WIDTHS):
            sheet.set_column(index, index, width)
        desk.title(sheet, "企业情况：一次填好，各项目的页和对比都用它")
        sheet.write_url(1, _NAME, back, desk.link, "← 封面")
        sheet.write_string(1, _VALUE, "知道多少填多少，空着就是没填，不当作0或“否”。金额填万元。", desk.looks.get(font_size=9, font_color="#5B6472"))
        for index, text in enumerate(_HEADS, 1):
            sheet.write_string(2, index, text, desk.head)
        row = 3
        users = {name: [each for each in self.programmes if name in each.fields] for each in self.programmes for name in each.fields}
        shared = [name for name, own in users.items() if len(own) > 1]
        if shared:
            row = self.group(row, _SHARED, [(name, users[name]) for name in shared], given)
        for programme in self.programmes:
            own = [(name, users[name]) for name in programme.fields if len(users[name]) == 1]
            if own:
                row = self.group(row, f"{programme.id}　{programme.title}", own, given, f"internal:'{sheets[programme.id]}'!A1")
        desk.states(sheet, 3, _STATE, row)
        sheet.freeze_panes(3, 2)
        sheet.repeat_rows(2, 2)
        sheet.print_area(0, 0, row - 1, _USE)
        print_on_a4(sheet, _WIDTHS)
        sheet.protect("", {"format_columns": True, "format_rows": True})
        sheet.set_selection(4, _VALUE, 4, _VALUE)

    def group(self, row: int, title: str, facts: list[tuple[str, list[Programme]]], given: Given, link: str = "") -> int:
        # Some programs give every link their own colour, so the band stays pale.
        band = self.desk.looks.get(bold=True, font_color=DARK, bg_color=PALE, indent=1, top=1, bottom=1, border_color=LINE)
        for column in range(_NAME, _USE + 1):
            self.sheet.write_string(row, column, "", band)
        self.sheet.set_row(row, 21)
        if link:
            self.sheet.write_url(row, _NAME, link, band, title)
        else:
            self.sheet.write_string(row, _NAME, title, band)
        for line, (name, users) in enumerate(facts, row + 1):
            self.fact(line, name, users, given)
        return row + 1 + len(facts)

    def fact(self, row: int, name: str, users: list[Programme], given: Given) -> None:
        desk, sheet = self.desk, self.sheet
        wanted = fact_column(users[0], users[0].fields[name])
        if len(users) > 1:
            wanted = replace(wanted, hint=_shared_hint(name, users))
        field, value = wanted.field, given.enterprise.get(name)
        source = desk.fact(sheet, row, _VALUE, wanted, value)
        cell = f"$C${row + 1}"
        self.cells[name] = sheet_reference(SHEET, cell)
        sheet.write_string(row, _NAME, name, desk.text)
        sheet.write_string(row, _UNIT, wanted.unit, desk.centre)
        sheet.write_formula(row, _STATE, f"={look_at(field, cell, source, FAULTY, DOUBTFUL)}", desk.centre, DOUBTFUL if field.doubt(value) else "")
        use = wanted.hint.replace("\n", "；")
        sheet.write_string(row, _USE, use, desk.text)
        fit_row(sheet, row, [(name, _WIDTHS[_NAME]), (use, _WIDTHS[_USE])])
        desk.faulty(sheet, row, _VALUE, field, cell, source)
        desk.doubtful(sheet, row, _VALUE, f'$E${row + 1}="{DOUBTFUL}"')


def _shared_hint(name: str, users: Sequence[Programme]) -> str:
    """What a fact of several programmes is: which use it, and what each says of it, as far as they differ."""
    told = {each.id: fact_column(each, each.fields[name]).hint.replace("\n", "；") if len(users) <= _FEW else each.fields[name].note
            for each in users}
    same: dict[str, list[str]] = {}
    for programme, words in told.items():
        same.setdefault(words, []).append(programme)
    return "\n".join(f"{'、'.join(ids)}{f'：{words}' if words else ''}" for words, ids in same.items())
