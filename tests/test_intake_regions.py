"""A county is found however it is written; a name that could be another is never taken."""
from __future__ import annotations

import doctest
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xltool.intake import regions
from xltool.intake.regions import (
    CITY,
    ZONE,
    counties,
    county_name,
    find_city,
    find_county,
    near_cities,
    near_counties,
    places,
)

PARTS = {"苏南": "南京 无锡 常州 苏州 镇江", "苏中": "南通 扬州 泰州", "苏北": "徐州 连云港 淮安 盐城 宿迁"}
DIVISIONS = list(regions._divisions().values())


@pytest.mark.parametrize(("text", "name", "city", "part"), [
    ("东台市", "东台市", "盐城市", "苏北"), ("东台", "东台市", "盐城市", "苏北"), ("东\n台\n市", "东台市", "盐城市", "苏北"),
    (" 东 台　市\u200b", "东台市", "盐城市", "苏北"), ("盐城市东台市", "东台市", "盐城市", "苏北"),
    ("江苏省盐城市东台市", "东台市", "盐城市", "苏北"),
    ("盐城-东台", "东台市", "盐城市", "苏北"), ("盐城市/东台市", "东台市", "盐城市", "苏北"),
    ("昆山市（直管县）", "昆山市", "苏州市", "苏南"),
    ("通州", "通州区", "南通市", "苏中"), ("南通通州", "通州区", "南通市", "苏中"), ("连云区", "连云区", "连云港市", "苏北"),
    ("连云港市连云区", "连云区", "连云港市", "苏北"), ("连云港", "连云港市", "连云港市", "苏北"), ("盐城", "盐城市", "盐城市", "苏北"),
    ("盐城市本级", "盐城市", "盐城市", "苏北"), ("南京鼓楼区", "鼓楼区", "南京市", "苏南"), ("徐州市鼓楼", "鼓楼区", "徐州市", "苏北"),
    ("沛县", "沛县", "徐州市", "苏北"), ("淮安区", "淮安区", "淮安市", "苏北"), ("崇川区", "崇川区", "南通市", "苏中"),
])
def test_a_county_is_found_with_its_city_and_part_of_the_province(text, name, city, part):
    found = find_county(text)
    assert (found.name, found.city, found.part, found.note) == (name, city, part, "")


@pytest.mark.parametrize(("text", "name", "city"), [
    ("苏州工业园区", "苏州工业园区", "苏州市"), ("苏州园区", "苏州工业园区", "苏州市"), ("SIP", "苏州工业园区", "苏州市"),
    ("盐城经开区", "盐城经济技术开发区", "盐城市"),
    ("盐城市经济技术开发区", "盐城经济技术开发区", "盐城市"), ("盐城高新区", "盐城高新区", "盐城市"), ("镇江新区", "镇江新区", "镇江市"),
    ("南京江北新区", "江北新区", "南京市"), ("苏州高新区", "虎丘区", "苏州市"), ("无锡高新区", "新吴区", "无锡市"),
    ("昆山经济技术开发区", "昆山市", "苏州市"),
    ("泰兴经济开发区", "泰兴市", "泰州市"), ("盐城市东台高新区", "东台市", "盐城市"), ("盐城市盐南高新区", "盐南高新区", "盐城市"),
])
def test_a_development_zone_lies_in_its_county_or_city(text, name, city):
    found = find_county(text)
    assert (found.name, found.city) == (name, city)


@pytest.mark.parametrize(("text", "name", "note"), [
    ("白下区", "秦淮区", "“白下区”现为秦淮区"), ("大丰市", "大丰区", "“大丰市”现为大丰区"), ("海安县", "海安市", "“海安县”现为海安市"),
    ("楚州", "淮安区", "“楚州区”现为淮安区"), ("盐城市盐都县", "盐都区", "“盐都县”现为盐都区"),
    ("徐州九里区", "九里区", "“九里区”已撤销，分给了几个区"),
])
def test_a_former_name_is_found_and_said(text, name, note):
    found = find_county(text)
    assert (found.name, found.note) == (name, note)


@pytest.mark.parametrize(("text", "cities"),
    [("鼓楼区", ["南京市", "徐州市"]), ("鼓楼", ["南京市", "徐州市"]), ("郊区", ["常州市", "扬州市"])])
