"""One enterprise against every programme: what counts as known, what excludes what, and the best combination."""
from __future__ import annotations

from itertools import chain, combinations

from hypothesis import given
from hypothesis import strategies as st

from xltool.rules import ELIGIBLE, INELIGIBLE, OPEN
from xltool.rules.match import Candidate, Matcher, best_combination
from xltool.rules.model import COMMON_CONDITIONS, Condition, Edition, Field, Formula, Limit, Programme


def programme(name: str, fact: str, amount: str = "100", **more) -> Programme:
    """A programme that asks for one fact of its own and a shared year."""
    fields = {fact: Field(fact, "是否"), "入选年度": Field("入选年度", "数量", "年")}
    conditions = tuple(Condition(number, "x", Formula.parse(text)) for number, text in (("1", fact), ("2", "入选年度=2025")))
    return Programme(name, "一", f"项目{name}", ceiling=Formula.parse(amount), fields=fields, conditions=conditions, **more)


def edition(*programmes: Programme, limits: tuple[Limit, ...] = ()) -> Edition:
    return Edition("2026", "t", 2026, "s", programmes={each.id: each for each in programmes}, limits=limits)


A, B, C = programme("2026P1", "甲"), programme("2026P2", "乙", "300"), programme("2026P3", "丙", "50")
EITHER = Limit(("2026P1", "2026P2"), "企业", 1, True, "两项不重复支持")
ALL = {"甲": True, "乙": True, "丙": True, "入选年度": 2025.0}


def test_the_most_promising_programme_comes_first_and_the_unknown_ones_last():
    found = Matcher(edition(A, B, C)).match({"甲": True, "丙": False, "入选年度": 2025.0})
    assert [(each.id, each.touched, each.answer.verdict) for each in found.candidates] == [
        ("2026P1", True, ELIGIBLE), ("2026P3", True, INELIGIBLE), ("2026P2", False, OPEN)]
    assert [each.id for each in found.touched] == ["2026P1", "2026P3"]


def test_a_shared_fact_alone_says_nothing_about_a_programme():
    """入选年度 of one list is not that of another."""
    found = Matcher(edition(A, B)).match({"入选年度": 2024.0})
    assert found.touched == [] and {each.answer.verdict for each in found.candidates} == {OPEN}


def test_a_shared_fact_can_be_stated_for_one_programme_alone():
    found = Matcher(edition(A, B)).match({**ALL, "2026P2:入选年度": 2024.0})
    assert {each.id: each.answer.verdict for each in found.candidates} == {"2026P1": ELIGIBLE, "2026P2": INELIGIBLE}
    assert set(edition(A, B).whole.fields) == {"甲", "乙", "入选年度", "2026P1:入选年度", "2026P2:入选年度"}


def test_what_is_missing_is_not_asked_of_a_programme_that_is_ruled_out():
    found = Matcher(edition(A)).match({"甲": False})
    assert found.candidates[0].missing == []


def test_programmes_that_exclude_each_other_are_not_combined():
    found = Matcher(edition(A, B, C, limits=(EITHER,))).match(ALL)
    assert (found.best.programmes, found.best.subsidy) == (("2026P2", "2026P3"), 350.0)
    assert found.limits == (EITHER,)


def test_a_limit_matters_only_between_programmes_that_are_not_ruled_out():
    matcher = Matcher(edition(A, B, C, limits=(EITHER,)))
    assert matcher.match({**ALL, "乙": False}).limits == ()
    assert matcher.match({"丙": True, "入选年度": 2025.0}).limits == ()
    assert matcher.match({"甲": True, "入选年度": 2025.0}).limits == (EITHER,)


def test_a_soft_limit_is_told_but_decides_nothing():
    soft = Limit(("2026P1", "2026P2"), "企业", 1, False, "原则上一项")
    found = Matcher(edition(A, B, limits=(soft,))).match(ALL)
    assert found.limits == (soft,) and found.best.subsidy == 400.0


def test_a_limit_per_project_holds_for_a_project_only():
    once = Limit(("2026P1", "2026P2", "2026P3"), "项目", 1, True, "同一项目只得一次")
    matcher = Matcher(edition(A, B, C, limits=(once,)))
    assert matcher.match(ALL).best.subsidy == 450.0
    assert matcher.match(ALL, is_project=True).best.programmes == ("2026P2",)


def test_a_group_in_a_limit_stands_for_its_members():
    group = Programme("2026P9", "九", "组", members=("2026P1",))
    limit = Limit(("2026P9", "2026P2"), "企业", 1, True, "x")
    assert Matcher(edition(A, B, group, limits=(limit,))).match(ALL).limits[0].programmes == ("2026P1", "2026P2")


def test_nobody_applies_to_a_group_or_a_management_measure():
    group = Programme("2026P9", "九", "组", members=("2026P1",))
    measure = Programme("2026P0", "〇", "管理办法", mode=COMMON_CONDITIONS)
    assert [each.id for each in Matcher(edition(A, group, measure)).match({}).candidates] == ["2026P1"]


def test_what_could_still_be_had_counts_programmes_that_lack_facts():
    found = Matcher(edition(A, B, C)).match({"甲": True, "丙": True, "2026P1:入选年度": 2025.0})
    assert (found.best.programmes, found.best.subsidy) == (("2026P1",), 100.0)
    assert (found.potential.programmes, found.potential.subsidy) == (("2026P1", "2026P3"), 150.0)


def test_a_programme_without_a_stated_amount_adds_nothing_and_is_still_taken():
    unstated = Programme("2026P4", "四", "x", fields={"丁": Field("丁", "是否")}, conditions=(Condition("1", "x", Formula.parse("丁")),))
    found = Matcher(edition(A, unstated)).match({**ALL, "丁": True})
    assert (found.best.programmes, found.best.subsidy) == (("2026P1", "2026P4"), 100.0)


def candidates(amounts: list[int]) -> list[Candidate]:
    programmes = [programme(f"2026P{number}", "甲", str(amount)) for number, amount in enumerate(amounts, 1)]
    return list(Matcher(edition(*programmes)).match(ALL).candidates)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6),
       st.lists(st.tuples(st.sets(st.integers(1, 6), min_size=2), st.integers(1, 2)), max_size=4))
def test_the_best_combination_is_that_of_trying_all(amounts, rules):
    found = candidates(amounts)
    limits = [Limit(tuple(f"2026P{number}" for number in members), "企业", maximum, True, "x") for members, maximum in rules]
    every = chain.from_iterable(combinations(found, size) for size in range(len(found) + 1))
    allowed = [chosen for chosen in every
               if all(sum(each.id in limit.programmes for each in chosen) <= limit.maximum for limit in limits)]
    best = best_combination(found, limits)
    assert (best.subsidy, len(best.programmes)) == max((sum(each.amount for each in chosen), len(chosen)) for chosen in allowed)
    assert set(best.programmes) in [{each.id for each in chosen} for chosen in allowed]
