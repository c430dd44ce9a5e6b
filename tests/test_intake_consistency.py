"""What a row's cells say against each other: places, codes; a list of names only hints."""
from __future__ import annotations

import pytest

from xltool.intake.consistency import hints, inconsistencies
from xltool.intake.projects import Cell, Project
from xltool.rules.assess import assess
from xltool.rules.model import Programme
from xltool.rules.problems import Problem, Where

PROGRAMME = Programme("2024P1", "1", "t")
COUNTY, CITY = "县（市、区）", "设区市"


def project(facts: dict[str, object] | None = None, **columns: object) -> Project:
    def cells(values: dict[str, object]) -> dict[str, Cell]:
        return {name: Cell(name, value, value, Where("清单.xlsx", "表", name)) for name, value in values.items()}
    return Project(PROGRAMME, cells({"县（市、区）" if name == "county" else name: value for name, value in columns.items()}),
        cells(facts or {}), {}, Where())


def found(row: Project, city: str = "") -> list[Problem]:
    return list(inconsistencies(row, assess(PROGRAMME, {}), city))


@pytest.mark.parametrize(("county", "named", "listed"), [
    ("东台市", "盐城市", ""), ("东台", "盐城", "盐城市"), ("鼓楼区", "徐州市", ""), ("鼓楼区", "南京市", "南京市"),
    ("盐城高新区", "盐城市", ""), ("高新区", "盐城市", ""),
    ("威远县", "盐城市", "盐城市"), ("东台市", "没有的市", ""), ("大丰市", "盐城市", ""), ("盐城市本级", "盐城市", "盐城市"),
    ("昆山经济技术开发区", "苏州市", ""),
    ("东台市", "南通市", "盐城市"),  # the city is wrong, and the check against the list's city says so
])
def test_a_county_of_the_city_or_an_unknown_one_is_no_inconsistency(county, named, listed):
    assert found(project(county=county, 设区市=named), listed) == []


@pytest.mark.parametrize(("county", "named", "listed", "cell"), [
    ("东台市", "南通市", "", CITY), ("昆山市", "盐城市", "盐城市", COUNTY), ("昆山市", None, "盐城市", COUNTY),
    ("鼓楼区", "盐城市", "", CITY), ("昆山市", "南通市", "盐城市", CITY),
])
def test_a_county_of_another_city_is_a_conflict(county, named, listed, cell):
    columns = {"county": county, **({CITY: named} if named else {})}
    (problem,) = found(project(**columns), listed)
    assert problem.code == "value.conflict" and f"“{county}”属于" in problem.expected and problem.where.cell == cell


@pytest.mark.parametrize(("columns", "listed", "part", "wrong"), [
    ({"county": "东台市"}, "", "苏北", False), ({"county": "东台市"}, "", "苏南", True), ({"county": "鼓楼区"}, "", "苏南", False),
    ({"county": "鼓楼区", CITY: "徐州市"}, "", "苏南", True), ({CITY: "南通市"}, "", "苏北", True), ({}, "扬州市", "苏中", False),
    ({}, "扬州市", "苏南", True),
    ({}, "", "苏南", False), ({"county": "东台市"}, "", "华东", False),
])
def test_the_part_of_the_province_must_be_that_of_county_or_city(columns, listed, part, wrong):
    problems = found(project({"地区": part}, **columns), listed)
    assert [problem.where.cell for problem in problems] == (["地区"] if wrong else [])


def test_a_credit_code_is_checked_at_its_cell():
    assert found(project(统一社会信用代码="91110000600037341L")) == []
    (problem,) = found(project(统一社会信用代码="9111OO00600037341L"))
    assert problem.where.cell == "统一社会信用代码" and "是不是“91110000600037341L”" in problem.fix


@pytest.mark.parametrize(("columns", "says"), [
    ({"county": "亭胡区"}, "是不是“亭湖区”"), ({"county": "威远县"}, "没有这个县"),
    ({"county": "鼓楼区"}, "南京市鼓楼区、徐州市鼓楼区"), ({"county": "白下区"}, "现为秦淮区"),
    ({"county": "淮安"}, "淮安市、淮安市淮安区"), ({"所属行业": "新能源"}, "GB/T 4754-2017"),
    ({"所属行业": "专业设备制造业"}, "“专用设备制造业”"),
])
def test_a_name_no_list_has_is_a_hint(columns, says):
    (hint,) = hints(project(**columns))
    assert says in str(hint) and found(project(**columns)) == []


@pytest.mark.parametrize("columns", [{}, {"county": "东台市"}, {"county": "鼓楼区", CITY: "徐州市"},
    {"所属行业": "C35专用设备制造业"}, {"所属行业": "3562"}])
def test_known_names_need_no_hint(columns):
    assert list(hints(project(**columns))) == []
