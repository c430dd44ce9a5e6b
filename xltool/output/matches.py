"""What each enterprise of a workbook could apply for, as a workbook (`match-report.xlsx`) and as lines for the terminal."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..guideline.bundle import bundled
from ..guideline.calendar import window_text, windows
from ..intake.enterprises import read_enterprises
from ..intake.projects import Project, Skipped
from ..rules.assess import ELIGIBLE, INELIGIBLE, OPEN
from ..rules.formula import number_text
from ..rules.match import Candidate, Combination, Match, Matcher
from ..rules.model import Edition, Limit, Programme
from ..rules.problems import Problem
from .report import run_details
from .template import Template

Row = dict[str, object]


@dataclass(frozen=True)
class Matches:
    """The enterprises of one workbook with their matches."""

    edition: Edition
    found: Sequence[tuple[Project, Match]]
    problems: Sequence[Problem]
    skipped: Sequence[Skipped]
    run: Sequence[tuple[str, str]]

    @cached_property
    def problem_count(self) -> int:
        problems = [*self.problems, *(problem for enterprise, _ in self.found for problem in enterprise.problems)]
        return sum(not problem.is_note for problem in problems)

    @cached_property
    def programmes(self) -> list[Programme]:
        """The programmes at least one enterprise gave a fact for and is not ruled out of."""
        ids = {each.id for _, match in self.found for each in match.touched if each.answer.verdict != INELIGIBLE}
        return [programme for programme in self.edition.programmes.values() if programme.id in ids]


def match_workbook(source: Path, edition: Edition) -> Matches:
    """Match every enterprise of a workbook; a row that names a project (申报项目名称) is matched as that project."""
    listed = read_enterprises(source, edition)
    matcher = Matcher(edition)
    found = [(enterprise, matcher.match(enterprise.values, is_project=bool(enterprise.title))) for enterprise in listed.projects]
    return Matches(edition, found, listed.problems, listed.skipped, run_details(edition, [(Path(source).name, listed.sha256)]))


def render_matches(matches: Matches) -> bytes:
    """The matches as a workbook."""
    return Template.load(bundled("templates") / "match-report.xlsx").render({
        "title": f"可申报项目　{matches.edition.title}", "summary": summary(matches), "enterprises": _enterprises(matches),
        "answers": _answers(matches), "limits": _limits(matches),
        "windows": [{"id": each.programme.id, "programme": each.programme.title, "window": window_text(each.programme),
                     "department": each.programme.department} for each in windows(matches.programmes)],
        "problems": _problems(matches), "skipped": matches.skipped,
        "run": [{"label": label, "value": value} for label, value in matches.run],
    })


def summary(matches: Matches) -> str:
    """One sentence on the whole run."""
    verdicts = Counter(each.answer.verdict for _, match in matches.found for each in match.touched)
    return (f"{matches.edition.id}版：{len(matches.found)} 户，给出了有关事实的项目 {verdicts.total()} 项次：符合 {verdicts[ELIGIBLE]}，"
            f"待核实 {verdicts[OPEN]}，不符合 {verdicts[INELIGIBLE]}；问题 {matches.problem_count} 个。")


def match_text(enterprise: Project, match: Match, edition: Edition) -> Iterator[str]:
    """One enterprise for the terminal: its programmes, what clashes, the best combination."""
    yield enterprise.unit_name or str(enterprise.where)
    for each in match.touched:
        amount = f"　补助上限{number_text(each.answer.ceiling)}万元" if each.answer.ceiling is not None else ""
        first = f"，首付{number_text(each.answer.first_payment)}万元" if each.answer.first_payment else ""
        yield f"  {each.answer.verdict}　{each.id} {each.answer.programme.title}{amount}{first}"
        yield from (f"      {line}" for line in (_gap(each).splitlines() + [f"还缺：{_named(each.missing)}"] * bool(each.missing)))
    yield from (f"  只能选：{_limit_text(limit)}" for limit in match.limits)
    yield f"  最佳组合：{_combined(match.best, edition, '；') or '没有现在就符合的项目'}"
    if match.potential != match.best:
        yield f"  补齐后可争取：{_combined(match.potential, edition, '；')}"


def _enterprises(matches: Matches) -> Iterator[Row]:
    for number, (enterprise, match) in enumerate(matches.found, 1):
        verdicts = Counter(each.answer.verdict for each in match.touched)
        yield {"no": number, "name": enterprise.unit_name, "project": enterprise.title, "met": verdicts[ELIGIBLE],
               "open": verdicts[OPEN], "broken": verdicts[INELIGIBLE],
               "best": _combined(match.best, matches.edition, "\n"), "best_subsidy": match.best.subsidy,
               "potential": _combined(match.potential, matches.edition, "\n"), "potential_subsidy": match.potential.subsidy,
               "problems": len(enterprise.problems), "source": str(enterprise.where)}


def _answers(matches: Matches) -> Iterator[Row]:
    for enterprise, match in matches.found:
        for each in match.touched:
            answer = each.answer
            yield {"name": enterprise.unit_name, "project": enterprise.title, "id": each.id, "programme": answer.programme.title,
                   "verdict": answer.verdict, "ceiling": answer.ceiling, "subsidy": answer.subsidy, "first": answer.first_payment,
                   "gap": _gap(each), "missing": _named(each.missing),
                   "limits": "\n".join(limit.text for limit in match.limits if each.id in limit.programmes),
                   "window": window_text(answer.programme), "cite": answer.programme.cite}


def _limits(matches: Matches) -> Iterator[Row]:
    for enterprise, match in matches.found:
        for limit in match.limits:
            yield {"name": enterprise.unit_name, "programmes": "、".join(limit.programmes), "text": _limit_text(limit), "cite": limit.cite}


def _problems(matches: Matches) -> Iterator[Row]:
    yield from ({"name": "", "problem": problem} for problem in matches.problems)
    for enterprise, _ in matches.found:
        yield from ({"name": enterprise.unit_name, "problem": problem} for problem in enterprise.problems)


def _gap(candidate: Candidate) -> str:
    """The broken conditions in words, one a line."""
    return "\n".join(outcome.sentence for outcome in candidate.answer.outcomes if outcome.status == INELIGIBLE)


def _limit_text(limit: Limit) -> str:
    return f"同一{limit.same}不超过{limit.maximum}个{'' if limit.hard else '（提示）'}：{'、'.join(limit.programmes)}。{limit.text}（{limit.cite}）"


def _combined(combination: Combination, edition: Edition, between: str) -> str:
    return between.join(f"{name} {edition.programmes[name].title}" for name in combination.programmes)


def _named(names: Sequence[str]) -> str:
    return "、".join(names)
