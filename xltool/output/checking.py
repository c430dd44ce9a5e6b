"""A list's projects checked: each with its answer and every problem of its row."""
from __future__ import annotations

from dataclasses import dataclass

from ..intake.consistency import hints, inconsistencies
from ..intake.projects import PART, Project
from ..intake.regions import city_name, county_name
from ..rules.assess import Assessment, assess
from ..rules.model import Programme
from ..rules.problems import Problem


@dataclass(frozen=True)
class Checked:
    """A project with its answer, its problems, its county by the official name, and the form written for it, if any."""

    project: Project
    answer: Assessment
    problems: tuple[Problem, ...]
    county: str = ""
    form: str = ""


def check_project(project: Project, city: str = "") -> Checked:
    """Assess one project and collect what is wrong with its row; `city`: the only 设区市 the list should name."""
    answer = assess(project.programme, project.values)
    problems = [*project.problems, *inconsistencies(project, answer, city), *hints(project, city)]
    named = project.columns.get("设区市")
    if city and named and city_name(str(named.value)) != city_name(city):
        problems.append(Problem("value.conflict", str(named.value), f"不是{city}的项目", "请核对设区市", named.where))
    county = county_name(str(project.column("县（市、区）") or ""), str(named.value) if named else city)
    return Checked(project, answer, tuple(problems), county)


def quota_part(programme: Programme, project: Project) -> str:
    """The part of a programme's or group's quota a project falls under, "" where it says none that the quota has."""
    members = {row.member: row.part for row in programme.quota if row.member}
    part = members.get(project.programme.id) or str(project.column(PART) or "")
    return part if part in {row.part for row in programme.quota} else ""


def places_taken(programme: Programme, project: Project) -> int:
    """How many places of a programme's or group's quota a project takes: one, or as many as the counted fact says.

    It takes none where a group's total is another member's alone (国家中心不占).
    """
    counted = {row.member for row in programme.quota if row.member and not row.part}
    if counted and project.programme.id not in counted:
        return 0
    value = project.values.get(counted_fact(programme))
    return int(value) if isinstance(value, float) else 1


def counted_fact(programme: Programme) -> str:
    """The fact that says how many places a project takes, "" where each takes one."""
    return next((row.count for row in programme.quota if row.count), "")
