"""The answer for one project: verdict, amounts, reasons in words, and exactly the facts that are missing."""
from __future__ import annotations

import datetime as dt

import pytest

from xltool.rules import ELIGIBLE, INELIGIBLE, OPEN, assess
from xltool.rules.assess import NOT_APPLICABLE
from xltool.rules.explain import Explainer
from xltool.rules.formula import parse
from xltool.rules.model import Condition, Field, Formula, Programme
from xltool.rules.serial import from_date

FIELDS = {field.name: field for field in (
    Field("投入", "金额", "万元"), Field("设备", "金额", "万元"), Field("家数", "数量", "家"), Field("占比", "比例"), Field("开始", "日期"),
    Field("结束", "日期"), Field("已开工", "是否"), Field("有证", "是否"), Field("行业", "选项", "", ("化工", "印染", "其他")),
)}
MAY_1 = from_date(dt.date(2025, 5, 1))


def why(text, **facts):
    return Explainer(FIELDS, facts).reasons(parse(text))


def missing(text, **facts):
    return list(Explainer(FIELDS, facts).missing(parse(text)))


# --- why not ----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("text", "facts", "reason"), [
    # money and counts: the shortfall with its unit
    ("投入>=1000", {"投入": 800.0}, "“投入”800万元，应不小于1000万元，差200万元"),
    ("投入>1000", {"投入": 1000.0}, "“投入”1000万元，应大于1000万元"),
    ("投入<=1000", {"投入": 1200.5}, "“投入”1200.5万元，应不大于1000万元，超200.5万元"),
    ("投入<1000", {"投入": 1000.0}, "“投入”1000万元，应小于1000万元"),
    ("投入>=1000", {"投入": 999.999999}, "“投入”999.999999万元，应不小于1000万元，差0.000001万元"),
    ("家数>=30", {"家数": 28.0}, "“家数”28家，应不小于30家，差2家"),
    ("家数=30", {"家数": 28.0}, "“家数”28家，应为30家"),
    ("家数<>30", {"家数": 30.0}, "“家数”30家，不应为30家"),
    ("1000<=投入", {"投入": 800.0}, "“投入”800万元，应不小于1000万元，差200万元"),
    ("1000>投入", {"投入": 1000.0}, "“投入”1000万元，应小于1000万元"),
    # a limit that is computed is shown with its value
    ("设备>=投入*50%", {"设备": 300.0, "投入": 1000.0}, "“设备”300万元，应不小于投入*50%（500万元），差200万元"),
    ("投入>=IF(行业=\"化工\",2000,1000)", {"投入": 800.0, "行业": "化工"},
        "“投入”800万元，应不小于IF(行业=\"化工\",2000,1000)（2000万元），差1200万元"),
    ("投入/家数>=10", {"投入": 80.0, "家数": 10.0}, "投入/家数=8，应不小于10，差2"),
    # shares: percentage points
    ("占比>=60%", {"占比": 0.555}, "“占比”55.5%，应不小于60%，差4.5个百分点"),
    ("占比<=0.3", {"占比": 0.35}, "“占比”35%，应不大于30%，超5个百分点"),
    ("设备/投入>=30%", {"设备": 280.0, "投入": 1000.0}, "设备/投入=28%，应不小于30%，差2个百分点"),
    # dates: days early or late
    ("开始>=DATE(2025,6,1)", {"开始": MAY_1}, "“开始”2025-05-01，应不早于2025-06-01，早31天"),
    ("开始<=DATE(2025,3,30)", {"开始": MAY_1}, "“开始”2025-05-01，应不晚于2025-03-30，晚32天"),
    ("开始<DATE(2025,5,1)", {"开始": MAY_1}, "“开始”2025-05-01，应早于2025-05-01，晚1天"),
    ("开始>DATE(2025,5,1)", {"开始": MAY_1}, "“开始”2025-05-01，应晚于2025-05-01，早1天"),
    ("开始>DATE(2025,5,3)", {"开始": MAY_1}, "“开始”2025-05-01，应晚于2025-05-03，早3天"),
    ("DATE(2025,6,1)<=开始", {"开始": MAY_1}, "“开始”2025-05-01，应不早于2025-06-01，早31天"),
    ("结束<=EDATE(开始,1)", {"开始": MAY_1, "结束": MAY_1 + 40}, "“结束”2025-06-10，应不晚于EDATE(开始,1)（2025-06-01），晚9天"),
    ("YEAR(开始)=2024", {"开始": MAY_1}, "YEAR(开始)=2025年，应为2024年"),
    ('DATEDIF(开始,结束,"M")<=1', {"开始": MAY_1, "结束": MAY_1 + 100}, 'DATEDIF(开始,结束,"M")=3月，应不大于1月，超2月'),
    # yes and no, choices
    ("已开工", {"已开工": False}, "“已开工”为否，应为是"),
    ("NOT(已开工)", {"已开工": True}, "“已开工”为是，应为否"),
    ("已开工=否", {"已开工": True}, "“已开工”是，应为否"),
    ('行业="化工"', {"行业": "印染"}, "“行业”印染，应为化工"),
    ('行业<>"化工"', {"行业": "化工"}, "“行业”化工，不应为化工"),
    ('OR(行业={"化工","印染"})', {"行业": "其他"}, "“行业”其他，应为化工、印染之一"),
    ('AND(行业<>{"化工","印染"})', {"行业": "印染"}, "“行业”印染，不应为化工、印染之一"),
    ('NOT(OR(行业={"化工","印染"}))', {"行业": "化工"}, "“行业”化工，不应为化工、印染之一"),
    # alternatives: every way out
    ("OR(投入>=1000,有证)", {"投入": 800.0, "有证": False}, "以下至少满足一项：“投入”800万元，应不小于1000万元，差200万元；或“有证”为否，应为是"),
    ("NOT(AND(已开工,有证))", {"已开工": True, "有证": True}, "以下至少满足一项：“已开工”为是，应为否；或“有证”为是，应为否"),
    # IF: only the branch taken, or the test where the branch is a plain no
    ("IF(已开工,投入>=1000,投入>=500)", {"已开工": True, "投入": 800.0}, "“投入”800万元，应不小于1000万元，差200万元"),
    ("IF(已开工,投入>=1000,投入>=500)", {"已开工": False, "投入": 300.0}, "“投入”300万元，应不小于500万元，差200万元"),
    ("IF(有证,投入>=1000,FALSE)", {"有证": False}, "“有证”为否，应为是"),
    ("IF(有证,投入>=1000)", {"有证": False}, "“有证”为否，应为是"),
    ("IF(已开工,FALSE,有证)", {"已开工": True}, "“已开工”为是，应为否"),
])
def test_a_broken_condition_says_by_how_much(text, facts, reason):
    assert why(text, **facts) == [reason]


