"""Capital amounts: the bank rules' own examples, an independent spelling of 10,000 amounts, and the way back."""
from __future__ import annotations

import doctest
import random
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltool.output import capital as module
from xltool.output.capital import capital, yuan

DIGITS, UNITS = "零壹贰叁肆伍陆柒捌玖", ("", "拾", "佰", "仟")
WAN = Decimal(10_000)
AMOUNTS = random.Random(20261121)


def amount() -> int:
    """Fen of every size up to 100 billion yuan, rich in noughts."""
    return int("".join(AMOUNTS.choice("00000123456789") for _ in range(AMOUNTS.randint(1, 13))))


def spelled(fen: int) -> str:
    """By the rules, digit by digit: one 零 for the noughts between two digits, none where the second one opens a group."""
    sign, (whole, small) = "负" if fen < 0 else "", divmod(abs(fen), 100)
    text, gap, figures = "", False, str(whole)
    for place, figure in zip(reversed(range(len(figures))), figures):
        if figure != "0":
            text += "零" * (gap and place % 4 != 3) + DIGITS[int(figure)] + UNITS[place % 4]
        gap = figure == "0" and bool(text)
        if place % 4 == 0 and place and figures[:len(figures) - place][-4:].strip("0"):
            text += "亿" if place == 8 else "万"
        elif place == 8 and text:
            text += "亿"
    text += "元" * bool(text)
    if small // 10:
        text += DIGITS[small // 10] + "角"
    elif small:
        text += "零" * bool(text)
    text += DIGITS[small % 10] + "分" if small % 10 else "整"
    return sign + ("零元整" if text == "整" else text)


def read(text: str) -> int:
    """The fen a capital amount says."""
    sign = -1 if text.startswith("负") else 1
    found = re.fullmatch(r"(?:(.*)元)?零?(?:(.)角)?零?(?:(.)分)?整?", text.removeprefix("负"))
    whole, jiao, fen = (part or "" for part in found.groups())
    return sign * (integer(whole) * 100 + DIGITS.find(jiao or "零") * 10 + DIGITS.find(fen or "零"))


def integer(text: str) -> int:
    for unit, size in (("亿", 10**8), ("万", 10**4), ("仟", 1000), ("佰", 100), ("拾", 10)):
        if unit in text:
            high, low = text.rsplit(unit, 1)
            return integer(high) * size + integer(low)
    return DIGITS.index(text.strip("零") or "零")


@pytest.mark.parametrize(("amount", "text"), [
    ("1409.50", "壹仟肆佰零玖元伍角整"), ("6007.14", "陆仟零柒元壹角肆分"), ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
    ("107000.53", "壹拾万柒仟元伍角叁分"), ("16409.02", "壹万陆仟肆佰零玖元零贰分"), ("325.04", "叁佰贰拾伍元零肆分"),
    ("0", "零元整"), ("0.05", "伍分"), ("0.30", "叁角整"), ("10", "壹拾元整"), ("100050000", "壹亿零伍万元整"),
    ("12000", "壹万贰仟元整"), ("103453", "壹拾万叁仟肆佰伍拾叁元整"), ("10000500", "壹仟万零伍佰元整"),
    ("1010000000000", "壹万零壹佰亿元整"), ("-20000.01", "负贰万元零壹分"),
])
def test_amounts_are_spelled_as_the_bank_rules_spell_them(amount, text):
    assert capital(Decimal(amount) / WAN) == spelled(int(Decimal(amount) * 100)) == text


def test_ten_thousand_amounts_are_spelled_as_an_independent_writer_spells_them_and_read_back_the_same():
    for fen in (amount() for _ in range(10_000)):
        text = capital(Decimal(fen) / 100 / WAN)
        assert text == spelled(fen)
        assert read(text) == fen


@given(st.integers(-10**13, 10**13))
def test_a_float_of_so_many_fen_is_that_amount(fen):
    assert read(capital(fen / 1_000_000)) == fen


def test_noise_of_sums_is_no_amount():
    assert capital(0.1 + 0.2) == "叁仟元整"
    assert capital(-0.0) == "零元整"


@pytest.mark.parametrize("wan", [0.0000001, 0.1234565, 1e-8, Decimal("0.30000000000000004"), Decimal("0.0000005")])
def test_what_is_no_whole_number_of_fen_is_never_rounded(wan):
    with pytest.raises(ValueError, match="万元不是整数分，金额最多 6 位小数"):
        capital(wan)


@pytest.mark.parametrize("wan", [True, "1500", None, float("nan"), float("inf"), [1]])
def test_only_numbers_are_amounts(wan):
    with pytest.raises(ValueError, match="不是金额，应为数（万元）"):
        capital(wan)


def test_an_amount_beyond_words_is_refused():
    assert capital(10**9 - 1).endswith("玖万元整")
    with pytest.raises(ValueError, match="太大"):
        capital(10**9)


def test_the_same_amount_in_figures():
    assert (yuan(1500.5), yuan(Decimal("-0.000001")), yuan(0)) == ("15,005,000.00", "-0.01", "0.00")


def test_the_examples_in_docstrings_are_true():
    result = doctest.testmod(module)
    assert result.attempted and not result.failed
