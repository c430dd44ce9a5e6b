"""A cell is read as its author meant it, or refused; what a reading assumed is said."""
from __future__ import annotations

import datetime as dt
import math

import pytest

from xltool.intake.grid import PER_CENT, Fault, Look
from xltool.intake.opening.readers import formats
from xltool.intake.periods import END, START, bound_of
from xltool.intake.values import BLANK, read_cell, read_column
from xltool.rules.model import Field
from xltool.rules.serial import to_date

FIELDS = {field.name: field for field in (
    Field("投入", "金额", "万元"), Field("利润", "盈亏", "万元"), Field("人数", "数量", "人"), Field("单价", "数量", "元"),
        Field("占比", "比例"), Field("收入增长率", "比例"),
    Field("项目开始时间", "日期"), Field("项目结束时间", "日期"), Field("验收日期", "日期"), Field("已开工", "是否"),
    Field("类型", "选项", "", ("A级", "其他（B）", "2023")), Field("备注", "文字"), Field("统一社会信用代码", "文字"),
)}
NUMBERS = ("投入", "利润", "人数", "单价", "占比")


def reading(name: str, raw: object, unit: str = "", look: Look | None = None):
    found = read_cell(raw, FIELDS[name], unit, look)
    assert found.raw is raw or raw in (None, "")
    assert found.value is None or found.problem is None
    assert not (found.note and found.problem)
    return found


def day_of(name: str, raw: object) -> str:
    found = reading(name, raw)
    assert found.problem is None, found.problem
    return to_date(found.value).isoformat()


# Numbers

@pytest.mark.parametrize(("name", "raw", "value"), [
    ("投入", 1200.5, 1200.5), ("投入", 1200, 1200.0), ("投入", 0.0, 0.0), ("投入", "1,200.5万元", 1200.5), ("投入", "0.3亿", 3000.0),
    ("投入", "0.3亿元", 3000.0), ("投入", "３０００", 3000.0), ("投入", "1，200", 1200.0), ("投入", "3000 元", 0.3),
    ("投入", " 3000\u00a0元 ", 0.3),
    ("投入", "1200\n万元", 1200.0), ("投入", "人民币1200万元", 1200.0), ("投入", "人民币 1,200 万元整", 1200.0), ("投入", "500万", 500.0),
    ("投入", "2千万", 2000.0), ("投入", "5百万元", 500.0), ("投入", "１．５亿元", 15000.0), ("投入", "+5", 5.0), ("投入", ".5", 0.5),
    ("投入", "\ufeff1200", 1200.0), ("投入", 934567.89, 934567.89), ("投入", 0.1 + 0.2, 0.3), ("投入", "00123", 123.0),
    ("利润", "(1,200)", -1200.0), ("利润", "（1,200）", -1200.0), ("利润", "（1,200.5万元）", -1200.5), ("利润", "(3)亿元", -30000.0),
    ("利润", "-¥1,200.00元", -0.12), ("利润", "−5", -5.0), ("利润", "－5", -5.0), ("利润", "- 5", -5.0), ("利润", -0.5, -0.5),
    ("人数", "30人", 30.0), ("人数", 30.0, 30.0), ("人数", "1.2万人", 12000.0), ("人数", "1.1万", 11000.0),
    ("人数", "3千人", 3000.0), ("单价", "5元", 5.0),
    ("占比", "12%", 0.12), ("占比", "12.3％", 0.123), ("占比", "5‰", 0.005), ("收入增长率", "(5)%", -0.05), ("占比", 0.12, 0.12),
    ("占比", "0.12", 0.12),
])
def test_a_number_is_read_however_it_is_typed(name, raw, value):
    found = reading(name, raw)
    assert (found.value, found.note, found.problem) == (value, "", None) and type(found.value) is float


