"""What the projects of several submissions say against each other: the same project twice, one enterprise over its limit, a project
that was funded before, places that are not enough.

The same is an exact match of credit code (or name of the unit) and title, spaces, brackets and a closing 项目 aside; what only looks
the same is suggested, never taken. Every problem stands at a project's row and names the other one's place.
"""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..rules.model import Edition, Limit, title_key
from ..rules.problems import Problem, Where
from .projects import Project

CODE, COUNTY, CITY = "统一社会信用代码", "县（市、区）", "设区市"
_NEAR = 90  # per cent of like signs from which two names look the same
_NEIGHBOURS = 20  # in the order of the names; like names stand near each other, and thousands may share a unit or a title


def unit_key(project: Project) -> str:
    """The enterprise a project belongs to: its credit code, or its name."""
    return str(project.column(CODE) or "").upper() or title_key(project.unit_name)


def project_key(project: Project) -> tuple[str, str]:
    return unit_key(project), title_key(project.title)


def collisions(projects: Sequence[Project], edition: Edition) -> Iterator[Problem]:
    """Everything the projects of all submissions say against each other."""
    yield from repeated(projects)
    yield from look_alikes(projects)
    yield from over_limits(projects, edition)


def repeated(projects: Iterable[Project]) -> Iterator[Problem]:
    """Projects of one unit with one title that stand in the lists more than once, whether for one programme, in two counties or not."""
    seen: dict[tuple[str, str], Project] = {}
    for project in projects:
        key = project_key(project)
        if not all(key) or (first := seen.setdefault(key, project)) is project:
            continue
        counties = [str(each.column(COUNTY) or "") for each in (first, project)]
        if all(counties) and counties[0] != counties[1]:
            what, fix = f"{counties[0]}也报了同一个项目（{first.where}）", "请两个县（市、区）核对，只由一家报"
        elif first.programme.id == project.programme.id:
            what, fix = f"和{first.where}是同一个单位的同一个项目", "请删去重复的一行"
        else:
            what, fix = f"同一个项目还报了{first.programme.id}（{first.where}）", "请核对能否同时申报"
        yield Problem("value.conflict", project.title, what, fix, project.where)


def look_alikes(projects: Iterable[Project]) -> Iterator[Problem]:
    """Projects of one programme that may be one, written in two ways: the same unit with titles that differ by a few signs, or the
    same title with such units.
    """
    from rapidfuzz import fuzz
    blocks: dict[tuple[str, str, str], dict[str, Project]] = defaultdict(dict)
    for project in projects:
        unit, title = title_key(project.unit_name), title_key(project.title)
        if unit and title:
            blocks[project.programme.id, "unit", unit].setdefault(title, project)
            blocks[project.programme.id, "title", title].setdefault(unit, project)
    for block in blocks.values():
        names = sorted(block)
        for index, name in enumerate(names):
            for other in names[max(0, index - _NEIGHBOURS):index]:
                pair = block[other], block[name]
                if fuzz.ratio(name, other) >= _NEAR and _may_be_one(*pair) and not _numbered(name, other):
                    first, second = sorted(pair, key=_place)
                    yield Problem("note.alike", second.title, f"和“{first.unit_name}”的“{first.title}”很像（{first.where}）",
                                  "请核对是不是同一个项目", second.where)


def _place(project: Project) -> tuple[str, str, int]:
    where = project.where
    return where.file, where.sheet, int("".join(filter(str.isdigit, where.cell)) or 0)


def _may_be_one(left: Project, right: Project) -> bool:
    """Whether two projects may be one: not the very same, which is said elsewhere, and not of two credit codes."""
    codes = {str(each.column(CODE) or "") for each in (left, right)} - {""}
    return project_key(left) != project_key(right) and len(codes) < 2


def _numbered(left: str, right: str) -> bool:
    """Whether two names differ in their numbers: 一期 and 二期, 1号 and 2号 are not the same."""
    signs = [[sign for sign in name if sign.isdigit() or sign in "一二三四五六七八九十甲乙丙丁东西南北"] for name in (left, right)]
    return signs[0] != signs[1]


