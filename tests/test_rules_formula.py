"""The cell language: what typing is forgiven, what is refused, and that the canonical form says the same."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltool.rules.formula import (
    FUNCTIONS,
    MAX_LENGTH,
    Array,
    Binary,
    Bool,
    Call,
    FormulaError,
    Name,
    Number,
    Text,
    Unary,
    canonical,
    names,
    number_text,
    parse,
)

FORGIVEN = {
    # comparison signs, arithmetic signs
    "项目总投入≥1000": "项目总投入>=1000",
    "项目总投入≤1000": "项目总投入<=1000",
    "项目总投入≠1000": "项目总投入<>1000",
    "项目总投入＞＝1000": "项目总投入>=1000",
    "项目总投入＜1000": "项目总投入<1000",
    "项目总投入＝1000": "项目总投入=1000",
    "=项目总投入>=1000": "项目总投入>=1000",
    "＝项目总投入>=1000": "项目总投入>=1000",
    "投入×10％": "投入*10%",
    "投入÷2＋１－３": "投入/2+1-3",
    "投入−1": "投入-1",
    # full-width digits, letters, brackets, commas; spaces of all kinds
    "ＭＩＮ（投入＊１０％，２００）": "MIN(投入*10%,200)",
    "min(投入*10%,200)": "MIN(投入*10%,200)",
    "AI投入>=１２．５": "AI投入>=12.5",
    " 投入　>= \u00a01000\n": "投入>=1000",
    "IF（ 已开工 ，\n 1 ， 2 ）": "IF(已开工,1,2)",
    # thousands separators where no call takes the comma
    "投入>=1,000": "投入>=1000",
    "投入>=１，０００": "投入>=1000",
    "投入>=12,345,678": "投入>=12345678",
    "投入>=1,234.5": "投入>=1234.5",
    "(投入+1,000)*2": "(投入+1000)*2",
    "投入>=1,000万元": "投入>=1000",
    # units of money
    "投入>=1亿元": "投入>=10000",
    "投入>=１．５亿元": "投入>=15000",
    "投入>=500万元": "投入>=500",
    "投入>=500 万元": "投入>=500",
    "奖励=3000元": "奖励=0.3",
    "奖励=1元": "奖励=0.0001",
    "MIN(投入*10%,200万元)": "MIN(投入*10%,200)",
    # dates
    "开始>=2025年6月30日": "开始>=DATE(2025,6,30)",
    "开始>=2025-06-30": "开始>=DATE(2025,6,30)",
    "开始>=2025/6/30": "开始>=DATE(2025,6,30)",
    "开始>=DATE(2025,6,30)": "开始>=DATE(2025,6,30)",
    "开始>=２０２５年６月３０日": "开始>=DATE(2025,6,30)",
    "2025-6-30-30>=开始": "DATE(2025,6,30)-30>=开始",
    "开始>=2024-2-29": "开始>=DATE(2024,2,29)",
    # truth values
    "已开工=是": "已开工=TRUE",
    "已开工=否": "已开工=FALSE",
    "已开工=true": "已开工=TRUE",
    # quotes of both kinds, kept to the letter inside
    '行业="化工"': '行业="化工"',
    "行业=“化工”": '行业="化工"',
    "行业=“化工“": '行业="化工"',
    "行业=”化工”": '行业="化工"',
    "行业=＂化工＂": '行业="化工"',
    '行业="化 工（Ａ），≥"': '行业="化 工（Ａ），≥"',
    '类型="专精特新“小巨人”企业"': '类型="专精特新“小巨人”企业"',
    "类型=“专精特新“小巨人”企业”": '类型="专精特新“小巨人”企业"',
    'OR(行业={“化工”，"印染"})': 'OR(行业={"化工","印染"})',
    '备注="他说""好"""': '备注="他说""好"""',
    # numbers
    "投入>=.5": "投入>=0.5",
    "投入>=1e3": "投入>=1000",
    "投入>=1e-7": "投入>=0.0000001",
    "投入>=0.10": "投入>=0.1",
    "投入>=1.23456789012345678": "投入>=1.23456789012346",  # Excel keeps 15 digits
    # precedence as in Excel: a minus binds before a power
    "-2^2": "-2^2",
    "(-2)^2": "-2^2",
    "-(2^2)": "-(2^2)",
    "2^(3^2)": "2^(3^2)",
    "(2^3)^2": "2^3^2",
    "1-(2-3)": "1-(2-3)",
    "(1-2)-3": "1-2-3",
    "((投入))": "投入",
    "10%%": "(10%)%",
    "+投入": "投入",
}


