"""A project's facts as people and files give them: what is read, what is refused."""
from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from xltool.rules.facts import read_facts, read_value
from xltool.rules.model import Field, Programme
from xltool.rules.serial import serial

FIELDS = {field.name: field for field in (
    Field("投入", "金额", "万元"), Field("利润", "盈亏", "万元"), Field("家数", "数量", "家"), Field("单价", "数量", "元"), Field("占比", "比例"),
    Field("开始", "日期"), Field("已开工", "是否"), Field("类型", "选项", "", ("专精特新“小巨人”企业", "A级", "其他（B）")), Field("备注", "文字"),
)}
PROGRAMME = Programme("P1", "1", "t", fields=FIELDS)
DAY = serial(2025, 6, 30)


@pytest.mark.parametrize(("name", "raw", "expected"), [
    # money: 万元, rounded to the fen
    ("投入", 1200, 1200.0), ("投入", 1200.5, 1200.5), ("投入", "1200.5", 1200.5), ("投入", " 1,200.5 ", 1200.5), ("投入", "１，２００", 1200.0),
    ("投入", "1200万元", 1200.0), ("投入", "1200 万元", 1200.0), ("投入", "1.2亿元", 12000.0), ("投入", "5000元", 0.5), ("投入", "0.33元", 0.000033),
    ("投入", 0.1234567, 0.123457), ("投入", "+5", 5.0), ("投入", ".5", 0.5), ("投入", "5.", 5.0), ("投入", 0, 0.0), ("投入", Decimal("1.1"), 1.1),
    ("投入", 1200 * 1.1, 1320.0), ("利润", "-12.5", -12.5), ("利润", "-1亿元", -10000.0),
    # counts and shares
    ("家数", "30家", 30.0), ("家数", "30", 30.0), ("家数", 30.5, 30.5), ("单价", "5元", 5.0), ("占比", "60%", 0.6), ("占比", "６０％", 0.6),
    ("占比", 0.6, 0.6), ("占比", "0.6", 0.6), ("占比", "-5%", -0.05), ("占比", "12.5 %", 0.125),
    # dates
    ("开始", dt.date(2025, 6, 30), DAY), ("开始", dt.datetime(2025, 6, 30, 17, 5), DAY), ("开始", "2025-06-30", DAY), ("开始", "2025/6/30", DAY),
    ("开始", "2025.6.30", DAY), ("开始", "2025年6月30日", DAY), ("开始", "20250630", DAY), ("开始", 20250630, DAY), ("开始", 20250630.0, DAY),
    ("开始", DAY, DAY), ("开始", DAY + 0.7, DAY), ("开始", int(DAY), DAY), ("开始", "2025-06-30 00:00:00", DAY), ("开始", "2025-06-30T00:00:00", DAY),
    ("开始", "２０２５－０６－３０", DAY),
    # truth values, choices, text
    ("已开工", True, True), ("已开工", "是", True), ("已开工", "√", True), ("已开工", "true", True), ("已开工", "Y", True), ("已开工", "否", False),
    ("已开工", "×", False), ("已开工", "FALSE", False), ("已开工", False, False), ("类型", "A级", "A级"), ("类型", " ａ级 ", "A级"),
    ("类型", "专精特新小巨人企业", "专精特新“小巨人”企业"), ("类型", '专精特新"小巨人"企业', "专精特新“小巨人”企业"),
    ("类型", "其他(b)", "其他（B）"), ("已开工", "有", True), ("已开工", "无", False), ("开始", "2025 年 6 月 30 日", DAY),
    ("利润", "（1,200）", -1200.0), ("家数", "1.2万家", 12000.0), ("占比", "5‰", 0.005), ("占比", "12.3%", 0.123),
    ("备注", " 无 ", "无"),
])
def test_a_value_is_read(name, raw, expected):
    value, problem = read_value(raw, FIELDS[name])
    assert problem is None
    assert value == expected and type(value) is type(expected)


@pytest.mark.parametrize("raw", [None, "", "  ", "　", "-", "—", "——", "/", "缺", "无数据"])
@pytest.mark.parametrize("name", FIELDS)
def test_an_empty_cell_is_a_missing_fact_never_zero_or_no(name, raw):
    assert read_value(raw, FIELDS[name]) == (None, None)


