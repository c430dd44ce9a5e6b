"""Two editions side by side: how programmes are linked, and every kind of change with its numbers and citations."""
from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from xltool.cli import main
from xltool.guideline.bundle import bundled, edition
from xltool.guideline.change import Change, days_apart, gap
from xltool.guideline.diff import EditionDiff, Pair, compare
from xltool.guideline.lineage import lineage, linked_edition, unknown_predecessors
from xltool.guideline.literals import literal_changes
from xltool.guideline.side_by_side import diff_lines, summary
from xltool.rules.model import Condition, Edition, Field, Form, Formula, Indicator, Limit, Programme, QuotaPart
from xltool.rules.problems import ProblemsError
from xltool.rules.serial import serial

FIELDS = {field.name: field for field in (
    Field("投入", "金额", "万元"), Field("总投入", "金额", "万元"), Field("设备投入", "金额", "万元"), Field("企业数", "数量", "家"),
    Field("占比", "比例"), Field("开始", "日期"), Field("结束", "日期"), Field("行业", "选项", "", ("化工", "印染", "电镀")),
    Field("已开工", "是否"), Field("已备案", "是否"))}


def condition(text: str, formula: str, number: str = "1", when: str = "", hard: bool = True) -> Condition:
    return Condition(number, text, Formula.parse(formula), Formula.parse(when) if when else None, hard, f"条款{number}")


def programme(name: str, *conditions: Condition, title: str = "甲项目", ceiling: str = "", first: str = "", **more) -> Programme:
    return Programme(name, "一", title, ceiling=Formula.parse(ceiling) if ceiling else None, first=Formula.parse(first) if first else None,
                     cite=f"文件{name}", fields=FIELDS, conditions=conditions, **more)


def an_edition(*programmes: Programme, **more) -> Edition:
    return Edition(programmes[0].edition, f"{programmes[0].edition}年指南", int(programmes[0].edition), "", programmes={
        each.id: each for each in programmes}, **more)


def pair(old: Programme, new: Programme, old_form: Form | None = None, new_form: Form | None = None) -> Pair:
    """The one pair of two programmes of which the second follows the first."""
    forms = [{form.id: form} if form else {} for form in (old_form, new_form)]
    new = replace(new, follows=(old.id,), form=new_form.id if new_form else "")
    old = replace(old, form=old_form.id if old_form else "")
    (found,) = compare(an_edition(old, forms=forms[0]), an_edition(new, forms=forms[1])).pairs
    return found


def changes(old: Programme, new: Programme, *forms: Form | None) -> list[tuple[str, ...]]:
    """What changed, without citations."""
    return [(change.kind, change.what, change.old, change.new, change.delta) for change in pair(old, new, *forms).changes]


def conditions(old: Condition, new: Condition) -> list[tuple[str, ...]]:
    return changes(programme("2001P1", old), programme("2002P1", new))


# Which programme continues which


def links(old: Edition, new: Edition) -> set[tuple[str, str, str]]:
    return {(each.state, each.old.id, each.new.id) for each in compare(old, new).pairs}


@pytest.mark.parametrize(("old", "new", "state"), [
    (("2001P1", "甲项目"), ("2002P1", "甲项目"), "延续"), (("2001P1", "甲项目"), ("2002P2", "甲"), "改号"),
    (("2001P1", "甲项目"), ("2002P1", "乙项目"), "改名"), (("2001P1", "甲项目"), ("2002P2", "乙项目"), "改名"),
])
def test_a_programme_continues_under_the_same_or_another_name_and_number(old, new, state):
    before, after = programme(old[0], title=old[1]), programme(new[0], title=new[1], follows=("2001P1",))
    assert links(an_edition(before), an_edition(after)) == {(state, *(each[0] for each in (old, new)))}


def test_a_title_alone_links_nothing():
    found = compare(an_edition(programme("2001P1")), an_edition(programme("2002P1")))
    assert not found.pairs and [each.id for each in found.came] == ["2002P1"] and [each.id for each in found.went] == ["2001P1"]