@pytest.mark.parametrize(("raw", "unit", "value"), [
    (5_000_000.0, "元", 500.0), (5_000_000, "元", 500.0), ("5,000,000", "元", 500.0), ("¥5,000,000.00", "元", 500.0),
    (0.05, "亿元", 500.0),
    (0.05, "亿", 500.0), (5000.0, "千元", 500.0), (500.0, "万元", 500.0), ("500", "万元", 500.0), ("¥500", "万元", 500.0),
    ("(0)", "元", 0.0),
    ("0.05亿", "元", 500.0), ("500万元", "元", 500.0), (123.45, "元", 0.012345),
])
def test_a_bare_number_is_in_the_unit_of_its_heading_and_a_written_unit_wins(raw, unit, value):
    found = reading("投入", raw, unit)
    assert (found.value, found.note, found.problem) == (value, "", None)


@pytest.mark.parametrize("name", [*NUMBERS, "项目开始时间"])
@pytest.mark.parametrize("raw", [None, "", " ", "　", "-", "--", "—", "——", "－", "–", "/", "／", "\\", "无", "空", "暂无", "N/A",
    "n/a", "Ｎ／Ａ", "无数据", "缺"])
def test_blanks_dashes_and_words_for_nothing_are_missing(name, raw):
    assert reading(name, raw)[:3] == BLANK[:3]


@pytest.mark.parametrize(("raw", "fix"), [
    ("约500万", "约数"), ("500左右", "约数"), ("500多万", "约数"), ("近500万元", "约数"), ("500余万元", "约数"),
    ("不低于500", "约数"), ("不少于500万", "约数"),
    ("500以上", "约数"), ("≥500", "约数"), (">500", "约数"), ("≤48960元\t\n", "约数"), ("≦8万", "约数"), ("500+", "约数"),
    ("预计500万元", "约数"),
    ("500-800", "范围"), ("500~800万", "范围"), ("500～800", "范围"), ("500—800万元", "范围"), ("500至800", "范围"),
    ("500万到800万", "范围"),
    ("=A1*2", "公式"), ("=SUM(B2:B9)", "公式"), ("五百万", "阿拉伯数字"), ("叁佰万元整", "阿拉伯数字"), ("300万美元", "汇率"),
    ("$300", "汇率"),
    ("500万元（含设备300万元）", "一个格子只填一个数"), ("500（其中设备）", "备注列"), ("500;800", "一个格子只填一个数"),
    ("1 200", "请只写数字"), ("1,20", "请只写数字"), ("1.2.3", "请只写数字"), ("1e3", "科学计数法"), ("1.5E+07", "科学计数法"),
    ("1.5E+07元", "科学计数法"), ("待定", "请只写数字"),
    ("总成本1200万", "请只写数字"),
    ("500家", "换算"), ("50%", "换算"),
])
def test_a_number_that_would_be_a_guess_is_refused_with_the_way_to_write_it(raw, fix):
    found = reading("投入", raw)
    assert found.value is None and found.problem.code == "value.type" and fix in found.problem.fix
    assert found.problem.found == raw.strip() and "“投入”应为" in found.problem.expected


@pytest.mark.parametrize(("raw", "code"), [
    ("(1,200)", "value.range"), (-1.0, "value.range"), ("-0.5亿", "value.range"), (math.nan, "value.range"),
    (math.inf, "value.range"), (1e15, "value.range"),
    (True, "value.type"), (dt.datetime(2025, 3, 5), "value.type"), (dt.time(3, 5), "value.type"), (dt.timedelta(hours=30), "value.type"),
])
def test_an_amount_is_a_finite_number_of_at_least_zero(raw, code):
    assert reading("投入", raw).problem.code == code


def test_a_number_shown_as_per_cent_is_no_amount():
    problem = reading("投入", 0.5, look=PER_CENT).problem
    assert "百分比格式" in problem.expected and problem.found == "50%"


def test_a_remark_that_does_not_change_the_number_is_said_and_not_used():
    found = reading("投入", "500万元（含税）")
    assert found.value == 500.0 and "含税" in found.note
    assert reading("投入", "（500）").problem.code == "value.range"  # a number below zero, no remark


def test_a_currency_sign_alone_does_not_say_the_unit():
    found = reading("投入", "¥1,200.00")
    assert found.value == 1200.0 and "按万元读" in found.note


