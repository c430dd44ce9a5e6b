"""The management measure's common conditions, for the programmes that ask for them (一本通 政策图解1)."""
from __future__ import annotations

import pytest

from xltool.guideline.bundle import NotInForce, common_conditions, edition, under_common_conditions
from xltool.rules import INELIGIBLE, OPEN, assess
from xltool.rules.match import Matcher

FACTS = ("同一项目已获省级以上专项资金支持", "近三年被列入严重失信主体名单", "有未修复的严重失信行为", "近三年被禁止申报专项资金")
CLEAN = dict.fromkeys(FACTS, False)


def factory(**facts):
    programme = under_common_conditions(edition("2026")).programmes["2026P3-2"]
    return assess(programme, {"入选国家领航级智能工厂": True, "入选年度": 2025.0, **facts})


def test_a_project_under_the_measure_needs_its_common_facts_too():
    plain = assess(edition("2026").programmes["2026P3-2"], {"入选国家领航级智能工厂": True, "入选年度": 2025.0})
    assert plain.subsidy == factory(**CLEAN).subsidy == 1000.0
    assert (factory().verdict, set(factory().missing)) == (OPEN, {*FACTS, "有规定明确需省级支持"})


@pytest.mark.parametrize(("broken", "numbers"), list(zip(FACTS, (["办法1"], ["办法2a"], ["办法2b"], ["办法3"]))))
def test_each_common_condition_rules_a_project_out(broken, numbers):
    answer = factory(**{**CLEAN, broken: True, "有规定明确需省级支持": False})
    assert (answer.verdict, answer.failed, answer.subsidy) == (INELIGIBLE, numbers, 0.0)
    assert f"条件{numbers[0]}" in answer.reasons[0] and "一本通 政策图解1" in answer.reasons[0]


def test_support_that_a_rule_demands_of_the_province_is_no_second_support():
    assert factory(**{**CLEAN, FACTS[0]: True, "有规定明确需省级支持": True}).failed == []


def test_the_same_project_gets_one_programme_under_the_measure():
    matcher = Matcher(under_common_conditions(edition("2026")))
    facts = {**CLEAN, "有规定明确需省级支持": False, "入选国家领航级智能工厂": True, "入选年度": 2025.0, "工厂类型": "零碳工厂", "名单年度": 2025.0}
    assert set(matcher.match(facts).best.programmes) == {"2026P3-2", "2026P2-2"}
    assert matcher.match(facts, is_project=True).best.programmes == ("2026P3-2",)


@pytest.mark.parametrize("name", ["2022", "2023", "2024"])
def test_the_measure_is_not_in_force_before_december_2024(name):
    with pytest.raises(NotInForce, match="2024-12-01至2028-12-31"):
        common_conditions(name)


@pytest.mark.parametrize("name", ["2024Q4", "2025", "2026", "2028"])
def test_the_measure_is_in_force_until_2028(name):
    assert common_conditions(name).id == "2024Q4P0"


def test_the_measure_is_not_under_itself_and_ends_in_2028():
    with pytest.raises(NotInForce):
        common_conditions("2029")
    booklet = edition("2024Q4")
    assert under_common_conditions(booklet).programmes["2024Q4P0"] == booklet.programmes["2024Q4P0"]
