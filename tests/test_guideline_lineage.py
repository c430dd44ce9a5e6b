"""What a programme was in earlier editions, and how many of some programmes one enterprise, project, … can have."""
from __future__ import annotations

import pytest

from xltool.guideline.bundle import common_conditions, edition, edition_ids
from xltool.rules.model import EDITION_OF

EDITIONS = pytest.mark.parametrize("name", edition_ids())


# What a programme follows


@EDITIONS
def test_a_predecessor_is_a_programme_of_an_older_edition(name):
    for programme in edition(name).programmes.values():
        assert len(set(programme.follows)) == len(programme.follows)
        for predecessor in programme.follows:
            year = EDITION_OF.match(predecessor)[1]
            assert year < name, f"{programme.id} follows {predecessor}"
            assert predecessor in edition(year).programmes, f"{programme.id} follows {predecessor}"


@EDITIONS
def test_what_a_member_follows_belongs_to_what_its_group_follows(name):
    programmes = edition(name).programmes
    for group in programmes.values():
        mine = {predecessor for member in group.members for predecessor in programmes[member].follows}
        theirs = set(group.follows)
        for predecessor in group.follows:
            theirs.update(edition(EDITION_OF.match(predecessor)[1]).programmes[predecessor].members)
        assert mine <= theirs, f"{group.id}: {mine - theirs}"


@pytest.mark.parametrize(("programme", "expected"), [
    ("2026P1-1", "2024P1-1-1"),  # 企业研发机构创新能力提升: the same title
    ("2023P2", "2022P2"),  # 攻关产业化 becomes 工程化攻关
    ("2024P1-2-1", "2023P2"), ("2026P1-3", "2024P1-2-1"),  # 关键核心技术攻关, 链主企业出题, 产业链协同攻关
    ("2024P3-2", "2023P4-1"),  # 绿色化改造升级 becomes 绿色制造
    ("2024P2-4-3-2", "2023P1-3-2"), ("2024P2-4-3-3", "2023P1-3-2"),  # 工业互联网平台 is split
    ("2024P2-4-2", "2023P1-2-1 2023P1-2-3"),  # 智能制造示范工厂 takes in 5G工厂
    ("2023P3-4", "2022P3-3"), ("2023P3-4-2", "2022P3-3-4"),  # a group follows a group, a member a member
    ("2023P1-3-1", "2022P1-3-1"), ("2023P1-3-1-2", ""),  # 二级节点 becomes a group; its 公共服务平台 is new
    ("2026P4-1", "2024P4-1"), ("2026P4-1-1", ""),  # an award for 国家创建对象 is new
    ("2026P3-3", ""),  # an award for a national title is not the subsidy on a factory's investment
    ("2022P2", ""), ("2024Q4P1", ""),  # nothing is older than 2022; 保险补偿 is the ministry's
])
def test_a_programme_follows_what_carries_on_the_same_policy(programme, expected):
    assert edition(EDITION_OF.match(programme)[1]).programmes[programme].follows == tuple(expected.split())


# How many one can have


@EDITIONS
def test_a_limit_names_programmes_of_its_edition_and_its_clause(name):
    chosen = edition(name)
    for limit in chosen.limits:
        assert limit.programmes and set(limit.programmes) <= set(chosen.programmes)
        assert limit.maximum >= 1
        assert limit.text and limit.cite


@pytest.mark.parametrize(("year", "programmes", "same", "maximum", "hard", "cite"), [
    ("2023", "2023P1-5", "项目", 1, True, "附件1 一（五）1（1）"),
    ("2024", "2024P1-3-1-2", "企业", 1, False, "附件1-1 三（一）2（3）"),  # 原则上
    ("2024", "2024P1-3-2-1", "项目", 1, True, "附件1-1 三（二）1（1）①"),
    ("2026", "2026P1-7", "产品", 1, True, "附件1 七（二）"),
    ("2026", "2026P3-7", "设区市", 1, True, "附件3 七（二）"),
    ("2026", "2026P4-1-1 2026P4-1-2", "企业", 1, True, "附件4 一（一）"),
    ("2026", "2026P4-1 2026P4-2", "企业", 1, True, "附件4 二（一）5"),
    ("2024Q4", "2024Q4P4", "企业", 3, True, "一本通 申报要点4 申报条件（2）"),
    ("2024Q4", "2024Q4P4", "产品", 1, True, "一本通 申报要点4 申报条件（2）"),
    ("2024Q4", "2024Q4P8", "企业", 1, True, "一本通 申报要点8 申报程序（2）"),
    ("2024Q4", "2024Q4P10", "企业", 2, True, "一本通 申报要点10 申报程序（1）"),
    ("2024Q4", "2024Q4P12", "负责人", 1, True, "一本通 申报要点12 申报要求（4）"),
    ("2024Q4", "2024Q4P13", "负责人", 1, False, "一本通 申报要点13 申报条件（3）"),  # 一般
    ("2024Q4", "2024Q4P15", "企业", 1, False, "一本通 申报要点15 有关要求（4）"),  # 原则上
])
def test_the_limits_are_those_of_the_document(year, programmes, same, maximum, hard, cite):
    (limit,) = (each for each in edition(year).limits if each.programmes == tuple(programmes.split()) and each.same == same)
    assert (limit.maximum, limit.hard, limit.cite) == (maximum, hard, cite)


def test_the_document_of_2022_limits_nobody():
    assert edition("2022").limits == ()


@pytest.mark.parametrize("year", ["2024Q4", "2026"])
def test_the_management_measure_gives_a_project_provincial_money_once(year):
    measure = common_conditions(year)
    assert (measure.id, measure.opens, measure.closes) == ("2024Q4P0", "2024-12-01", "2028-12-31")
    (limit,) = (each for each in edition(measure.edition).limits if measure.id in each.programmes)
    assert (limit.same, limit.maximum, limit.hard) == ("项目", 1, True)
    assert any("2028年" in reading for reading in measure.readings)  # the measure names no day