def test_each_broken_part_of_an_and_is_a_reason_of_its_own():
    assert why("AND(投入>=1000,有证,已开工)", 投入=800.0, 有证=True, 已开工=False) == [
        "“投入”800万元，应不小于1000万元，差200万元", "“已开工”为否，应为是"]


@pytest.mark.parametrize(("text", "facts"), [
    ("投入>=1000", {"投入": 1000.0}), ("投入>=1000", {}), ("AND(投入>=1000,有证)", {"投入": 1000.0}), ("OR(有证,投入>=1)", {"有证": True}),
])
def test_a_met_or_open_condition_has_no_reason(text, facts):
    assert why(text, **facts) == []


# --- what is missing --------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("text", "facts", "names"), [
    ("投入>=1000", {}, ["投入"]),
    ("AND(投入>=1000,有证)", {}, ["投入", "有证"]),
    ("AND(投入>=1000,有证)", {"投入": 1.0}, []),
    ("AND(投入>=1000,有证)", {"投入": 1000.0}, ["有证"]),
    ("OR(投入>=1000,有证)", {"投入": 1000.0}, []),
    ("OR(投入>=1000,有证)", {"投入": 1.0}, ["有证"]),
    ("AND(有证,OR(投入>=1000,已开工))", {"有证": True, "投入": 1.0}, ["已开工"]),
    ("AND(OR(投入>=1,已开工),有证)", {"已开工": True}, ["有证"]),
    ("IF(已开工,投入>=1,设备>=1)", {}, ["已开工"]),
    ("IF(已开工,投入>=1,设备>=1)", {"已开工": True}, ["投入"]),
    ("IF(已开工,投入>=1,设备>=1)", {"已开工": False}, ["设备"]),
    ("IF(AND(已开工,有证),投入>=1,设备>=1)", {"已开工": False}, ["设备"]),
    ("IFS(已开工,投入>=1,有证,设备>=1,TRUE,占比>=1%)", {"已开工": False}, ["有证"]),
    ("IFS(已开工,投入>=1,有证,设备>=1,TRUE,占比>=1%)", {"已开工": False, "有证": False}, ["占比"]),
    ("IFNA(投入,设备)>=1", {}, ["投入", "设备"]),
    ("IFNA(投入,0)>=1", {}, []),
    ('OR(行业={"化工","印染"})', {}, ["行业"]),
    ("投入>=设备*50%", {"设备": 1.0}, ["投入"]),
    ("投入/家数>=1", {"投入": 1.0, "家数": 0.0}, []),
])
def test_exactly_the_facts_that_leave_it_open_are_missing(text, facts, names):
    assert missing(text, **facts) == names


