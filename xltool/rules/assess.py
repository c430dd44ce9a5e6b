"""One project against one programme: verdict, amounts, and every condition with its reason.

`assess` decides; the words are made only when asked for, because a sheet with ten thousand cells mostly asks for numbers.
"""
from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from .arithmetic import money
from .evaluate import Facts, Value
from .explain import Explainer
from .formula import number_text
from .model import SUBSIDY, Condition, Formula, Programme

ELIGIBLE, INELIGIBLE, OPEN = "符合", "不符合", "待核实"
NOT_APPLICABLE = "不适用"


class Outcome(NamedTuple):
    """How one condition came out: 符合, 不符合, 待核实 or 不适用."""

    condition: Condition
    status: str
    missing: tuple[str, ...]
    explainer: Explainer

    @property
    def shortfall(self) -> str:
        """What is wrong, with the numbers put in; empty unless the condition is broken."""
        rule = self.condition.formula.node
        return "；".join(self.explainer.reasons(rule)) if self.status == INELIGIBLE else ""

    @property
    def facts(self) -> str:
        """The facts the condition looks at, with their values."""
        return self.explainer.facts_shown(self.condition.rule.names)

    @property
    def sentence(self) -> str:
        condition = self.condition
        label = f"条件{condition.number}" if condition.hard else f"提示{condition.number}"
        if self.status == OPEN:
            what = f"{condition.text}：缺“" + "”“".join(self.missing) + "”" if self.missing else f"{condition.text}：无法计算"
        else:
            what = self.shortfall or condition.text
        cite = f"（{condition.cite}）" if condition.cite else ""
        return f"{self.status} {label}：{what}{cite}"


@dataclass(frozen=True)
class Assessment:
    """The answer for one project. Amounts are 万元; None where unknown or not stated by the guideline."""

    programme: Programme
    facts: Facts
    verdict: str
    ceiling: float | None
    subsidy: float | None
    first_payment: float | None
    statuses: tuple[bool | None, ...]  # per condition, hard and soft: met, broken, open

    @cached_property
    def explainer(self) -> Explainer:
        return Explainer(self.programme.fields, self.facts)

    @cached_property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Every condition with its status and reason."""
        return tuple(map(self._outcome, self.programme.conditions, self.statuses))

    def _outcome(self, condition: Condition, met: bool | None) -> Outcome:
        if met and condition.when is not None and condition.when.evaluate(self.facts) is False:
            status = NOT_APPLICABLE
        else:
            status = {True: ELIGIBLE, False: INELIGIBLE, None: OPEN}[met]
        missing = tuple(self.explainer.missing(condition.rule.node)) if met is None else ()
        return Outcome(condition, status, missing, self.explainer)

    @property
    def failed(self) -> list[str]:
        """The numbers of the hard conditions that are broken."""
        return [condition.number for condition, met in zip(self.programme.conditions, self.statuses)
                if condition.hard and met is False]

    @cached_property
    def missing(self) -> list[str]:
        """The facts whose absence leaves a hard condition, the ceiling or the first payment open."""
        found: dict[str, None] = {}
        for outcome in self.outcomes:
            if outcome.condition.hard:
                found.update(dict.fromkeys(outcome.missing))
        if self.programme.ceiling is not None:
            found.update(self.explainer.missing(self.programme.ceiling.node))
        if self.programme.first is not None and self.verdict != INELIGIBLE:
            known = Explainer(self.programme.fields, {**self.facts, SUBSIDY: self.subsidy})
            found.update(known.missing(self.programme.first.node))
        found.pop(SUBSIDY, None)
        return list(found)

    @cached_property
    def reasons(self) -> list[str]:
        """Every broken or open condition and how the amount came about, each with its citation, and the facts to look at again."""
        out = [self._outcome(condition, met).sentence for condition, met in zip(self.programme.conditions, self.statuses) if not met]
        if not self.programme.hard:
            out.append("待核实：本文件没有列出可核对的支持条件")
        elif self.verdict == ELIGIBLE:
            out.append(f"符合：{len(self.programme.hard)}项必须条件全部满足（{self.programme.cite}）")
        out.append(self.amount_sentence)
        if self.first_payment is not None and self.programme.first is not None:
            out.append(f"首付 {self.programme.first.text} = {number_text(self.first_payment)}万元")
        out += [f"请核对：“{name}”{what}" for name, norm in self.programme.norms.items()
                if (value := self.facts.get(name)) is not None and (what := norm.doubt(value))]
        return out

    @property
    def amount_sentence(self) -> str:
        """How the ceiling was computed, with the numbers put in."""
        formula = self.programme.ceiling
        if formula is None:
            return f"补助标准本文件没有可计算的规定，不计算金额（{self.programme.cite}）"
        if self.ceiling is None:
            lacking = list(self.explainer.missing(formula.node))
            return "补助上限算不出：" + ("缺“" + "”“".join(lacking) + "”" if lacking else "公式没有结果")
        steps = dict.fromkeys((formula.text, self.explainer.put_in(formula.node), number_text(self.ceiling)))
        return f"补助上限 {' = '.join(steps)}万元"


def assess(programme: Programme, facts: Facts) -> Assessment:
    """The verdict and amounts of one project; `facts` as `read_facts` returns them.

    Source of every rule: the programme's row and conditions in the guideline workbook.
    """
    statuses = tuple([condition.rule.evaluate(facts) for condition in programme.conditions])
    verdict = _verdict(programme, statuses)
    ceiling = _amount(programme.ceiling, facts)
    subsidy = first = None
    if programme.ceiling is not None:
        subsidy = 0.0 if verdict == INELIGIBLE else ceiling
        if programme.first is not None:
            first = 0.0 if verdict == INELIGIBLE else _amount(programme.first, {**facts, SUBSIDY: subsidy})
    return Assessment(programme, facts, verdict, ceiling, subsidy, first, statuses)


def _verdict(programme: Programme, statuses: tuple[Value, ...]) -> str:
    hard = [met for condition, met in zip(programme.conditions, statuses) if condition.hard]
    if False in hard:
        return INELIGIBLE
    return OPEN if None in hard or not hard else ELIGIBLE


def _amount(formula: Formula | None, facts: Facts) -> float | None:
    value = formula.evaluate(facts) if formula is not None else None
    return None if value is None else money(value)