def test_one_programme_split_and_several_merged_are_shown_as_such():
    whole, first, second = programme("2001P1"), programme("2002P1", follows=("2001P1",)), programme("2002P2", follows=("2001P1",))
    assert links(an_edition(whole), an_edition(first, second)) == {("拆分", "2001P1", "2002P1"), ("拆分", "2001P1", "2002P2")}
    assert links(an_edition(first, second), an_edition(whole)) == {("合并", "2002P1", "2001P1"), ("合并", "2002P2", "2001P1")}
    both = programme("2002P1", follows=("2001P1", "2001P2"))
    assert ("拆分合并", "2001P1", "2002P1") in links(an_edition(whole, programme("2001P2")), an_edition(both, second))


def test_a_group_that_stands_beside_its_member_does_not_split_a_programme():
    group = programme("2002P1", follows=("2001P1",), members=("2002P1-1",), quota=(QuotaPart(maximum=9),))
    member = programme("2002P1-1", follows=("2001P1",), parent="2002P1")
    old = an_edition(programme("2001P1", condition("a", "投入>=1"), applicant="企业", ceiling="投入*10%"))
    found = compare(old, an_edition(group, member))
    assert {each.state for each in found.pairs} == {"延续", "改号"}
    assert [change.kind for change in found.pairs[0].changes] == ["名额"]  # what is asked of a project stands with the member
    assert summary(found) == "改号 1 个"


def test_a_group_that_became_one_programme_merges_its_members():
    old = an_edition(programme("2001P1", members=("2001P1-1", "2001P1-2")), programme("2001P1-1"), programme("2001P1-2"))
    found = links(old, an_edition(programme("2002P1", follows=("2001P1",))))
    assert found == {("合并", "2001P1", "2002P1"), ("合并", "2001P1-1", "2002P1"), ("合并", "2001P1-2", "2002P1")}


def test_members_with_links_of_their_own_keep_to_them():
    group = programme("2002P1", follows=("2001P1",), members=("2002P1-1", "2002P1-2"))
    new = an_edition(group, programme("2002P1-1", follows=("2001P1",)), programme("2002P1-2"))
    assert ("2001P1", "2002P1-2") not in lineage(an_edition(programme("2001P1")), new).links


@pytest.mark.parametrize(("old", "new", "link"), [
    ("2022", "2026", ("2022P2", "2026P1-3")),  # by way of 2023P2 and 2024P1-2-1
    ("2022", "2024", ("2022P1-2-3", "2024P2-4-2")), ("2023", "2026", ("2023P5-1-1", "2026P1-2")), ("2026", "2023", ("2026P1-2", "2023P5-1-1")),
])
def test_links_go_through_the_editions_between_in_both_directions(old, new, link):
    assert link in lineage(edition(old), edition(new)).links


def test_the_state_of_each_programme_of_the_real_editions():
    states = {(each.old.id, each.new.id): each.state for each in compare(edition("2023"), edition("2024")).pairs}
    assert states["2023P2", "2024P1-2-1"] == states["2023P2", "2024P1-2-2"] == "拆分"
    assert states["2023P1-2-1", "2024P2-4-2"] == states["2023P1-2-3", "2024P2-4-2"] == "合并"
    assert states["2023P5-3-2", "2024P4-1"] == "合并"
    assert states["2023P5-1-2", "2024P1-1-2-2"] == "改号"
    assert compare(edition("2022"), edition("2023")).pairs[0].state == "延续"


# Conditions


@pytest.mark.parametrize(("old", "new", "expected"), [
    ("投入>=5000", "投入>=3000", ("门槛", "投入≥", "5000万元", "3000万元", "低2000万元")),
    ("企业数>=100", "企业数>=150", ("门槛", "企业数≥", "100家", "150家", "高50家")),
    ("1000<=投入", "1500<=投入", ("门槛", "投入≥", "1000万元", "1500万元", "高500万元")),
    ("投入>=3000元", "投入>=1万元", ("门槛", "投入≥", "0.3万元", "1万元", "高0.7万元")),
    ("占比>=60%", "占比>=50%", ("比例", "占比≥", "60%", "50%", "低10个百分点")),
    ("占比>=0.6", "占比>=62.5%", ("比例", "占比≥", "60%", "62.5%", "高2.5个百分点")),
    ("设备投入>=投入*20%", "设备投入>=投入*30%", ("比例", "设备投入≥投入×", "20%", "30%", "高10个百分点")),
    ("开始>=2023-01-01", "开始>=2025-01-01", ("日期", "开始≥", "2023-01-01", "2025-01-01", "晚2年")),
    ("结束<=2021-12-31", "结束<=2022-06-30", ("日期", "结束≤", "2021-12-31", "2022-06-30", "晚181天")),
    ("结束<=2022-06-30", "结束<=2021-06-29", ("日期", "结束≤", "2022-06-30", "2021-06-29", "早366天")),
    ("结束<=EDATE(开始,36)", "结束<=EDATE(开始,24)", ("门槛", "结束≤开始之后", "36个月", "24个月", "低12个月")),
    ('OR(行业={"化工","印染"})', 'OR(行业={"化工","电镀"})', ("选项", "行业＝", "化工、印染", "化工、电镀", "多电镀，少印染")),
    ('行业="化工"', '行业="印染"', ("选项", "行业＝", "化工", "印染", "")),
])
def test_a_literal_that_changed_is_named_with_its_unit_and_difference(old, new, expected):
    assert conditions(condition("投入达到标准", old), condition("投入达到标准", new)) == [expected]


