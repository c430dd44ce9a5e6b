"""Finding a programme by id or title, and what can be read off a formula."""
from __future__ import annotations

import pytest

from xltool.rules.model import Edition, Formula, Programme, title_key


@pytest.mark.parametrize(("name", "expected"), [
    ("2026P1-1", "2026P1-1"), ("2026p1-1", "2026P1-1"), (" ２０２６Ｐ１－１　", "2026P1-1"),
    ("企业研发机构创新能力提升项目", "2026P1-1"), ("企业研发机构创新能力提升", "2026P1-1"), ("企业研发机构 创新能力　提升项目", "2026P1-1"),
    ("首台(套)装备示范应用", "2026P1-4"), ("首台（套）装备示范应用项目", "2026P1-4"), ("“人工智能+制造”诊断项目", "2026P3-4"),
    ("人工智能＋制造诊断", "2026P3-4"), ("《工业大模型建设项目》", "2026P3-5"),
    ("中小企业公共服务体系建设项目", "2026P4-1"),  # the group, not one of its two programmes
    ("中小企业公共服务体系建设项目（服务与发展指数测算服务机构）", "2026P4-1-2"),
    ("工业大模型", None), ("2026P9-9", None), ("2023P1-1-1", None), ("", None), ("项目", None),
])
def test_a_programme_is_found_by_id_or_official_title(edition_2026, name, expected):
    found = edition_2026.find(name)
    assert (found and found.id) == expected


def test_every_title_finds_its_programme(edition_2026, edition_2023):
    for edition in (edition_2026, edition_2023):
        for programme in edition.programmes.values():
            assert edition.find(programme.title) is programme
            assert edition.find(programme.title.removesuffix("项目")) is programme
            assert edition.find(programme.id.lower()) is programme


def test_a_title_that_means_two_programmes_finds_none():
    both = {key: Programme(key, "1", title) for key, title in (("2099P1", "示范项目（甲类）"), ("2099P2", "示范项目（乙类）"))}
    edition = Edition("2099", "t", 2099, "s", programmes=both)
    assert edition.find("示范项目") is None
    assert edition.find("示范项目（甲类）").id == "2099P1"
    assert edition.near("示范项目") == ["2099P1 示范项目（甲类）", "2099P2 示范项目（乙类）"]


def test_the_nearest_names_are_listed(edition_2026):
    assert any("2026P3-5" in label for label in edition_2026.near("工业大模型建社项目"))
    assert edition_2026.near("2026P1-0")[0].startswith("2026P1-")


@pytest.mark.parametrize(("title", "key"), [("“5G+工业互联网”融合应用项目", "5g+工业互联网融合应用"), ("项目", "项目"), ("Ａ（b）项目", "a(b)")])
def test_a_title_key_drops_what_people_type_differently(title, key):
    assert title_key(title) == key


@pytest.mark.parametrize(("formula", "expected"), [
    ("MIN(投入*10%,200)", (0.1, 200.0)), ("MIN(投入*12.5%,4000)", (0.125, 4000.0)), ("投入*50%", (0.5, None)), ("200", (None, None)),
    ("MIN(投入,300)", (None, 300.0)), ("入选数*200", (None, None)), ("MIN(投入*20%+利息*40%,500)", (None, 500.0)), ("投入", (None, None)),
    ("MIN(投入*10%,设备*50%)", (None, None)), ("MAX(投入*10%,200)", (None, None)), (None, (None, None)),
])
def test_rate_and_cap_are_read_off_the_plain_shape_only(formula, expected):
    assert Programme("P", "1", "t", ceiling=formula and Formula.parse(formula)).rate_and_cap == expected


def test_a_formula_shows_its_canonical_text():
    assert repr(Formula.parse("投入≥1亿元")) == "Formula('投入>=10000')"
    assert Formula.parse("IF(已开工,投入,设备+投入)").names == ("已开工", "投入", "设备")
