"""An industry is found by code or name; a code and a name that differ are neither."""
from __future__ import annotations

import doctest
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltool.intake import industries
from xltool.intake.industries import find_industry, near_industries

ENTRIES = list(industries._by_code().values())


@pytest.mark.parametrize(("text", "code", "division"), [
    ("C3562", "3562", "专用设备制造业"), ("3562", "3562", "专用设备制造业"), (3562.0, "3562", "专用设备制造业"),
    ("Ｃ３５６２", "3562", "专用设备制造业"),
    ("c35", "35", "专用设备制造业"), ("35", "35", "专用设备制造业"), ("356", "356", "专用设备制造业"),
    ("C 35 专用设备制造业", "35", "专用设备制造业"),
    ("35-专用设备制造业", "35", "专用设备制造业"), ("C3562半导体器件专用设备制造", "3562", "专用设备制造业"),
    ("（C35）专用设备制造业", "35", "专用设备制造业"), ("专用设备制造业（C35）", "35", "专用设备制造业"),
    ("专用设备制造业", "35", "专用设备制造业"), ("专用设备制造", "35", "专用设备制造业"), ("专用 设备\n制造业", "35", "专用设备制造业"),
    ("制造业-专用设备制造业", "35", "专用设备制造业"), ("制造业/专用设备制造业", "35", "专用设备制造业"),
    ("计算机、通信和其他电子设备制造业", "39", "计算机、通信和其他电子设备制造业"),
    ("计算机通信及其它电子设备制造业", "39", "计算机、通信和其他电子设备制造业"), ("汽车零部件及配件制造", "367", "汽车制造业"),
    ("纺织", "17", "纺织业"), ("0111", "0111", "农业"),
])
def test_an_industry_is_found_by_code_name_or_both(text, code, division):
    found = find_industry(text)
    assert (found and found.code, found and found.division.name) == (code, division)


@pytest.mark.parametrize(("text", "section", "manufacturing"), [
    ("C", "C", True), ("制造业", "C", True), ("C制造业", "C", True), ("I65软件和信息技术服务业", "I", False),
    ("社会组织", "S", False), ("教育", "P", False),
    ("汽车制造业", "C", True), ("科技推广和应用服务业", "M", False), ("建筑业", "E", False),
])
def test_manufacturing_is_section_c(text, section, manufacturing):
    found = find_industry(text)
    assert (found.section, found.manufacturing) == (section, manufacturing)


@pytest.mark.parametrize("text", [
    "", " ", "新能源", "装备制造", "9999", "D35", "C38-C39", "36专用设备制造业", "CNC机床", "3D打印", "化工", "电子产品",
    "制造业、建筑业", 1e300, "35.6", "C3", "汽车制造业或纺织业"])
def test_an_unknown_text_or_a_code_with_another_name_is_none(text):
    assert find_industry(text) is None


def test_a_near_name_is_suggested():
    assert "专用设备制造业" in near_industries("专业设备制造业") and find_industry("专业设备制造业") is None
    assert near_industries("三十六计") == []


def test_the_levels_are_those_of_the_standard():
    assert Counter(entry.level for entry in ENTRIES) == {"门类": 20, "大类": 97, "中类": 473, "小类": 1381}
    assert sum(entry.manufacturing and entry.level == "大类" for entry in ENTRIES) == 31
    assert [entry.code for entry in find_industry("3562").above] == ["C", "35", "356", "3562"] and find_industry("C").division is None


def test_every_entry_is_found_by_its_code_and_name():
    for entry in ENTRIES:
        assert find_industry(entry.code) is find_industry(entry.code + entry.name) is entry
        assert find_industry(entry.section + entry.code if entry.code.isdigit() else entry.code) is entry
        assert find_industry(entry.name) in entry.above  # a name that repeats means the highest level


@given(st.text(max_size=10) | st.text("ACD0123456789-/制造业汽车", max_size=10))
def test_no_text_breaks_the_search(text):
    find_industry(text)
    near_industries(text)


def test_the_examples_in_docstrings_are_true():
    result = doctest.testmod(industries)
    assert result.attempted and not result.failed