def test_a_fact_of_another_name_is_named_both_ways():
    old = replace(programme("2001P1", condition("投资至少5000万元", "投资>=5000")), fields={"投资": Field("投资", "金额", "万元")})
    assert changes(old, programme("2002P1", condition("投入至少3000万元", "投入>=3000"))) == [
        ("门槛", "投入≥（旧版“投资”）", "5000万元", "3000万元", "低2000万元")]


def test_one_fact_in_the_place_of_another_is_more_than_a_change_of_numbers():
    assert [kind for kind, *_ in conditions(condition("投入足够", "投入>=5000"), condition("投入足够", "总投入>=3000"))] == ["条件改写"]
    assert [kind for kind, *_ in conditions(condition("投入足够", "投入>=总投入"), condition("投入足", "总投入>=投入"))] == ["条件改写"]


def test_choices_in_another_order_are_the_same():
    assert conditions(condition("a", 'OR(行业={"化工","印染"})'), condition("b", 'OR(行业={"印染","化工"})')) == []


def test_every_branch_of_a_threshold_says_for_whom_it_holds():
    old = 'IF(行业="化工",2500,1500)'
    found = conditions(condition("a", f"投入>={old}"), condition("a", "投入>=" + old.replace("2500", "2000").replace("1500", "1200")))
    assert [(what, delta) for _, what, _, _, delta in found] == [('投入≥（行业="化工"）', "低500万元"), ("投入≥（其他）", "低300万元")]


def test_when_a_condition_applies_is_compared_too():
    old, new = condition("a", "投入>=1", when="企业数>10"), condition("a", "投入>=1", when="企业数>20")
    assert conditions(old, new) == [("门槛", "企业数＞", "10家", "20家", "高10家")]


def test_the_same_formula_is_no_change_whatever_its_number_and_wording():
    assert conditions(condition("投入不低于1000万元", "投入>=1000", "2a"), condition("投入至少一千万元", "投入≥１０００万元", "3b")) == []


def test_the_same_words_and_numbers_about_a_fact_of_another_name_are_no_change():
    assert conditions(condition("投入至少1000万元", "投入>=1000"), condition("投入至少1000万元", "总投入>=1000")) == []
    assert conditions(condition("已经开工", "已开工"), condition("已经开工", "已备案")) == []


def test_facts_with_a_heading_in_common_are_the_same_fact():
    aliased = {**FIELDS, "完工": Field("完工", "日期", aliases=("完成日", "结束"))}
    earlier = {**FIELDS, "完成": Field("完成", "日期", aliases=("完成日",))}

    def kinds(old: str, new: str) -> list[str]:
        first = replace(programme("2001P1", condition(old, "完成>=2021-01-01")), fields=earlier)
        second = replace(programme("2002P1", condition(new, "完工>=2021-01-01")), fields=aliased)
        return [change.kind for change in pair(first, second).changes]
    assert kinds("2021年1月1日以后完成", "完工不早于2021年1月1日") == []
    assert kinds("2020年立项、2021年1月1日以后完成", "完工不早于2021年1月1日") == ["条件改写"]  # the texts say different things


def test_a_condition_said_otherwise_shows_both_texts():
    assert conditions(condition("投入大于500万元", "投入>500", "2"), condition("投入不低于1000万元", "投入>=1000", "4")) == [
        ("条件改写", "", "2 投入大于500万元", "4 投入不低于1000万元", "")]