@pytest.mark.parametrize("typed", FORGIVEN, ids=str)
def test_typing_is_forgiven(typed):
    assert canonical(parse(typed)) == FORGIVEN[typed]


@pytest.mark.parametrize("typed", FORGIVEN, ids=str)
def test_the_canonical_form_is_its_own_canonical_form(typed):
    assert canonical(parse(FORGIVEN[typed])) == FORGIVEN[typed]


REFUSED = {
    # meaning is never guessed
    "": ("rule.syntax", "没有公式"),
    "  　": ("rule.syntax", "没有公式"),
    "=": ("rule.syntax", "没有公式"),
    "2000万": ("rule.syntax", "看不出是金额还是数量"),
    "投入>=2亿": ("rule.syntax", "看不出是金额还是数量"),
    "投入>=": ("rule.syntax", "没有写完"),
    "MIN(投入*10%,1,000)": ("rule.syntax", "千分位"),
    "MIN（投入，１，０００）": ("rule.syntax", "千分位"),
    "投入>=0,500": ("rule.syntax", "多余"),
    "投入>=1,00": ("rule.syntax", "千分位"),
    "投入>=1,0000": ("rule.syntax", "千分位"),
    "投入>=1,000,00": ("rule.syntax", "千分位"),
    "投入>=1,23": ("rule.syntax", "多余"),
    "投入>=0500": ("rule.syntax", "0开头"),
    "1000 2000": ("rule.syntax", "多余"),
    "投入>=1000 且 投入<=2000": ("rule.syntax", "多余"),
    "投入=>1000": ("rule.syntax", "此处应为"),
    "投入!=1000": ("rule.syntax", "不能有这个字符"),
    "投入==1000": ("rule.syntax", "此处应为"),
    "投入>=1000。": ("rule.syntax", "不能有这个字符"),
    "投入>=1000；投入<2000": ("rule.syntax", "多余"),
    "投入≈1000": ("rule.syntax", "不能有这个字符"),
    "投入>=1000\u200b": ("rule.syntax", "不能有这个字符"),
    "A1:B2": ("rule.syntax", "不能有这个字符"),
    "表!A1": ("rule.syntax", "不能有这个字符"),
    "'化工'": ("rule.syntax", "不能有这个字符"),
    "投入>=1e15": ("rule.syntax", "太大"),
    "投入>=1e999": ("rule.syntax", "太大"),
    "投入>=1e308亿元": ("rule.syntax", "太大"),
    # brackets and quotes
    "(投入>=1000": ("rule.syntax", "应为“)”"),
    "投入>=1000)": ("rule.syntax", "多余"),
    "MIN(投入,200": ("rule.syntax", "应为“)”"),
    "MIN(投入,)": ("rule.syntax", "此处应为"),
    "MIN(,投入)": ("rule.syntax", "此处应为"),
    "OR(行业={\"化工\")": ("rule.syntax", "应为“}”"),
    "OR(行业={})": ("rule.syntax", "此处应为"),
    "OR(行业={化工})": ("rule.syntax", "花括号"),
    "OR(人数={-1})": ("rule.syntax", "花括号"),
    '行业="化工': ("rule.syntax", "引号不成对"),
    '行业="化工”': ("rule.syntax", "引号不成对"),
    "行业=“化工": ("rule.syntax", "引号不成对"),
    "(1,000+投入,2)": ("rule.syntax", "应为“)”"),
    # functions
    "SUMIF(投入,1)": ("rule.function", "没有这个函数"),
    "最小(投入,1)": ("rule.function", "没有这个函数"),
    "MIN()": ("rule.function", "0个参数"),
    "IF(已开工)": ("rule.function", "1个参数"),
    "IF(已开工,1,500,200)": ("rule.function", "4个参数"),
    "NOT(已开工,有证)": ("rule.function", "2个参数"),
    "DATE(2025,6)": ("rule.function", "2个参数"),
    "IFS(已开工,1,有证)": ("rule.function", "成对"),
    # dates that do not exist or are not whole
    "开始>=2025-02-29": ("rule.syntax", "没有这一天"),
    "开始>=2025年6月31日": ("rule.syntax", "没有这一天"),
    "开始>=2025/13/1": ("rule.syntax", "没有这一天"),
    "开始>=1234-5-6": ("rule.syntax", "没有这一天"),
    "开始>=2025-06-301": ("rule.syntax", "0开头"),
    "开始>=2025年6月": ("rule.syntax", "多余"),
    "开始>=2025.6.30": ("rule.syntax", "多余"),
    "开始>=2025年6月30日前": ("rule.syntax", "多余"),
    # size
    "(" * 30 + "1" + ")" * 30: ("rule.size", "24层"),
    "-" * 30 + "1": ("rule.size", "24层"),
    "NOT(" * 30 + "已开工" + ")" * 30: ("rule.size", "24层"),
    "1" + "+1" * 200: ("rule.size", "100层"),
    "1" + "%" * 200: ("rule.size", "100层"),
    "投入>=" + "1" * MAX_LENGTH: ("rule.size", "2000个字"),
}


