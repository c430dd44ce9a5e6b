"""The limits a choice must keep to, each with the projects that count towards it: budget, quotas and their parts, minima, 限报, allotments.

What stands twice in a guideline (a member's row that repeats its group's) holds once. What a list cannot tell (a leader, a product) is
named as not checked, never taken as kept.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...intake.collisions import Allotment, Entry, allotted, entries_of, limited, together
from ...intake.projects import Project
from ...rules.formula import number_text
from ...rules.model import Edition, Programme, QuotaPart
from ...rules.problems import Problem
from ..checking import places_taken, quota_part
from .candidates import MILLION, Candidate

BUDGET, QUOTA, PART, MINIMUM, REPEATED, LIMITED, ALLOTTED = "预算", "名额", "分项名额", "下限", "重复", "限报", "分配名额"
RECOMMENDER = "项目推荐单位"


@dataclass(frozen=True)
class Bound:
    """A limit: what the chosen of `uses` (candidates by their place, and what each takes) may come to. Money in fen.

    `hard`: a soft one (原则上) is reported and never decides. `sums`: names of bounds whose sum this one is; it rises with them.
    """

    kind: str
    name: str
    uses: Mapping[int, int]
    most: int | None = None
    least: int = 0
    hard: bool = True
    cite: str = ""
    note: str = ""
    sums: frozenset[str] = field(default_factory=frozenset)

    @property
    def unit(self) -> int:
        """What one 万元, or one place, is here."""
        return MILLION if self.kind == BUDGET else 1

    @property
    def text(self) -> str:
        """Its name with its numbers."""
        limit = f"不超过{number_text(self.most / self.unit)}" if self.most is not None else f"不少于{self.least}"
        return f"{self.name}{limit}{'万元' if self.kind == BUDGET else '个'}"

    def used(self, chosen: Iterable[int]) -> int:
        return sum(self.uses.get(each, 0) for each in chosen)

    def broken(self, chosen: Iterable[int]) -> bool:
        used = self.used(chosen)
        return used < self.least or (self.most is not None and used > self.most)

    @property
    def can_bind(self) -> bool:
        return self.least > 0 or (self.most is not None and sum(self.uses.values()) > self.most)


def bounds_of(options: Sequence[Candidate], edition: Edition, projects: Sequence[Project], budget: int | None,
              allotments: Sequence[Allotment]) -> tuple[list[Bound], list[Problem]]:
    """All limits the options come under, and what could not be checked."""
    problems: list[Problem] = []
    found = []
    if budget is not None:
        amounts = {place: each.amount for place, each in enumerate(options) if each.amount}
        found.append(Bound(BUDGET, BUDGET, amounts, budget, cite="运行时写的 --budget"))
    for programme in edition.programmes.values():
        found += _quotas(programme, edition, options, problems)
    places = {id(each.project): place for place, each in enumerate(options)}
    for each, own in allotted(projects, allotments):
        found.append(Bound(ALLOTTED, f"{each.place}{each.programme or '各项目合计'}", _each(own, places), each.number, cite=str(each.where)))
        if not own:
            problems.append(Problem("note.reading", each.place, f"清单里没有这里的{each.programme or '项目'}，这条名额没有起作用", "请核对地名",
                                    each.where))
    entries = entries_of(projects)
    found += _limits(entries, edition, places, problems)
    found += [Bound(REPEATED, f"同一个项目“{own[0].project.title}”（{own[0].project.unit_name}）", uses, 1,
                    cite="、".join(str(entry.project.where) for entry in own))
              for own in together(entries, _same) if len(uses := _each([entry.project for entry in own], places)) > 1]
    return [bound for bound in found if bound.uses], problems


def _same(entry: Entry) -> object:
    return (entry.project.programme.id, entry.enterprise, entry.title) if entry.enterprise and entry.title else ""


def _each(projects: Iterable[Project], places: Mapping[int, int]) -> dict[int, int]:
    """One place for each project that can be chosen."""
    return {places[id(project)]: 1 for project in projects if id(project) in places}


# --- quotas -----------------------------------------------------------------------------------------------------------------


def _quotas(programme: Programme, edition: Edition, options: Sequence[Candidate], problems: list[Problem]) -> Iterator[Bound]:
    own = {place: each for place, each in enumerate(options) if each.project.programme.id in (programme.members or (programme.id,))}
    rows = [row for row in programme.quota if not _repeats(row, programme, edition)] if own else []
    if not rows:
        return
    uses = {place: taken for place, each in own.items() if (taken := places_taken(programme, each.project))}
    parts = {place: quota_part(programme, each.project) for place, each in own.items()}
    if any(row.part for row in rows) and (astray := [own[place] for place, part in parts.items() if not part]):
        problems += [Problem("note.blank", "", f"{programme.id}的名额分项没有填或不认识，只算在总名额里", "请填：" + "、".join(
            row.part for row in rows if row.part), each.project.where) for each in astray]
    for row in rows:
        inside = {place: taken for place, taken in uses.items() if row.part in ("", parts[place])}
        name = f"{programme.id} {row.part or programme.title}"
        if row.each:
            groups: dict[str, dict[int, int]] = {}
            for place, taken in inside.items():
                unit = str(own[place].project.column(RECOMMENDER) or "")
                groups.setdefault(unit or f"（没有填{RECOMMENDER}的）", {})[place] = taken
                if not unit:
                    problems.append(Problem("note.blank", "", f"没有填“{RECOMMENDER}”，和别的没有填的算作同一家", "请补填", own[place].project.where))
            for unit, taken in groups.items():
                yield from _row(row, f"{name} {unit}", taken)
        else:
            yield from _row(row, name, inside)
    whole = _sum_of_parts(programme, rows)
    if whole is not None and not all(parts.values()):
        yield Bound(QUOTA, f"{programme.id} {programme.title}", uses, whole, cite=programme.cite, note="各分项名额之和",
                    sums=frozenset(f"{programme.id} {row.part}" for row in rows))


def _row(row: QuotaPart, name: str, uses: Mapping[int, int]) -> Iterator[Bound]:
    if row.maximum is not None:
        yield Bound(PART if row.part else QUOTA, name, uses, row.maximum, cite=row.cite, note=row.note)
    if row.minimum:
        least = min(row.minimum, sum(uses.values()))
        note = row.note if least == row.minimum else f"{row.note}；能选的只有{least}个，按{least}个"
        yield Bound(MINIMUM, name, uses, least=least, cite=row.cite, note=note)


def _repeats(row: QuotaPart, programme: Programme, edition: Edition) -> bool:
    """Whether a member's row says again what its group's says."""
    group = edition.programmes.get(programme.parent)
    return group is not None and programme.id in group.members and any(
        (row.maximum, row.minimum, row.cite, row.each) == (other.maximum, other.minimum, other.cite, other.each)
        and other.member in ("", programme.id) and not row.part for other in group.quota)


def _sum_of_parts(programme: Programme, rows: Sequence[QuotaPart]) -> int | None:
    """The programme's maximum where only its parts state one, as `places_left` takes it."""
    maxima = [None if row.each else row.maximum for row in rows]
    return None if not all(row.part for row in rows) or None in maxima else sum(maxima)


# --- limits for the same enterprise, project, … ---------------------------------------------------------------------------------


def _limits(entries: Sequence[Entry], edition: Edition, places: Mapping[int, int], problems: list[Problem]) -> Iterator[Bound]:
    known = {"企业", "项目", "设区市"}
    chosen = {entry.project.programme.id for entry in entries if id(entry.project) in places}
    for limit in edition.limits:
        members = {member for name in limit.programmes for member in edition.programmes[name].members or (name,)}
        if limit.same not in known and members & chosen:
            what = f"清单看不出是不是同一{limit.same}，没有核对：{limit.text}（{limit.cite}）"
            problems.append(Problem("note.reading", "、".join(limit.programmes), what, "请自己核对"))
    for limit, own in limited(entries, edition):
        uses = _each([entry.project for entry in own], places)
        if len(uses) > limit.maximum:
            project = own[0].project
            same = {"企业": project.unit_name, "项目": project.title}.get(limit.same, str(project.column("设区市") or ""))
            yield Bound(LIMITED, f"同一{limit.same}{same}（{'、'.join(limit.programmes)}）", uses, limit.maximum, hard=limit.hard, cite=limit.cite,
                        note=limit.text)
