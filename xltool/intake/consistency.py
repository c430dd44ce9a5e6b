"""What a project's own columns say against each other: sums within sums, dates in order, codes with a check digit, places.

What a list of names cannot settle (a zone, an industry in other words) is a hint, never an inconsistency.
"""
from __future__ import annotations

from collections.abc import Iterator

from ..rules.assess import Assessment
from ..rules.explain import format_value
from ..rules.formula import number_text
from ..rules.model import APPROVED
from ..rules.problems import Problem
from .credit_code import code_fault
from .industries import find_industry, near_industries
from .projects import Cell, Project
from .regions import County, counties, find_city, near_counties
from .values import shown

CODE, COUNTY, CITY, INDUSTRY, PART_OF_PROVINCE = "统一社会信用代码", "县（市、区）", "设区市", "所属行业", "地区"
_PARTS = ("苏南", "苏中", "苏北")


def inconsistencies(project: Project, answer: Assessment, city: str = "") -> Iterator[Problem]:
    """Problems no single cell shows: declared subsidy above the ceiling, a part above its whole, an end before its start, a county of
    another city. `city`: the only 设区市 the list should name.
    """
    columns, value = project.columns, project.column
    for name in ("项目申请补助资金", APPROVED):
        if answer.ceiling is not None and (asked := value(name)) is not None and asked > answer.ceiling:
            yield _above(columns[name], answer.ceiling, f"补助上限（{answer.programme.id}）")
    fixed, total, start, end = map(value, ("固定资产投资", "申报项目总投资", "项目开始时间", "项目结束时间"))
    if fixed is not None and total is not None and fixed > total:
        yield _above(columns["固定资产投资"], total, "申报项目总投资")
    if start is not None and end is not None and start > end:
        cell = columns["项目结束时间"]
        yield Problem("value.conflict", shown(cell.raw), f"项目结束时间{format_value(end, True)}早于开始时间{format_value(start, True)}",
                      "请核对两个日期", cell.where)
    if (code := columns.get(CODE)) and (fault := code_fault(str(code.value))):
        yield Problem("value.type", shown(code.raw), *fault, code.where)
    yield from _misplaced(project, city)


def hints(project: Project, city: str = "") -> Iterator[Problem]:
    """What may be right and deserves a look: a county or an industry by a name no list has, or by a former name."""
    columns = project.columns
    if cell := columns.get(COUNTY):
        found, text = _counties(project, city), str(cell.value)
        if not found:
            near = near_counties(text)
            yield Problem("note.name", text, "区划表里没有这个县（市、区）", _is_it(near) or "开发区请连所在的市或县一起写", cell.where)
        elif len(found) > 1:
            names = "、".join(dict.fromkeys(f"{county.city}{county.name}" if county.name != county.city else county.name for county in found))
            yield Problem("note.name", text, f"分不清是{names}中的哪一个", "请写明市和县（市、区）", cell.where)
        elif found[0].note:
            yield Problem("note.name", text, found[0].note, "请写现在的名称", cell.where)
    if (cell := columns.get(INDUSTRY)) and find_industry(str(cell.value)) is None:
        near = near_industries(str(cell.value))
        yield Problem("note.name", str(cell.value), "行业分类（GB/T 4754-2017）里没有这个名称或代码", _is_it(near) or "请按国民经济行业分类填写",
                      cell.where)


def _counties(project: Project, city: str) -> tuple[County, ...]:
    """What the row's county may be, in its own city first, else in the list's."""
    county, named = project.column(COUNTY), project.column(CITY)
    return () if county is None else counties(str(county), city if named is None else str(named))


def _misplaced(project: Project, city: str) -> Iterator[Problem]:
    """A county of another city than the row's 设区市 or the list's; a part of the province that is not the city's."""
    named = project.column(CITY)
    own, listed = find_city(str(named)) if named is not None else None, find_city(city) if city else None
    found = _counties(project, city)
    cities = {county.city: county.part for county in found}
    home = own or listed
    # Where county and list agree, it is the row's 设区市 that is wrong, and that is said elsewhere.
    if cities and home and home.name not in cities and not (listed and listed.name in cities):
        county = project.columns[COUNTY]
        cell = county if named is None or own == listed else project.columns[CITY]  # the list's city is right; else either cell may be wrong
        yield Problem("value.conflict", str(cell.value), f"“{county.value}”属于{'、'.join(cities)}，不属于{home.name}",
                      "请核对设区市和县（市、区）", cell.where)
    parts = set(cities.values()) or ({home.part} if home else set())
    cell = project.facts.get(PART_OF_PROVINCE)
    if cell and len(parts) == 1 and cell.value in _PARTS and cell.value not in parts:
        place = found[0].name if found else home.name
        yield Problem("value.conflict", str(cell.value), f"{place}属于{min(parts)}", "请核对地区", cell.where)


def _is_it(near: list[str]) -> str:
    return f"是不是“{'”“'.join(near)}”？" if near else ""


def _above(cell: Cell, limit: float, what: str) -> Problem:
    value, most, over = map(number_text, (cell.value, limit, round(cell.value - limit, 6)))
    return Problem("value.conflict", shown(cell.raw), f"“{cell.name}”{value}万元，超过{what}{most}万元，多{over}万元", "请核对金额和单位", cell.where)
