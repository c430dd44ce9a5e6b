"""Whatever the rows are: every value reads back as it went in, and totals are the sums."""

import datetime as dt
import io
import math

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from xltool.output.template import Template
from xltool.output.template.reference import Reference, scan

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=40).filter(
    lambda text: "_x" not in text
)
ROW = st.fixed_dictionaries(
    {
        "text": TEXT
        | st.sampled_from(["=1+1", "+1", "-2", "@x", " a ", "a\nb", "\t", "320102199001011328"])
        | st.none(),
        "number": st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12)
        | st.integers(-(10**12), 10**12)
        | st.none(),
        "yes": st.booleans(),
        "day": st.dates(dt.date(1900, 3, 1), dt.date(9999, 12, 31)),
    }
)


def template(rows: list[list[object]]) -> Template:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in rows:
        sheet.append(row)
    for row in sheet.iter_rows():
        for cell in row:
            if "day" in str(cell.value):
                cell.number_format = "yyyy-mm-dd"
    stream = io.BytesIO()
    workbook.save(stream)
    return Template.load(stream.getvalue())


LIST = template(
    [
        ["头"],
        ["{%tr for r in rows %}"],
        ["{{ r.text }}", "{{ r.number }}", "{{ r.yes }}", "{{ r.day }}", "=B3*2"],
        ["{%tr endfor %}"],
        ["合计", "=SUM(B3:B3)", None, "{{ rows|length }}"],
    ]
)
MERGED = template(
    [["{%tr for r in rows %}"], ["{% vm %}{{ r[0] }}", "{% vm %}{{ r[1] }}", "{{ r[2] }}"], ["{%tr endfor %}"]]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, max_size=30))
def test_every_value_reads_back_and_the_total_is_the_sum(rows):
    data = LIST.render({"rows": rows})
    sheet = openpyxl.load_workbook(io.BytesIO(data), data_only=True).active
    for number, row in enumerate(rows, 2):
        text, value, yes, day = (sheet.cell(number, column).value for column in (1, 2, 3, 4))
        assert text == (row["text"] or None)
        assert value == row["number"]
        assert yes is row["yes"]
        assert day == dt.datetime.combine(row["day"], dt.time())
    total = math.fsum(row["number"] for row in rows if row["number"] is not None)
    assert sheet.cell(len(rows) + 2, 2).value == pytest.approx(total, rel=1e-12, abs=1e-9)
    assert sheet.cell(len(rows) + 2, 4).value == len(rows)
    formulas = openpyxl.load_workbook(io.BytesIO(data)).active
    assert [formulas.cell(n, 5).value for n in range(2, len(rows) + 2)] == [f"=B{n}*2" for n in range(2, len(rows) + 2)]


@settings(max_examples=40, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=20))
def test_calamine_reads_the_same(rows):
    read = CalamineWorkbook.from_filelike(io.BytesIO(LIST.render({"rows": rows}))).get_sheet_by_index(0).to_python()
    assert [line[0] for line in read[1:-1]] == [row["text"] or "" for row in rows]
    assert [line[1] for line in read[1:-1]] == ["" if row["number"] is None else row["number"] for row in rows]


CELL = st.sampled_from(["甲", "乙", "", None, 1])


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(CELL, CELL), max_size=25))
def test_vertical_merges_lose_nothing_and_respect_the_column_to_the_left(pairs):
    rows = [(*pair, number) for number, pair in enumerate(pairs)]
    sheet = openpyxl.load_workbook(io.BytesIO(MERGED.render({"rows": rows}))).active
    shown = [list(pair) for pair in pairs]
    starts = {}
    for area in sheet.merged_cells.ranges:
        assert area.min_col == area.max_col
        for row in range(area.min_row, area.max_row + 1):
            starts[row, area.min_col] = area.min_row
    for number in range(len(pairs)):
        for column in (1, 2):
            top = starts.get((number + 1, column), number + 1)
            assert sheet.cell(top, column).value == (shown[number][column - 1] or None)
    for column in (1, 2):
        for number in range(1, len(pairs)):
            same = all((pairs[number][c] or None) == (pairs[number - 1][c] or None) for c in range(column))
            joined = starts.get((number + 1, column)) is not None and starts[number + 1, column] <= number
            assert joined == same


FORMULA = st.lists(
    st.sampled_from(
        [
            "A1",
            "$B$2:C$3",
            "'表 ''1'!D4",
            '"A1 ""x"',
            "LOG10(",
            ")",
            "+",
            ",",
            "表1[[#This Row],[A1]]",
            "合计A1",
            "5:5",
            "1E5",
            "#REF!",
            " ",
            "SUM(",
            "[1]x!A1",
            "A:C",
            "{1,2}",
            "汇总!A1:B2",
        ]
    ),
    max_size=12,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(FORMULA)
def test_reading_a_formula_never_changes_it(formula):
    written = [p.at(p.first[2], (p.last or p.first)[2]) if isinstance(p, Reference) else p for p in scan(formula)]
    assert "".join(written) == formula


@given(st.text(max_size=60))
def test_no_text_is_too_odd_to_be_read_as_a_formula(text):
    assert isinstance(scan(text), tuple)