def test_a_lower_bound_never_becomes_an_upper_one():
    found = conditions(condition("项目开始不早于2022年1月1日", "开始>=2022-01-01"), condition("项目开始不晚于2025年12月31日", "开始<=2025-12-31"))
    assert [kind for kind, *_ in found] == ["条件新增", "条件取消"]


def test_a_condition_may_become_a_hint():
    assert conditions(condition("a", "投入>=1"), condition("a", "投入>=1", hard=False)) == [("条件性质", "a", "必须", "提示", "")]


def test_conditions_find_each_other_by_their_facts_before_their_words():
    old = programme("2001P1", condition("项目投入至少1000万元", "投入>=1000", "1"), condition("设备投入至少500万元", "设备投入>=500", "2"))
    new = programme("2002P1", condition("设备方面的投入至少400万元", "设备投入>=400", "1"), condition("已经备案", "已备案", "2"),
                    condition("项目投入至少2000万元", "投入>=2000", "3"))
    assert changes(old, new) == [
        ("门槛", "设备投入≥", "500万元", "400万元", "低100万元"), ("条件新增", "必须", "", "2 已经备案", ""),
        ("门槛", "投入≥", "1000万元", "2000万元", "高1000万元")]


def test_each_change_carries_the_clauses_of_both_editions():
    found = pair(programme("2001P1", condition("a", "投入>=2", "1"), condition("已开工", "已开工", "9")),
                 programme("2002P1", condition("a", "投入>=1", "3"), ceiling="投入*10%"))
    cites = {change.kind: (change.old_cite, change.new_cite) for change in found.changes}
    assert cites == {"门槛": ("条款1", "条款3"), "条件取消": ("条款9", ""), "补助标准": ("文件2001P1", "文件2002P1")}


def test_facts_of_another_kind_never_stand_for_each_other():
    assert literal_changes(Formula.parse("投入>=5"), Formula.parse("企业数>=5"), FIELDS, FIELDS) is None
    two, one = Formula.parse("AND(甲投入>=5,乙投入>=4)"), Formula.parse("AND(投入>=5,投入>=3)")
    assert literal_changes(two, one, {name: Field(name, "金额", "万元") for name in ("甲投入", "乙投入")}, FIELDS) is None


# Amounts, places, names


@pytest.mark.parametrize(("old", "new", "expected"), [
    ("MIN(投入*30%,400)", "MIN(投入*20%,200)", [
        ("补助比例", "投入×", "30%", "20%", "低10个百分点"), ("补助上限", "", "400万元", "200万元", "低200万元")]),
    ("400", "300", [("补助金额", "", "400万元", "300万元", "低100万元")]),
    ("MIN(投入*30%,IF(已开工,300,200))", "MIN(投入*30%,IF(已开工,300,100))", [("补助金额", "（其他）", "200万元", "100万元", "低100万元")]),
    ("MIN(投入*30%,400)", "MIN(总投入*30%,400)", [("补助标准", "", "旧标准", "新标准", "")]),
    ("MIN(投入*30%,400)", "MIN((投入+设备投入)*30%,500)", [
        ("补助上限", "", "400万元", "500万元", "高100万元"), ("补助标准", "", "旧标准", "新标准", "")]),
    ("MIN(投入*30%,400)", "投入*20%", [("补助比例", "", "30%", "20%", "低10个百分点"), ("补助标准", "", "旧标准", "新标准", "")]),
    ("", "投入*20%", [("补助标准", "", "旧标准", "新标准", "")]), ("", "", []), ("投入*20%", "投入*20%", []),
])
def test_an_amount_by_its_rate_and_cap_or_its_standard(old, new, expected):
    assert changes(programme("2001P1", ceiling=old, standard="旧标准"), programme("2002P1", ceiling=new, standard="新标准")) == expected


def test_a_standard_that_cannot_be_computed_is_compared_by_its_figures():
    said = [programme("2001P1", standard=text) for text in ("最高200万元，不可计算", "不可计算；最高200万元", "最高300万元")]
    assert changes(said[0], replace(said[1], id="2002P1")) == []
    assert changes(said[0], replace(said[2], id="2002P1")) == [("补助标准", "", "最高200万元，不可计算", "最高300万元", "")]


