"""Amounts behave like decimals, and calendar functions like a calendar."""
from __future__ import annotations

import calendar
import datetime as dt
import math
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xltool.rules import serial
from xltool.rules.arithmetic import difference, floor, money, round_half_away
from xltool.rules.evaluate import compile_scalar
from xltool.rules.formula import parse


def value(text, **facts):
    return compile_scalar(parse(text))(facts)


def rounded(exact: Decimal, digits: int) -> float:
    return float(exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP))


# --- comparison -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("text", [
    "3*20%<=0.6", "3*20%>=0.6", "3*20%=0.6", "NOT(3*20%<>0.6)", "NOT(3*20%>0.6)", "NOT(3*20%<0.6)", "0.1+0.2=0.3", "0.6>=3*20%",
    "1.1*1.1<=1.21", "0.3-0.1-0.2>=0", "0.3-0.1-0.2<=0", "NOT(0.3-0.1-0.2<0)", "1-0.9-0.1=0", "0.1+0.2+(-0.3)=0", "100*1.1>=110",
    "4.35*100>=435", "-3*20%>=-0.6", "OR(0.1+0.2={0.3,5})", "NOT(AND(0.1+0.2<>{0.3,5}))",
])
def test_a_project_at_the_limit_is_not_failed_by_binary_fractions(text):
    assert value(text) is True


@pytest.mark.parametrize("text", ["999.999999>=1000", "1000.000001<=1000", "1000=1000.000001", "99999999.999999>=100000000", "0>0.000001"])
def test_a_fen_less_is_less(text):
    assert value(text) is False


@given(st.integers(0, 10**13), st.integers(0, 999))
def test_a_share_of_an_amount_compares_as_in_decimal(fen, thousandths):
    amount, rate = Decimal(fen).scaleb(-6), Decimal(thousandths).scaleb(-3)
    facts = {"投入": float(amount), "限额": float(amount * rate)}
    share = f"投入*{rate * 100}%"
    assert value(f"{share}=限额", **facts) is True
    assert value(f"{share}>=限额", **facts) is True
    assert value(f"{share}<限额", **facts) is False


# --- rounding ---------------------------------------------------------------------------------------------------------

@settings(max_examples=2000)
@given(st.integers(0, 10**14), st.integers(0, 1000))
def test_money_of_an_amount_times_a_rate_is_the_exact_decimal(fen, thousandths):
    exact = Decimal(fen).scaleb(-6) * Decimal(thousandths).scaleb(-3)
    found = money(value(f"投入*{Decimal(thousandths).scaleb(-1)}%", 投入=fen / 1e6))
    if exact <= 500_000:  # 50亿元; no subsidy comes near
        assert found == rounded(exact, 6)
    else:
        assert abs(found - rounded(exact, 6)) < 1.5e-6


@settings(max_examples=1000)
@given(st.integers(0, 10**9), st.integers(1, 1999).filter(lambda odd: odd % 2))
def test_exact_fen_halves_go_up(fen, odd):
    # an amount in fen times an odd number of thousandths ends in half a fen where the amount is an odd multiple of 500
    amount = (2 * fen + 1) * 500
    exact = Decimal(amount).scaleb(-6) * Decimal(odd).scaleb(-3)
    assert money(value(f"投入*{Decimal(odd).scaleb(-1)}%", 投入=amount / 1e6)) == rounded(exact, 6)


@given(st.decimals(-10**6, 10**6, places=9), st.integers(-3, 8))
def test_round_is_half_away_from_zero(exact, digits):
    assert round_half_away(float(exact), digits) == rounded(exact, digits)
    assert value(f"ROUND(数,{digits})", 数=float(exact)) == rounded(exact, digits)


@pytest.mark.parametrize(("number", "digits", "expected"), [
    (2.5, 0, 3.0), (-2.5, 0, -3.0), (0.5, 0, 1.0), (-0.4, 0, 0.0), (1.005, 2, 1.01), (2.675, 2, 2.68), (1234.5678, -2, 1200.0),
    (1250.0, -2, 1300.0), (1e300, 6, 1e300), (0.0, 6, 0.0), (123.4567895, 6, 123.45679), (0.0000005, 6, 0.000001),
])
def test_round_on_known_cases(number, digits, expected):
    assert round_half_away(number, digits) == expected


def test_nothing_is_not_negative_nothing():
    assert math.copysign(1, money(-1e-9)) == 1
    assert math.copysign(1, difference(0.3 - 0.1, 0.2)) == 1


