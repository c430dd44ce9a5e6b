"""Which projects of a list can be chosen at all, each with its score and its amount; those that cannot, with the reason.

Scores and amounts are counted in millionths (of a point, of 万元: the fen), so that sums are exact.
"""
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ...intake.collisions import beside
from ...intake.headers import heading
from ...intake.projects import Cell, Project
from ...rules.assess import INELIGIBLE
from ...rules.evaluate import Value
from ...rules.facts import read_value
from ...rules.model import Edition, Field, title_key
from ...rules.problems import Problem, ProblemsError, Where
from ..checking import Checked, check_project, counted_fact

MILLION = 1_000_000
_REQUESTED = "项目申请补助资金"
_SECOND = re.compile(r"（[A-Z]+列）$")  # what tells a heading from the same one before it


@dataclass(frozen=True)
class Candidate:
    """A project of the list by its number in it. `score` and `amount` are None where nothing says them, `reason` says why it cannot
    be chosen, and is empty where it can.
    """

    number: int
    checked: Checked
    score: int | None = None
    amount: int | None = None
    reason: str = ""

    @property
    def project(self) -> Project:
        return self.checked.project

    @property
    def name(self) -> str:
        return f"{self.number} {self.project.unit_name}“{self.project.title}”"


def candidates(projects: Sequence[Project], edition: Edition, score: str | None, needs_amount: bool) -> tuple[list[Candidate], list[Problem]]:
    """Every project as a candidate, and what is wrong with scores and counts. Raises ProblemsError where no project has the score column.

    `needs_amount`: there is a budget, or the amount is what is to be greatest.
    """
    problems: list[Problem] = []
    scores = list(_scores(projects, edition, score, problems)) if score else [None] * len(projects)
    found = []
    for number, (project, points) in enumerate(zip(projects, scores), 1):
        item = check_project(project)
        candidate = Candidate(number, item, points, _amount(item))
        fault = _count_fault(project, edition)
        if item.answer.verdict == INELIGIBLE:
            candidate = replace(candidate, reason="不符合：条件" + "、".join(item.answer.failed))
        elif fault:
            problems.append(fault)
            if not fault.is_note:
                candidate = replace(candidate, reason=f"“{fault.found}”：{fault.expected}")
        if not candidate.reason and score and points is None:
            candidate = replace(candidate, reason=f"没有能读的“{score}”")
        if not candidate.reason and needs_amount and candidate.amount is None:
            candidate = replace(candidate, reason=f"金额不知道：没有填“{_REQUESTED}”，补助也算不出")
        found.append(candidate)
    return found, problems


def _amount(item: Checked) -> int | None:
    """What the project asks for, at most what the guideline allows; the one that is known where only one is."""
    known = [value for value in (item.project.column(_REQUESTED), item.answer.subsidy) if isinstance(value, float)]
    return round(min(known) * MILLION) if known else None


def _count_fault(project: Project, edition: Edition) -> Problem | None:
    """What is wrong with the fact that says how many places the project takes."""
    programme = project.programme
    name = counted_fact(programme) or counted_fact(edition.programmes.get(programme.parent, programme))
    value = project.values.get(name)
    if not name or (isinstance(value, float) and value >= 1 and value == int(value)):
        return None
    if value is None:
        return Problem("note.blank", "", f"没有填“{name}”，名额按占1个算", "请补填，再选一次", project.where)
    return Problem("value.range", f"{name}{value:g}", "占名额的数应是1以上的整数", "请改成整数", project.facts[name].where)


# --- scores -----------------------------------------------------------------------------------------------------------------


def _scores(projects: Sequence[Project], edition: Edition, name: str, problems: list[Problem]) -> Iterator[int | None]:
    """Each project's score in millionths; a missing or unreadable one is a problem at its cell."""
    cells = [_score_cells(project, edition, name) for project in projects]
    if projects and not any(cells):
        headings = "”“".join(dict.fromkeys(text for project in projects for text in project.others))
        fix = f"表里另有“{headings}”" if headings else "请补上得分列"
        where = replace(projects[0].where, cell="")
        raise ProblemsError([Problem("sheet.column", name, "清单里没有这一列，或一格也没有填", fix, where)])
    known = {_sheet(project): own[0] for project, own in reversed(list(zip(projects, cells))) if own}
    field = Field(name, "数量", "分")
    for project, own in zip(projects, cells):
        value, problem = _points(own[0], field) if len(own) == 1 else (None, None)
        if len(own) > 1:
            columns = "、".join(cell.where.cell for cell in own)
            problem = Problem("sheet.column", name, f"有几列都是“{name}”（{columns}），分不清", "请只留一列，或改名", own[0].where)
        elif problem:
            problem = problem.at(own[0].where)
        elif value is None:
            near = known.get(_sheet(project))
            problem = Problem("cell.missing", "", f"没有填“{name}”，不参加遴选", "请补填", beside(project, near) if near else project.where)
        if problem:
            problems.append(problem)
        if value is None:
            yield None
            continue
        points = round(value * MILLION)
        if points != value * MILLION and abs(points / MILLION - value) > 1e-9:
            problems.append(Problem("note.reading", str(value), f"“{name}”取六位小数", "请核对", own[0].where))
        yield points


def _points(cell: Cell, field: Field) -> tuple[Value, Problem | None]:
    """A score as read; what the guideline knows has been read in its own unit before, whatever the heading's."""
    return (cell.value, None) if isinstance(cell.value, float) else read_value(cell.raw, field)


def _sheet(project: Project) -> Where:
    return replace(project.where, cell="")


def _score_cells(project: Project, edition: Edition, name: str) -> list[Cell]:
    """The cells under the heading: of a column nobody knows, else of a list column, a fact or an indicator that is a number.

    The list may head a fact by an alias (得分 for 评价得分); what it is called there is meant, too.
    """
    key = heading(name).key
    own = [cell for text, cell in project.others.items()
           if key in (heading(text).key, heading(_SECOND.sub("", text.split(" / ")[-1])).key)]
    fields = [*edition.columns.values(), *project.programme.fields.values()]
    names = [name, *(field.name for field in fields if key in {heading(each).key for each in (field.name, *field.aliases)})]
    known = (cells[each] for each in names for cells in (project.columns, project.facts, project.indicators) if each in cells)
    return own or [cell for cell in known if isinstance(cell.value, float)][:1]


# --- choices of the clerk ---------------------------------------------------------------------------------------------------


def named(wanted: Sequence[str], found: Sequence[Candidate], problems: list[Problem]) -> list[Candidate]:
    """The candidates a clerk names by number or by title; what is unknown or not clear is a problem."""
    from rapidfuzz import process
    chosen = []
    for text in wanted:
        own = [each for each in found if text.strip() == str(each.number)]
        own = own or [each for each in found if title_key(text) == title_key(each.project.title)]
        if len(own) == 1:
            chosen += own
        elif own:
            problems.append(Problem("value.unknown", text, "有几个项目叫这个名称", "请写序号：" + "、".join(str(each.number) for each in own)))
        else:
            near = [each for each, _, _ in process.extract(text, [each.project.title for each in found], limit=3, score_cutoff=40)]
            problems.append(Problem("value.unknown", text, "清单里没有这个项目", f"最接近的：{'、'.join(near)}" if near else "请写序号或全名"))
    return chosen
