"""A wrong number, comparison or choice in a guideline workbook is noticed, and the page that says how often is true."""
from __future__ import annotations

import pytest
from mutation import APART, KINDS, NOBODY, PAGE, mutants, noticed_by, page, refused, score, trial, unworded, wrong_apart

from xltool.guideline.bundle import edition, edition_ids
from xltool.rules.model import Condition, Edition, Field, Formula, Programme, QuotaPart

ENOUGH = 0.97


@pytest.mark.parametrize("name", edition_ids())
def test_a_change_of_one_rule_of_an_edition_is_noticed(name):
    survivors = [f"{mutant.programme.id} {mutant.place} {mutant.new}" for mutant, witness in trial(name) if witness == NOBODY]
    assert score(trial(name)) >= ENOUGH, survivors


def test_all_editions_together_have_mutants_of_every_kind_and_the_page_is_fresh():
    every = [one for name in edition_ids() for one in trial(name)]
    assert score(every) >= ENOUGH
    assert {mutant.kind for mutant, _ in every} == set(KINDS)
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python tests/mutation.py"


@pytest.mark.parametrize("name", edition_ids())
def test_a_rule_as_it_stands_is_not_refused(name):
    assert [programme.id for programme in edition(name).programmes.values() if refused(programme)] == []


@pytest.mark.parametrize("name", edition_ids())
def test_conditions_no_case_can_try_come_out_as_the_document_says(name):
    assert [wrong for programme in edition(name).programmes.values() for wrong in wrong_apart(programme)] == []


@pytest.mark.parametrize("name", edition_ids())
def test_every_number_of_a_quota_stands_in_its_wording(name):
    assert [number for programme in edition(name).programmes.values() for number in unworded(programme)] == []


def test_the_conditions_tried_apart_exist():
    known = {(programme.id, condition.number) for name in edition_ids() for programme in edition(name).programmes.values()
             for condition in programme.conditions}
    assert {row[:2] for row in APART} <= known


FIELDS = (Field("投入", "金额", "万元"), Field("日", "日期"), Field("有", "是否"), Field("级", "选项", "", ("国家", "省", "市", "无")))


def programme_of(condition="有", ceiling=None, quota=()):
    return Programme("x", "1", "x", fields={field.name: field for field in FIELDS}, ceiling=ceiling and Formula.parse(ceiling),
                     conditions=(Condition("1", "x", Formula.parse(condition)),), quota=quota)


@pytest.mark.parametrize(("condition", "expected"), [
    ("有", ""),
    ("投入>=1000", "投入>1000 投入<=1000 投入>=1001 投入>=999"),
    ("投入<0.5", "投入<=0.5 投入>0.5 投入<0.6 投入<0.4"),
    ("日=DATE(2025,6,30)", "日<>DATE(2025,6,30) 日=DATE(2026,6,30) 日=DATE(2024,6,30) 日=DATE(2025,7,30) 日=DATE(2025,5,30) "
                           "日=DATE(2025,6,31) 日=DATE(2025,6,29)"),
    ('NOT(级="省")', '级="省" NOT(级<>"省") NOT(级="市")'),
    ('级<>"无"', '级="无" 级<>"国家"'),
    ('OR(级={"国家","省"})', 'OR(级<>{"国家","省"}) OR(级={"市","省"}) OR(级={"省"}) OR(级={"国家","市"}) OR(级={"国家"})'),
    ("AND(有,投入>0)", "OR(有,投入>0) AND(投入>0) AND(有) AND(有,投入>=0) AND(有,投入<0) AND(有,投入>1) AND(有,投入>-1)"),
])
def test_the_mutants_of_a_condition(condition, expected):
    assert [mutant.new for mutant in mutants(programme_of(condition))] == expected.split()


def test_the_mutants_of_an_amount_and_a_quota():
    found = list(mutants(programme_of(ceiling="MIN(投入*10%,200)", quota=(QuotaPart("甲", maximum=3, minimum=1),))))
    assert [mutant.new for mutant in found] == [
        "MAX(投入*10%,200)", "MIN(200)", "MIN(投入*10%)", "MIN(投入*11%,200)", "MIN(投入*9%,200)", "MIN(投入*10%,201)", "MIN(投入*10%,199)",
        "不超过4", "不超过2", "不少于2", "不少于0"]
    assert [mutant.programme.ceiling.text for mutant in found[:7]] == [mutant.new for mutant in found[:7]]
    assert found[7].programme.quota == (QuotaPart("甲", maximum=4, minimum=1),)


def test_what_no_case_tries_is_not_noticed():
    whole = Edition("x", "x", 2026, "x", programmes={"x": programme_of("投入>=1000")})
    assert {noticed_by(mutant, whole) for mutant in mutants(whole.programmes["x"])} == {NOBODY}