# Shares

@pytest.mark.parametrize(("raw", "unit", "percent", "value", "note"), [
    (12.0, "%", False, 0.12, ""), (12.3, "%", False, 0.123, ""), ("12", "%", False, 0.12, ""), (100.0, "%", False, 1.0, ""),
    (0.0, "%", False, 0.0, ""),
    (0.12, "%", False, 0.12, "少乘了100"), ("0.12", "%", False, 0.12, "少乘了100"), (1.0, "%", False, 1.0, "少乘了100"),
    ("120%", "%", False, 1.2, "是120%，不在0到100%之间"),
    (0.12, "%", True, 0.12, ""), (0.12, "", True, 0.12, ""), (1.0, "%", True, 1.0, ""), (12.0, "%", True, 12.0, "1200%"),
    ("12%", "%", True, 0.12, ""),
    (0.12, "小数", False, 0.12, ""), (1.5, "小数", False, 1.5, "是150%，不在0到100%之间"),
    (1.0, "小数", False, 1.0, ""), ("12%", "小数", False, 0.12, ""),
    (5.0, "‰", False, 0.005, ""),
    (0.12, "", False, 0.12, ""), (1.0, "", False, 1.0, "是不是1%"), ("1", "", False, 1.0, "是不是1%"), ("100%", "", False, 1.0, ""),
    ("0.5%", "%", False, 0.005, ""),
])
def test_a_share_is_per_cent_or_a_fraction_by_heading_and_format(raw, unit, percent, value, note):
    found = reading("占比", raw, unit, PER_CENT if percent else None)
    assert found.problem is None and found.value == value
    assert (note in found.note) if note else not found.note


@pytest.mark.parametrize("raw", [12.0, "12", 45, -30.0, 1.5])
def test_a_share_above_one_without_per_cent_anywhere_is_refused(raw):
    found = reading("占比", raw)
    assert "看不出是" in found.problem.expected and found.problem.fix.startswith("请写成") and found.problem.fix.endswith("%")


def test_a_number_that_may_be_two_shares_is_asked_about():
    problem = reading("占比", 1.2).problem
    assert "看不出是1.2%还是120%" in problem.expected and problem.fix == "请写成1.2%或120%"


@pytest.mark.parametrize(("raw", "unit", "look"), [("-5%", "", None), (-0.05, "", None), (-5.0, "%", None), (-0.05, "", PER_CENT),
    ("(5)%", "%", None)])
def test_only_what_grows_may_be_below_zero(raw, unit, look):
    assert reading("占比", raw, unit, look).problem.code == "value.range"
    assert reading("收入增长率", raw, unit, look).value == -0.05


def test_what_grows_may_double_without_a_word():
    assert reading("收入增长率", "250%")[:3] == (2.5, "", None)


# Numbers whose format says what they are

