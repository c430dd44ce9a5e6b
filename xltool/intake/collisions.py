"""What the projects of several submissions say against each other: the same project twice, one enterprise over its limit, a project
that was funded before, places that are not enough, a cell left empty that the other rows fill.

An enterprise is one credit code (with a true check digit) or one name, and whatever these link: one of them may be damaged or left
out. Two names under one code, and two codes under one name, are told. Projects are the same when enterprise and title are; what only
looks the same is suggested, never taken. Every problem stands at a project and names the other one's place.
"""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from ..rules.model import Edition, Limit, title_key
from ..rules.problems import Problem, Where
from .credit_code import clean_code, code_fault
from .projects import UNIT_NAME, Cell, Project, located
from .regions import county_name, places

CODE, COUNTY, CITY = "统一社会信用代码", "县（市、区）", "设区市"
_NEAR = 90  # per cent of like signs from which two names look the same
_NEIGHBOURS = 20  # in the order of the names; like names stand near each other, and thousands may share a unit or a title


class Entry(NamedTuple):
    """A project with what it is known by: its credit code (empty when damaged), its unit, its title, and its enterprise."""

    project: Project
    code: str
    unit: str
    title: str
    enterprise: str


def collisions(projects: Sequence[Project], edition: Edition) -> Iterator[Problem]:
    """Everything the projects of all submissions say against each other."""
    entries = entries_of(projects)
    yield from repeated(entries)
    yield from look_alikes(entries)
    yield from over_limits(entries, edition)
    yield from divided(entries)
    yield from blanks(projects)


def entries_of(projects: Sequence[Project]) -> list[Entry]:
    keys = [unit_keys(project.column(CODE), project.unit_name) for project in projects]
    return [Entry(project, *key, title_key(project.title), enterprise) for project, key, enterprise in zip(projects, keys, enterprises(keys))]


def together(entries: Iterable[Entry], key: Callable[[Entry], Hashable]) -> Iterable[list[Entry]]:
    """The entries that share a key, where there are two or more; an empty key is shared by none."""
    first: dict[Hashable, Entry] = {}
    found: dict[Hashable, list[Entry]] = {}
    for entry in entries:
        if (own := key(entry)) and (other := first.setdefault(own, entry)) is not entry:
            found.setdefault(own, [other]).append(entry)
    return found.values()


# --- enterprises ------------------------------------------------------------------------------------------------------------


def unit_keys(code: object, name: str) -> tuple[str, str]:
    """What an enterprise is known by: its credit code, empty when it is damaged, and its name."""
    clean = clean_code(str(code or ""))
    return "" if clean and code_fault(clean) else clean, title_key(name)


def enterprises(keys: Iterable[tuple[str, str]]) -> list[str]:
    """The enterprise of each project, by one of its keys; empty for a project that has none."""
    nearer: dict[str, str] = {}  # a key, and one nearer to the key that stands for the enterprise

    def root(key: str) -> str:
        while (above := nearer.setdefault(key, key)) != key:
            nearer[key] = nearer[above]
            key = above
        return key

    first = []
    for code, name in keys:
        first.append(code or name)
        if code and name:
            nearer[root(name)] = root(code)
    return [root(key) if key else "" for key in first]


def divided(entries: Sequence[Entry]) -> Iterator[Problem]:
    """Two names under one credit code, two codes under one name: each pair once, at the later project."""
    for own in together(entries, lambda entry: entry.unit and entry.code):
        for first, other in _others(own, lambda entry: entry.unit):
            yield Problem("note.alike", other.unit_name, f"和“{first.unit_name}”的{CODE}相同（{first.where}）", "请按营业执照核对名称和代码",
                          other.columns[UNIT_NAME].where)
    for own in together(entries, lambda entry: entry.code and entry.unit):
        for first, other in _others(own, lambda entry: entry.code):
            yield Problem("note.alike", str(other.column(CODE)), f"同名的单位另填了{first.column(CODE)}（{first.where}）", "请按营业执照核对代码",
                          other.columns[CODE].where)