def test_a_name_of_two_cities_needs_the_city(text, cities):
    assert find_county(text) is None and [county.city for county in counties(text)] == cities
    for city in cities:
        assert find_county(text, city).city == find_county(text, city[:-1]).city == find_county(city + text).city == city
    assert len(counties(text, "盐城市")) == 2


def test_a_city_and_its_district_of_the_same_name_need_the_last_character():
    assert [county.name for county in counties("淮安")] == ["淮安市", "淮安区"] and find_city("淮安").name == "淮安市"


@pytest.mark.parametrize(("text", "name"),
    [("高新区", "盐城高新区"), ("开发区", "盐城经济技术开发区"), ("市直", "盐城市"), ("市本级", "盐城市"), ("盐都", "盐都区")])
def test_a_list_of_one_city_need_not_repeat_it(text, name):
    assert find_county(text, "盐城市").name == name


@pytest.mark.parametrize(("text", "near"),
    [("亭胡区", "亭湖区"), ("滨海市", "滨海县"), ("东台县", "东台市"), ("盐城市亭胡区", "亭湖区"), ("丰", "丰县")])
def test_a_near_name_is_suggested_and_never_taken(text, near):
    assert counties(text) == () and near in near_counties(text)


@pytest.mark.parametrize("text", ["", " ", "威远县", "江苏省", "高新区", "市本级", "上海市", "东台市、建湖县", "全市", "123", "-",
    "市", "区", "盐城市xx区"])
def test_what_names_no_county_is_none(text):
    assert find_county(text) is None


def test_every_division_is_found_by_name_and_with_its_city():
    for county in DIVISIONS:
        assert county in counties(county.name)
        if county.kind != CITY:
            assert find_county(county.city + county.name) == county == find_county(county.name, county.city)


def test_the_table_has_the_whole_province():
    assert Counter(county.kind for county in DIVISIONS) == {CITY: 13, "市辖区": 55, "县级市": 21, "县": 19, ZONE: 9}
    assert {part: {county.city[:-1] for county in DIVISIONS if county.part == part} for part in PARTS} == {
        part: set(names.split()) for part, names in PARTS.items()}


@pytest.mark.parametrize("row", regions._rows("former-names.csv"), ids=lambda row: row["code"])
def test_a_former_name_leads_to_a_county_of_its_city(row):
    city = regions._divisions()[row["code"][:4] + "00"].name
    found = find_county(row["name"], city)
    assert found.city == city and found.name == (row["now"] or row["name"])
    assert found.former or found.name == row["name"]


@given(st.sampled_from(DIVISIONS), st.data())
def test_spaces_and_breaks_between_characters_change_nothing(county, data):
    gaps = data.draw(st.lists(st.sampled_from(("", " ", "\n", "　", "\r\n")), min_size=len(county.name), max_size=len(county.name)))
    assert counties("".join(map("".join, zip(county.name, gaps)))) == counties(county.name)


@given(st.text(max_size=8), st.sampled_from(("", "盐城市", "x")))
def test_no_text_breaks_the_search(text, city):
    assert all(county.city for county in counties(text, city))
    near_counties(text)


def test_the_examples_in_docstrings_are_true():
    result = doctest.testmod(regions)
    assert result.attempted and not result.failed


@pytest.mark.parametrize(("text", "city", "name"), [
    ("东台", "", "东台市"), ("江苏省东台市 ", "", "东台市"), ("盐城市东台市", "盐城市", "东台市"), ("大丰市", "", "大丰区"),
    ("高新区", "盐城", "盐城高新区"),
    ("鼓楼区", "", "鼓楼区"), ("鼓楼", "徐州市", "徐州市鼓楼区"), (" 威远县 ", "", "威远县"), ("", "盐城市", ""),
])
def test_rows_are_grouped_by_one_name_of_a_county(text, city, name):
    assert county_name(text, city) == name


def test_places_are_compared_by_all_they_may_mean():
    assert places("东台") == places("盐城市东台市") and places("鼓楼区", "徐州") < places("鼓楼区") and places("威远县") == {"威远县"}
    assert places("") == places(" ") == frozenset() and places("盐城市本级") == places("盐城")


def test_a_city_is_suggested_and_all_where_none_is_like_it():
    assert near_cities("盐诚市")[0] == "盐城市" and len(near_cities("火星")) == 13
