"""Values written in every way that people write them read back exactly, or are refused."""
from __future__ import annotations

import datetime as dt
import doctest
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_intake_values import FIELDS, reading

from xltool.intake import credit_code, grid, periods
from xltool.intake.grid import PER_CENT, Fault, Look
from xltool.intake.opening.readers import formats
from xltool.intake.values import read_cell, read_column
from xltool.rules.facts import read_value
from xltool.rules.serial import from_date

amounts = st.decimals(0, 10**8, places=2, allow_nan=False, allow_infinity=False)
MONEY_UNITS = {"": 1, "万": 1, "万元": 1, "亿": 10**4, "亿元": 10**4, "百万元": 100, "千万": 1000}


@st.composite
def written(draw, number: Decimal) -> str:
    text = f"{number:,}" if draw(st.booleans()) else str(number)
    text = draw(st.sampled_from(("", "人民币", "+", " ", "\ufeff"))) + text
    if draw(st.booleans()):
        text = text.translate({ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789.,+"})
    return text


@given(st.data(), amounts, st.sampled_from(sorted(MONEY_UNITS)), st.sampled_from(("", " ", "\n", "\u00a0")),
    st.sampled_from(("", "整", " ")))
def test_an_amount_written_in_any_way_reads_back_exactly(data, number, unit, gap, end):
    raw = data.draw(written(number)) + (gap + unit + end if unit else "")
    found = reading("投入", raw)
    assert (found.value, found.problem) == (float(number * MONEY_UNITS[unit]), None)


@given(st.floats(-1e15, 1e15, exclude_max=True) | st.integers(-10**9, 10**9).map(float) | amounts.map(float),
    st.sampled_from(("投入", "利润", "人数")))
def test_a_plain_number_is_what_every_host_reads(number, name):
    found = reading(name, number)
    assert (found.value, found.problem and found.problem.code) == _as_every_host(number, name)
    if number >= 0:
        assert reading(name, f"{number:.6f}").value == _as_every_host(f"{number:.6f}", name)[0] == reading(name, f"{number:,.6f}").value


def _as_every_host(raw: object, name: str):
    value, problem = read_value(raw, FIELDS[name])
    return value, problem and problem.code


@given(amounts, st.sampled_from(("元", "千元", "万元", "亿元")), st.sampled_from((float, str, "{:,}".format, "¥{:,}".format)))
def test_an_amount_under_a_unit_is_that_amount_to_the_fen(number, unit, write):
    sizes = {"元": Decimal("0.0001"), "千元": Decimal("0.1"), "万元": Decimal(1), "亿元": Decimal(10000)}
    found = reading("投入", write(number), unit)
    assert found.value == float(round(number * sizes[unit], 6))
    assert bool(found.note) == (found.value > 1_000_000) == ("当成了万元" in found.note)


@given(amounts.filter(bool), st.sampled_from(("({})", "（{:,}）", "-{}", "－{:,}", "−{}", "({}万元)", "({})万元", "-¥{:,}万元")))
def test_a_number_below_zero_reads_back_exactly(number, form):
    assert reading("利润", form.format(number)).value == -float(number)
    assert reading("投入", form.format(number)).problem.code == "value.range"


@given(st.decimals(0, 100, places=3), st.sampled_from(("{}%", "{}％", "{} %")))
def test_a_share_reads_back_exactly(number, form):
    assert reading("占比", form.format(number)).value == float(number / 100)
    if number > 1:
        assert reading("占比", float(number), "%").value == float(number / 100)


@given(amounts, st.sampled_from(("约{}", "{}左右", "近{}万元", "{}余万", "不低于{}", "≥{}", "<{}", "{}以上", "{}-99999",
    "{}~99999万", "{}至99999", "={}+1", "{}+", "{}美元",
                                 "{}家", "{} 1", "{}；5", "{}?")))
def test_a_refused_form_never_gives_an_amount(number, form):
    found = reading("投入", form.format(number))
    assert found.value is None and found.problem


@given(st.dates(dt.date(1930, 1, 1), dt.date(2099, 12, 31)),
    st.sampled_from(("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d", "%Y 年 %m 月 %d 日")))
def test_a_day_reads_back_exactly(day, form):
    assert reading("验收日期", day.strftime(form)).value == from_date(day)


@given(st.dates(dt.date(1930, 1, 1), dt.date(2099, 12, 31)), st.dates(dt.date(1930, 1, 1), dt.date(2099, 12, 31)),
       st.sampled_from(("%Y-%m-%d", "%Y.%m", "%Y年%m月", "%Y/%m/%d", "%Y%m%d")),
           st.sampled_from(("-", "—", "~", "至", "到", " - ", "--")))
def test_a_range_of_dates_never_gives_a_date(first, last, form, between):
    found = reading("项目开始时间", first.strftime(form) + between + last.strftime(form))
    assert found.value is None and "分到两列" in found.problem.fix


looks = st.sampled_from((None, PER_CENT, Look(after="万元"), Look(after="元"), Look(after="万元", scale=1e4), Look(scale=1e3), Look("¥", "x", 0.1)))
cells = st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=12), st.datetimes(), st.dates(),
    st.times(), st.timedeltas(),
                  st.text("0123456789.,-()（）%％万亿元年月日约~ =E+¥#", max_size=10))


@given(cells, st.sampled_from(sorted(FIELDS)), st.sampled_from(("", "万元", "元", "%", "人", "小数", "年", "x")), looks)
def test_no_cell_breaks_the_reader(raw, name, unit, look):
    found = read_cell(raw, FIELDS[name], unit, look)
    assert found.value is None or found.problem is None
    assert str(found.problem or "x")


plain = st.one_of(cells, st.sampled_from(("", "-", "/", "盐城", "91320900MA12345678", 1.0, True, 1, "1", 0.0, -0.0,
                                               1e15, -1e15, 0.1 + 0.2, "#N/A", Fault("=A1"))),
                  st.floats(-10, 1e6), st.decimals(0, 10**6, places=6).map(float), st.dates())


@given(st.lists(plain, max_size=12), st.sampled_from(sorted(FIELDS)), st.sampled_from(("", "万元", "元", "%", "人")),
       st.dictionaries(st.integers(0, 11), looks.filter(bool)))
def test_a_column_is_read_as_its_cells_are(raws, name, unit, looks):
    field, looks = FIELDS[name], {position: look for position, look in looks.items() if position < len(raws)}
    values, telling = read_column(raws, field, unit, looks)
    readings = [read_cell(raw, field, unit, looks.get(position)) for position, raw in enumerate(raws)]
    assert [(type(value), value) for value in values] == [(type(reading.value), reading.value) for reading in readings]
    assert {position: (note, problem) for position, (_, note, problem, _) in telling.items()} == {
        position: (reading.note, reading.problem) for position, reading in enumerate(readings) if reading.note or reading.problem}


@pytest.mark.parametrize("module", [periods, credit_code, formats, grid])
def test_the_examples_in_docstrings_are_true(module):
    result = doctest.testmod(module)
    assert result.attempted and not result.failed