@pytest.mark.parametrize(("old", "new", "expected"), [
    ("补助*50%", "补助*70%", [("首付比例", "", "50%", "70%", "高20个百分点")]), ("100", "150", [("首付", "", "100万元", "150万元", "高50万元")]),
    ("补助*50%", "", [("首付", "", "补助*50%", "不分期，或没有写分期", "")]), ("补助*50%", "补助*50%", []),
])
def test_the_first_payment(old, new, expected):
    assert changes(programme("2001P1", ceiling="投入*9%", first=old), programme("2002P1", ceiling="投入*9%", first=new)) == expected


def test_places_in_all_and_part_by_part():
    old = (QuotaPart(maximum=60), QuotaPart("自然灾害防治和本质安全", maximum=6), QuotaPart("生物医药", minimum=5),
           QuotaPart("其他", note="和生物医药共用"))
    new = (QuotaPart(maximum=100), QuotaPart("自然灾害防治和提升本质安全水平", maximum=4), QuotaPart("生物医药", minimum=3), QuotaPart("其他"),
           QuotaPart("装备", maximum=2, each=True, note="每市2个"))
    assert changes(programme("2001P1", quota=old), programme("2002P1", quota=new)) == [
        ("名额", "总数", "不超过60个", "不超过100个", "多40个"), ("名额", "自然灾害防治和提升本质安全水平", "不超过6个", "不超过4个", "少2个"),
        ("名额", "生物医药", "不少于5个", "不少于3个", ""), ("名额", "装备", "", "不超过2个（每市2个）", "")]


def test_what_is_said_of_a_programme():
    old = programme("2001P1", mode="申报", support="投入补助", applicant="企业", department="工信厅", opens="2001-03-01", closes="2001-04-01")
    new = programme("2002P1", title="乙项目", mode="免申直达", support="定额奖励", applicant="入选企业", department="财政厅", closes="2002-05",
                    direction="创新")
    assert [(kind, old, new) for kind, _, old, new, _ in changes(old, new)] == [
        ("名称", "甲项目", "乙项目"), ("方向", "", "创新"), ("申报方式", "申报", "免申直达"), ("支持方式", "投入补助", "定额奖励"),
        ("申报主体", "企业", "入选企业"), ("主管部门", "工信厅", "财政厅"), ("申报时间", "2001-03-01至2001-04-01", "截止2002-05")]


# Limits and forms


def test_limits_across_programmes_follow_the_programmes():
    programmes = programme("2001P1"), programme("2001P2")
    later = programme("2002P3", follows=("2001P1",)), programme("2002P4", follows=("2001P2",))
    once, twice, gone = (Limit(("2001P1", "2001P2"), "企业", 1, True, "两项只得一项", "甲"), Limit(("2001P2",), "项目", 2, True, "限两项", "乙"),
                         Limit(("2001P2",), "产品", 1, True, "限一项", "丙"))
    same = replace(once, programmes=("2002P4", "2002P3"), text="两个项目不重复支持", cite="戊")
    softer = replace(twice, programmes=("2002P4",), hard=False, cite="己")
    found = compare(an_edition(*programmes, limits=(once, twice, gone)), an_edition(*later, limits=(same, softer))).limits
    assert [(change.kind, change.old, change.new, change.old_cite, change.new_cite) for change in found] == [
        ("限项", "2001P2：同一项目不超过2个", "2002P4：同一项目不超过2个（提示）", "乙", "己"),
        ("限项取消", "2001P2：同一产品不超过1个", "", "丙", "")]


FORM = Form("2001/附件1", "甲项目绩效表", "（2001年）", ("项目名称", "总体目标"), {}, {}, ("指标值",), "共性", "个性", 3, "", 0, False, (), (
    Indicator("产出", "数量", "专利数", "个"), Indicator("产出", "数量", "标准数", "个", preset="不少于X个"),
    Indicator("效益", "经济", "主营业务收入", "万元"), Indicator("效益", "经济", "利润", "万元"), Indicator("效益", "社会", "…")))


