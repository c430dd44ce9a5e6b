"""The names templates use for one project: every column, fact and heading, what is computed, amounts to the fen, offices by programme."""
from __future__ import annotations

import datetime as dt
import doctest
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltool.guideline.bundle import edition, edition_ids
from xltool.intake.projects import Cell, Project
from xltool.output.checking import Checked, check_project
from xltool.output.papers import context as context_module
from xltool.output.papers.award import award
from xltool.output.papers.context import CONTEXT_NAMES, context_names, identifier, project_context
from xltool.rules.model import Edition
from xltool.rules.problems import Where
from xltool.rules.serial import from_date

ANNEXES = json.loads((Path(__file__).parent / "data" / "annexes-2023.json").read_text(encoding="utf-8"))
TODAY = dt.date(2023, 2, 1)
HERE = Where("清单.xlsx", "清单", "第5行")
FIT = {"项目总投入": 25000.0, "实施地在江苏省内": True, "符合重点方向": True, "研发类项目": False, "手续完备或已说明": True, "已开工": True,
       "已竣工": False, "列入省重大工业项目清单": True}  # of 2023P1-1-1: 10 %, at most 2500; half of it first


def item(columns: dict[str, object] | None = None, facts: dict[str, object] | None = None, programme: str = "2023P1-1-1",
         refused: dict[str, object] | None = None, others: dict[str, object] | None = None, indicators: dict[str, object] | None = None) -> Checked:
    def cells(values: dict[str, object] | None) -> dict[str, Cell]:
        return {name: Cell(name, value, value, Where("清单.xlsx", "清单", "A5")) for name, value in (values or {}).items()}
    chosen = edition(programme.split("P")[0]).programmes[programme]
    return check_project(Project(chosen, cells(columns), cells(facts), cells(indicators), HERE, (), cells(refused), cells(others)))


def shown(checked: Checked, number: int = 1, **more: object) -> dict[str, object]:
    return project_context(edition(checked.answer.programme.edition), checked, number, TODAY, **more)


# --- names ------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", edition_ids())
def test_every_name_of_an_edition_is_in_every_context_and_can_be_written(name):
    programme = next(each for each in edition(name).programmes.values() if not each.members)
    context = shown(item(programme=programme.id, others={"2025年 用地（亩）": "12"}), others=["2025年 用地（亩）"])
    known = context_names(edition(name))
    assert set(context) == {*known, "列2025年用地亩"}
    assert all(each.isidentifier() for each in context) and all(known.values())


def test_no_fact_and_no_column_is_hidden_by_a_computed_name():
    for name in edition_ids():
        taken = {identifier(each) for each in (*edition(name).fact_names, *edition(name).columns)} & set(CONTEXT_NAMES)
        assert taken <= {"批复专项资金"}


def test_the_examples_of_names_are_true():
    result = doctest.testmod(context_module)
    assert result.attempted and not result.failed


def test_names_of_one_edition_that_only_differ_in_signs_are_told_apart():
    for name in edition_ids():
        known = {*edition(name).fact_names, *edition(name).columns}
        assert len(set(map(identifier, known))) == len(known)


def test_what_is_missing_is_none_also_facts_of_other_programmes_and_headings_of_other_rows():
    context = shown(item(), others=["备注"])
    assert {context[name] for name in ("县市区", "项目总投入", "贷款利息", "备注", "项目负责人", "实施期限", "批复专项资金", "验收组织")} == {None}


def test_values_are_dates_words_and_plain_numbers():
    day = from_date(dt.date(2022, 7, 1))
    columns = {"县（市、区）": "东台市", "项目开始时间": day, "申报项目总投资": 1200.0, "利润总额": -35.25}
    context = shown(item(columns, {"已开工": False, "项目总投入": 1200.5}))
    assert (context["县市区"], context["项目开始时间"], context["已开工"]) == ("东台市", dt.date(2022, 7, 1), "否")
    assert [str(context[name]) for name in ("申报项目总投资", "利润总额", "项目总投入")] == ["1200", "-35.25", "1200.5"]


def test_of_one_name_the_column_comes_before_the_fact_and_the_fact_before_an_unknown_heading():
    assert shown(item({}, {"项目总投入": 5.0}, others={"项目总投入": "约5"}))["项目总投入"] == 5
    first, second = from_date(dt.date(2022, 1, 1)), from_date(dt.date(2022, 2, 1))
    assert shown(item({"项目开始时间": first}, {"项目开始时间": second}, "2023P1-1-2"))["项目开始时间"] == dt.date(2022, 1, 1)


def test_a_heading_nobody_knows_never_replaces_a_computed_value_or_a_fixed_text():
    context = shown(item(others={"结论": "同意", "申报依据": "某通知", "年度": "去年"}))
    assert (context["结论"], context["年度"]) == ("待核实", 2023) and context["申报依据"].startswith("关于组织2023年度")


def test_the_computed_names_say_what_the_answer_says():
    context = shown(item({}, FIT), number=7)
    assert [context[name] for name in ("序号", "版本", "年度", "今天", "项目编号", "方向", "结论", "补助上限", "补助", "首付", "缺少")] == [
        7, "2023", 2023, TODAY, "2023P1-1-1", "智能化改造数字化转型", "符合", 2500, 2500, 1250, []]
    assert context["项目类别"] == edition("2023").programmes["2023P1-1-1"].title
    assert any("补助上限" in reason for reason in context["理由"]) and len(context["材料"]) == 2
    assert "研发类项目" in shown(item({}, {**FIT, "研发类项目": None}))["缺少"]


