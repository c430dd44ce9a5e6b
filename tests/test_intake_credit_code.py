"""A 统一社会信用代码 is good by its check digit, or the fault says what typing did to it."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from xltool.intake.credit_code import clean_code, code_fault, probable_code

GOOD = ["91110000600037341L", "121200004013590816", "91152201078382010M", "9115220107837941X1", "92340621MA2UK3CE6L",
    "91350100M000100Y43"]


@pytest.mark.parametrize("code", [*GOOD, "９１１１００００６０００３７３４１Ｌ", "91110000 6000 3734 1L", "91110000600037341l",
    "'91110000600037341L", "91110000-6000-37341L\n"])
def test_width_spaces_case_and_apostrophes_are_forgiven(code):
    assert code_fault(code) is None and uscc.is_valid(clean_code(code))


@pytest.mark.parametrize(("code", "says", "fix"), [
    ("91110000600037341N", "校验位不对", "请按营业执照核对"), ("9111000060003734", "应为18位，这是16位", "15位"),
    ("913201917453742ZL", "应为18位，这是17位", "营业执照"),
    ("320000000012345", "15位的旧工商注册号", "18位代码"), ("9.13209E+17", "变成了数字", "设为文本"),
    ("913209000012345000", "末三位是000", "设为文本"),
    ("9111000060003IOZSV", "不是统一社会信用代码", "请按营业执照核对"),
    ("某某公司某某公司某某公司某某公司某某", "不是统一社会信用代码", "营业执照"), ("", "这是0位", ""),
    ("A1110000600037341L", "不是统一社会信用代码", "营业执照"),
])
def test_a_damaged_code_is_named_with_the_way_to_put_it_right(code, says, fix):
    fault, how = code_fault(code)
    assert says in fault and fix in how


@pytest.mark.parametrize(("code", "near"), [
    ("9111OOOO6OOO37341L", "91110000600037341L"), ("9II10000600037341L", "91110000600037341L"),
    ("92340621MAZUK3CE6L", "92340621MA2UK3CE6L"),
    ("91350100MO00100Y43", "91350100M000100Y43"),
])
def test_letters_taken_for_digits_are_suggested_where_the_check_digit_then_holds(code, near):
    assert probable_code(code) == near and f"“{near}”" in code_fault(code)[1]


def test_nothing_is_suggested_where_no_good_code_comes_out():
    assert probable_code("91110000600O37341N") == "" and probable_code(GOOD[0]) == ""


@given(st.sampled_from(GOOD), st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_wrong_character_is_always_found(code, place, character):
    typed = code[:place] + character + code[place + 1:]
    assert (code_fault(typed) is None) == (typed == code)


@given(st.text(max_size=20))
def test_no_text_breaks_the_check(text):
    fault = code_fault(text)
    assert fault is None or all(map(str, fault))