def test_a_form_is_compared_line_by_line():
    new = replace(FORM, id="2002/附件1", title="乙项目绩效表", year_line="（2002年）", header=("项目名称", "年度目标"),
                  header_notes={"年度目标": "当年"}, custom_rows=1, one_group=True, notes=("标*为核心指标",), indicators=(
                      Indicator("产出", "数量", "专利数", "个", core=True), Indicator("产出", "质量", "标准数", "个", preset="不少于X个"),
                      Indicator("效益", "经济", "营业收入", "万元"), Indicator("满意度", "满意度", "企业满意度", "%")))
    found = pair(programme("2001P1"), programme("2002P1"), FORM, new).changes
    assert [(change.kind, change.what, change.old, change.new) for change in found] == [
        ("绩效表", "标题", "甲项目绩效表", "乙项目绩效表"), ("绩效表", "表头", "总体目标", "年度目标（当年）"), ("绩效表", "个性指标", "3行", "1行"),
        ("绩效表", "分组指标", "", "只填一组"), ("绩效表", "备注", "", "标*为核心指标"),
        ("指标改写", "产出／数量", "专利数（个）", "专利数（个）*"), ("指标改写", "标准数（个）：不少于X个", "产出／数量", "产出／质量"),
        ("指标改写", "效益／经济", "主营业务收入（万元）", "营业收入（万元）"), ("指标新增", "满意度／满意度", "", "企业满意度（%）"),
        ("指标取消", "效益／经济", "利润（万元）", "")]
    assert {(change.old_cite, change.new_cite) for change in found} <= {("2001/附件1", "2002/附件1"), ("2001/附件1", ""), ("", "2002/附件1")}


def test_a_form_that_came_or_went_is_one_change():
    assert changes(programme("2001P1"), programme("2002P1"), FORM) == [("绩效表", "", "甲项目绩效表", "", "")]
    assert changes(programme("2001P1"), programme("2002P1"), FORM, replace(FORM, id="2002/附件9", year_line="（2002年）")) == []


# The real documents


def real(old: str, new: str) -> list[tuple[str, str, str, str]]:
    found = compare(edition(old[:4]), edition(new[:4]))
    (each,) = (each for each in found.pairs if (each.old.id, each.new.id) == (old, new))
    return [(change.kind, change.old, change.new, change.delta) for change in each.changes]


@pytest.mark.parametrize(("old", "new", "expected"), [
    ("2024P1-1-1", "2026P1-1", [  # 购置额3000万元，补助10%、最高400万元，20个 → 购置额1000万元，补助10%、最高200万元，20个
        ("门槛", "3000万元", "1000万元", "低2000万元"), ("补助上限", "400万元", "200万元", "低200万元"),
        ("日期", "2022-01-01", "2025-01-01", "晚3年"), ("日期", "2023-12-31", "2025-12-31", "晚2年"),
        ("条件新增", "", "2a 项目在研发机构设立后开始（设立当天也算）", "")]),
    ("2024P1-2-1", "2026P1-3", [  # 1500万元，20%，100个 → 2000万元，10%，20个
        ("门槛", "1500万元", "2000万元", "高500万元"), ("补助比例", "20%", "10%", "低10个百分点"), ("名额", "不超过100个", "不超过20个", "少80个")]),
    ("2024P1-1-2-1", "2026P1-2", [("首付比例", "50%", "70%", "高20个百分点"), ("日期", "2026-12-31", "2028-12-31", "晚2年")]),
    ("2022P1-2-1", "2023P1-2-1", [  # 软件等投入400万元，2021年底完工，10个 → 300万元，2022年6月30日，15个
        ("门槛", "400万元", "300万元", "低100万元"), ("日期", "2021-12-31", "2022-06-30", "晚181天"), ("名额", "不超过10个", "不超过15个", "多5个"),
        ("条件新增", "", "3a 实施周期至多3年", "")]),
    ("2022P3-1", "2023P3-1", [("日期", "2021-12-31", "2022-06-30", "晚181天"), ("名额", "不少于5个", "不少于3个", "")]),
    ("2023P2", "2024P1-2-1", [  # 3000万元，30%、最高3000万元，60个 → 1500万元，20%、最高600万元，100个
        ("门槛", "3000万元", "1500万元", "低1500万元"), ("补助比例", "30%", "20%", "低10个百分点"), ("补助上限", "3000万元", "600万元", "低2400万元"),
        ("名额", "不超过60个", "不超过100个", "多40个")]),
])
def test_the_changes_the_documents_show(old, new, expected):
    found = real(old, new)
    assert [each for each in expected if each not in found] == []


