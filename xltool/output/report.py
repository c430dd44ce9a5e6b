"""The check report (核查报告): every project, every rule with its status, every problem, quotas, skipped rows, the run itself.

Laid out after the conformance reports of regulated data: what was run, on what, with which versions, and each rule's status
including those no project came under. What stands in which column is the business of the templates: `check-report.xlsx`, and
`check-report.html` for the page that shows the same (`page.py`).
"""
from __future__ import annotations

import platform
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from .. import __version__
from ..guideline.bundle import bundled
from ..intake.projects import Project, Skipped, addresses_of
from ..rules import problems as problem_codes
from ..rules.assess import ELIGIBLE, INELIGIBLE, NOT_APPLICABLE, OPEN
from ..rules.model import Condition, Edition, Programme
from ..rules.problems import Problem, Where, counted
from ..rules.quota import places_left
from .checking import Checked, places_taken, quota_part
from .template import Template

_NO_FORM = "本版指南没有给这个项目印发绩效表"
_GLOSSES = dict(re.findall(r"(?m)^ +(\w+\.\w+) +(\S.*)$", problem_codes.__doc__ or ""))  # problem code → what it means

Row = dict[str, object]


@dataclass(frozen=True)
class Report:
    """All a check report shows. `run` holds the run's details as label and value."""

    edition: Edition
    checked: Sequence[Checked]
    problems: Sequence[Problem]
    skipped: Sequence[Skipped]
    run: Sequence[tuple[str, str]] = ()

    @property
    def every_problem(self) -> list[Problem]:
        """The problems and notes of the list and of its projects."""
        return [*self.problems, *(problem for item in self.checked for problem in item.problems)]

    @property
    def problem_count(self) -> int:
        return sum(not problem.is_note for problem in self.every_problem)


