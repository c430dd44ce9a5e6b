"""What all sheets of an estimator share: the book, its looks, the lists behind drop-downs, and how headings and inputs are written."""
from __future__ import annotations

from dataclasses import dataclass

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from ...output.submission.checks import BROKEN, doubtful, fact_reference, type_code
from ...output.submission.columns import InputColumn, validation
from ...output.submission.lists import Lists
from ...output.submission.looks import DARK, LACKING, LINE, VERDICTS, WRONG, Looks
from ...rules.evaluate import Value
from ...rules.model import Field
from .shortfall import quoted

YES_NO = ("是", "否")
FAULTY, DOUBTFUL = "填得不对", "请核对"
ODD = "？"  # beside BROKEN, the mark of a fact that is hardly meant
ACCENT, PALE = "#2F5D8A", "#DCE8F3"
DOUBT = "#FBE0C3"
_STATES = {"满足": VERDICTS["符合"], "不满足": VERDICTS["不符合"], "缺": VERDICTS["待核实"], "不适用": "#5B6472", FAULTY: VERDICTS["不符合"],
           DOUBTFUL: VERDICTS["待核实"]}


@dataclass(frozen=True)
class Desk:
    """The workbook in the making."""

    book: Workbook
    looks: Looks
    lists: Lists

    # --- formats ------------------------------------------------------------------------------------------------------

    @property
    def link(self) -> Format:
        return self.looks.get(font_size=9, font_color="#1F5FA8", underline=1)

    @property
    def head(self) -> Format:
        """The heading of a column of a table."""
        return self.looks.get(bold=True, font_size=9, font_color=DARK, bg_color=PALE, align="center", text_wrap=True, border=1, border_color=LINE)

    @property
    def text(self) -> Format:
        """Printed words in a table."""
        return self.looks.get(font_size=9, text_wrap=True, align="left", indent=1, border=1, border_color=LINE)

    @property
    def centre(self) -> Format:
        return self.looks.get(font_size=9, align="center", border=1, border_color=LINE)

    # --- parts of a sheet ---------------------------------------------------------------------------------------------

    def title(self, sheet: Worksheet, text: str, height: float = 32) -> None:
        sheet.hide_gridlines(2)
        sheet.set_row(0, height)
        sheet.write_string(0, 1, text, self.looks.get(font_size=15, bold=True, font_color=DARK))

    def section(self, sheet: Worksheet, row: int, last: int, text: str) -> int:
        """A heading over the columns from the second to `last`; the next row."""
        style = self.looks.get(bold=True, font_size=12, font_color=DARK, bottom=2, bottom_color=ACCENT)
        sheet.set_row(row, 26)
        for column in range(1, last + 1):
            sheet.write_string(row, column, text if column == 1 else "", style)
        return row + 1

    def fact(self, sheet: Worksheet, row: int, column: int, wanted: InputColumn, value: Value) -> str:
        """A cell to fill, with its list, limits and hint, and what is typed already; the name of its list."""
        source = self.lists.source(wanted.choices)
        write_value(sheet, row, column, wanted.field, value, self.looks.cell(wanted.field))
        sheet.data_validation(row, column, row, column, validation(wanted, f"={source}" if source else ""))
        return source

    def states(self, sheet: Worksheet, first: int, column: int, last: int) -> None:
        """Colours for 满足, 不满足, 缺 …, and verdicts."""
        for text, colour in (_STATES | VERDICTS).items():
            sheet.conditional_format(first, column, last, column, {
                "type": "cell", "criteria": "==", "value": f'"{text}"', "format": self.book.add_format({"font_color": colour, "bold": True})})

    def faulty(self, sheet: Worksheet, row: int, column: int, field: Field, cell: str, source: str) -> None:
        """Red where a cell holds what is not asked for."""
        sheet.conditional_format(row, column, row, column, {"type": "formula", "criteria": f"={fault(field, cell, source)}",
                                                            "format": self.book.add_format(WRONG)})

    def doubtful(self, sheet: Worksheet, row: int, column: int, test: str) -> None:
        """Orange where a cell holds what is hardly meant."""
        sheet.conditional_format(row, column, row, column, {"type": "formula", "criteria": f"={test}",
                                                            "format": self.book.add_format({"bg_color": DOUBT})})

    def lacking(self, sheet: Worksheet, row: int, column: int, test: str) -> None:
        """Yellow where a cell is still needed."""
        sheet.conditional_format(row, column, row, column, {"type": "formula", "criteria": f"={test}", "format": self.book.add_format(LACKING)})


def fault(field: Field, cell: str, source: str) -> str:
    """Whether a cell holds something that is not what its fact asks for, as a formula."""
    return f'IF(ISERROR({cell}),TRUE(),AND({cell}<>"",ISNA({fact_reference(field, cell, source)})))'


def look_at(field: Field, cell: str, source: str, faulty: str = BROKEN, odd: str = ODD) -> str:
    """What a cell shows beside a fact that is filled in wrongly, or hardly as meant, as a formula."""
    test = doubtful(field, cell)
    otherwise = f'IF({test},{quoted(odd)},"")' if test else '""'
    return f"IF({fault(field, cell, source)},{quoted(faulty)},{otherwise})"


def taken(field: Field, own: str, common: str) -> str:
    """The cell that counts, its own before the common one; an error is named as one, and never a text that might be a value."""
    error = '""' if not type_code(field) and not field.choices else '"错误值"'
    return f'IF(ISERROR({own}),{error},IF({own}<>"",{own},IF(ISERROR({common}),{error},IF({common}<>"",{common},""))))'


def typed(value: Value, field: Field) -> Value:
    """A fact as it stands in a cell: a date as its serial number, yes and no in words."""
    return ("是" if value else "否") if field.kind == "是否" and value is not None else value


def write_value(sheet: Worksheet, row: int, column: int, field: Field, value: Value, style: Format) -> None:
    shown = typed(value, field)
    if shown is None:
        sheet.write_blank(row, column, None, style)
    elif isinstance(shown, str):
        sheet.write_string(row, column, shown, style)
    else:
        sheet.write_number(row, column, shown, style)


def sheet_reference(name: str, cell: str) -> str:
    """A cell of a sheet whatever its name."""
    return f"'{name}'!{cell}"