@pytest.mark.parametrize(("number", "expected"), [(0.6 / 0.2, 3), (2.999, 2), (-0.5, -1), (-3.0, -3), (4.35 * 100, 435), (7.0, 7), (0.0, 0)])
def test_int_is_the_whole_number_below_as_decimals_see_it(number, expected):
    assert floor(number) == expected
    assert value("INT(数)", 数=number) == expected


@pytest.mark.parametrize("text",
    ["甲*甲*甲", "甲/乙", "甲*甲*甲-甲*甲*甲", "10^400", "0^0", "0^-1", "(-8)^0.5", "1/0", "甲/(乙-乙)", "SUM(甲*甲,甲*甲)*甲"])
def test_what_overflows_or_has_no_value_is_missing(text):
    assert value(text, 甲=1e150, 乙=1e-200) is None


# --- dates ------------------------------------------------------------------------------------------------------------

days = st.dates(dt.date(1900, 3, 1), dt.date(9999, 12, 31))


@given(days)
def test_a_serial_is_the_date_it_came_from(day):
    number = serial.from_date(day)
    assert serial.to_date(number) == day
    assert serial.to_date(number + 0.75) == day
    assert serial.serial(day.year, day.month, day.day) == number


@pytest.mark.parametrize(("day", "number"), [((1900, 3, 1), 61), ((1970, 1, 1), 25569), ((2026, 1, 1), 46023), ((9999, 12, 31), 2958465)])
def test_serials_are_those_of_excel(day, number):
    assert serial.serial(*day) == number


@pytest.mark.parametrize("day", [(2025, 2, 29), (2025, 6, 31), (2025, 13, 1), (2025, 0, 1), (1900, 2, 28), (10**6, 1, 1), (0, 1, 1)])
def test_a_day_that_does_not_exist_has_no_serial(day):
    assert serial.serial(*day) is None


def months_later(day: dt.date, months: int) -> dt.date | None:
    """EDATE one month at a time."""
    year, month = day.year, day.month
    for _ in range(abs(months)):
        month += 1 if months > 0 else -1
        if month in (0, 13):
            year, month = year + (1 if month else -1), 1 if month else 12
    if not 1900 <= year <= 9999:
        return None
    found = dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
    return found if found >= dt.date(1900, 3, 1) else None


@given(days, st.integers(-400, 400))
def test_edate_is_the_same_day_months_later_or_the_last_of_the_month(day, months):
    expected = months_later(day, months)
    assert serial.edate(serial.from_date(day), months) == (expected and serial.from_date(expected))


@given(st.dates(dt.date(2000, 1, 1), dt.date(2040, 12, 31)), st.dates(dt.date(2000, 1, 1), dt.date(2040, 12, 31)))
def test_datedif_counts_whole_years_months_and_days(one, other):
    start, end = sorted((one, other))
    first, last = map(serial.from_date, (start, end))
    months = max(count for count in range(500) if count == 0 or (
        (start.year * 12 + start.month + count, start.day) <= (end.year * 12 + end.month, end.day)))
    assert serial.datedif(first, last, "D") == (end - start).days
    assert serial.datedif(first, last, "M") == months
    assert serial.datedif(first, last, "Y") == months // 12
    assert one == other or serial.datedif(last, first, "D") is None


@given(st.integers(1901, 9998), st.integers(-30, 30), st.integers(-800, 800))
def test_date_carries_months_and_days_over(year, month, day):
    total = year * 12 + month - 1
    start = dt.date(total // 12, total % 12 + 1, 1) if 1900 <= total // 12 <= 9999 else None
    try:
        expected = start and serial.from_date(start + dt.timedelta(day - 1))
    except OverflowError:
        expected = None
    assert serial.excel_date(year, month, day) == (expected if expected and serial.valid(expected) else None)


@pytest.mark.parametrize(("text", "expected"), [
    ("YEAR(DATE(2025,12,31))", 2025.0), ("MONTH(DATE(2025,12,31))", 12.0), ("DATE(2025,12,31)+1=DATE(2026,1,1)", True),
    ("EDATE(DATE(2024,1,31),1)=DATE(2024,2,29)", True), ("EDATE(DATE(2024,2,29),12)=DATE(2025,2,28)", True),
    ("EDATE(DATE(9999,1,1),24)", None), ("DATE(9999,12,31)+1-1=DATE(9999,12,31)", True), ("YEAR(DATE(9999,12,31)+1)", None),
    ('DATEDIF(DATE(2025,2,1),DATE(2025,1,1),"D")', None), ("YEAR(DATE(1900,3,1)-1)", None),
])
def test_dates_in_formulas(text, expected):
    assert value(text) == expected