def test_what_stayed_in_the_documents_is_not_listed():
    found = real("2024P1-1-1", "2026P1-1")
    assert {"名额", "补助比例", "补助标准", "首付", "条件改写"}.isdisjoint(kind for kind, *_ in found)  # 20 places and 10% both times


# Properties

_TURNED = str.maketrans("高低多少早晚", "低高少多晚早")


def mirrored(change: Change) -> tuple[str, ...]:
    """A change as the comparison the other way round must show it."""
    kind = change.kind.replace("新增", "·").replace("取消", "新增").replace("·", "取消")
    return facts(Change(kind, "", change.new, change.old, change.delta.translate(_TURNED), change.new_cite, change.old_cite))


def facts(change: Change) -> tuple[str, ...]:
    """What is compared of a change: choices come and go in the order of the lists, so their difference is left out."""
    return change.kind, change.old, change.new, "" if change.kind == "选项" else change.delta, change.old_cite, change.new_cite


def assert_mirrors(forth: EditionDiff, back: EditionDiff) -> None:
    other = {"拆分": "合并", "合并": "拆分"}
    assert {(other.get(each.state, each.state), each.new.id, each.old.id) for each in forth.pairs} == {
        (each.state, each.old.id, each.new.id) for each in back.pairs}
    assert (forth.came, forth.went) == (back.went, back.came)
    turned = {(each.new.id, each.old.id): each for each in back.pairs}
    for each in forth.pairs:
        again = turned[each.old.id, each.new.id]
        assert Counter(map(mirrored, each.changes)) == Counter(map(facts, again.changes))
    assert Counter(map(mirrored, forth.limits)) == Counter(map(facts, back.limits))


@pytest.mark.parametrize("name", ["2022", "2023", "2024", "2026", "2024Q4"])
def test_an_edition_does_not_differ_from_itself(name):
    found = compare(edition(name), edition(name))
    assert not found.came and not found.went and not found.limits
    assert {(each.state, each.old.id == each.new.id, each.changes) for each in found.pairs} == {("延续", True, ())}


@pytest.mark.parametrize(("old", "new"), [("2022", "2023"), ("2023", "2024"), ("2024", "2026"), ("2022", "2026"), ("2024Q4", "2026")])
def test_the_other_way_round_shows_the_mirror_image(old, new):
    assert_mirrors(compare(edition(old), edition(new)), compare(edition(new), edition(old)))


_NUMBERS = st.sampled_from([1, 500, 1000, 2000])
_CONDITIONS = st.one_of(
    st.builds(lambda fact, op, number: condition(f"{fact}{op}{number}万元", f"{fact}{op}{number}"),
              st.sampled_from(["投入", "总投入", "设备投入"]), st.sampled_from([">=", "<=", ">"]), _NUMBERS),
    st.builds(lambda fact, op, year: condition(f"项目{fact}在{year}年前后", f"{fact}{op}{year}-01-01"),
              st.sampled_from(["开始", "结束"]), st.sampled_from([">=", "<="]), st.integers(2020, 2024)),
    st.builds(lambda fact, hard: condition(fact, fact, hard=hard), st.sampled_from(["已开工", "已备案"]), st.booleans()))


@st.composite
def editions(draw) -> tuple[Edition, Edition]:
    """Two small editions; programmes of the second follow some of the first."""
    def some(year: int, olds: list[str]) -> list[Programme]:
        return [programme(f"{year}P{number}", *draw(st.lists(_CONDITIONS, max_size=4)), title=draw(st.sampled_from(["甲", "乙"])),
                          ceiling=draw(st.sampled_from(["", "300", "MIN(投入*10%,200)", "MIN(总投入*20%,500)"])),
                          quota=(QuotaPart(maximum=draw(_NUMBERS)),) if draw(st.booleans()) else (),
                          follows=tuple(draw(st.lists(st.sampled_from(olds), unique=True, max_size=2))) if olds else ())
                for number in range(1, draw(st.integers(2, 4)))]
    first = some(2001, [])
    return an_edition(*first), an_edition(*some(2002, [each.id for each in first]))


@given(editions())
def test_any_two_editions_mirror_each_other_and_none_differs_from_itself(pair_of):
    old, new = pair_of
    assert_mirrors(compare(old, new), compare(new, old))
    for each in pair_of:
        itself = compare(each, each)
        assert not any(found.changes for found in itself.pairs) and not itself.came and not itself.went