def test_the_period_needs_both_days():
    days = {"项目开始时间": from_date(dt.date(2022, 7, 1)), "项目结束时间": from_date(dt.date(2023, 12, 31))}
    assert shown(item(days))["实施期限"] == "2022年7月1日至2023年12月31日"
    assert shown(item({"项目开始时间": days["项目开始时间"]}))["实施期限"] is None


def test_indicators_come_from_the_form_and_from_the_projects_own_lines():
    own = {"个性指标": "新增就业：12人\n\n带动上下游企业=8家\n效率提升"}
    rows = [tuple(row.values()) for row in shown(item(own))["绩效指标"]]
    assert rows == [("个性指标", "", "新增就业", "", "12人"), ("个性指标", "", "带动上下游企业", "", "8家"), ("个性指标", "", "效率提升", "", None)]
    checked = item(own, {}, "2026P1-1", indicators={"新增申请专利数量": 8.0})
    first = shown(checked)["绩效指标"][0]
    assert (first["名称"], first["单位"], first["目标值"]) == ("新增申请专利数量", "个", 8) and len(shown(checked)["绩效指标"]) == 4


# --- amounts ----------------------------------------------------------------------------------------------------------

ASKED, GIVEN = "项目申请补助资金", "批复专项资金"


def amounts(columns: dict[str, object], facts: dict[str, object] = FIT, **more: object) -> list[object]:
    context = shown(item(columns, facts, **more))
    return [context[name] for name in (GIVEN, "拟", "第一笔专项资金", "剩余专项资金", "验收组织")]


def test_an_approved_amount_is_taken_as_it_is():
    assert amounts({ASKED: 1500.0, GIVEN: 1234.567891}) == [1234.567891, False, 617.283946, 617.283945, "甲方"]
    assert amounts({GIVEN: 800.0}, {}) == [800, False, 400, 400, "丙方"]  # also where the verdict is open


def test_without_one_the_lesser_of_application_and_subsidy_is_proposed():
    assert amounts({ASKED: 1500.0}) == [1500, True, 750, 750, "甲方"]
    assert amounts({ASKED: 9000.0}) == [2500, True, 1250, 1250, "甲方"]


@pytest.mark.parametrize(("columns", "facts", "more"), [
    ({}, FIT, {}), ({ASKED: 1500.0}, {**FIT, "已开工": None}, {}), ({ASKED: 1500.0}, {**FIT, "研发类项目": True}, {}),
    ({ASKED: 1500.0}, FIT, {"refused": {GIVEN: "约1000"}})])
def test_nothing_is_proposed_without_an_application_a_clear_verdict_or_against_an_unreadable_approval(columns, facts, more):
    assert amounts(columns, facts, **more) == [None, False, None, None, None]


def test_a_programme_that_pays_at_once_has_no_first_instalment():
    paid_at_once = next(each for each in edition("2023").programmes.values() if each.ceiling and not each.first)
    assert amounts({GIVEN: 500.0}, {}, programme=paid_at_once.id) == [500, False, None, None, "丙方"]


@pytest.mark.parametrize(("amount", "organiser"), [
    (1000.0, "甲方"), (999.999999, "丙方"), (300.0, "丙方"), (299.999999, None), (299.99, None), (5000.0, "甲方"), (0.0, None)])
def test_who_organises_the_acceptance_goes_by_the_amount(amount, organiser):
    assert amounts({GIVEN: amount})[-1] == organiser


@given(st.integers(0, 10**10))
def test_first_instalment_and_rest_are_the_amount_to_the_fen(fen):
    found = award(item({GIVEN: fen / 1_000_000}))
    assert round(found.first * 1_000_000) + round(found.rest * 1_000_000) == fen
    assert found.first == round(found.first, 6) and found.rest == round(found.rest, 6)


# --- offices ----------------------------------------------------------------------------------------------------------

def leaves(of: Edition) -> list[str]:
    return [programme.id for programme in of.programmes.values() if not programme.members]


@pytest.mark.parametrize("programme", leaves(edition("2023")))
def test_every_programme_has_the_offices_of_the_official_list(programme):
    rows = [row for row in ANNEXES["contacts"] if programme in row["programs"]]
    keys = {"省处室": "province_office", "省电话": "province_phone", "市处室": "city_office", "市电话": "city_phone"}
    expected = {name: rows[0][key] if rows else None for name, key in keys.items()}
    assert len(rows) <= 1 and shown(item({"设区市": "盐城市"}, programme=programme))["联系"] == expected


def test_the_list_of_offices_names_only_programmes_of_the_edition():
    named = {programme for row in ANNEXES["contacts"] for programme in row["programs"]}
    assert len(leaves(edition("2023"))) == 36 and named < set(leaves(edition("2023")))


@pytest.mark.parametrize(("written", "city", "known"), [
    ("盐城市", "", True), ("盐城", "", True), (None, "盐城市", True), ("南通市", "盐城市", False), (None, "", False), ("南通市", "", False)])
def test_the_citys_office_is_given_to_its_own_projects_only(written, city, known):
    offices = shown(item({"设区市": written} if written else {}), city=city)["联系"]
    assert offices["省电话"] == "025-69652865" and (offices["市处室"] is not None) == (offices["市电话"] is not None) == known


def test_an_edition_without_contacts_has_none():
    assert set(shown(item({"设区市": "盐城市"}, programme="2026P1-1"))["联系"].values()) == {None}
