"""`{% fit %}`: a row grows with its text, also where cells are merged, and is never lower than the template drew it."""
from __future__ import annotations

from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

from xltool.output.template import Template, TemplateError


def heights(cell: str, texts: list[object], size: float = 11, merge: str = "", least: float | None = 20) -> list[float]:
    book = Workbook()
    sheet = book.active
    sheet["A1"], sheet["A2"], sheet["A3"] = "{%tr for row in rows %}", cell, "{%tr endfor %}"
    sheet["A2"].font = Font(size=size)
    sheet.column_dimensions["A"].width = sheet.column_dimensions["B"].width = 20
    sheet.row_dimensions[2].height = least
    if merge:
        sheet.merge_cells(merge)
    stream = BytesIO()
    book.save(stream)
    data = Template.load(stream.getvalue()).render({"rows": [{"text": text} for text in texts]})
    made = load_workbook(BytesIO(data)).active
    return [made.row_dimensions[number].height for number in range(1, len(texts) + 1)]


def test_a_short_text_keeps_the_templates_height_and_a_long_one_grows():
    short, longer, longest = heights("{% fit %}{{ row.text }}", ["短", "长" * 25, "长" * 60])
    assert short == 20 and 40 < longer < 60 < longest


def test_line_breaks_and_numbers_count_as_they_show():
    assert heights("{% fit %}{{ row.text }}", ["一\n二\n三\n四", 12, None])[0] > 50
    assert heights("{% fit %}{{ row.text }}", [12, None, True]) == [20, 20, 20]


def test_a_merged_cell_is_as_wide_as_its_columns_and_a_larger_font_takes_more():
    text = ["长" * 40]
    assert heights("{% fit %}{{ row.text }}", text, merge="A2:B2") < heights("{% fit %}{{ row.text }}", text)
    assert heights("{% fit %}{{ row.text }}", text, size=16) > heights("{% fit %}{{ row.text }}", text)


def test_no_row_is_higher_than_a_sheet_allows_and_one_without_height_starts_from_the_default():
    assert heights("{% fit %}{{ row.text }}", ["长" * 9000]) == [409]
    assert heights("{% fit %}{{ row.text }}", [None], least=None) == [15]


def test_it_stands_beside_vm_in_either_order():
    for cell in ("{% fit %}{% vm %}{{ row.text }}", "{% vm %}{% fit %}{{ row.text }}"):
        assert heights(cell, ["短", "长" * 40])[1] > 20


@pytest.mark.parametrize("cell", ["前{% fit %}{{ row.text }}", "{% fit %}{% fit %}{{ row.text }}"])
def test_elsewhere_in_a_cell_it_is_refused(cell):
    with pytest.raises(TemplateError, match="fit"):
        heights(cell, ["甲"])
