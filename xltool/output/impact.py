"""What another edition of the guideline means for the projects of a list: verdict and amount under both, and why they differ.

The list belongs to the edition that knows its categories. Its rows are read once more with the headings of the other edition,
because the same fact may have another name there. What is not known is never taken for 0.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..guideline.conditions import Aligned, align_conditions
from ..guideline.diff import EditionDiff
from ..guideline.lineage import Lineage
from ..intake.lists import read_projects
from ..intake.projects import Project, ProjectList
from ..rules.arithmetic import money
from ..rules.assess import ELIGIBLE, INELIGIBLE, NOT_APPLICABLE, Assessment, Outcome, assess
from ..rules.model import Edition, Programme
from ..rules.problems import Problem, ProblemsError, Where

_MET = (ELIGIBLE, NOT_APPLICABLE)


@dataclass(frozen=True)
class Effect:
    """One project under both editions; None where an edition has no such programme.

    `alternatives`: so many programmes of the other edition answer to its own one; there is an effect for each. `unread`: facts
    filled in that the other edition cannot take as they are. `conditions`: those of both, laid side by side.
    """

    project: Project
    old: Assessment | None
    new: Assessment | None
    alternatives: int = 1
    unread: tuple[str, ...] = ()
    conditions: tuple[Aligned, ...] = ()

    @property
    def difference(self) -> float | None:
        """The new subsidy less the old one, None unless both are known."""
        if self.alone or self.old.subsidy is None or self.new.subsidy is None:
            return None
        return money(self.new.subsidy - self.old.subsidy)

    @property
    def alone(self) -> bool:
        """Whether the other edition has no such programme."""
        return self.old is None or self.new is None

    @property
    def changed(self) -> bool:
        """Whether verdict, ceiling or subsidy differ."""
        return not self.alone and len({(side.verdict, side.ceiling, side.subsidy) for side in (self.old, self.new)}) > 1

    @cached_property
    def newly_broken(self) -> list[Outcome]:
        """Hard conditions of the new edition that are broken, and were not broken or not there before."""
        return [after for before, after in self._outcomes
                if after is not None and after.status == INELIGIBLE and (before is None or before.status != INELIGIBLE)]

    @cached_property
    def newly_met(self) -> list[Outcome]:
        """Hard conditions of the old edition that were broken, and are met now or not there any more."""
        return [before for before, after in self._outcomes
                if before is not None and before.status == INELIGIBLE and (after is None or after.status in _MET)]

    @cached_property
    def _outcomes(self) -> list[tuple[Outcome | None, Outcome | None]]:
        """How the hard conditions came out, laid side by side."""
        if self.alone:
            return []
        sides = [{id(outcome.condition): outcome for outcome in side.outcomes if outcome.condition.hard} for side in (self.old, self.new)]
        return [(sides[0].get(id(before)), sides[1].get(id(after))) for before, after in self.conditions]

    @property
    def needed(self) -> list[str]:
        """The facts missing under the other edition that the list's own edition does not miss."""
        if self.alone:
            return []
        own, other = (self.old, self.new) if self.old.programme is self.project.programme else (self.new, self.old)
        return [name for name in other.missing if name not in own.missing]


@dataclass(frozen=True)
class Totals:
    """Subsidies (万元) of the projects that have one counterpart and a known amount under both editions; the others by reason."""

    counted: int
    old: float
    new: float
    left_out: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Impact:
    """A list under two editions. `made_for`: the edition its categories belong to; `both_know` when the other one has them too."""

    source: str
    made_for: Edition
    both_know: bool
    effects: tuple[Effect, ...]
    listed: ProjectList

    @property
    def problem_count(self) -> int:
        problems = [*self.listed.problems, *(problem for project in self.listed.projects for problem in project.problems)]
        return sum(not problem.is_note for problem in problems)

    @cached_property
    def totals(self) -> Totals:
        single = [effect for effect in self.effects if effect.alternatives == 1]
        counted = [effect for effect in single if effect.difference is not None]
        alone = sum(effect.alone for effect in single)
        split = len({effect.project.where for effect in self.effects if effect.alternatives > 1})
        left_out = (("另一版没有对应项目的", alone), ("另一版有几个对应项目的", split), ("金额算不出的", len(single) - len(counted) - alone))
        return Totals(len(counted), money(sum(effect.old.subsidy for effect in counted)), money(sum(effect.new.subsidy for effect in counted)),
                      tuple((reason, count) for reason, count in left_out if count))


def assess_impact(source: Path, diff: EditionDiff) -> Impact:
    """Every project of a list under both editions of a comparison.

    Raises ProblemsError when the list cannot be read, or when neither edition knows any of its categories.
    """
    old, new = (read_projects(source, side, needed=()) for side in (diff.old, diff.new))
    is_old = len(old.projects) >= len(new.projects)
    own, other, listed = (diff.old, diff.new, old) if is_old else (diff.new, diff.old, new)
    if not listed.projects:
        file = Path(source).name
        raise ProblemsError([Problem("sheet.empty", file, f"{diff.old.id}版和{diff.new.id}版都不认识清单里的项目类别",
                                     "请填两版之一的项目编号或全称", Where(file))])

    def find(category: str) -> Sequence[Programme]:
        programme = own.find(category)
        return counterparts(diff.lineage, programme, is_old) if programme else ()

    elsewhere = {(project.where, project.programme.id): project for project in read_projects(source, other, (), find).projects}
    aligned = {(pair.old.id, pair.new.id): pair.conditions for pair in diff.pairs}

    def effects(project: Project) -> Iterator[Effect]:
        answer = assess(project.programme, project.values)
        others = counterparts(diff.lineage, project.programme, is_old)
        for programme in others:
            read = elsewhere.get((project.where, programme.id))
            second = assess(programme, read.values if read else {})
            unread = (read.refused.keys() - project.refused.keys()) & set(programme.fields) if read else ()
            before, after = (answer, second) if is_old else (second, answer)
            ids = before.programme.id, after.programme.id
            conditions = aligned.get(ids) or tuple(align_conditions(before.programme, after.programme))
            yield Effect(project, before, after, len(others), tuple(sorted(unread)), conditions)
        if not others:
            yield Effect(project, *((answer, None) if is_old else (None, answer)))

    found = tuple(effect for project in listed.projects for effect in effects(project))
    return Impact(Path(source).name, own, len(old.projects) == len(new.projects), found, listed)


def counterparts(between: Lineage, programme: Programme, is_old: bool) -> tuple[Programme, ...]:
    """The programmes of the other edition a project could be put under; a group only through its members."""
    found = between.successors[programme.id] if is_old else between.predecessors[programme.id]
    side = between.new if is_old else between.old
    return tuple(each for each in found if not each.members) or tuple(side.programmes[name] for group in found for name in group.members)