# --- one project ------------------------------------------------------------------------------------------------------

def condition(number, text, when=None, hard=True):
    return Condition(number, f"要求{number}", Formula.parse(text), Formula.parse(when) if when else None, hard, f"二（{number}）")


PROGRAMME = Programme(
    "2099P1-1", "一", "示例项目", ceiling=Formula.parse("MIN(投入*10%,200)"), first=Formula.parse("补助*50%"), fields=FIELDS, cite="附件9",
    conditions=(condition("1", "已开工"), condition("2", "投入>=1000"), condition("3", "设备>=500", when='行业="化工"'),
                condition("4", "占比>=60%", hard=False)))
GOOD = {"已开工": True, "投入": 1500.0, "行业": "印染", "占比": 0.6}


def test_an_eligible_project_gets_the_ceiling():
    answer = assess(PROGRAMME, GOOD)
    assert (answer.verdict, answer.ceiling, answer.subsidy, answer.first_payment) == (ELIGIBLE, 150.0, 150.0, 75.0)
    assert (answer.failed, answer.missing) == ([], [])
    assert answer.reasons == ["符合：3项必须条件全部满足（附件9）", "补助上限 MIN(投入*10%,200) = MIN(1500*10%,200) = 150万元",
                              "首付 补助*50% = 75万元"]


def test_a_broken_hard_condition_makes_it_ineligible_whatever_is_missing():
    answer = assess(PROGRAMME, {"投入": 800.0})
    assert (answer.verdict, answer.ceiling, answer.subsidy, answer.first_payment) == (INELIGIBLE, 80.0, 0.0, 0.0)
    assert answer.failed == ["2"]
    assert answer.missing == ["已开工", "行业", "设备"]
    assert "不符合 条件2：“投入”800万元，应不小于1000万元，差200万元（二（2））" in answer.reasons
    assert "待核实 条件1：要求1：缺“已开工”（二（1））" in answer.reasons
    assert "待核实 提示4：要求4：缺“占比”（二（4））" in answer.reasons


def test_a_missing_fact_leaves_it_open_and_the_amount_empty():
    answer = assess(PROGRAMME, {"已开工": True, "行业": "印染"})
    assert (answer.verdict, answer.ceiling, answer.subsidy, answer.first_payment) == (OPEN, None, None, None)
    assert answer.missing == ["投入"]
    assert answer.reasons[-1] == "补助上限算不出：缺“投入”"


def test_a_soft_condition_never_decides():
    answer = assess(PROGRAMME, {**GOOD, "占比": 0.5})
    assert (answer.verdict, answer.failed) == (ELIGIBLE, [])
    assert answer.reasons[0] == "不符合 提示4：“占比”50%，应不小于60%，差10个百分点（二（4））"