def test_gaps_in_words():
    assert gap(5000, 3000, "万元") == "低2000万元" and gap(0.1, 0.3, "%") == "高20个百分点" and gap(3, 5, "个", "少多") == "多2个"
    assert days_apart(serial(2024, 2, 29), serial(2025, 2, 28)) == "晚365天" and days_apart(serial(2025, 1, 1), serial(2023, 1, 1)) == "早2年"


# Workbooks of one's own, and the command


def changed_workbook(folder: Path, column: str, value: object, row: str = "2026P1-1") -> Path:
    book = load_workbook(bundled("workbooks") / "guideline-2026.xlsx")
    sheet = book["项目"]
    titles = {cell.value: cell.column for cell in sheet[1]}
    line = next(cells[0].row for cells in sheet.iter_rows() if cells[0].value == row)
    sheet.cell(line, titles[column], value)
    book.save(folder / "本市.xlsx")
    return folder / "本市.xlsx"


def run(*arguments: str):
    return CliRunner().invoke(main, ["guideline", *arguments], catch_exceptions=False)


def test_a_workbook_of_ones_own_is_compared_with_its_bundled_edition(tmp_path):
    found = compare(edition("2026"), linked_edition(str(changed_workbook(tmp_path, "补助公式", "MIN(研发设备及配套软件购置额*10%,300)"))))
    changed = [(each.new.id, change.kind, change.delta) for each in found.pairs for change in each.changes]
    assert changed == [("2026P1-1", "补助上限", "高100万元")] and not found.came and not found.went


def test_a_predecessor_nobody_has_is_a_problem_at_its_cell(tmp_path):
    path = changed_workbook(tmp_path, "前身", "2024P9-9\n2021P1")
    problems = unknown_predecessors(path)
    assert [(problem.found, problem.expected) for problem in problems] == [("2024P9-9", "2024版没有这个编号"), ("2021P1", "没有这一版指南")]
    assert {problem.where.sheet for problem in problems} == {"项目"} and str(problems[0]).startswith("本市.xlsx 项目!")
    with pytest.raises(ProblemsError):
        linked_edition(str(path))
    assert "2024P9-9" in run("check", str(path)).stdout and run("check", str(path)).exit_code == 1
    refused = run("diff", "2024", str(path))
    assert refused.exit_code == 1 and "2024P9-9" in refused.stderr and not refused.stdout


def test_the_terminal_shows_a_summary_then_programme_by_programme_with_citations():
    lines = diff_lines(compare(edition("2024"), edition("2026")))
    assert lines[2] == "延续 1 个，改号 4 个，改名 6 个，合并 2 个成 1 个，新增 13 个，取消 21 个"
    assert "改号　2024P1-1-1 → 2026P1-1 企业研发机构创新能力提升项目" in lines
    assert "  门槛　研发设备及配套软件购置额≥　3000万元 → 1000万元，低2000万元　〔附件1-1 一（一）1（2） → 附件1 一（一）2〕" in lines
    assert "改名　2024P1-1-2-1 制造业创新中心创新能力建设项目 → 2026P1-2 制造业创新中心建设项目" in lines
    assert "新增　2026P3-5 工业大模型建设项目　〔附件3 五（一）-（六）〕" in lines
    assert "取消　2024P3-2 绿色制造项目　〔附件1-3 二（一）-（四）〕" in lines
    assert "限项" in lines and "  指标取消　利润总额（万元）　〔2024/附件1-1-1〕" in lines


def test_long_texts_stand_below_each_other():
    lines = diff_lines(compare(edition("2024"), edition("2026")))
    at = lines.index("  补助标准")
    assert lines[at + 1].startswith("      旧　项目总投入的50%") and lines[at + 2].startswith("      新　研发设备")
    assert "  没有变化" in diff_lines(compare(edition("2026"), edition("2026")))


def test_the_command_compares_in_the_order_asked_for():
    forth, back = run("diff", "2024", "2026"), run("diff", "2026", "2024")
    assert forth.exit_code == back.exit_code == 0
    assert "3000万元 → 1000万元，低2000万元" in forth.stdout and "1000万元 → 3000万元，高2000万元" in back.stdout
    assert run("diff", "2024", "2030").exit_code == 1
