"""A list read, its candidates and limits gathered, the best choice found and explained."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from math import ceil, isfinite
from pathlib import Path
from statistics import median_high

from ...intake.merging import read_list
from ...intake.projects import Skipped
from ...intake.registers import read_allotments
from ...rules.model import Edition
from ...rules.problems import Problem, ProblemsError
from ..report import run_details
from .candidates import MILLION, Candidate, candidates, named
from .explanation import Change, Model, conflict, exchanges, shadows
from .limits import BUDGET, Bound, bounds_of


@dataclass(frozen=True)
class Selection:
    """The best choice with its reasons. `chosen`, `shadows`, `exchanges` name options by their place in `options`.

    `shadows` stand beside `bounds`. Sums are in millionths, as in `Candidate`.
    """

    edition: Edition
    candidates: Sequence[Candidate]
    options: Sequence[Candidate]
    chosen: frozenset[int]
    score: str | None
    budget_step: int
    fixed: Mapping[int, bool]
    bounds: Sequence[Bound]  # hard ones
    soft: Sequence[Bound]
    shadows: Sequence[Change]
    exchanges: Mapping[int, Change]
    problems: Sequence[Problem]
    skipped: Sequence[Skipped]
    run: Sequence[tuple[str, str]]

    @cached_property
    def total_score(self) -> int:
        return sum(self.options[each].score or 0 for each in self.chosen)

    @cached_property
    def total_amount(self) -> int:
        return sum(self.options[each].amount or 0 for each in self.chosen)

    @property
    def measure(self) -> str:
        """What is made as great as can be."""
        return f"“{self.score}”合计" if self.score else "金额合计（万元）"

    @property
    def tie_rule(self) -> str:
        rule = "先取金额合计最小的" if self.score else "先取项目最多的"
        return f"{self.measure}同样多的几种选法，{rule}，再取在清单里靠前的（序号之和最小）"

    @property
    def problem_count(self) -> int:
        return sum(not problem.is_note for problem in self.problems)


def select_projects(source: Path, edition: Edition, *, budget: float | None = None, score: str | None = None, allotment: Path | None = None,
                    include: Sequence[str] = (), exclude: Sequence[str] = (), password: str | None = None,
                    leave_out: Iterable[Path] = ()) -> Selection:
    """The best choice of a list, or of a folder of submissions: of greatest total score, or (without `score`) of greatest total amount.

    `budget` in 万元. `include` and `exclude` name projects by number or title; `leave_out`: files of the folder that are no
    submissions, such as the plan of the last run. Raises ProblemsError where a file cannot be read, a
    name is unknown, or no choice keeps to all limits; the problems then name a smallest set of those that exclude each other.
    """
    if budget is not None and not (isfinite(budget) and budget >= 0):
        raise ProblemsError([Problem("value.range", str(budget), "预算应是0以上的数（万元）")])
    if budget is not None and Decimal(repr(budget)) * MILLION % 1:
        raise ProblemsError([Problem("value.range", str(budget), "预算最多 6 位小数（分）", "请取到分")])
    listed, inputs = read_list(Path(source), edition, leave_out, password)
    found, problems = candidates(listed.projects, edition, score, needs_amount=budget is not None or score is None)
    found, taken = _decided(found, include, exclude)
    options = [each for each in found if not each.reason]
    allotments = read_allotments(allotment, edition) if allotment else []
    places, doubts = bounds_of(options, edition, listed.projects, None if budget is None else int(Decimal(repr(budget)) * MILLION), allotments)
    hard, soft = [bound for bound in places if bound.hard], [bound for bound in places if not bound.hard]
    fixed = {place: True for place, each in enumerate(options) if each.number in taken}
    model = Model.of(hard, _objectives(options, score), fixed)
    chosen = model.best()
    if chosen is None:
        raise ProblemsError(_contradiction(model, options))
    step = max(1, ceil(median_high([each.amount or 0 for each in options] or [0]) / MILLION)) * MILLION
    checked = [problem for each in found for problem in each.checked.problems]
    return Selection(
        edition, found, options, chosen, score, step, fixed, hard, soft,
        shadows(model, chosen, {place: step for place, bound in enumerate(hard) if bound.kind == BUDGET}), exchanges(model, chosen),
        [*listed.problems, *checked, *problems, *doubts], listed.skipped, run_details(edition, inputs))


def _decided(found: Sequence[Candidate], include: Sequence[str], exclude: Sequence[str]) -> tuple[list[Candidate], set[int]]:
    """The candidates with those left out that the clerk excludes, and the numbers of those to be taken."""
    problems: list[Problem] = []
    taken, left = named(include, found, problems), {each.number for each in named(exclude, found, problems)}
    for each in taken:
        if each.number in left:
            problems.append(Problem("value.conflict", each.name, "又要选又要排除", "请去掉一个", each.project.where))
        elif each.reason:
            problems.append(Problem("value.conflict", each.name, f"不能选：{each.reason}", "请核对，或不要必选", each.project.where))
    if problems:
        raise ProblemsError(problems)
    excluded = [replace(each, reason="按要求排除") if each.number in left and not each.reason else each for each in found]
    return excluded, {each.number for each in taken}


def _objectives(options: Sequence[Candidate], score: str | None) -> tuple[Sequence[int], ...]:
    """What is to be greatest, and what settles ties; the positions come last."""
    amounts = [each.amount or 0 for each in options]
    positions = [-each.number for each in options]
    if score:
        return [each.score for each in options], [-amount for amount in amounts], positions
    return amounts, [1] * len(options), positions


def _contradiction(model: Model, options: Sequence[Candidate]) -> list[Problem]:
    """Problems that name limits and decisions which exclude each other."""
    parts = conflict(model, model.fixed)
    others = f"和这里列出的其余几条不能同时满足（共{len(parts)}条，去掉任一条就可以）" if len(parts) > 1 else "单独就不能满足"
    found = []
    for part in parts:
        if part < 0:
            each = options[-1 - part]
            found.append(Problem("value.conflict", f"必选 {each.name}", others, "请少必选一个", each.project.where))
        else:
            bound = model.bounds[part]
            found.append(Problem("value.conflict", bound.text, others, f"出处：{bound.cite}" if bound.cite else ""))
    return found