def test_a_condition_that_does_not_apply_is_met():
    by_industry = {industry: assess(PROGRAMME, {**GOOD, "行业": industry}) for industry in ("化工", "印染")}
    assert [answer.verdict for answer in by_industry.values()] == [OPEN, ELIGIBLE]
    assert by_industry["化工"].missing == ["设备"]
    assert by_industry["印染"].outcomes[2].status == NOT_APPLICABLE
    assert assess(PROGRAMME, {**GOOD, "行业": "化工", "设备": 500.0}).verdict == ELIGIBLE
    assert assess(PROGRAMME, {**GOOD, "行业": "化工", "设备": 499.0}).failed == ["3"]


def test_whether_a_condition_applies_can_be_open_too():
    facts = {name: value for name, value in GOOD.items() if name != "行业"}
    assert assess(PROGRAMME, {**facts, "设备": 500.0}).verdict == ELIGIBLE
    assert assess(PROGRAMME, {**facts, "设备": 499.0}).missing == ["行业"]


def test_a_programme_without_hard_conditions_is_open():
    answer = assess(Programme("P1", "1", "t", ceiling=Formula.parse("200"), conditions=(condition("1", "已开工", hard=False),),
                              fields=FIELDS), {"已开工": True})
    assert (answer.verdict, answer.ceiling, answer.subsidy, answer.first_payment) == (OPEN, 200.0, 200.0, None)
    assert "没有列出可核对的支持条件" in answer.reasons[0]


def test_a_standard_announced_elsewhere_gives_no_amount_not_zero():
    answer = assess(Programme("P1", "1", "t", conditions=(condition("1", "已开工"),), fields=FIELDS, cite="附件1"), {"已开工": False})
    assert (answer.verdict, answer.ceiling, answer.subsidy, answer.first_payment) == (INELIGIBLE, None, None, None)
    assert answer.reasons[-1] == "补助标准本文件没有可计算的规定，不计算金额（附件1）"


def test_the_first_instalment_may_need_facts_of_its_own():
    programme = Programme("P1", "1", "t", ceiling=Formula.parse("200"), first=Formula.parse("IF(补助>100,MIN(补助,设备),0)"),
                          conditions=(condition("1", "已开工"),), fields=FIELDS)
    assert assess(programme, {"已开工": True}).missing == ["设备"]
    plain = Programme("P1", "1", "t", ceiling=Formula.parse("200"), first=Formula.parse("MIN(补助,设备)"), conditions=programme.conditions)
    assert assess(plain, {"已开工": True}).missing == ["设备"]
    assert assess(plain, {"已开工": False}).missing == []
    assert assess(programme, {"已开工": True, "设备": 50.0}).first_payment == 50.0


def test_amounts_are_rounded_to_the_fen():
    programme = Programme("P1", "1", "t", ceiling=Formula.parse("投入/3"), first=Formula.parse("补助/3"), fields=FIELDS)
    answer = assess(programme, {"投入": 100.0})
    assert (answer.ceiling, answer.first_payment) == (33.333333, 11.111111)


def test_a_division_by_nothing_is_unknown_and_says_so():
    programme = Programme("P1", "1", "t", ceiling=Formula.parse("投入/家数*1"), conditions=(condition("1", "投入/家数>=1"),), fields=FIELDS)
    answer = assess(programme, {"投入": 100.0, "家数": 0.0})
    assert (answer.verdict, answer.ceiling, answer.missing) == (OPEN, None, [])
    assert answer.reasons == ["待核实 条件1：要求1：无法计算（二（1））", "补助上限算不出：公式没有结果"]


def test_the_facts_behind_a_condition_are_shown():
    answer = assess(PROGRAMME, {**GOOD, "行业": "化工"})
    assert [outcome.facts for outcome in answer.outcomes] == ["已开工=是", "投入=1500万元", "行业=化工；设备=缺", "占比=60%"]