def run_details(edition: Edition, inputs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """What was run on what (files with their SHA-256), with which versions."""
    files = [detail for name, sha256 in inputs for detail in (("项目清单", name), ("清单校验值（SHA-256）", sha256))]
    return [("xltool版本", __version__), ("Python", platform.python_version()), *files,
            ("指南版本", f"{edition.id} {edition.title}"), ("指南来源", edition.source), ("指南校对日期", edition.checked),
            ("指南工作簿", edition.file), ("指南校验值（SHA-256）", edition.sha256)]


def render_report(report: Report) -> bytes:
    """The check report as a workbook."""
    return Template.load(bundled("templates") / "check-report.xlsx").render(report_context(report))


def report_context(report: Report) -> dict[str, object]:
    """What a template of the check report can show. Lists of rows may be read once."""
    counts = Counter(item.answer.verdict for item in report.checked)
    return {
        "title": f"核查报告　{report.edition.title}",
        "summary": f"共 {len(report.checked)} 个项目：符合 {counts[ELIGIBLE]}，不符合 {counts[INELIGIBLE]}，待核实 {counts[OPEN]}；"
                   f"{counted(report.every_problem)}；跳过 {len(report.skipped)} 行。",
        "totals": _totals("合计", report.checked), "faults": _faults(report),
        "problem_count": report.problem_count, "note_count": len(report.every_problem) - report.problem_count,
        "directions": _grouped(report.checked, lambda item: item.answer.programme.direction),
        "counties": _grouped(report.checked, lambda item: item.county),
        "projects": _projects(report), "outcomes": _outcomes(report),
        "problems": _problems(report), "quotas": _quotas(report), "rules": _rules(report),
        "skipped": [{"where": row.where, "text": row.text, "reason": row.reason} for row in report.skipped],
        "run": [{"label": label, "value": value} for label, value in report.run],
    }


def _grouped(checked: Iterable[Checked], name_of: Callable[[Checked], object]) -> list[Row]:
    """Projects and money of each group, in the order of the list; the name is empty for projects that do not say."""
    groups: dict[str, list[Checked]] = {}
    for item in checked:
        groups.setdefault(str(name_of(item) or ""), []).append(item)
    return [_totals(name, items) for name, items in groups.items()]


def _totals(name: str, items: Sequence[Checked]) -> Row:
    counts = Counter(item.answer.verdict for item in items)
    return {"name": name, "count": len(items), "met": counts[ELIGIBLE], "broken": counts[INELIGIBLE], "open": counts[OPEN],
            "requested": _sum(item.project.column("项目申请补助资金") for item in items),
            "ceiling": _sum(item.answer.ceiling for item in items), "subsidy": _sum(item.answer.subsidy for item in items)}


def _faults(report: Report) -> list[Row]:
    """How often each kind of problem was found, the most frequent first."""
    counts = Counter(problem.code for problem in report.every_problem)
    return [{"code": code, "name": _kind(code), "count": count} for code, count in counts.most_common()]


def _sum(values: Iterable[object]) -> float:
    return float(round(sum(value for value in values if isinstance(value, float)), 6))


def _projects(report: Report) -> Iterator[Row]:
    for number, item in enumerate(report.checked, 1):
        project, answer = item.project, item.answer
        requested = project.column("项目申请补助资金")
        over = requested - answer.ceiling if isinstance(requested, float) and answer.ceiling is not None else 0.0
        yield {
            "no": number, **_whose(number, item), "direction": answer.programme.direction,
            "id": answer.programme.id, "programme": answer.programme.title, "verdict": answer.verdict, "requested": requested,
            "ceiling": answer.ceiling, "subsidy": answer.subsidy, "first": answer.first_payment,
            "over": round(over, 6) if over > 0 else None, "failed": "、".join(answer.failed), "missing": "、".join(answer.missing),
            "reasons": "\n".join(answer.reasons), "form": item.form or _NO_FORM, "source": str(project.where)}


def _whose(number: int, item: Checked) -> Row:
    """Which project of the report a row is about."""
    project = item.project
    return {"project": number, "county": item.county, "unit": project.unit_name, "title": project.title}


def _outcomes(report: Report) -> Iterator[Row]:
    conditions: dict[int, Row] = {}
    for number, item in enumerate(report.checked, 1):
        whose = {**_whose(number, item), "id": item.answer.programme.id}
        for outcome in item.answer.outcomes:
            condition = outcome.condition
            if id(condition) not in conditions:
                conditions[id(condition)] = _condition(condition)
            gap = "缺：" + "、".join(outcome.missing) if outcome.missing else outcome.shortfall
            yield {**whose, **conditions[id(condition)], "status": outcome.status, "facts": outcome.facts, "gap": gap,
                   "source": _sources(item.project, condition.rule.names)}


def _condition(condition: Condition) -> Row:
    return {"no": condition.number, "kind": "必须" if condition.hard else "提示", "text": condition.text, "cite": condition.cite,
            "cell": f"{condition.where.sheet}!{condition.where.cell}"}


def _sources(project: Project, names: Iterable[str]) -> str:
    """The list's cells a rule looked at."""
    addresses = addresses_of(project.facts, names)
    return f"{project.where.sheet}!{'、'.join(addresses)}" if addresses else ""


def _problems(report: Report) -> Iterator[Row]:
    """Every problem with the project it belongs to, those of the whole list first: what projects say against each other stands at a
    project's row or cell.
    """
    nobody: Row = {"project": None, "county": "", "unit": "", "title": ""}
    rows: dict[Where, Row] = {}
    for number, item in enumerate(report.checked, 1):
        rows.setdefault(item.project.where, _whose(number, item))
    for problem in report.problems:
        whose = next((rows[where] for where in _records(problem.where) if where in rows), nobody)
        yield {**whose, **_problem(problem)}
    for number, item in enumerate(report.checked, 1):
        for problem in item.problems:
            yield {**_whose(number, item), **_problem(problem)}


def _records(where: Where) -> Iterator[Where]:
    """The place itself, and the row or (in a turned table) the column it is in."""
    yield where
    if match := re.fullmatch(r"([A-Z]+)(\d+)", where.cell):
        yield replace(where, cell=f"第{match[2]}行")
        yield replace(where, cell=f"{match[1]}列")


def _problem(problem: Problem) -> Row:
    grade = "提示" if problem.is_note else "问题"
    where = problem.where
    told = {"code": problem.code, "found": problem.found, "expected": problem.expected, "fix": problem.fix,
            "where": {"file": where.file, "sheet": where.sheet, "cell": where.cell}}
    return {"problem": told, "grade": grade, "code": problem.code, "kind": _kind(problem.code)}


def _kind(code: str) -> str:
    """What a problem code means."""
    return _GLOSSES.get(code, code)


def _quotas(report: Report) -> Iterator[Row]:
    """Quota used and left, for the programmes and groups the list has projects of."""
    found: dict[str, list[Checked]] = {}
    for item in report.checked:
        found.setdefault(item.answer.programme.id, []).append(item)
    for programme in report.edition.programmes.values():
        members = programme.members or (programme.id,)
        items = [item for member in members for item in found.get(member, ())] if programme.quota else []
        if items:
            yield from _quota(programme, items)


def _quota(programme: Programme, items: list[Checked]) -> Iterator[Row]:
    places = [(quota_part(programme, item.project), places_taken(programme, item.project), item.answer.verdict == INELIGIBLE)
              for item in items]
    left = places_left(programme, [(part, number) for part, number, broken in places if not broken])
    limits = {row.part: row for row in programme.quota}
    for part in dict.fromkeys(("", *limits)):
        row = limits.get(part)
        inside = [(number, broken) for own, number, broken in places if part in ("", own)]
        used = left.used_parts[part] if part else left.used
        maximum, minimum = (row.maximum, row.minimum) if row else (None, None)
        over, short = used - maximum if maximum is not None else 0, minimum - used if minimum is not None else 0
        yield {
            "id": programme.id, "programme": programme.title, "part": part, "maximum": maximum, "minimum": minimum,
            "count": sum(number for number, _ in inside), "broken": sum(number for number, broken in inside if broken), "used": used,
            "left": left.parts[part] if part else left.total,
            "hint": f"超过{over}个" if over > 0 else f"还差{short}个才到下限" if short > 0 else "",
            "cite": row.cite if row else programme.cite}


def _rules(report: Report) -> Iterator[Row]:
    """Every rule of the edition with how often it came out how, those nobody came under included."""
    counts: dict[tuple[str, str], Counter] = {}
    for item in report.checked:
        for outcome in item.answer.outcomes:
            counts.setdefault((item.answer.programme.id, outcome.condition.number), Counter())[outcome.status] += 1
    for programme in report.edition.programmes.values():
        for condition in programme.conditions:
            found = counts.get((programme.id, condition.number), Counter())
            formula = condition.formula.text + (f"（适用：{condition.when.text}）" if condition.when else "")
            yield {"id": programme.id, "programme": programme.title, **_condition(condition), "formula": formula,
                   "count": found.total(), "met": found[ELIGIBLE], "broken": found[INELIGIBLE], "open": found[OPEN],
                   "not_applicable": found[NOT_APPLICABLE]}