def _others(entries: Sequence[Entry], key: Callable[[Entry], str]) -> Iterator[tuple[Project, Project]]:
    """The first entry's project, with the first one of each other key."""
    for known in list({key(entry): entry for entry in reversed(entries)}.values()):
        if key(known) != key(entries[0]):
            yield entries[0].project, known.project


# --- projects ---------------------------------------------------------------------------------------------------------------


def repeated(entries: Iterable[Entry]) -> Iterator[Problem]:
    """Projects of one enterprise with one title that stand in the lists more than once, whether for one programme, in two counties or
    not.
    """
    for own in together(entries, lambda entry: (entry.enterprise, entry.title) if entry.enterprise and entry.title else ""):
        first = own[0].project
        for project in (entry.project for entry in own[1:]):
            if all(counties := [_counties(each) for each in (first, project)]) and counties[0].isdisjoint(counties[1]):
                county = county_name(str(first.column(COUNTY)), str(first.column(CITY) or ""))
                what, fix = f"{county}也报了同一个项目（{first.where}）", "请两个县（市、区）核对，只由一家报"
            elif first.programme.id == project.programme.id:
                what, fix = f"和{first.where}是同一个单位的同一个项目", "请删去重复的一行"
            else:
                what, fix = f"同一个项目还报了{first.programme.id}（{first.where}）", "请核对能否同时申报"
            yield Problem("value.conflict", project.title, what, fix, project.where)


def _counties(project: Project) -> frozenset[str]:
    return places(str(project.column(COUNTY) or ""), str(project.column(CITY) or ""))


def look_alikes(entries: Sequence[Entry]) -> Iterator[Problem]:
    """Projects of one programme that may be one, written in two ways: one enterprise's titles that differ by a few signs, or the same
    title of units that look the same and have no two credit codes.
    """
    for own in together(entries, lambda entry: entry.title and entry.enterprise and (entry.project.programme.id, entry.enterprise)):
        yield from (_alike(*pair) for pair in _near(own, lambda entry: entry.title))
    for own in together(entries, lambda entry: entry.unit and entry.title and (entry.project.programme.id, entry.title)):
        for left, right in _near(own, lambda entry: entry.unit):
            # One enterprise's same title is told as repeated; two true codes are two enterprises.
            if left.enterprise != right.enterprise and not (left.code and right.code):
                yield _alike(left, right)


def _near(entries: Sequence[Entry], name: Callable[[Entry], str]) -> Iterator[tuple[Entry, Entry]]:
    """Pairs whose names look the same and do not differ in their numbers; of equal names the first one stands for all."""
    from rapidfuzz import fuzz
    known = {name(entry): entry for entry in reversed(entries)}
    names = sorted(known)
    for index, one in enumerate(names):
        for other in names[max(0, index - _NEIGHBOURS):index]:
            if fuzz.ratio(one, other) >= _NEAR and not _numbered(one, other):
                yield known[other], known[one]


def _alike(*pair: Entry) -> Problem:
    first, second = sorted((entry.project for entry in pair), key=_place)
    return Problem("note.alike", second.title, f"和“{first.unit_name}”的“{first.title}”很像（{first.where}）", "请核对是不是同一个项目", second.where)


def _place(project: Project) -> tuple[str, str, int]:
    where = project.where
    return where.file, where.sheet, int("".join(filter(str.isdigit, where.cell)) or 0)


def _numbered(left: str, right: str) -> bool:
    """Whether two names differ in their numbers: 一期 and 二期, 1号 and 2号 are not the same."""
    signs = [[sign for sign in name if sign.isdigit() or sign in "一二三四五六七八九十甲乙丙丁东西南北"] for name in (left, right)]
    return signs[0] != signs[1]


def over_limits(entries: Sequence[Entry], edition: Edition) -> Iterator[Problem]:
    """Enterprises, projects and cities with more of some programmes than the document allows (不重复支持, 限报)."""
    for limit, own in limited(entries, edition):
        for entry in own[limit.maximum:]:
            others = "、".join(f"{each.project.programme.id}（{each.project.where}）" for each in own if each is not entry)
            what = f"同一{limit.same}不超过{limit.maximum}个{'' if limit.hard else '（提示）'}，还报了{others}：{limit.text}（{limit.cite}）"
            yield Problem("value.conflict", entry.project.title or entry.project.programme.id, what, "请选一个，或核对单位", entry.project.where)