@pytest.mark.parametrize(("name", "raw", "unit", "code", "value", "note"), [
    ("投入", 1500.0, "万元", '0.00"万元"', 1500.0, ""), ("投入", 1500.0, "", "0万元", 1500.0, ""),
    ("投入", 1234.5678, "万元", '0.0"万元"', 1234.5678, ""),
    ("投入", 15000000.0, "元", '0"元"', 1500.0, ""), ("投入", 15000000.0, "万元", '0"元"', 1500.0, "按显示的15000000元读"),
    ("投入", 1500.0, "元", '0.00"万元"', 1500.0, "按显示的1500万元读"), ("投入", 0.15, "", 'General"亿"', 1500.0, "按显示的0.15亿读"),
    ("投入", 1500.0, "万元", "¥#,##0.00", 1500.0, ""), ("投入", 1500.0, "", "[$¥-804]#,##0.00", 1500.0, ""),
    ("投入", 1500.0, "万元", '¥#,##0.00"元"', 0.15, "按显示的1500元读"), ("投入", 0.0, "元", '0"万元"', 0.0, ""),
    ("投入", 15000000.0, "", '0!.0,"万元"', 1500.0, "存的是15000000，按显示的1500万元读"),
    ("投入", 15003456.78, "元", '0"."0,"万元"', 1500.345678, ""),
    ("投入", 15003456.78, "万元", '0\\.0,"万"', 1500.345678, "按显示的1500.345678万读"),
    ("投入", 20000000.0, "万元", '#,##0.00,,"百万"', 2000.0, "按显示的20百万读"), ("投入", 3e8, "元", '0!.00,,"亿元"', 30000.0, ""),
    ("投入", 5000.0, "", '[>=100000000]0!.00,,"亿元";[>=10000]0!.0,"万元";0"元"', 0.5, "按显示的5000元读"),
    ("投入", 50000.0, "", '[>=100000000]0!.00,,"亿元";[>=10000]0!.0,"万元";0"元"', 5.0, "按显示的5万元读"),
    ("利润", -1500.0, "元", '0"元";(0"万元")', -1500.0, "按显示的-1500万元读"),
    ("人数", 30.0, "", '0"人"', 30.0, ""), ("人数", 12000.0, "", '0!.0,"万人"', 12000.0, ""), ("占比", 12.0, "", '0"%"', 0.12, ""),
])
def test_a_number_is_what_its_format_shows_with_all_its_digits(name, raw, unit, code, value, note):
    as_ = formats.meaning(200, {200: code})
    found = reading(name, raw, unit, formats.look(raw, as_))
    assert (found.value, found.problem) == (value, None)
    assert (note in found.note) if note else not found.note


@pytest.mark.parametrize(("name", "raw", "code", "shows", "words"), [
    ("投入", 15000000.0, "0!.0,", "1500", "存的是15000000"), ("投入", 15000000.0, "#,##0,", "15000", "以万元为单位"),
    ("投入", 15000.0, '0!.0,"亿元"', "1.5亿元", "存的是15000，格式却缩小成1.5亿元"), ("投入", 12000.0, '0.0,"k"', "12k", "格式却缩小"),
    ("人数", 12000.0, '0,"人"', "12人", "格式却缩小"), ("投入", 300.0, '"$"0.00', "$300", "汇率"), ("投入", 300.0, '"约"0', "约300", "约数"),
    ("投入", 300.0, '0"家"', "300家", "换算"), ("投入", 15000000.0, '0"万"0000"元"', "15000000万0000元", "一个格子只填一个数"),
    ("投入", -5.0, '0"元"', "-5元", "正负号"), ("占比", 12.0, '0"家"', "12家", ""),
])
def test_a_number_whose_format_leaves_a_doubt_is_refused_as_people_see_it(name, raw, code, shows, words):
    found = reading(name, raw, "", formats.look(raw, formats.meaning(200, {200: code})))
    assert found.value is None and found.problem.found == shows and words in str(found.problem)


@pytest.mark.parametrize("code", ["General", "0.00", "#,##0.00_ ", "0.00E+00", "# ?/?", '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ',
    "0.00_);[Red]\\(0.00\\)", "[$¥-804]* #,##0.00", '"￥"#,##0', '[=1]"是";[=0]"否"', "@", "0;;", "[DBNum1]0", '"RMB "0.00'])
def test_a_format_that_says_nothing_of_the_unit_adds_nothing(code):
    assert formats.meaning(200, {200: code}) == formats.NUMBER


def test_the_format_for_money_of_another_country_is_the_clerks_own_money():
    assert formats.meaning(44, {44: '"$"0.00'}) == formats.NUMBER != formats.meaning(164, {164: '"$"0.00'})


@pytest.mark.parametrize("raw", ["约12%", "≥90%", "90%以上", "百分之六十", "10%-20%", "60家", "=A1", True, dt.date(2025, 1, 1), math.nan])
@pytest.mark.parametrize("unit", ["", "%", "小数"])
def test_a_share_that_would_be_a_guess_is_refused(raw, unit):
    assert reading("占比", raw, unit).problem is not None


# Dates