@pytest.mark.parametrize(("name", "raw", "code", "words"), [
    ("投入", "1200左右", "value.type", "以“万元”为单位的数"), ("投入", "约1200", "value.type", "约数、范围、公式都不能用"),
    ("投入", "1000-2000", "value.type", "一个数"), ("投入", "1000 2000", "value.type", "一个数"), ("投入", "1 200", "value.type", "一个数"),
    ("投入", "1,20", "value.type", "一个数"), ("投入", "=A1", "value.type", "一个数"), ("投入", "一千", "value.type", "一个数"),
    ("投入", "500万个", "value.type", "以“万元”为单位"), ("投入", "500家", "value.type", "以“万元”为单位"),
    ("投入", "50%", "value.type", "以“万元”为单位"),
    ("投入", "1.2.3", "value.type", "一个数"), ("投入", "1e3", "value.type", "一个数"), ("投入", True, "value.type", "应为数字（万元）"),
    ("投入", dt.date(2025, 1, 1), "value.type", "一个数"), ("投入", "#REF!", "value.type", "一个数"), ("投入", -1, "value.range", "不小于0"),
    ("投入", "-0.5亿元", "value.range", "不小于0"), ("投入", float("nan"), "value.range", "有限的数"),
    ("投入", float("inf"), "value.range", "有限的数"),
    ("投入", 1e15, "value.range", "请检查位数"), ("利润", -1e300, "value.range", "有限的数"), ("家数", "30个", "value.type", "以“家”为单位"),
    ("家数", "-3", "value.range", "不小于0"), ("家数", "30万元", "value.type", "以“家”为单位"), ("占比", "60%左右", "value.type", "以“%”为单位"),
    ("占比", "0.6家", "value.type", "以“%”为单位"), ("占比", float("inf"), "value.range", "有限的数"),
    ("开始", "2025-02-29", "value.type", "到日的日期"), ("开始", "2025-02-29", "value.type", "没有这一天"),
    ("开始", "2925-02-28", "value.range", "请核对年份"),
    ("开始", dt.date(1929, 12, 31), "value.range", "1930年到2099年的日期"), ("开始", "2025年6月", "value.type", "请写成2025-06-30"),
    ("开始", "2025", "value.type", "到日的日期"),
    ("开始", 2025, "value.type", "到日的日期"), ("开始", 2025.3, "value.type", "到日的日期"), ("开始", 202506, "value.type", "到日的日期"),
    ("开始", 20251332, "value.type", "到日的日期"), ("开始", 3, "value.type", "到日的日期"),
    ("开始", float("inf"), "value.type", "到日的日期"), ("开始", float("nan"), "value.type", "到日的日期"),
    ("开始", True, "value.type", "到日的日期"),
    ("开始", dt.date(1899, 1, 1), "value.type", "到日的日期"), ("开始", "2025-06-30 08:30", "value.type", "到日的日期"),
    ("开始", "25-6-30", "value.type", "到日的日期"), ("已开工", "已开工", "value.type", "“是”或“否”"), ("已开工", 1, "value.type", "“是”或“否”"),
    ("已开工", "1", "value.type", "“是”或“否”"), ("已开工", "是否", "value.type", "“是”或“否”"), ("类型", "B级", "value.choice", "最接近的是“A级”"),
    ("类型", "x", "value.choice", "选项之一：专精特新“小巨人”企业、A级、其他（B）"), ("类型", 1, "value.choice", "选项之一"),
])
def test_a_value_that_would_be_a_guess_is_refused(name, raw, code, words):
    value, problem = read_value(raw, FIELDS[name])
    assert value is None
    assert problem.code == code and words in str(problem) and f"“{name}”" in str(problem)


@pytest.mark.parametrize("raw", ["无", "N/A", "ｎ／ａ", "空", "暂无"])
@pytest.mark.parametrize("name", ["投入", "利润", "家数", "占比", "开始"])
def test_a_word_for_nothing_is_a_missing_number_or_date(name, raw):
    assert read_value(raw, FIELDS[name]) == (None, None)


def test_a_word_for_nothing_is_no_credit_code_either():
    assert read_value("无", Field("统一社会信用代码", "文字")) == (None, None)


@pytest.mark.parametrize("raw", [10**400, float("nan"), float("inf"), -(10**400)])
@pytest.mark.parametrize("name", FIELDS)
def test_a_number_beyond_all_numbers_is_refused_and_breaks_nothing(name, raw):
    assert read_value(raw, FIELDS[name])[1] is not None


def test_a_number_is_in_the_unit_its_place_states_unless_it_states_another():
    assert [read_value(raw, FIELDS["投入"], "元")[0] for raw in (5000, "5000", "¥5,000", "0.5万元")] == [0.5, 0.5, 0.5, 0.5]
    assert read_value(5000, FIELDS["投入"], "家")[1] is not None


def test_facts_are_read_together_with_all_problems():
    facts, problems = read_facts({"投入": "1,500", "占比": "60%", "开始": "", "家数": "三", "已开工": "也许", "投入额": 1, "qqq": 2}, PROGRAMME)
    assert facts == {"投入": 1500.0, "占比": 0.6}
    assert [problem.code for problem in problems] == ["value.type", "value.type", "value.unknown", "value.unknown"]
    assert "是不是“投入”" in problems[2].fix and "xltool show" in problems[3].fix


def test_a_text_typed_as_a_number_reads_as_written_and_a_long_one_is_refused():
    field = Field("信用代码", "文字")
    assert [read_value(raw, field)[0] for raw in (20250.0, 20250, 12.5, " 甲 ")] == ["20250", "20250", "12.5", "甲"]
    value, problem = read_value(913209000012346000.0, field)
    assert value is None and "只存15位" in problem.fix


@pytest.mark.parametrize(("unit", "raw", "value"), [
    ("个装备", "3个", 3.0), ("个装备", "3个装备", 3.0), ("年份", "2019年", 2019.0), ("场（次）", "8场", 8.0), ("家", "3家次", None)])
def test_a_count_may_shorten_its_unit(unit, raw, value):
    assert read_value(raw, Field("数", "数量", unit))[0] == value


@pytest.mark.parametrize(("raw", "value"), [("30千元", 3.0), ("2百万元", 200.0), ("500万", 500.0), ("0.3亿", 3000.0), ("2千万", 2000.0),
    ("人民币1,200万元整", 1200.0), ("￥ 3000 元", 0.3), ("¥1,200.00", None), ("0.3亿元", 3000.0), ("1234.5元", 0.12345)])
def test_money_in_other_units_becomes_wan_yuan(raw, value):
    assert read_value(raw, Field("额", "金额", "万元"))[0] == value
