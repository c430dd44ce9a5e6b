"""The estimator workbook put together: cover, 企业情况, 对比, 清单, a page per programme, and what they refer to out of sight."""
from __future__ import annotations

from io import BytesIO

from xlsxwriter.worksheet import Worksheet

from ...output.layout import new_book
from ...output.submission import chosen_programmes
from ...output.submission.book import sheet_names, subtitle
from ...output.submission.lists import Lists
from ...output.submission.looks import Looks
from ...rules.model import Edition
from . import comparison, cover, enterprise, projects
from .answers import Rules
from .desk import Desk
from .given import Given
from .page import ProgrammePage

_NOTHING = Given()


class _Sheet(Worksheet):
    """A sheet that does not look through every formula for functions newer than Excel 2010: there are none, and it takes seconds."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return formula.removeprefix("=")


def estimator_workbook(edition: Edition, given: Given = _NOTHING) -> bytes:
    """A workbook that estimates every programme of an edition with native formulas only; `given` is typed in already.

    Made in a second or two, so it is built when asked for and not shipped.
    """
    data = BytesIO()
    book = new_book(data, f"{edition.title} 补助测算")
    desk = Desk(book, Looks(book), Lists())
    book.worksheet_class = _Sheet
    programmes = chosen_programmes(edition)
    names = sheet_names(programmes)
    first, shared, compared, listed = (book.add_worksheet(name) for name in (cover.SHEET, enterprise.SHEET, comparison.SHEET, projects.SHEET))
    pages = {programme.id: book.add_worksheet(names[programme.id]) for programme in programmes}
    for sheet, colour in ((first, "#1F3A5F"), (shared, "#2E6B63"), (compared, "#2E6B63"), (listed, "#2E6B63"),
                          *((page, "#2F5D8A") for page in pages.values())):
        sheet.set_tab_color(colour)

    home, over = f"internal:'{cover.SHEET}'!A1", f"internal:'{comparison.SHEET}'!A1"
    facts = enterprise.EnterpriseSheet(desk, shared, edition, programmes)
    facts.write(given, names, home)
    rules = [Rules(programme) for programme in programmes]
    answers = [each.answers(given.facts(each.programme)) for each in rules]
    cells = {}
    for each, answer in zip(rules, answers):
        programme = each.programme
        page = ProgrammePage(desk, pages[programme.id], each, answer, given.own(programme), facts.cells)
        page.write(subtitle(programme), {"← 封面": home, "→ 对比": over, "→ 企业情况": f"internal:'{enterprise.SHEET}'!A1"})
        cells[programme.id] = page.places
    table = comparison.Comparison(desk, compared, edition, comparison.lines_of(edition, given, answers, names, cells))
    table.write({"← 封面": home, "→ 企业情况": f"internal:'{enterprise.SHEET}'!A1"})
    rows = projects.ProjectList(desk, listed, rules, max(projects.ROWS, len(given.projects)))
    rows.write(given.projects, home)
    cover.Cover(desk, first, edition).write(programmes, names)
    table.write_table(book, facts.cells)
    rows.write_tables(book)
    desk.lists.write(book)
    book.close()
    return data.getvalue()