@pytest.mark.parametrize("raw", [
    "2025-03-15", "2025/3/15", "2025.3.15", "2025.03.15", "2025年3月15日", "2025 年 3 月 15 日", "２０２５年３月１５日",
    "2025年3月15号", "20250315", 20250315.0,
    20250315, dt.date(2025, 3, 15), dt.datetime(2025, 3, 15, 17, 30), 45731.0, 45731, "2025-03-15 00:00:00", "2025/3/15 0:00:00",
    " 2025-3-15\n",
])
def test_a_day_is_read_without_a_note(raw):
    assert {day_of(name, raw) for name in ("项目开始时间", "项目结束时间",
        "验收日期")} == {"2025-03-15"} and not reading("验收日期", raw).note


@pytest.mark.parametrize(("raw", "first", "last", "written_to"), [
    *((raw, "2025-03-01", "2025-03-31", "月") for raw in (
        2025.3, 2025.03, "2025.3", "2025.03", "2025-03", "2025-3", "2025/3", "2025年3月", "2025年03月份", "2025 年 3 月",
        "202503", 202503.0, 202503, "２０２５．３")),
    ("2024.2", "2024-02-01", "2024-02-29", "月"), ("2025.12", "2025-12-01", "2025-12-31", "月"),
    (2025.11, "2025-11-01", "2025-11-30", "月"),
    ("2025.1", "2025-01-01", "2025-01-31", "月"), ("2025.10", "2025-10-01", "2025-10-31", "月"),
    (2025.01, "2025-01-01", "2025-01-31", "月"),
    ("2025年底", "2025-12-01", "2025-12-31", "年底"), ("2025年年末", "2025-12-01", "2025-12-31", "年末"),
    ("2025年初", "2025-01-01", "2025-01-31", "年初"),
    ("2025年上半年", "2025-01-01", "2025-06-30", "半年"), ("2025年下半年", "2025-07-01", "2025-12-31", "半年"),
    ("2025Q1", "2025-01-01", "2025-03-31", "季度"),
    ("2025年Q4", "2025-10-01", "2025-12-31", "季度"), ("2025-q2", "2025-04-01", "2025-06-30", "季度"),
    ("2025年第三季度", "2025-07-01", "2025-09-30", "季度"),
    ("2025年四季度", "2025-10-01", "2025-12-31", "季度"), ("2025年1季度", "2025-01-01", "2025-03-31", "季度"),
    ("2025年3月底", "2025-03-21", "2025-03-31", "月底"),
    ("2025年2月下旬", "2025-02-21", "2025-02-28", "下旬"), ("2025年11月中旬", "2025-11-11", "2025-11-20", "中旬"),
    ("2025年3月初", "2025-03-01", "2025-03-10", "月初"),
])
def test_a_period_means_its_first_day_as_a_start_and_its_last_as_an_end_and_says_so(raw, first, last, written_to):
    assert (day_of("项目开始时间", raw), day_of("项目结束时间", raw)) == (first, last)
    assert reading("项目开始时间", raw).note == f"只写到{written_to}，按{first}读"
    assert reading("项目结束时间", raw).note == f"只写到{written_to}，按{last}读"
    refused = reading("验收日期", raw)
    assert refused.value is None and f"只写到{written_to}，请写到日" in refused.problem.fix


def test_what_a_date_is_may_be_told_by_the_caller():
    assert to_date(read_cell("2025.3", FIELDS["验收日期"], bound=END).value) == dt.date(2025, 3, 31)
    assert read_cell("2025.3", FIELDS["项目开始时间"], bound="").problem


def test_a_number_2025_1_may_be_january_or_october():
    assert "看不出是1月还是10月" in reading("项目开始时间", 2025.1).problem.expected


def test_a_serial_typed_as_text_is_read_and_said():
    found = reading("验收日期", "45731")
    assert to_date(found.value) == dt.date(2025, 3, 15) and "2025-03-15" in found.note


