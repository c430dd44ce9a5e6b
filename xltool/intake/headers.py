"""Headings of a project list matched to what an edition knows: list columns, a programme's facts, a form's indicators.

A heading is compared by its key: without spaces, line breaks, 其中, a unit in brackets. Only names and aliases of the guideline
workbook match; a near miss is suggested, never taken.
"""
from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from ..rules.formula import MONEY_UNITS, half_width
from ..rules.model import Edition, Field, Indicator, Programme

COLUMN, FACT, INDICATOR = "列", "事实", "指标"

_CLOSING = re.compile(r"\(([^()]*|台\(套\))\)$")
_BESIDE = re.compile(r"(?:(?<!\d)[\s/]*([百千万亿]万?元)|[\s/]\s*([%元]))$")  # 总投资万元, 总投资/元
_NUMBERING = re.compile(r"^(?:\*|\(?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[)、]|\d{1,2}\.(?!\d)|[①-⑳]|其中:?|绩效指标:)")
_HINT = re.compile(r"(?:必填|选填|可选|全称|单选|下拉选择|\d+位|年[./-]?月[./-]?日?|yyyy.mm.dd|[√×是否有无填或选/、打]+|数字|盖章)$")
_YEAR = re.compile(r"\s*(20\d\d)\s*年度?")
UNIT_WORDS = frozenset((*MONEY_UNITS, "%", "个", "家", "人", "人次", "家次", "项", "件", "款", "场", "场次", "台套", "台(套)", "年", "年份", "次",
                         "亿个", "亿次", "亿", "吨", "小数", "天", "月", "名", "分", "座", "公里", "辆", "台", "套", "级", "课时", "㎡"))


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading as read: what it says, its key for matching, and the unit it states."""

    text: str
    key: str
    unit: str


@cache
def heading(text: str) -> Heading:
    """Take a heading apart: its key and the unit it states; numbering and how to fill it in (必填, 年月日) are left out."""
    plain, unit = half_width(text).strip().rstrip(":*? "), ""
    if beside := _BESIDE.search(plain):
        plain, unit = plain[:beside.start()], beside[1] or beside[2]
    plain = re.sub(r"\s+", "", plain).rstrip(":*?")
    while closing := _CLOSING.search(plain):
        own = closing[1].removeprefix("单位").lstrip(":")
        parts = [part for part in re.split("[,;]", own) if not _HINT.match(part)]
        units = [part for part in parts if part in UNIT_WORDS]
        if not unit and len(units) == 1:
            unit = units[0]
            parts.remove(unit)
        rest = plain[:closing.start()].rstrip(":*?")
        if parts or not rest:
            plain = f"{rest}({','.join(parts)})" if parts else plain
            break
        plain = rest
    while numbering := _NUMBERING.match(plain):
        plain = plain[numbering.end():]
    return Heading(text, plain.casefold(), unit)


@dataclass(frozen=True, slots=True)
class Target:
    """What a heading stands for in one programme: a list column, a fact or an indicator of its form."""

    role: str
    field: Field


def indicator_field(indicator: Indicator) -> Field:
    """An indicator as a column of the list: a number in its unit, one of the printed answers, yes or no, or text."""
    kind = {"万元": "盈亏", "%": "比例"}.get(indicator.unit, "数量")
    if indicator.options:
        kind = "选项"
    elif indicator.kind or not indicator.unit:
        kind = "是否" if indicator.kind == "是否" else "文字"
    unit = indicator.unit if kind in ("盈亏", "数量") else ""
    return Field(indicator.name, kind, unit, indicator.options, (indicator.printed,), indicator.hint)


Find = Callable[[str], Sequence[Programme]]  # what a category in the list stands for


class Vocabulary:
    """The headings an edition understands, programme by programme. `find` says what a category stands for; programmes it gives that
    the edition does not list are `others`.
    """

    def __init__(self, edition: Edition, find: Find | None = None, others: Sequence[Programme] = ()) -> None:
        self.edition, self._find = edition, cache(find or self._named)
        self._all = (*edition.programmes.values(), *others)
        self._targets: dict[str, Mapping[str, tuple[Target, ...]]] = {}
        self._near: dict[str, str] = {}  # looking for them takes a millisecond, and a whole list may be of another edition

    def programmes(self, category: str) -> Sequence[Programme]:
        """The programmes a category of the list stands for."""
        return self._find(category) if category else ()

    def _named(self, category: str) -> Sequence[Programme]:
        """The programme of this id or title; not a group, since it is not clear which of its members is meant."""
        programme = self.edition.find(category)
        return (programme,) if programme is not None and not programme.members else ()

    def near(self, category: str) -> str:
        """The programmes nearest to a category that stands for none."""
        if category not in self._near:
            self._near[category] = "、".join(self.edition.near(category))
        return self._near[category]

    @cached_property
    def columns(self) -> Mapping[str, Target]:
        """List columns by key."""
        found: dict[str, Target] = {}
        for field in self.edition.columns.values():
            for name in (field.name, *field.aliases):
                found.setdefault(heading(name).key, Target(COLUMN, field))
        return found

    def targets(self, programme: Programme) -> Mapping[str, tuple[Target, ...]]:
        """Every key a programme's rows understand. A name beats an alias; one column may be a fact and an indicator at once."""
        if programme.id not in self._targets:
            self._targets[programme.id] = self._find_targets(programme)
        return self._targets[programme.id]

    def _find_targets(self, programme: Programme) -> Mapping[str, tuple[Target, ...]]:
        form = self.edition.forms.get(programme.form)
        sources = {
            FACT: list(programme.fields.values()), COLUMN: list(self.edition.columns.values()),
            INDICATOR: [indicator_field(row) for row in form.indicators if not row.is_open] if form else []}
        found: dict[str, tuple[Target, ...]] = {}
        for role, fields in sources.items():
            for field in fields:
                key = heading(field.name).key
                found[key] = (*found.get(key, ()), Target(role, field))
        aliases: dict[str, dict[str, str]] = {}  # by alias the keys of names, with their role
        for role, fields in sources.items():
            for field in fields:
                for key in {heading(alias).key for alias in field.aliases} - set(found):
                    names = aliases.setdefault(key, {})
                    # The programme's own facts come first: an alias of a fact hides the same alias of a list column.
                    if FACT not in names.values() or role == FACT:
                        names.setdefault(heading(field.name).key, role)
        shared = {key: tuple(dict.fromkeys(target for name in names for target in found[name])) for key, names in aliases.items()}
        return {**shared, **found}

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """Every key of every programme with the name it stands for; one programme's name beats another one's alias."""
        found = {key: target.field.name for key, target in self.columns.items()}
        for programme in self._all:
            for key, targets in self.targets(programme).items():
                for name in (target.field.name for target in targets):
                    found[key] = name if heading(name).key == key else found.get(key, name)
        return found

    @cached_property
    def money(self) -> frozenset[str]:
        """The keys that stand for money wherever they are known."""
        fields = [*self.columns.items(), *((key, target) for programme in self._all
                                           for key, targets in self.targets(programme).items() for target in targets)]
        return frozenset(key for key, target in fields if target.field.kind in ("金额", "盈亏"))

    def without_year(self, text: str) -> str:
        """A heading without the year that the edition's tables ask for: 2025年主营业务收入."""
        year = _YEAR.match(text)
        return text[year.end():] if year and int(year[1]) in {table.base_year for table in self.edition.tables} else text

    @cached_property
    def all_keys(self) -> frozenset[str]:
        """Every key of every programme, to tell headings from data."""
        return frozenset(self.labels)

    def nearest(self, key: str) -> list[str]:
        """The names a heading that nobody knows is most like, all that are equally near. Suggestions, never taken."""
        from rapidfuzz import process
        found = process.extract(key, sorted(self.labels), score_cutoff=75, limit=4)
        return list(dict.fromkeys(self.labels[near] for near, score, _ in found if score == found[0][1]))