def over_limits(projects: Iterable[Project], edition: Edition) -> Iterator[Problem]:
    """Enterprises, projects and cities with more of some programmes than the document allows (不重复支持, 限报)."""
    rules = [(limit, _members(limit, edition)) for limit in edition.limits if limit.same in _KEYS]
    groups: dict[tuple[int, object], list[Project]] = defaultdict(list)
    for project in projects:
        for number, (limit, members) in enumerate(rules):
            if project.programme.id in members and (key := _KEYS[limit.same](project)):
                groups[number, key].append(project)
    for (number, _), own in groups.items():
        limit = rules[number][0]
        for project in own[limit.maximum:]:
            others = "、".join(f"{each.programme.id}（{each.where}）" for each in own if each is not project)
            yield Problem("value.conflict", project.title or project.programme.id,
                          f"同一{limit.same}不超过{limit.maximum}个{'' if limit.hard else '（提示）'}，还报了{others}：{limit.text}（{limit.cite}）",
                          "请选一个，或核对单位", project.where)


# What a list can tell; a product or a leader has no column.
_KEYS = {"企业": unit_key, "项目": lambda project: project_key(project) if project.title else "",
         "设区市": lambda project: str(project.column(CITY) or "").removesuffix("市")}


def _members(limit: Limit, edition: Edition) -> frozenset[str]:
    return frozenset(member for name in limit.programmes for member in edition.programmes[name].members or (name,))


@dataclass(frozen=True, slots=True)
class Funded:
    """A project of an earlier list of funded ones."""

    unit: str
    code: str
    title: str
    about: str  # its year and programme, as far as the list says
    where: Where


@dataclass(frozen=True, slots=True)
class Allotment:
    """How many projects a county or a city may recommend, of one programme or (`programme` empty) of all together."""

    place: str
    programme: str
    number: int
    where: Where


def funded_before(projects: Iterable[Project], history: Iterable[Funded]) -> Iterator[Problem]:
    """Projects that were funded before: the same unit and title, or a title that looks the same."""
    from rapidfuzz import fuzz, process
    earlier: dict[str, dict[str, Funded]] = defaultdict(dict)
    for each in history:
        for unit in filter(None, (each.code.upper(), title_key(each.unit))):
            earlier[unit].setdefault(title_key(each.title), each)
    for project in projects:
        own = {**earlier.get(title_key(project.unit_name), {}), **earlier.get(unit_key(project), {})}
        title = title_key(project.title)
        if not own or not title:
            continue
        if title in own:
            found = own[title]
            yield Problem("value.conflict", project.title, f"以前立过项（{found.about}{found.where}）", "请核对是否重复支持", project.where)
        elif near := process.extractOne(title, list(own), scorer=fuzz.ratio, score_cutoff=_NEAR):
            found = own[near[0]]
            yield Problem("note.alike", project.title, f"和以前立项的“{found.title}”很像（{found.about}{found.where}）",
                          "请核对是不是同一个项目", project.where)


def over_allotments(projects: Sequence[Project], allotments: Iterable[Allotment]) -> Iterator[Problem]:
    """Counties and cities that recommend more than they may; the problem stands at the first project beyond."""
    for each in allotments:
        own = [project for project in projects if each.programme in ("", project.programme.id, project.programme.parent)
               and _place_key(each.place) in {_place_key(str(project.column(column) or "")) for column in (COUNTY, CITY)}]
        if len(own) > each.number:
            what = each.programme or "各项目合计"
            over = len(own) - each.number
            yield Problem("value.conflict", f"{len(own)}个", f"{each.place}{what}的名额是{each.number}个（{each.where}），多报{over}个",
                          "请选定报哪几个", own[each.number].where)


def _place_key(text: str) -> str:
    plain = "".join(text.split())
    return plain[:-1] if len(plain) > 2 and plain[-1] in "市县区" else plain
