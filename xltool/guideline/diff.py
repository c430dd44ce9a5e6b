"""Two editions side by side: programmes that came, went, or continue, and everything that changed in those that continue.

Materials and review points are left out: their wording is our own.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from ..rules.explain import format_value
from ..rules.formula import Call
from ..rules.model import Edition, Limit, Programme, QuotaPart, title_key
from .calendar import window_text
from .change import ADDED, DROPPED, Change, align, figures, gap
from .conditions import Aligned, align_conditions, condition_changes
from .indicators import form_changes
from .lineage import Lineage, lineage
from .literals import SHARE, THRESHOLD, literal_changes

SAME, RENUMBERED, RENAMED, SPLIT, MERGED, REGROUPED = "延续", "改号", "改名", "拆分", "合并", "拆分合并"
_SAME_PART = 0.6  # so alike are two names of one part of a quota
STATES = (SAME, RENUMBERED, RENAMED, SPLIT, MERGED, REGROUPED, ADDED, DROPPED)


@dataclass(frozen=True, slots=True)
class Pair:
    """A programme and one that continues it. `conditions` are laid side by side whether they changed or not."""

    old: Programme
    new: Programme
    state: str
    changes: tuple[Change, ...]
    conditions: tuple[Aligned, ...] = ()


@dataclass(frozen=True)
class EditionDiff:
    """What two editions have in common and not. `limits`: changes of what holds across programmes (限项)."""

    lineage: Lineage
    pairs: tuple[Pair, ...]
    came: tuple[Programme, ...]
    went: tuple[Programme, ...]
    limits: tuple[Change, ...]

    @property
    def old(self) -> Edition:
        return self.lineage.old

    @property
    def new(self) -> Edition:
        return self.lineage.new


def compare(old: Edition, new: Edition) -> EditionDiff:
    """The differences between two editions, in the order of the new one."""
    between = lineage(old, new)
    pairs = [_pair(between, old.programmes[before], new.programmes[after]) for before, after in between.links]
    return EditionDiff(
        between, tuple(pairs),
        tuple(programme for programme in new.programmes.values() if not between.predecessors[programme.id]),
        tuple(programme for programme in old.programmes.values() if not between.successors[programme.id]),
        tuple(_limits(between)))


def _pair(between: Lineage, old: Programme, new: Programme) -> Pair:
    state = _state(between, old, new)
    if old.members or new.members:  # a group has a name and places, everything else stands with its members
        return Pair(old, new, state, (*_names(old, new), *_quota(old, new)))
    aligned = align_conditions(old, new)
    changes = [*_names(old, new), *condition_changes(aligned, old, new), *_amounts(old, new), *_quota(old, new),
               *form_changes(between.old.forms.get(old.form), between.new.forms.get(new.form))]
    return Pair(old, new, state, tuple(changes), tuple(aligned))


def _state(between: Lineage, old: Programme, new: Programme) -> str:
    split, merged = _branches(between.successors[old.id]) > 1, _branches(between.predecessors[new.id]) > 1
    if split or merged:
        return REGROUPED if split and merged else SPLIT if split else MERGED
    if title_key(old.title) != title_key(new.title):
        return RENAMED
    return SAME if old.id.partition("P")[2] == new.id.partition("P")[2] else RENUMBERED


def _branches(programmes: Sequence[Programme]) -> int:
    """How many there are; a group that stands beside a member of its own is not another one."""
    ids = {programme.id for programme in programmes}
    return sum(ids.isdisjoint(programme.members) for programme in programmes)


# --- what is said of a programme --------------------------------------------------------------------------------------


def _names(old: Programme, new: Programme) -> Iterator[Change]:
    said = [("名称", "title"), ("序号", "number"), ("方向", "direction")]
    if not (old.members or new.members):  # of a group nothing more is said
        said += [("申报方式", "mode"), ("支持方式", "support"), ("申报主体", "applicant"), ("主管部门", "department")]
    values = [(kind, getattr(old, name), getattr(new, name)) for kind, name in said]
    for kind, before, after in (*values, ("申报时间", window_text(old), window_text(new))):
        if before != after:
            yield Change(kind, "", before, after).cited(old.cite, new.cite)


def _amounts(old: Programme, new: Programme) -> list[Change]:
    return [change.cited(old.cite, new.cite) for change in (*_ceiling(old, new), *_first_payment(old, new))]


def _ceiling(old: Programme, new: Programme) -> Iterator[Change]:
    """Rate and cap by their numbers; the standard in words where it rests on other facts or is built otherwise."""
    before, after = old.ceiling, new.ceiling
    if before is None or after is None:
        if before is not after or figures(old.standard) != figures(new.standard):
            yield Change("补助标准", "", _standard(old), _standard(new))
    elif before.text != after.text:
        found = literal_changes(before, after, old.fields, new.fields, "万元")
        for change in _rate_and_cap(old, new) if found is None else found:
            cap = not change.what and isinstance(before.node, Call)
            yield replace(change, kind="补助比例" if change.kind == SHARE else "补助上限" if cap else "补助金额")
        if found is None or before.names != after.names:
            yield Change("补助标准", "", _standard(old), _standard(new))


def _rate_and_cap(old: Programme, new: Programme) -> Iterator[Change]:
    """What two formulas of the plain kind MIN(basis*rate,cap) say, whatever else they are."""
    units = ((SHARE, "%"), (THRESHOLD, "万元"))
    for (kind, unit), before, after in zip(units, old.rate_and_cap, new.rate_and_cap):
        if before is not None and after is not None and before != after:
            yield Change(kind, "", format_value(before, False, unit), format_value(after, False, unit), gap(before, after, unit))


def _standard(programme: Programme) -> str:
    return programme.standard or (programme.ceiling.text if programme.ceiling else "没有可计算的标准")


def _first_payment(old: Programme, new: Programme) -> Iterator[Change]:
    before, after = old.first, new.first
    if (before and before.text) == (after and after.text):
        return
    found = literal_changes(before, after, old.fields, new.fields, "万元") if before and after else None
    if found is None:
        found = [Change("首付", "", *(formula.text if formula else "不分期，或没有写分期" for formula in (before, after)))]
    for change in found:
        yield replace(change, kind="首付比例" if change.kind == SHARE else "首付", what="")


# --- places and limits ------------------------------------------------------------------------------------------------


def _quota(old: Programme, new: Programme) -> Iterator[Change]:
    for before, after in align(old.quota, new.quota, _part_likeness):
        texts = [_places(row) if row else "" for row in (before, after)]
        if texts[0] != texts[1]:
            known = before and after and before.maximum is not None and after.maximum is not None and before.maximum != after.maximum
            yield Change("名额", (after or before).part or "总数", *texts, gap(before.maximum, after.maximum, "个", "少多") if known else "").cited(
                before.cite if before else "", after.cite if after else "")


def _part_likeness(old: QuotaPart, new: QuotaPart) -> float:
    if title_key(old.part) == title_key(new.part):
        return 2.0
    alike = fuzz.ratio(old.part, new.part) / 100
    return alike if alike >= _SAME_PART else 0.0


def _places(row: QuotaPart) -> str:
    bounds = [f"不超过{row.maximum}个" if row.maximum is not None else "", f"不少于{row.minimum}个" if row.minimum is not None else ""]
    text = "，".join(filter(None, bounds)) or "没有单列"
    return f"{text}（{row.note or '各自计算'}）" if row.each else text


def _limits(between: Lineage) -> Iterator[Change]:
    """Limits across programmes; the same one where it binds the programmes that continue each other in the same way."""
    kin = _kin(between.links)

    def bound(limit: Limit) -> set[str]:
        return {member for name in limit.programmes for member in kin.get(name, {name})}

    def likeness(old: Limit, new: Limit) -> float:
        return 1.0 + fuzz.ratio(old.text, new.text) / 100 if old.same == new.same and bound(old) & bound(new) else 0.0

    for before, after in align(between.old.limits, between.new.limits, likeness):
        texts, cites = zip(*((_limit(row), row.cite) if row else ("", "") for row in (before, after)))
        if before is None or after is None:
            yield Change(f"限项{ADDED if before is None else DROPPED}", (before or after).text, *texts).cited(*cites)
        elif (before.maximum, before.hard, bound(before)) != (after.maximum, after.hard, bound(after)):
            yield Change("限项", after.text, *texts).cited(*cites)


def _limit(limit: Limit) -> str:
    return f"{'、'.join(limit.programmes)}：同一{limit.same}不超过{limit.maximum}个{'' if limit.hard else '（提示）'}"


def _kin(links: Sequence[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """By id: all ids of both editions that hang together with it."""
    kin: dict[str, frozenset[str]] = {}
    for old, new in links:
        together = kin.get(old, frozenset((old,))) | kin.get(new, frozenset((new,)))
        kin.update(dict.fromkeys(together, together))
    return kin