@pytest.mark.parametrize(("raw", "fix"), [
    *((raw, "分到两列") for raw in (
        "2015-01-04-2015-11-27", "2024.1-2025.6", "2024.01—2025.06", "2024年1月至2025年6月", "2024年1月-2025年6月",
        "2024/1/1~2025/6/30", "20240101-20250630",
        "2024-2025", "2024.1~6", "2024年1-12月", "2024年3月到5月", "2025年3月15日-20日", "2024.1--2025.6")),
    ("3月底", "没有写年份"), ("11月中旬", "没有写年份"), ("3月", "没有写年份"), ("2025", "只写到年"), (2025.0, "只写到年"),
    (2025, "只写到年"), ("2025年", "只写到年"),
    ("25.3.15", "年份请写四位"), ("25-6-30", "年份请写四位"), ("15年3月", "年份请写四位"), ("3/15/2025", "年、月、日的顺序"),
    ("01/03/2025", "年、月、日的顺序"), ("3-1-25", "年、月、日的顺序"),
    ("2023年12月前", "准确的日期"),
    ("预计2025年6月", "准确的日期"), ("2025年6月左右", "准确的日期"), ("延期至2021.07.31", "准确的日期"),
    ("2025年春", "请写成"), ("2025.13", "请写成"), ("2025-02-30", "没有这一天"), ("2025年2月30日", "没有这一天"), ("1850-01-01", "核对年份"),
    ("待定", "请写成"), (True, "请写成"),
    (3.0, "请写成"), ("2025年中", "请写成"),
    (dt.time(8, 30), "请写成"), (20251332.0, "没有这一天"), (math.nan, "请写成"), (math.inf, "请写成"), (dt.date(1899, 1, 1), "请写成"),
])
def test_a_date_that_would_be_a_guess_is_refused_with_the_way_to_write_it(raw, fix):
    found = reading("项目开始时间", raw)
    assert found.value is None and fix in found.problem.fix and "到日的日期" in found.problem.expected


@pytest.mark.parametrize("raw", ["2925-03-15", dt.date(2925, 3, 15), dt.datetime(2925, 3, 15),
    29250315.0, "1925-01-01", "10001", "99999", dt.date(2100, 1, 1), 10000.0])
def test_a_year_that_nobody_means_is_refused(raw):
    problem = reading("验收日期", raw).problem
    assert problem.code == "value.range" and problem.fix == "请核对年份"


@pytest.mark.parametrize(("name", "raw"), [("验收日期", "Mar-25"), ("验收日期", "2025-01-01；2025-02-02"), ("投入", "约￥500"), ("占比", "６０家"),
    ("已开工", "ｘ"), ("类型", "Ｂ级")])
def test_what_was_found_is_what_was_typed(name, raw):
    assert reading(name, raw).problem.found == raw


@pytest.mark.parametrize(("name", "bound"), [
    *((name, START) for name in ("项目开始时间", "开工日期", "研发机构设立时间", "最早开票日期", "公司成立时间", "项目起始时间",
    "启动时间")),
    *((name, END) for name in ("项目结束时间", "项目完工时间", "计划建成时间", "申报截止日期", "创建完成时间", "最晚发票日期",
    "建设期结束时间", "竣工时间")),
    *((name, "") for name in ("验收日期", "批复建设时间", "负责人出生日期", "上线时间", "项目开始和结束时间", "落户江苏时间")),
])
def test_the_name_of_a_field_says_whether_it_is_a_start_or_an_end(name, bound):
    assert bound_of(name) == bound


# Yes or no, choices, texts, faults

@pytest.mark.parametrize("raw", ["是", "√", "✓", "✔", "☑", "有", "true", "TRUE", "Y", " 是 ", True, "☑是 □否", "是☑否□", "√是"])
def test_a_yes_is_read(raw):
    assert reading("已开工", raw)[:3] == (True, "", None)


@pytest.mark.parametrize("raw", ["否", "×", "✗", "✘", "无", "没有", "false", "N", False, "□是 ☑否", "是□否☑"])
def test_a_no_is_read(raw):
    assert reading("已开工", raw)[:3] == (False, "", None)