@pytest.mark.parametrize("typed", REFUSED, ids=lambda text: text[:24])
def test_what_is_not_understood_is_refused(typed):
    code, words = REFUSED[typed]
    with pytest.raises(FormulaError) as error:
        parse(typed)
    assert error.value.problem.code == code
    assert words in str(error.value)


def test_the_largest_formula_in_use_is_far_within_the_limits():
    parse("SUM(" + ",".join(f"收入{index}*10%" for index in range(30)) + ")")
    parse("+".join(f"收入{index}*10%" for index in range(40)))


def test_a_refusal_names_the_place_of_a_stray_character():
    with pytest.raises(FormulaError, match=r"“#”.*第5个字"):
        parse("投入>=#1")


def test_a_number_with_an_unknown_unit_keeps_it_for_the_check():
    assert parse("投入>=1000左右") == Binary(">=", Name("投入"), Number(1000.0, "左右"))


def test_a_bare_number_has_no_unit_and_money_has():
    assert parse("1000") == Number(1000.0, None)
    assert parse("1000元") == Number(0.1, "万元")
    assert parse("2年") == Number(2.0, "年")


def test_text_that_looks_like_a_function_without_brackets_is_a_fact():
    assert parse("MIN") == Name("MIN")


def test_names_come_once_in_order_of_appearance():
    assert names(parse("IF(甲>乙,甲,MIN(丙,乙))")) == ("甲", "乙", "丙")


# --- canonical form and back ------------------------------------------------------------------------------------------

identifiers = st.sampled_from(["投入", "AI投入", "x_1", "项目结束时间"]).map(Name)
numbers = st.one_of(
    st.integers(0, 10**9).map(float), st.decimals(0, 10**6, places=6).map(float), st.floats(1e-12, 9e14, allow_subnormal=False),
).map(lambda value: Number(float(f"{value:.15g}")))
texts = st.text(st.sampled_from('化工"“”（）, A1\n='), max_size=6).map(Text)
literals = st.one_of(numbers, texts, st.booleans().map(Bool))


def calls(inner):
    def of(function):
        fewest, most = FUNCTIONS[function]
        sizes = st.integers(fewest, min(most, 4)).map(lambda n: n + n % 2 if function == "IFS" else n)
        return sizes.flatmap(lambda n: st.tuples(*[inner] * n)).map(lambda args: Call(function, args))
    return st.sampled_from(sorted(FUNCTIONS)).flatmap(of)


trees = st.recursive(
    st.one_of(identifiers, literals),
    lambda inner: st.one_of(
        st.builds(Unary, st.sampled_from("-%"), inner),
        st.builds(Binary, st.sampled_from(["=", "<>", "<", "<=", ">", ">=", "&", "+", "-", "*", "/", "^"]), inner, inner),
        st.builds(Binary, st.just("="), identifiers, st.lists(st.one_of(numbers, texts), min_size=1, max_size=3).map(
            lambda items: Array(tuple(items)))),
        calls(inner)),
    max_leaves=12)


@given(trees)
def test_the_canonical_form_parses_back_to_the_same_tree(tree):
    assert parse(canonical(tree)) == tree


@given(st.text(st.sampled_from('投入12.0,，()（）{}"“”=<>≥%+-*/^&元万亿年月日 MINIF\n'), max_size=30))
def test_any_typing_either_has_a_canonical_form_or_is_refused(typed):
    try:
        tree = parse(typed)
    except FormulaError as error:
        assert error.problem.code in ("rule.syntax", "rule.function", "rule.size")
    else:
        plain = parse(canonical(tree))
        assert canonical(plain) == canonical(tree)


@given(st.floats(-1e300, 1e300))
def test_a_number_is_written_without_exponent_to_15_digits(value):
    text = number_text(value)
    assert "e" not in text.lower() and not text.endswith(".")
    assert float(text) == pytest.approx(value, rel=1e-14, abs=0)
