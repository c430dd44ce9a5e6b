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

_UNIT = re.compile(r"\((?:单位[:：]?)?([^()\s]{1,6})\)$")
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
    """Take a heading apart: its key and the unit in its closing brackets."""
    plain = re.sub(r"\s+|[:*]$", "", half_width(text))
    unit = ""
    match = _UNIT.search(plain)
    if match and match[1] in UNIT_WORDS:
        plain, unit = plain[: match.start()], match[1]
    plain = re.sub(r"^(?:其中:?|绩效指标:|\*)", "", plain)
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
    """The headings an edition understands, programme by programme."""

    def __init__(self, edition: Edition, find: Find | None = None) -> None:
        self.edition, self._find = edition, cache(find or self._named)
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
        aliases: dict[str, tuple[Target, ...]] = {}
        for role, fields in sources.items():
            for field in fields:
                for key in {heading(alias).key for alias in field.aliases} - set(found):
                    # The programme's own facts come first: an alias of a fact hides the same alias of a list column.
                    if not any(target.role == FACT != role for target in aliases.get(key, ())):
                        aliases[key] = (*aliases.get(key, ()), Target(role, field))
        return {**aliases, **found}

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """Every key of every programme with the name it stands for; one programme's name beats another one's alias."""
        found = {key: target.field.name for key, target in self.columns.items()}
        for programme in self.edition.programmes.values():
            for key, targets in self.targets(programme).items():
                for name in (target.field.name for target in targets):
                    found[key] = name if heading(name).key == key else found.get(key, name)
        return found

    @cached_property
    def all_keys(self) -> frozenset[str]:
        """Every key of every programme, to tell headings from data."""
        return frozenset(self.labels)

    def nearest(self, key: str) -> list[str]:
        """The names a heading that nobody knows is most like, all that are equally near. Suggestions, never taken."""
        from rapidfuzz import process
        found = process.extract(key, sorted(self.labels), score_cutoff=75, limit=4)
        return list(dict.fromkeys(self.labels[near] for near, score, _ in found if score == found[0][1]))
