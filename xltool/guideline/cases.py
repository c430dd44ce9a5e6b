"""The test cases that stand beside the rules: run, and every difference reported with its cell."""
from __future__ import annotations

from ..rules.assess import assess
from ..rules.evaluate import as_text
from ..rules.facts import read_facts
from ..rules.model import Case, Edition
from ..rules.problems import Problem

_FEWEST = 6  # cases a computable programme must have


def run_cases(edition: Edition) -> list[Problem]:
    """Every case of the edition whose result is not the expected one, and programmes or conditions no case tries."""
    problems = [problem for case in edition.cases for problem in run_case(case, edition)]
    for programme in edition.programmes.values():
        cases = [case for case in edition.cases if case.programme == programme.id]
        if programme.ceiling is not None and len(cases) < _FEWEST:
            problems.append(Problem("case.differs", programme.id, f"只有{len(cases)}个用例，至少要{_FEWEST}个", "请在“用例”表里补上"))
        untried = {condition.number for condition in programme.hard} - {number for case in cases for number in case.failed}
        if untried:
            problems.append(Problem("case.differs", programme.id, "没有用例让这些条件不满足：" + "、".join(sorted(untried)),
                                    "请在“用例”表里补上"))
    return problems


def run_case(case: Case, edition: Edition) -> list[Problem]:
    """The differences between a case's expected and actual results."""
    programme = edition.programmes[case.programme]
    facts, problems = read_facts(case.facts, programme)
    if problems:
        return [problem.at(case.where) for problem in problems]
    answer = assess(programme, facts)
    label = f"{case.programme} 用例{case.number}"
    differences = []
    for name, wanted, found in (("结论", case.verdict, answer.verdict), ("补助上限", case.ceiling, answer.ceiling),
                                ("补助", case.subsidy, answer.subsidy), ("首付", case.first, answer.first_payment),
                                ("未满足", sorted(case.failed), sorted(answer.failed))):
        if wanted != found:
            differences.append(Problem("case.differs", label, f"{name}应为{_shown(wanted)}，算得{_shown(found)}",
                                       "请核对规则或用例", case.where))
    return differences


def _shown(value: object) -> str:
    if value is None or value == []:
        return "空"
    return "、".join(value) if isinstance(value, list) else as_text(value)