def limited(entries: Sequence[Entry], edition: Edition) -> Iterator[tuple[Limit, list[Entry]]]:
    """The projects that come under each limit together, where there are two or more and a list can tell."""
    for limit in edition.limits:
        if limit.same in _KEYS:
            members = _members(limit, edition)
            for own in together([entry for entry in entries if entry.project.programme.id in members], _KEYS[limit.same]):
                yield limit, own


# What a list can tell; a product or a leader has no column.
_KEYS: dict[str, Callable[[Entry], Hashable]] = {
    "企业": lambda entry: entry.enterprise, "项目": lambda entry: (entry.enterprise, entry.title) if entry.enterprise and entry.title else "",
    "设区市": lambda entry: places(str(entry.project.column(CITY) or ""))}


def _members(limit: Limit, edition: Edition) -> frozenset[str]:
    return frozenset(member for name in limit.programmes for member in edition.programmes[name].members or (name,))


def blanks(projects: Iterable[Project]) -> Iterator[Problem]:
    """Rows without a county or a credit code where other rows of the sheet have one."""
    sheets: dict[tuple[str, str], list[Project]] = defaultdict(list)
    for project in projects:
        sheets[project.where.file, project.where.sheet].append(project)
    for own in sheets.values():
        for name in (COUNTY, CODE):
            filled = [project.columns.get(name) or project.refused.get(name) for project in own]
            known = next(filter(None, filled), None)
            for project, cell in zip(own, filled):
                if known and not cell:
                    yield Problem("note.blank", "", f"没有填“{name}”，同一张表里别的行填了", "请补填", beside(project, known))


def beside(project: Project, known: Cell) -> Where:
    """Where a project's cell stands that is the other project's `known`, or else the project."""
    own = next((cell for cell in project.columns.values() if cell.row >= 0), None)
    if own is None or known.row < 0:
        return project.where
    turned = project.where.cell.endswith("列")
    return located(known.sheet, known.row if turned else own.row, own.column if turned else known.column)


# --- registers --------------------------------------------------------------------------------------------------------------


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
        for key in filter(None, unit_keys(each.code, each.unit)):
            earlier[key].setdefault(title_key(each.title), each)
    for project in projects if earlier else ():
        own: dict[str, Funded] = {}
        for key in reversed(unit_keys(project.column(CODE), project.unit_name)):
            own |= earlier.get(key, {})
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


def over_allotments(projects: Iterable[Project], allotments: Iterable[Allotment]) -> Iterator[Problem]:
    """Counties and cities that recommend more than they may; the problem stands at the first project beyond."""
    for each, own in allotted(projects, allotments):
        if len(own) > each.number:
            what = each.programme or "各项目合计"
            over = len(own) - each.number
            yield Problem("value.conflict", f"{len(own)}个", f"{each.place}{what}的名额是{each.number}个（{each.where}），多报{over}个",
                          "请选定报哪几个", own[each.number].where)


def allotted(projects: Iterable[Project], allotments: Iterable[Allotment]) -> Iterator[tuple[Allotment, list[Project]]]:
    """The projects that take the places of each allotment, in the order of the list."""
    written: dict[tuple[str, str], list[tuple[int, Project]]] = defaultdict(list)  # by county and city, as the lists have them
    for number, project in enumerate(projects):
        written[str(project.column(COUNTY) or ""), str(project.column(CITY) or "")].append((number, project))
    for each in allotments:
        place = places(each.place)
        own = sorted(((number, project) for (county, city), several in written.items()
                     if any(names and names <= place for names in (places(county, city), places(city)))
                     for number, project in several if each.programme in ("", project.programme.id, project.programme.parent)),
                     key=itemgetter(0))
        yield each, [project for _, project in own]