@pytest.mark.parametrize(("raw", "value"), [(1.0, True), ("1", True), (1, True), (0.0, False), ("0", False)])
def test_one_and_zero_are_yes_and_no_and_say_so(raw, value):
    found = reading("已开工", raw)
    assert found.value is value and found.note == f"“{int(value)}”按“{'是' if value else '否'}”读"


@pytest.mark.parametrize("raw", [2.0, "2", "基本是", "是否", "已开工", "X", "x", "是☑否", "□是 □否", "=A1", dt.date(2025, 1, 1)])
def test_anything_else_is_neither_yes_nor_no(raw):
    found = reading("已开工", raw)
    assert found.value is None and "“是”或“否”" in found.problem.expected


def test_a_near_choice_is_suggested_and_not_taken():
    assert [reading("类型", raw).value for raw in ("Ａ级", " a 级", "其他(b)", 2023.0, "/")] == ["A级", "A级", "其他（B）", "2023", None]
    found = reading("类型", "B级")
    assert found.value is None and found.problem.code == "value.choice" and "最接近的是“A级”" in found.problem.fix


@pytest.mark.parametrize(("raw", "value"),
    [("无", "无"), (" 甲\n", "甲"), (12.0, "12"), (12.5, "12.5"), ("-", None), ("N/A", "N/A"), ("=HYPERLINK(1)", "=HYPERLINK(1)"),
                                            (dt.datetime(2025, 1, 2), "2025-01-02"), (dt.date(2025, 1, 2), "2025-01-02"),
                                            ("00123", "00123"), (True, "TRUE")])
def test_a_text_is_kept(raw, value):
    assert reading("备注", raw)[:3] == (value, "", None)


@pytest.mark.parametrize("name", ["备注", "统一社会信用代码"])
@pytest.mark.parametrize("raw", ["1.23457E+17", "9.13e+17", 913209000012346000.0, 1e15, 913209000012346000, math.nan])
def test_long_digits_that_excel_damaged_are_refused_with_the_fix(name, raw):
    found = reading(name, raw)
    assert found.value is None and "先把列设为文本" in found.problem.fix


@pytest.mark.parametrize("raw", ["无", "暂无", "n/a", "/", " - "])
def test_a_word_for_nothing_is_no_credit_code(raw):
    assert reading("统一社会信用代码", raw)[:3] == BLANK[:3]


def test_a_credit_code_is_cleaned_of_what_cannot_change_it():
    assert reading("统一社会信用代码", " ９1110000 600037341l ").value == "91110000600037341L"


@pytest.mark.parametrize(("raw", "says"), [
    (Fault("#DIV/0!"), "错误值"), ("#N/A", "错误值"), (Fault("#ANYTHING"), "错误值"), (Fault("=B2*10%"), "没有算过的公式"),
    (Fault("#LOST!"), "丢了"), (Fault("3／4"), "读不出"),
])
@pytest.mark.parametrize("name", FIELDS)
def test_a_fault_is_a_problem_that_names_it_whatever_the_field(name, raw, says):
    found = reading(name, raw)
    assert found.value is None and found.problem.found == raw and says in found.problem.expected and f"“{name}”应为" in found.problem.expected


@pytest.mark.parametrize("raw", ["9" * 32767, "1" + " " * 32765 + "1", "1-" * 16000, "(" * 32767, "2025" + " " * 32000 + "3",
    "1," * 16000, "¥" * 32767])
@pytest.mark.parametrize("name", [*NUMBERS, "项目开始时间", "已开工"])
def test_a_page_in_a_cell_is_refused_at_once(name, raw):
    assert reading(name, raw).problem


@pytest.mark.parametrize("sign", ["\x07", "\x0c", "\x1f", "\ufffe"])
def test_a_text_with_a_sign_no_document_can_hold_is_refused_with_the_sign(sign):
    values, told = read_column([f"甲{sign}公司", "乙公司", "丙\v公司", "丁\u3000公司"], Field("单位名称", "文字"))
    assert values == [None, "乙公司", "丙\v公司", "丁\u3000公司"]
    assert f"U+{ord(sign):04X}" in told[0].problem.expected and [*told] == [0]
